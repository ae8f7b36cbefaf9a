from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class HrEmployee(models.Model):
    # No field here: one that ordinary users may not read would break their reads.
    _inherit = "hr.employee"

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
