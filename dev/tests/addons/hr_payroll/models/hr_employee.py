from odoo import fields, models


class HrEmployee(models.Model):
    """The field's name is REPORTED: Odoo's own tests of ``hr`` mention it."""

    _inherit = "hr.employee"

    registration_number = fields.Char(groups="hr.group_hr_user")
