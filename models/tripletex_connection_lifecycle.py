from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..sending.session import StoredSession

#: How long a request lasts at most (Odoo's ``limit_time_real`` is two minutes), and
#: after how long all that began beside it have surely ended.
LONGEST_REQUEST = timedelta(minutes=2)
SECOND_LOOK_AFTER = timedelta(minutes=5)


class TripletexConnection(models.Model):
    """Connecting, reconnecting, removing, and what is queued then."""

    _inherit = "tripletex.connection"

    @api.model
    def _activate(self, known, company, environment, tripletex_company_id, vals):
        """Make the connection of a company active: Complete's last word.

        :param known: connection to update or take up again (the same Tripletex
            company), or empty for a new one
        :param vals: what the set-up found out, key and session included
        :return: the active connection
        """
        vals = vals | {
            "state": "connected",
            "attention_reason": False,
            "attention_message": False,
            "next_attempt_at": False,
            "database_uuid": self.env["ir.config_parameter"]
            .sudo()
            .get_param("database.uuid"),
        }
        if not known or known.state == "disconnected":
            vals["connected_at"] = fields.Datetime.now()
        if known:
            known.write(vals)
        else:
            known = self.create(
                vals
                | {
                    "company_id": company.id,
                    "environment": environment,
                    "tripletex_company_id": tripletex_company_id,
                    "responsible_id": self.env.uid,
                }
            )
        self._forget_active()
        known._notify_responsible()
        known._plan_second_look()
        self.env["tripletex.entry"]._wake_cron()
        return known

    @api.model
    def _forget_active(self):
        """Let companies find their active connection anew within this transaction."""
        self.env["res.company"].invalidate_model(
            ["tripletex_connection_id", "tripletex_state"]
        )

    def _disconnect(self):
        """Stop sending and forget the key; links and queued hours stay.

        The session is closed in Tripletex as well as can be: when Tripletex does not
        answer it ends by itself within two days. In a copied database it is the
        original's, and stays.
        """
        self.ensure_one()
        if not self._is_copy():
            StoredSession(self).close()
        self.write(
            {
                "state": "disconnected",
                "employee_token": False,
                "session_token": False,
                "session_expires": False,
                "attention_reason": False,
                "attention_message": False,
                "next_attempt_at": False,
            }
        )
        self._forget_active()
        self._notify_responsible()

    def _queue_earlier(self, send_from=None):
        """Queue what was validated before this connection was (again) made.

        Lines that Tripletex was told about earlier are brought up to date whatever
        their date; lines never sent only from ``send_from`` on.

        :param send_from: first date of work; empty for no earlier hours
        """
        self.ensure_one()
        shares = (
            self.env["tripletex.entry.share"]
            .sudo()
            .search([("connection_id", "=", self.id)])
        )
        shares.filtered(lambda share: not share.line_id)._drop()
        lines = shares.exists().line_id
        if send_from:
            lines |= lines.search(
                lines._tripletex_earlier_domain(self.company_id, send_from)
            )
        lines._tripletex_sync()
        self.env["tripletex.entry"]._wake_cron()

    def _plan_second_look(self):
        """Look some minutes later for hours that are validated beside this transaction.

        Neither sees the other: the approver's finds nothing that its hours are to be
        queued for, ours no hours.
        """
        began = self.env.cr.now().replace(microsecond=0)
        self.second_look_from = began
        self.env["tripletex.entry"]._wake_cron(began + SECOND_LOOK_AFTER)

    def _look_again(self):
        """Take the second look, if it is due: queue hours that nobody has queued."""
        self.ensure_one()
        began = self.second_look_from
        if not began or began + SECOND_LOOK_AFTER > fields.Datetime.now():
            return
        self.second_look_from = False
        Line = self.env["account.analytic.line"].sudo()
        chosen = Domain("write_date", ">=", began)
        chosen &= Domain("write_date", "<=", began + LONGEST_REQUEST)
        if self.send_from:
            chosen |= Domain("date", ">=", self.send_from)
        queued = self.env["tripletex.entry.share"]._search(
            [("connection_id", "=", self.id), ("line_id", "!=", False)]
        )
        Line.search(
            Line._tripletex_to_send_domain(self.company_id)
            & chosen
            & Domain("id", "not in", queued.subselect("line_id"))
        )._tripletex_sync()
