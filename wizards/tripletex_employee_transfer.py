from odoo import api, fields, models

from ..sending import TRANSFERS


class TripletexEmployeeTransfer(models.TransientModel):
    """Sets what employees send; who sends more does so from a date of work."""

    _name = "tripletex.employee.transfer"
    _description = "Change What Employees Send to Tripletex"
    _inherit = "tripletex.dialog"

    _named_fields = ("link_ids",)

    link_ids = fields.Many2many(
        "tripletex.employee",
        string="Employees",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    transfer = fields.Selection(TRANSFERS, string="Send", required=True, default="all")
    is_wider = fields.Boolean(compute="_compute_lines", export_string_translation=False)
    date = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        help="First date of work whose validated hours are sent, too.",
    )
    line_count = fields.Integer("Validated Lines", compute="_compute_lines")
    hours = fields.Float(compute="_compute_lines", digits=(16, 2))

    @api.depends("link_ids", "transfer", "date")
    def _compute_lines(self):
        for dialog in self:
            links = dialog.link_ids
            if dialog.transfer:
                links = links._sending_less(dialog.transfer)
            dialog.is_wider = bool(links)
            lines = self.env["account.analytic.line"]
            if dialog.transfer and dialog.date and links:
                lines = links._lines_to_queue(dialog.transfer, dialog.date)
            dialog.line_count = len(lines)
            dialog.hours = sum(line._tripletex_hours() for line in lines)

    def action_apply(self):
        """Set what the employees send, from the date on.

        :raise AccessError: unless the user may write the links
        """
        self.link_ids.set_transfer(self.transfer, self.date)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
