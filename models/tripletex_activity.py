from odoo import api, fields, models


class TripletexActivity(models.Model):
    _name = "tripletex.activity"
    _description = "Tripletex Activity"
    _order = "is_project_activity desc, name, id"

    connection_id = fields.Many2one(
        "tripletex.connection", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    tripletex_id = fields.Char(string="Tripletex ID", required=True, readonly=True)
    number = fields.Char(readonly=True)
    name = fields.Char(required=True, readonly=True)
    activity_type = fields.Char(
        readonly=True, help="As Tripletex names it; Tripletex can leave it empty."
    )
    is_project_activity = fields.Boolean(
        string="Project Activity",
        readonly=True,
        help="Usable with projects. Others are internal time without a project.",
    )
    is_chargeable = fields.Boolean(string="Chargeable", readonly=True)
    active = fields.Boolean(default=True)

    _tripletex_id_uniq = models.Constraint(
        "UNIQUE(connection_id, tripletex_id)",
        "The activity is known for this connection already.",
    )

    @api.depends("number", "name")
    def _compute_display_name(self):
        for activity in self:
            activity.display_name = " ".join(
                filter(None, [activity.number, activity.name])
            )
