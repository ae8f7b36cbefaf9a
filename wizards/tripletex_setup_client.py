from odoo import api, fields, models


class TripletexSetupClient(models.TransientModel):
    _name = "tripletex.setup.client"
    _description = "Company That an Accountant's Tripletex Key May Enter"
    _inherit = "tripletex.dialog"
    _order = "name, id"
    _named_fields = ("setup_id",)
    _transient_max_hours = 0  # rows go with their set-up, never before it

    setup_id = fields.Many2one(
        "tripletex.connection.setup", required=True, ondelete="cascade", index=True
    )
    tripletex_id = fields.Char(string="Tripletex ID", required=True, readonly=True)
    name = fields.Char(readonly=True)
    organisation_number = fields.Char(readonly=True)

    @api.depends("name", "organisation_number")
    def _compute_display_name(self):
        for client in self:
            number = client.organisation_number
            client.display_name = (
                f"{client.name} ({number})" if number else client.name
            ) or client.tripletex_id
