from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

#: Fields by which Time Off marks the lines that it makes and deletes by itself.
TIME_OFF_FIELDS = ("holiday_id", "global_leave_id")


class AccountAnalyticLine(models.Model):
    """The lock of validated timesheet lines."""

    _inherit = "account.analytic.line"

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
            *self._tripletex_time_off_fields(),
        }

    @api.model
    def _tripletex_time_off_fields(self):
        """Those of Time Off's fields that exist here."""
        return [name for name in TIME_OFF_FIELDS if name in self._fields]

    def _tripletex_is_time_off(self):
        """Whether Time Off made the line: such lines are never sent."""
        self.ensure_one()
        return any(self.sudo()[name] for name in self._tripletex_time_off_fields())

    def _tripletex_is_locked(self):
        """Whether our own validation locks the line (Enterprise locks its own)."""
        self.ensure_one()
        if not self.tripletex_validated or self._tripletex_is_native():
            return False
        # Time Off changes and cancels its own lines, as root.
        return not (self.env.su and self._tripletex_is_time_off())

    def _is_readonly(self):
        return super()._is_readonly() or (
            self.tripletex_validated and not self._tripletex_is_native()
        )

    def _check_can_write(self, values):
        if "tripletex_validated" in values:
            self._tripletex_check_may_validate()
        if values.get("tripletex_validated", True) and (
            values.keys() & self._tripletex_protected_fields()
        ):
            self._tripletex_refuse_locked()
        return super()._check_can_write(values)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tripletex_validated(self):
        self._tripletex_refuse_locked()

    def _compute_project_id(self):
        # The only protected field that changes without ``write``: with the task.
        before = {line: line.project_id for line in self}
        result = super()._compute_project_id()
        for line, project in before.items():
            if line.project_id != project and line._tripletex_is_locked():
                line.project_id = project
                line._tripletex_refuse_locked(
                    self.env._("The task cannot be moved to another project.")
                )
        return result

    def _tripletex_refuse_locked(self, consequence=""):
        """Refuse when any of the lines is locked.

        Names of people and projects are told to those who may read the line.

        :param consequence: sentence that says what cannot be done, or empty
        :raise UserError: when one is locked
        """
        locked = self.filtered(lambda line: line._tripletex_is_locked())
        if not locked:
            return
        readable = locked._origin.sudo(False)._filtered_access("read").sudo()
        if readable:
            line = readable[0]
            reason = self.env._(
                "The hours of %(employee)s on %(date)s (%(project)s) are validated "
                "and locked.",
                employee=line.employee_id.name,
                date=format_date(self.env, line.date),
                project=line._origin.project_id.display_name,
            )
        else:
            reason = self.env._("There are validated hours, which are locked.")
        cure = self.env._("Ask an approver to invalidate them first.")
        raise UserError(" ".join(filter(None, [consequence, reason, cure])))
