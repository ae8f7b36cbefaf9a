import base64
import binascii
import json
from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

from ..sending.session import StoredSession, close_session
from ..tools import (
    AddressRefused,
    ConsumerTokenRefused,
    KeyRefused,
    NoConnection,
    RateLimited,
    RightsMissing,
    TripletexError,
    TryLater,
)


class TripletexConnectionSetup(models.TransientModel):
    """Which key and session the set-up uses, and what Tripletex's refusals mean."""

    _inherit = "tripletex.connection.setup"

    # ------------------------------------------------------------------
    # Talking to Tripletex
    # ------------------------------------------------------------------

    def _token(self):
        """The key to use: the one typed, else the connection's (Update).

        Not in a copied database: the stored key is the original's there.
        """
        if self.pending_token:
            return self.pending_token
        active = self.env["tripletex.connection"]._active_by_company(self.company_id)
        connection = active.get(self.company_id)
        if not connection or connection._is_copy():
            return False
        return connection.employee_token

    def _store_session(self, token, expires):
        self.write({"session_token": token, "session_expires": expires})

    @contextmanager
    def _tripletex(self):
        """The API client; what goes wrong becomes a sentence for the administrator.

        A request that fails is rolled back and would forget the session it opened:
        such a session is closed at once.
        """
        before = self.session_token
        try:
            client = StoredSession(self).client(self._token())
        except AddressRefused as error:
            words = self.env["tripletex.connection"]._explain(error)
            raise UserError(words) from error
        with client:
            try:
                yield client
            except Exception as error:
                if client.session_token != before:
                    close_session(client)
                if isinstance(error, TripletexError):
                    raise UserError(self._explain(error)) from error
                raise

    def _explain(self, error):
        """One sentence per cause, with what to do."""
        if isinstance(error, ConsumerTokenRefused):
            return self.env._(
                "Tripletex refuses the consumer token of this Odoo system. Check it "
                "under Settings, General Settings, Tripletex: it must be the one for "
                "the %(environment)s.",
                environment=self._environment_name(),
            )
        if isinstance(error, KeyRefused):
            return self._explain_refused_key()
        if isinstance(error, RightsMissing):
            return self._explain_missing([self._right_of_call(error.call)])
        if isinstance(error, RateLimited):
            return self.env._(
                "Tripletex asks us to wait before reading on. Try again in %(seconds)s "
                "seconds.",
                seconds=int(error.retry_after or 10) + 1,
            )
        if isinstance(error, NoConnection):
            return self.env._(
                "Tripletex could not be reached. Check this server's network, then "
                "try again."
            )
        if isinstance(error, TryLater):
            return self.env._(
                "Tripletex does not answer properly at the moment (%(error)s). Try "
                "again in a few minutes.",
                error=error,
            )
        return self.env._("Tripletex answered: %(error)s", error=error)

    def _environment_name(self):
        return dict(self._fields["environment"]._description_selection(self.env))[
            self.environment
        ]

    def _explain_refused_key(self):
        is_test = is_test_key(self._token() or "")
        if is_test and self.environment == "production":
            return self.env._(
                "This is a key of Tripletex's test environment. Choose the test "
                "environment, or make a key in your real Tripletex company."
            )
        if self.environment == "test" and is_test is False:
            return self.env._(
                "This is a key of a real Tripletex company, and the test environment "
                "is chosen. Choose Production, or make a key in the test environment."
            )
        return self.env._(
            "Tripletex does not accept this API user key. Check that it was copied "
            "whole, that it was made for the application %(application)s (letter "
            "case counts), that it was not deleted, and that the right environment is "
            "chosen (now: %(environment)s).",
            application=self.application_name or "",
            environment=self._environment_name(),
        )


def is_test_key(token):
    """Whether a key says of itself that it belongs to the test environment.

    Keys are Base64 of ``{"tokenId": n, "token": "<uuid>"}`` (REPORTED); those of the
    test environment begin with ``test-`` (DOCUMENTED). Used to explain a refusal
    only, never to refuse.

    :return: True or False, None when the key does not have that form
    """
    if token.startswith("test-"):
        return True
    try:
        padded = token + "=" * (-len(token) % 4)
        inner = json.loads(base64.b64decode(padded, validate=True))
        return str(inner["token"]).startswith("test-")
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
