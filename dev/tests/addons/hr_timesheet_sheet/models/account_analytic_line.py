from odoo import api, fields, models
from odoo.exceptions import UserError

PROTECTED = set(
    "name date unit_amount user_id employee_id company_id task_id project_id".split()
)


class AccountAnalyticLine(models.Model):
    """REPORTED as the sheet is; the text is none of the addon's."""

    _inherit = "account.analytic.line"

    sheet_id = fields.Many2one("hr_timesheet.sheet", copy=False, index="btree_not_null")

    def write(self, vals):
        if vals.keys() & PROTECTED:
            self._check_sheet()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        self._check_sheet()

    def _check_sheet(self):
        if any(line.sheet_id.state in ("confirm", "done") for line in self):
            raise UserError("You cannot modify an entry in a confirmed sheet.")

    def merge_timesheets(self):
        """Write the sum on the first line and delete the others."""
        self[0].unit_amount = sum(self.mapped("unit_amount"))
        self[1:].unlink()
        return self[0]
