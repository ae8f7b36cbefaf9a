from odoo import api, fields, models

from ..sending.session import StoredSession
from ..tools import (
    AddressRefused,
    ConsumerTokenRefused,
    KeyRefused,
    RightsMissing,
    TryLater,
)

#: Addresses of the two environments (DOCUMENTED: changelog 2.71.19).
BASE_URLS = {
    "production": "https://tripletex.no/v2",
    "test": "https://api-test.tripletex.tech/v2",
}
#: System parameter of the token that identifies this Odoo system to Tripletex.
CONSUMER_TOKEN = "hr_timesheet_tripletex.consumer_token"
#: Errors for which the whole connection needs a person: ``attention_reason``.
REASONS = {
    AddressRefused: "address",
    ConsumerTokenRefused: "consumer",
    KeyRefused: "key",
    RightsMissing: "rights",
}


class TripletexConnection(models.Model):
    """Talking to Tripletex, and what its answers mean for the whole connection."""

    _inherit = "tripletex.connection"

    @api.model
    def _base_url(self, environment):
        """Address of the API, ``/v2`` included."""
        parameters = self.env["ir.config_parameter"].sudo()
        return (
            parameters.get_param("hr_timesheet_tripletex.base_url")
            or BASE_URLS[environment]
        )

    @api.model
    def _consumer_token(self):
        """The application's token, or an empty text while none was entered."""
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param(CONSUMER_TOKEN) or ""

    def _client(self):
        """The API client for this connection, with its cached session.

        Call on a sudo record. A new session is stored on the connection as soon as
        the client has made it; the caller's next commit keeps it.

        :raise AddressRefused: for an address that tokens may not be sent to
        """
        self.ensure_one()
        return StoredSession(self).client(self.employee_token)

    def _store_session(self, token, expires):
        """Keep a session that the client has just opened.

        :raise KeyRefused: when the connection was removed while a call was under way,
            so that none follows
        """
        self.invalidate_recordset(["state"])
        if self.state == "disconnected":
            raise KeyRefused("The connection was removed")
        self.write({"session_token": token, "session_expires": expires})

    def _probe(self, client):
        """One cheap read of every kind that sending needs.

        :raise RightsMissing: the key may not read it
        """
        today = fields.Date.context_today(self)
        who = client.who_am_i()
        client.search_entries(today, today, employee_ids=[who["employeeId"]])

    def _explain(self, error):
        """Words for a person about an error that concerns the whole connection."""
        if isinstance(error, AddressRefused):
            return self.env._(
                "The address of Tripletex in the system parameter "
                "hr_timesheet_tripletex.base_url cannot be used: it must begin with "
                "https and hold neither a user name nor a question mark. Ask whoever "
                "installed the addon to correct it, or to delete the parameter: then "
                "Tripletex's own address is used."
            )
        if isinstance(error, ConsumerTokenRefused):
            return self.env._(
                "Tripletex refuses the consumer token of this Odoo system. Ask whoever "
                "installed the addon to check it under Settings, Tripletex."
            )
        if isinstance(error, KeyRefused):
            return self.env._(
                "Tripletex refuses the API user key: it was deleted, has expired, or "
                "belongs to the other environment. Create a new key in Tripletex and "
                "enter it with Update."
            )
        if isinstance(error, RightsMissing):
            return self.env._(
                "The API user key lacks a right in Tripletex (%(call)s). Give its "
                "owner the right in Tripletex, then press Test connection.",
                call=error.call,
            )
        if isinstance(error, TryLater):
            return self.env._(
                "Tripletex cannot be reached or is busy. Nothing is lost: the hours "
                "wait and are sent as soon as Tripletex answers."
            )
        return self.env._(
            "Tripletex answered: %(message)s (request %(request)s)",
            message=error.message or error.status,
            request=error.request_id or "-",
        )

    def _note_error(self, error):
        """Turn an error that concerns the whole connection into its state.

        :return: True when the connection now needs a person
        """
        reason = next(
            (name for kind, name in REASONS.items() if isinstance(error, kind)), None
        )
        if not reason or self.state == "disconnected":
            return False
        self._set_attention(reason, self._explain(error))
        return True

    def _set_attention(self, reason, message):
        """Stop sending until a person has acted; every row stays where it is."""
        self.ensure_one()
        if (self.state, self.attention_reason) == ("attention", reason):
            self.attention_message = message
            return
        self.write(
            {
                "state": "attention",
                "attention_reason": reason,
                "attention_message": message,
                "session_token": False,
                "session_expires": False,
            }
        )
        self.message_post(body=message)
        self._notify_responsible()

    def _set_connected(self):
        """The key works: carry on with what waits."""
        self.ensure_one()
        self.write(
            {
                "state": "connected",
                "attention_reason": False,
                "attention_message": False,
                "next_attempt_at": False,
            }
        )
        self._notify_responsible()
        self.env["tripletex.entry"]._wake_cron()

    def _copy_message(self):
        return self.env._(
            "This database is a copy of the one that was connected, so nothing is "
            "sent from here. To send from this one, enter a key with Update."
        )
