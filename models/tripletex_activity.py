from odoo import api, fields, models


class TripletexActivity(models.Model):
    _name = "tripletex.activity"
    _description = "Tripletex Activity"
    _inherit = "tripletex.technical"
    _order = "is_project_activity desc, name, id"

    connection_id = fields.Many2one(
        "tripletex.connection", ondelete="cascade", index=True
    )
    setup_id = fields.Integer(
        string="Set-up",
        index="btree_not_null",
        readonly=True,
        help="The unfinished set-up that read the activity. Complete moves it to the "
        "connection; it is deleted with an abandoned set-up.",
        export_string_translation=False,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
    )
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
    _owner_check = models.Constraint(
        "CHECK(connection_id IS NOT NULL OR setup_id IS NOT NULL)",
        "An activity must belong to a connection.",
    )

    @api.depends("connection_id.company_id")
    def _compute_company_id(self):
        # read during a set-up: the company was given with the row
        for activity in self.filtered("connection_id"):
            activity.company_id = activity.connection_id.company_id

    @api.depends("number", "name")
    def _compute_display_name(self):
        for activity in self:
            activity.display_name = " ".join(
                filter(None, [activity.number, activity.name])
            )

    def _facts(self):
        """What Tripletex says about the activity, as values."""
        self.ensure_one()
        names = (
            "number",
            "name",
            "activity_type",
            "is_project_activity",
            "is_chargeable",
        )
        return {name: self[name] for name in names}

    @api.autovacuum
    def _gc_left_setups(self):
        """Drop activities of set-ups that ended without deleting them."""
        rows = self.search([("connection_id", "=", False)])
        setups = self.env["tripletex.connection.setup"].browse(
            set(rows.mapped("setup_id"))
        )
        kept = setups.exists().ids
        rows.filtered(lambda activity: activity.setup_id not in kept).unlink()
