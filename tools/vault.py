"""Sealing texts with a secret of the server, so that a copy of the database alone is
of no use."""

import base64
import logging

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_logger = logging.getLogger(__name__)

#: Stands before a sealed text; no key of Tripletex's contains a colon.
MARK = "sealed:1:"


def _fernet(secret):
    """The cipher of one secret, which may be of any length."""
    derived = HKDF(
        algorithm=hashes.SHA256(), length=32, salt=None, info=b"hr_timesheet_tripletex"
    ).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


class Vault:
    """Seals with the first secret and opens with any.

    :param secrets: the server's secrets as one text, separated by commas; the first
        is the present one, the others are those of before (rotation). Empty: texts
        stay as they are.
    """

    def __init__(self, secrets):
        parts = map(str.strip, (secrets or "").split(","))
        self._ciphers = [_fernet(secret) for secret in parts if secret]

    @property
    def is_open(self):
        """Whether there is no secret, so that nothing is sealed."""
        return not self._ciphers

    def seal(self, text):
        """The text as it may lie in a database. Sealed texts stay as they are."""
        if not text or self.is_open or text.startswith(MARK):
            return text
        return MARK + self._ciphers[0].encrypt(text.encode()).decode()

    def unseal(self, text):
        """The text as it was before sealing, or False when no secret opens it."""
        if not text or not text.startswith(MARK):
            return text
        try:
            if self.is_open:
                raise InvalidToken
            ciphers = MultiFernet(self._ciphers)
            return ciphers.decrypt(text.removeprefix(MARK).encode()).decode()
        except InvalidToken:
            _logger.warning(
                "A Tripletex key in the database cannot be read: the secret of this "
                "server is missing or is not the one it was stored with."
            )
            return False

    def is_current(self, text):
        """Whether the text lies as the present secret (or none) would have it."""
        if not text.startswith(MARK):
            return self.is_open
        try:
            sealed = text.removeprefix(MARK).encode()
            return not self.is_open and bool(self._ciphers[0].decrypt(sealed))
        except InvalidToken:
            return False
