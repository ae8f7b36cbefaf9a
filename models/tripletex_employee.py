from odoo import fields, models


class TripletexEmployee(models.Model):
    _name = "tripletex.employee"
    _description = "Tripletex Employee"
    _inherit = "tripletex.binding"
    _odoo_field = "employee_id"
    _place_kinds = ("hours", "paycode")
    _place_part = 2

    employee_id = fields.Many2one("hr.employee", ondelete="set null", index=True)
    email = fields.Char(string="E-mail in Tripletex", groups="base.group_system")

    _tripletex_id_uniq = models.UniqueIndex(
        "(connection_id, tripletex_id) WHERE tripletex_id IS NOT NULL",
        "This Tripletex employee is linked already. Change that link instead.",
    )
    _number_uniq = models.UniqueIndex(
        "(connection_id, number) WHERE number IS NOT NULL",
        "This employee number is linked already. Change that link instead.",
    )
    _employee_uniq = models.UniqueIndex(
        "(connection_id, employee_id) WHERE employee_id IS NOT NULL",
        "This employee is linked to another Tripletex employee already. Unlink it "
        "there first.",
    )
