from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

#: Worst first: a line that is part of several entries shows the one that needs most.
STATE_ORDER = ("failed", "conflict", "pending", "sent")


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    tripletex_validated = fields.Boolean(
        string="Validated",
        copy=False,
        readonly=True,
        help="Validated hours are locked here and sent to Tripletex.",
    )
    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type",
        string="Paycode",
        domain="[('tripletex_company_ids', 'in', company_id)]",
        help="Overtime or supplement. Empty: ordinary hours.",
    )
    tripletex_state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("sent", "In Tripletex"),
            ("failed", "Needs attention"),
            ("conflict", "Conflict"),
        ],
        string="Tripletex",
        compute="_compute_tripletex_state",
        search="_search_tripletex_state",
        compute_sudo=True,
        help="Where the validated hours are on their way to Tripletex.",
    )
    tripletex_native_validation = fields.Boolean(
        compute="_compute_tripletex_native_validation",
        export_string_translation=False,
    )
    # ------------------------------------------------------------------
    # State shown to people
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_tripletex_native_validation(self):
        self.tripletex_native_validation = self._tripletex_is_native()

    @api.depends("tripletex_validated")
    def _compute_tripletex_state(self):
        self.env["tripletex.entry.share"].flush_model()
        self.env["tripletex.entry"].flush_model(["state"])
        states = {}
        if self.ids:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT share.line_id, array_agg(DISTINCT entry.state)
                      FROM tripletex_entry_share share
                      JOIN tripletex_entry entry ON entry.id = share.entry_id
                     WHERE share.line_id IN %s
                  GROUP BY share.line_id
                    """,
                    tuple(self.ids),
                )
            )
            states = {
                line_id: {"pending" if s == "sending" else s for s in found}
                for line_id, found in rows
            }
        for line in self:
            found = states.get(line.id, ())
            line.tripletex_state = next((s for s in STATE_ORDER if s in found), False)

    def _search_tripletex_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        domain = Domain.FALSE
        share = self.env["tripletex.entry.share"].sudo()
        better = list(STATE_ORDER)
        for state in reversed(STATE_ORDER):
            # a line shows ``state`` when an entry has it and none is worse
            better.remove(state)
            if state not in wanted:
                continue
            having = share._search([("entry_id.state", "in", self._raw_states([state]))])
            worse = share._search([("entry_id.state", "in", self._raw_states(better))])
            domain |= Domain("id", "in", having.subselect("line_id")) & Domain(
                "id", "not in", worse.subselect("COALESCE(line_id, 0)")
            )
        if False in wanted:
            queued = share._search([("line_id", "!=", False)])
            domain |= Domain("id", "not in", queued.subselect("line_id"))
        return domain

    @api.model
    def _raw_states(self, states):
        """States of entries behind the states of lines."""
        return [*states, "sending"] if "pending" in states else list(states)

    # ------------------------------------------------------------------
    # Validation
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

    @api.model
    def _tripletex_days_domain(self, days):
        """Lines of the given (employee id, date) pairs, or at least close to them."""
        return Domain("employee_id", "in", [employee for employee, _date in days]) & (
            Domain("date", "in", list({date for _employee, date in days}))
        )

    def action_tripletex_validate(self):
        """Validate the timesheet lines; their hours are queued for Tripletex.

        :raise AccessError: unless the user is a timesheet approver with write access
        :raise UserError: when Tripletex would refuse lines and the company is strict;
            then nothing is validated
        """
        lines = self.filtered(
            lambda line: line.project_id and not line.tripletex_validated
        )
        self._tripletex_check_may_validate()
        lines.check_access("write")
        lines.write({"tripletex_validated": True})
        return True

    def action_tripletex_invalidate(self):
        """Open validated lines for changes; Tripletex is corrected accordingly.

        :raise AccessError: unless the user is a timesheet approver with write access
        """
        lines = self.filtered("tripletex_validated")
        self._tripletex_check_may_validate()
        lines.check_access("write")
        lines.write({"tripletex_validated": False})
        return True

    @api.model
    def _tripletex_check_may_validate(self):
        if self._tripletex_is_native():
            raise UserError(
                self.env._(
                    "Validate these hours with the Timesheets app's own button."
                )
            )
        if not (
            self.env.su
            or self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver")
        ):
            raise AccessError(
                self.env._("Only timesheet approvers can validate hours.")
            )

    # ------------------------------------------------------------------
    # Lock
    # ------------------------------------------------------------------

    @api.model
    def _tripletex_protected_fields(self):
        """Fields that nobody changes on a validated line."""
        return {
            "company_id",
            "date",
            "employee_id",
            "name",
            "product_uom_id",
            "project_id",
            "task_id",
            "unit_amount",
            "work_entry_type_id",
        }

    def _tripletex_is_locked(self):
        """Whether our own validation locks the line (Enterprise locks its own)."""
        self.ensure_one()
        return self.tripletex_validated and not self._tripletex_is_native()

    def _is_readonly(self):
        return super()._is_readonly() or self._tripletex_is_locked()

    def _check_can_write(self, values):
        if "tripletex_validated" in values:
            self._tripletex_check_may_validate()
        elif values.keys() & self._tripletex_protected_fields():
            self._tripletex_refuse_locked()
        return super()._check_can_write(values)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tripletex_validated(self):
        self._tripletex_refuse_locked()

    def _tripletex_refuse_locked(self):
        locked = self.filtered(lambda line: line._tripletex_is_locked())
        if locked:
            line = locked[0].sudo()
            raise UserError(
                self.env._(
                    "The hours of %(employee)s on %(date)s (%(project)s) are validated "
                    "and locked. Ask an approver to invalidate them first.",
                    employee=line.employee_id.name,
                    date=format_date(self.env, line.date),
                    project=line.project_id.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        flag = self._tripletex_validated_field()
        if any(vals.get("tripletex_validated") for vals in vals_list):
            self._tripletex_check_may_validate()
        lines = super().create(vals_list)
        if any(vals.get(flag) for vals in vals_list):
            lines.filtered(flag)._tripletex_validated_changed()
        return lines

    def write(self, vals):
        flag = self._tripletex_validated_field()
        watched = self._tripletex_protected_fields() | {flag}
        if not vals.keys() & watched:
            return super().write(vals)
        before = self.filtered(flag)
        result = super().write(vals)
        (before | self.filtered(flag))._tripletex_validated_changed()
        return result

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
        """React to lines that became validated, stopped being it, or changed."""
        if not self:
            return
        lines = self.sudo().filtered("project_id")
        resolutions = self.env["tripletex.preflight"]._resolve(
            lines.filtered(self._tripletex_validated_field())
        )
        self.env["tripletex.preflight"]._check(resolutions)
        lines._tripletex_queue(resolutions)

    def _tripletex_sync(self):
        """Bring the shares in line with the lines as they are, without checks."""
        lines = self.sudo()
        lines._tripletex_queue(
            self.env["tripletex.preflight"]._resolve(
                lines.filtered(self._tripletex_validated_field())
            )
        )

    # ------------------------------------------------------------------
    # What is sent
    # ------------------------------------------------------------------

    def _tripletex_is_excluded(self):
        """Whether the line is never sent: excluded project, or time off."""
        self.ensure_one()
        return self.project_id.tripletex_excluded or any(
            name in self._fields and self[name]
            for name in ("holiday_id", "global_leave_id")
        )

    def _tripletex_hours(self):
        """Hours of the line, whatever unit the company logs in.

        :return: float, hours
        """
        self.ensure_one()
        hour = self.env.ref("uom.product_uom_hour")
        return self._tripletex_to_hours(self.unit_amount, self.product_uom_id, hour)

    @api.model
    def _tripletex_to_hours(self, amount, uom, hour):
        if not uom or uom == hour:
            return amount
        return uom._compute_quantity(amount, hour, round=False, raise_if_failure=False)

    def _tripletex_description(self):
        """The description, or an empty text where there is none ("/" is none)."""
        self.ensure_one()
        name = (self.name or "").strip()
        return "" if name == "/" else name

    def _tripletex_queue(self, resolutions):
        """Bring shares and entries in line with ``resolutions``.

        Lines without a resolution are not validated: their shares go. Nothing is
        queued for companies without an active connection.

        :param resolutions: dict of validated line to ``Resolution``
        """
        connections = self.env["tripletex.connection"]._active_by_company(
            self.company_id
        )
        connection_ids = [connection.id for connection in connections.values()]
        if not connection_ids:
            return
        targets = {
            (resolution.connection.id, target.key): target.values
            for resolution in resolutions.values()
            if resolution.is_sent
            for target in resolution.targets
        }
        entry_ids = self.env["tripletex.entry"].sudo()._get_or_create(targets)
        wanted, problems = {}, {}
        for line, resolution in resolutions.items():
            if not resolution.is_sent:
                continue
            for target in resolution.targets:
                entry_id = entry_ids[resolution.connection.id, target.key]
                wanted[line.id, entry_id] = resolution.hours
                if resolution.problems:
                    problems.setdefault(entry_id, []).extend(resolution.problems)
        self._tripletex_apply_shares(connection_ids, wanted, problems)

    def _tripletex_apply_shares(self, connection_ids, wanted, problems):
        """Create, change and delete shares so that they are ``wanted``.

        :param wanted: dict of (line id, entry id) to hours
        :param problems: dict of entry id to problem codes
        """
        Share = self.env["tripletex.entry.share"].sudo()
        shares = Share.search(
            [("line_id", "in", self.ids), ("connection_id", "in", connection_ids)]
        )
        obsolete = Share.browse()
        missing = dict(wanted)
        for share in shares:
            hours = missing.pop((share.line_id.id, share.entry_id.id), None)
            if hours is None:
                obsolete |= share
            elif share.hours != hours:
                share.hours = hours
        entries = shares.entry_id
        obsolete.unlink()
        created = Share.create(
            [
                {"line_id": line_id, "entry_id": entry_id, "hours": hours}
                for (line_id, entry_id), hours in missing.items()
            ]
        )
        preflight = self.env["tripletex.preflight"]
        entries |= created.entry_id
        entries._refresh(
            {
                entry: preflight._problem_summary(dict.fromkeys(problems[entry.id]))
                for entry in entries
                if entry.id in problems
            }
        )
