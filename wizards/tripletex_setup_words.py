import base64
import binascii
import json

from ..tools import (
    ConsumerTokenRefused,
    KeyRefused,
    NoConnection,
    RateLimited,
    RightsMissing,
    TryLater,
)
from .tripletex_setup_key import explain_missing, right_of_call


class KeyWords:
    """What the administrator reads when Tripletex refuses something in the set-up.

    :param setup: ``tripletex.connection.setup`` as root
    """

    def __init__(self, setup):
        self.setup = setup
        self.env = setup.env

    def explain(self, error):
        """Return one sentence per cause, with what to do."""
        if isinstance(error, ConsumerTokenRefused):
            return self.env._(
                "Tripletex refuses the consumer token of this Odoo system. Check it "
                "under Settings, General Settings, Tripletex: it must be the one for "
                "the %(environment)s.",
                environment=self._environment_name(),
            )
        if isinstance(error, KeyRefused):
            return self._refused_key()
        if isinstance(error, RightsMissing):
            return explain_missing(self.env, [right_of_call(error.call)])
        if isinstance(error, RateLimited):
            return self.env._(
                "Tripletex asks for a pause before more can be read. Try again in "
                "%(seconds)s seconds.",
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
        field = self.setup._fields["environment"]
        return dict(field._description_selection(self.env))[self.setup.environment]

    def _refused_key(self):
        is_test = is_test_key(self.setup._token() or "")
        if is_test and self.setup.environment == "production":
            return self.env._(
                "This is a key of Tripletex's test environment. Choose the test "
                "environment, or create a key in your real Tripletex company."
            )
        if is_test is False and self.setup.environment == "test":
            return self.env._(
                "This is a key of a real Tripletex company, and the test environment "
                "is chosen. Choose Production, or create a key in the test "
                "environment."
            )
        return self.env._(
            "Tripletex does not accept this API user key. Check that it was copied "
            "whole, that it was made for the application %(application)s (letter "
            "case counts), that it was not deleted, and that the right environment is "
            "chosen (now: %(environment)s).",
            application=self.setup.application_name or "",
            environment=self._environment_name(),
        )


def is_test_key(token):
    """Return whether a key is of the test environment; None where it does not say.

    Keys are Base64 of ``{"tokenId": n, "token": "<uuid>"}`` (REPORTED); those of the
    test environment begin with ``test-`` (DOCUMENTED). Never used to refuse a key.
    """
    if token.startswith("test-"):
        return True
    try:
        padded = token + "=" * (-len(token) % 4)
        inner = json.loads(base64.b64decode(padded, validate=True))
        return str(inner["token"]).startswith("test-")
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
