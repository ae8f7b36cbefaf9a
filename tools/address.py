"""Which addresses tokens may be sent to."""

import ipaddress
from urllib.parse import urlsplit

from .errors import AddressRefused


def checked_base_url(base_url):
    """The address without a trailing slash.

    Raises AddressRefused unless it is https, or http to this machine itself, and free
    of user names, query and fragment. The text of the error never repeats it.
    """
    base_url = (base_url or "").strip().rstrip("/")
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        _port = parts.port  # raises ValueError when it is not a number
    except ValueError:
        raise AddressRefused("The address of Tripletex is not a web address.") from None
    odd = any(c.isspace() or c in "\\?#@" for c in base_url)
    if odd or not host or parts.scheme not in ("http", "https"):
        raise AddressRefused("The address of Tripletex is not a plain https address.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise AddressRefused("The address of Tripletex must begin with https.")
    return base_url


def _is_loopback(host):
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
