from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .namesakes import NAMESAKE_CONTEXT, namesakes, tell_apart


class HrEmployee(models.Model):
    # No field here: one that ordinary users may not read would break their reads.
    _inherit = "hr.employee"

    @api.depends_context(*NAMESAKE_CONTEXT)
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for employee, (root, link) in namesakes(self, "tripletex.employee").items():
            employee.display_name = tell_apart(
                employee.display_name,
                link.number or root.work_email or root.job_title,
                root.department_id.name,
            )
        return result

    def _tripletex_is_on_leave(self):
        """Whether the employee is away now, as far as Time Off is installed."""
        self.ensure_one()
        if "current_leave_state" not in self._fields:
            return False
        return self.sudo().current_leave_state == "validate"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tripletex_validated(self):
        Line = self.env["account.analytic.line"].sudo()
        line = Line.search(
            Line._tripletex_validated_domain()
            & Line._tripletex_timesheet_domain()
            & Domain("employee_id", "in", self.ids),
            limit=1,
        )
        if line:
            raise UserError(
                self.env._(
                    "%(employee)s has validated hours and cannot be deleted. Archive "
                    "the employee instead.",
                    employee=line.employee_id.name,
                )
            )
