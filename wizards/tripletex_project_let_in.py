from odoo import api, fields, models


class TripletexProjectLetIn(models.TransientModel):
    """Asks from which date of work a project's hours are sent again."""

    _name = "tripletex.project.let.in"
    _description = "Send Hours of Projects to Tripletex Again"
    _inherit = "tripletex.dialog"

    _named_fields = ("project_ids",)

    project_ids = fields.Many2many(
        "project.project",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    date = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        help="First date of work whose validated hours are sent, too.",
    )
    line_count = fields.Integer("Validated Lines", compute="_compute_lines")
    hours = fields.Float(compute="_compute_lines", digits=(16, 2))

    @api.depends("project_ids", "date")
    def _compute_lines(self):
        Line = self.env["account.analytic.line"].sudo()
        for dialog in self:
            lines = Line.search(
                Line._tripletex_validated_domain()
                & fields.Domain("project_id", "in", dialog.project_ids.ids)
                & fields.Domain("date", ">=", dialog.date)
            )
            dialog.line_count = len(lines)
            dialog.hours = sum(line._tripletex_hours() for line in lines)

    def action_let_in(self):
        """Send hours of the projects again, from the date on.

        :raise AccessError: unless the user may write the projects
        """
        self.project_ids.tripletex_let_in(self.date)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
