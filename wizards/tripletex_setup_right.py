from odoo import fields, models


class TripletexSetupRight(models.TransientModel):
    _name = "tripletex.setup.right"
    _description = "Right That the Tripletex Key Needs"
    _inherit = "tripletex.dialog"
    _order = "id"
    _named_fields = ("setup_id",)
    _transient_max_hours = 0  # rows go with their set-up, never before it

    setup_id = fields.Many2one(
        "tripletex.connection.setup", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(string="Needed To", readonly=True)
    call = fields.Char(readonly=True)
    is_granted = fields.Boolean(string="Granted", readonly=True)
    is_required = fields.Boolean(string="Required", readonly=True)
    missing_name = fields.Char(string="Right in Tripletex", readonly=True)
