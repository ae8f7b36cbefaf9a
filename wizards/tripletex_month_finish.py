from odoo import fields, models


class TripletexMonthFinish(models.TransientModel):
    """Asks before months with open hours or empty working days are finished."""

    _name = "tripletex.month.finish"
    _description = "Finish Months in Tripletex"
    _inherit = "tripletex.dialog"

    _named_fields = ("month_ids",)

    month_ids = fields.Many2many("tripletex.month", string="Months", readonly=True)
    questions = fields.Text(readonly=True)

    def action_confirm(self):
        """Finish the months all the same; the cron does it.

        :raise UserError: while hours of them wait, or need attention
        :raise AccessError: unless the user may decide about these people
        """
        self.ensure_one()
        self.month_ids.with_context(tripletex_finish_confirmed=True).action_finish()
        return {"type": "ir.actions.act_window_close"}
