from odoo import api, models
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .account_analytic_line_lock import TIME_OFF_FIELDS


class AccountAnalyticLine(models.Model):
    """Validating timesheet lines; the lock is in ``account_analytic_line_lock.py``."""

    _inherit = "account.analytic.line"

    # ------------------------------------------------------------------
    # Which validation is in use
    # ------------------------------------------------------------------

    @api.model
    def _tripletex_is_native(self):
        """Whether Enterprise's own validation of timesheets is in use."""
        # the module is asked for, not only the field: others add a ``validated`` too
        return (
            "timesheet_grid" in self.env.registry._init_modules
            and "validated" in self._fields
        )

    @api.model
    def _tripletex_validated_field(self):
        """Name of the flag that says a line is validated."""
        return "validated" if self._tripletex_is_native() else "tripletex_validated"

    @api.model
    def _tripletex_validated_domain(self):
        return Domain(self._tripletex_validated_field(), "=", True)

    @api.model
    def _tripletex_timesheet_domain(self):
        return Domain("project_id", "!=", False)

    # ------------------------------------------------------------------
    # Validating
    # ------------------------------------------------------------------

    def action_tripletex_validate(self):
        """Validate the timesheet lines; their hours are queued for Tripletex.

        :raise AccessError: unless the user is a timesheet approver with write access
            who may validate for these employees
        :raise RedirectWarning: when Tripletex would refuse lines and the company is
            strict; then nothing is validated, and the button of the message validates
            the others, or shows the refused where there are no others
        """
        lines = self.filtered(
            lambda line: line.project_id and not line.tripletex_validated
        )
        # for the refusal, which then offers to validate the others
        lines = lines.with_context(tripletex_chosen_line_ids=lines.ids)
        lines._tripletex_set_validated(True)
        return True

    def action_tripletex_invalidate(self):
        """Open validated lines for changes; Tripletex is corrected accordingly.

        :raise AccessError: unless the user is a timesheet approver with write access
            who may validate for these employees
        """
        lines = self.filtered("tripletex_validated")
        lines._tripletex_set_validated(False)
        return True

    def _tripletex_set_validated(self, value):
        """Write the flag, which checks who may; see the actions for what it raises."""
        # Time Off refuses every write on its lines that is not its own.
        time_off = self.browse()
        if self._tripletex_time_off_fields():
            time_off = self.filtered(lambda line: line._tripletex_is_time_off())
        time_off._tripletex_check_may_validate()
        time_off.check_access("write")
        for lines in (self - time_off, time_off.sudo()):
            if lines:
                lines.write({"tripletex_validated": value})

    @api.model
    def _tripletex_refusal_error(self, refused):
        """The refusal of lines; after the button, with a way to go on.

        :param refused: dict of refused line to ``Resolution``
        :return: UserError or RedirectWarning to raise
        """
        message = self.env["tripletex.preflight"]._refusal(refused)
        chosen_ids = self.env.context.get("tripletex_chosen_line_ids")
        if not chosen_ids:
            return UserError(message)
        action = self.env["tripletex.line.validate"]._action_open()
        label = self.env._("Show Them")
        others = len(chosen_ids) - len(refused)
        if others:
            action = self.env.ref(
                "hr_timesheet_tripletex.tripletex_line_validate_action_others"
            ).id
            label = self.env._("Validate the Others")
            message += "\n\n" + self.env._(
                "The other %(count)s can be validated now.", count=others
            )
        return RedirectWarning(message, action, label, {"default_line_ids": chosen_ids})

    def _tripletex_check_may_validate(self):
        """Who may set or clear the flag on these lines; every road passes here.

        :raise UserError: where Enterprise's validation is in use
        :raise AccessError: for people who are not approvers, or not of this team
        """
        if self._tripletex_is_native():
            raise UserError(
                self.env._("Validate these hours with the Timesheets app's own button.")
            )
        if self.env.su:
            return
        if not self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver"):
            raise AccessError(
                self.env._(
                    "Only timesheet approvers can validate hours. Ask one of them."
                )
            )
        strangers = self.sudo() - self.sudo()._tripletex_of_team_to_validate()
        if strangers:
            raise AccessError(
                self.env._(
                    "You can validate the hours of your own team only. These people "
                    "are not in it: %(employees)s. Ask their manager, or a timesheet "
                    "administrator.",
                    employees=", ".join(
                        sorted(set(strangers.employee_id.mapped("name")))
                    ),
                )
            )

    def _tripletex_of_team_to_validate(self):
        """Those lines that the company's rule about teams leaves to the user.

        Timesheet administrators may validate for everybody, so that nothing is stuck
        while a manager is away.
        """
        if self.env.user.has_group("hr_timesheet.group_timesheet_manager"):
            return self
        strict = self.company_id.sudo().filtered("tripletex_own_team_only")
        return self.filtered(
            lambda line: (
                line.company_id not in strict
                or self.env.user in line._tripletex_managers()
            )
        )

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # not the values are asked, but the lines: the flag can come from the context
        validated = lines.filtered(self._tripletex_validated_field())
        if self._tripletex_is_native():
            validated._tripletex_mirror_native(True)
        elif validated:
            validated._tripletex_check_may_validate()
        validated._tripletex_validated_changed()
        return lines

    def write(self, vals):
        flag = self._tripletex_validated_field()
        vals = self._tripletex_release_time_off(vals)
        watched = self._tripletex_protected_fields() | {flag}
        if not vals.keys() & watched:
            return super().write(vals)
        before = self.filtered(flag)
        result = super().write(vals)
        if vals.get("tripletex_validated") and len(vals) > 1:
            # the same write can have made the line somebody else's
            self._tripletex_check_may_validate()
        if flag == "validated" and flag in vals:
            self._tripletex_mirror_native(vals[flag])
        after = self if vals.get(flag) else self.filtered(flag)
        (before | after)._tripletex_validated_changed()
        return result

    def _tripletex_release_time_off(self, vals):
        """Values with which Time Off can let go of validated lines to delete them."""
        released = any(name in vals and not vals[name] for name in TIME_OFF_FIELDS)
        if (
            released
            and self.env.su
            and not self._tripletex_is_native()
            and all(line._tripletex_is_time_off() for line in self)
        ):
            return {**vals, "tripletex_validated": False}
        return vals

    def unlink(self):
        shares = (
            self.env["tripletex.entry.share"]
            .sudo()
            .search([("line_id", "in", self.ids)])
        )
        result = super().unlink()
        shares._drop()
        return result

    def _tripletex_validated_changed(self):
        """React to lines that became validated, stopped being it, or changed.

        :raise UserError: when Tripletex would refuse some and the company is strict
        """
        resolutions = {}
        if self.env["tripletex.connection"]._active_by_company(self.company_id):
            preflight = self.env["tripletex.preflight"]
            resolutions = preflight._resolve(self.sudo()._tripletex_to_send())
            refused = preflight._refused(resolutions)
            if refused:
                raise self._tripletex_refusal_error(refused)
        # also where nothing is connected, and lines that are no timesheets any more:
        # what they were before may have left hours in Tripletex
        self.sudo()._tripletex_queue(resolutions)

    # ------------------------------------------------------------------
    # Enterprise comes and goes
    # ------------------------------------------------------------------

    def _tripletex_mirror_native(self, value):
        """Keep our flag equal to Enterprise's.

        Should that module go one day, its column goes too, and what was validated
        still is. The flag is copied below the ORM: nothing is queued by it.
        """
        stale = self.filtered(lambda line: line.tripletex_validated != bool(value))
        if not stale:
            return
        self.env.execute_query(
            SQL(
                "UPDATE account_analytic_line SET tripletex_validated = %s "
                "WHERE id IN %s",
                bool(value),
                tuple(stale.ids),
            )
        )
        stale.invalidate_recordset(["tripletex_validated"])

    @api.model
    def action_tripletex_carry_over(self):
        """Make lines that were validated here validated for Enterprise as well.

        For once, after ``timesheet_grid`` was installed. Nothing is queued: what the
        lines say, and what Tripletex holds, is as before.

        :raise AccessError: unless the user is an administrator
        :raise UserError: where Enterprise's validation is not in use
        """
        if not (self.env.su or self.env.user.has_group("base.group_system")):
            raise AccessError(
                self.env._(
                    "Only administrators can carry validated hours over. Ask one of "
                    "them."
                )
            )
        if not self._tripletex_is_native():
            raise UserError(
                self.env._(
                    "The Timesheets app has no validation of its own here: there is "
                    "nothing to carry over."
                )
            )
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE account_analytic_line SET validated = TRUE
                 WHERE tripletex_validated AND validated IS NOT TRUE
             RETURNING id
                """
            )
        )
        self.browse(line_id for (line_id,) in rows).invalidate_recordset(["validated"])
