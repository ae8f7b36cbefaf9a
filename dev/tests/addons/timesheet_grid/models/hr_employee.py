from odoo import fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    timesheet_manager_id = fields.Many2one("res.users", groups="hr.group_hr_user")
    last_validated_timesheet_date = fields.Date(groups="hr.group_hr_user")
