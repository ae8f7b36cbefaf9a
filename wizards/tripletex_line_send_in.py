from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.client_action import notification


class TripletexLineSendIn(models.TransientModel):
    """Sends in all of one's own open hours up to a date."""

    _name = "tripletex.line.send.in"
    _description = "Send In Hours"

    date_to = fields.Date(
        string="Up To", required=True, default=fields.Date.context_today
    )
    line_count = fields.Integer(
        compute="_compute_lines", export_string_translation=False
    )
    hours = fields.Float(compute="_compute_lines", digits=(16, 2))
    rejected_count = fields.Integer(
        compute="_compute_lines", export_string_translation=False
    )

    @api.depends("date_to")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_lines(self):
        for dialog in self:
            lines = dialog._lines()
            dialog.line_count = len(lines)
            dialog.hours = sum(line._tripletex_hours() for line in lines)
            dialog.rejected_count = len(lines.filtered("tripletex_rejected"))

    def _lines(self):
        """The user's open hours up to the date, in companies that use sending in."""
        self.ensure_one()
        Line = self.env["account.analytic.line"]
        lines = Line.search(
            Line._tripletex_timesheet_domain()
            & Domain(Line._tripletex_validated_field(), "=", False)
            & Domain("tripletex_sent_in", "=", False)
            & Domain("user_id", "=", self.env.uid)
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain("company_id.tripletex_send_in", "=", True)
            & Domain("date", "<=", self.date_to)
        )
        return lines._tripletex_open_work()

    def action_send_in(self):
        """Send in the hours.

        :return: notification action
        :raise UserError: when there are none
        """
        self.ensure_one()
        lines = self._lines()
        if not lines:
            raise UserError(
                self.env._(
                    "You have no hours to send in up to this date. Log hours first, or "
                    "choose a later date."
                )
            )
        return self._send_in(lines)

    @api.model
    def _send_in(self, lines):
        lines.action_tripletex_send_in()
        return notification(
            self.env._("%(lines)s sent in.", lines=lines._tripletex_figures())
        )
