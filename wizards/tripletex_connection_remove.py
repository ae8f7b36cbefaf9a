from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..sending.queue import Queue


class TripletexConnectionRemove(models.TransientModel):
    _name = "tripletex.connection.remove"
    _description = "Remove the Connection to Tripletex"
    _inherit = "tripletex.dialog"

    _named_fields = ("connection_id",)

    connection_id = fields.Many2one(
        "tripletex.connection", required=True, readonly=True, ondelete="cascade"
    )
    tripletex_company_name = fields.Char(related="connection_id.tripletex_company_name")
    unsent_count = fields.Integer(compute="_compute_unsent")
    unsent_hours = fields.Float(compute="_compute_unsent", digits=(16, 2))
    problem_hours = fields.Float(related="connection_id.problem_hours")
    unsent = fields.Selection(
        [
            ("leave", "Leave them: they are sent when the company is connected again"),
            ("send", "Send them first: nothing is removed yet"),
            ("handled", "Mark them as handled by hand: they are never sent"),
        ],
        string="Hours Not Sent Yet",
        default="leave",
        required=True,
    )

    @api.depends("connection_id")
    def _compute_unsent(self):
        for wizard in self:
            connection = wizard.connection_id.sudo()
            wizard.unsent_count = connection.waiting_count + connection.problem_count
            wizard.unsent_hours = connection.waiting_hours + connection.problem_hours

    def _unsent_entries(self):
        return self.env["tripletex.entry"].search(
            [("connection_id", "=", self.connection_id.id), ("state", "!=", "sent")]
        )

    def _settle_unsent(self):
        """Mark unsent hours as handled: what Tripletex holds now counts as correct.

        Entries that are being sent at this moment are not changed.
        """
        entries = self._unsent_entries()
        entries.filtered(lambda entry: entry.state == "conflict").action_keep()
        others = self._unsent_entries()
        sending = others.filtered(lambda entry: entry.state == "sending")
        others -= sending._with_hours_that_wait()
        hours = {entry: entry._target_hours() - entry.sent_hours for entry in others}
        Queue(self.env).handle_by_hand(others)
        for entry in others.exists():
            entry.message_post(
                body=self.env._(
                    "Marked as handled by hand when the connection was removed: "
                    "%(hours)s hours are not sent.",
                    hours=formatLang(self.env, hours[entry], digits=2),
                )
            )

    def action_remove(self):
        """Remove the connection: nothing is sent any more, and the key is deleted.

        With ``unsent`` "send" nothing is removed yet: the waiting hours are sent first.

        :raise AccessError: unless the user administers the system and the company
        """
        self.ensure_one()
        self.connection_id.check_access("write")
        connection = self.connection_id.sudo()
        if connection.state == "disconnected":
            raise UserError(
                self.env._("This connection is removed already. Reload the page.")
            )
        if self.unsent == "send" and self.unsent_count:
            return connection.action_send_now()
        if self.unsent == "handled":
            self.sudo()._settle_unsent()
        # an unfinished update may hold a copy of the key
        self.env["tripletex.connection.setup"].sudo().search(
            [("company_id", "=", connection.company_id.id)]
        ).unlink()
        connection._disconnect()
        connection.message_post(
            body=self.env._("The connection was removed by %s.", self.env.user.name)
        )
        return connection._notification(
            "success",
            self.env._("The connection to Tripletex is removed and its key deleted."),
        )
