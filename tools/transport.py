"""One HTTP call to Tripletex: out goes a request, back comes JSON or an error.

Here too: which addresses tokens may be sent to, and reading what came back without
believing any of it unseen.
"""

import ipaddress
import json
import logging
import time
import zlib
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import quote, urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError, ContentDecodingError
from urllib3 import ProxyManager
from urllib3.exceptions import HTTPError as Urllib3Error
from urllib3.exceptions import (
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.util import Retry

from .bounds import Bounds, OutOfBounds, bound, json_object, read_content
from .errors import (
    AddressRefused,
    BrokenAnswer,
    NoConnection,
    RateLimited,
    TryLater,
    error_class,
)
from .rate import RateLimit
from .shapes import WrongShape

_logger = logging.getLogger(__name__)

USER_AGENT = "hr_timesheet_tripletex"
# Only reads are repeated, a few times at once; 429 never, and no Retry-After is
# slept through: waiting is the caller's business.
_READ_RETRIES = Retry(
    total=2,
    other=0,
    redirect=0,
    backoff_factor=0.2,
    status_forcelist=(502, 503, 504),
    allowed_methods=("GET",),
    raise_on_status=False,
    respect_retry_after_header=False,
)


def checked_base_url(base_url, only_loopback=False):
    """The address without a trailing slash.

    Raises AddressRefused, without repeating it, unless it is https, or http to this
    machine, and free of user names, query and fragment.

    ``only_loopback``: refuse every host but this machine.
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
    if only_loopback and not _is_loopback(host):
        raise AddressRefused("This address of Tripletex must be this machine's own.")
    return base_url


def _is_loopback(host):
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Pool(requests.Session):
    """A session that does not so much as read where a redirect points.

    Even with ``allow_redirects=False`` requests would stumble over a bad Location.
    """

    def get_redirect_target(self, resp):
        return None


class _HideSessionToken(logging.Filter):
    """Keeps session tokens out of urllib3's own debug log of request lines."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(
                "/token/session/..."
                if isinstance(arg, str) and "/token/session/" in arg
                else arg
                for arg in record.args
            )
        return True


# The token stands in the path of DELETE /token/session/{token}; the API has no
# other form (DOCUMENTED).
logging.getLogger("urllib3.connectionpool").addFilter(_HideSessionToken())


class _Adapter(HTTPAdapter):
    """Keeps few connections, and gives up connecting sooner than reading.

    The session is given one number for a timeout, because others that stand in its
    way (Odoo's tests do) understand no pair.
    """

    def __init__(self, connect_timeout, retries, bounds):
        self.connect_timeout, self.bounds = connect_timeout, bounds
        super().__init__(pool_connections=1, pool_maxsize=2, max_retries=retries)

    def init_poolmanager(self, *args, **kwargs):
        made = super().init_poolmanager(*args, **kwargs)
        bound(self.poolmanager, self.bounds)
        return made

    def proxy_manager_for(self, *args, **kwargs):
        manager = super().proxy_manager_for(*args, **kwargs)
        # one of SOCKS brings connections of its own, bounded between parts only
        if isinstance(manager, ProxyManager):
            bound(manager, self.bounds)
        return manager

    def send(self, request, stream=False, timeout=None, **kwargs):
        pair = (self.connect_timeout, timeout)
        return super().send(request, stream=stream, timeout=pair, **kwargs)


class Answer:
    """A successful answer that still has to prove its shape."""

    def __init__(self, data, facts, unclear):
        self._data = data
        self._facts = facts
        self._unclear = unclear

    def value(self, shape):
        """The single object of the answer as a dict of this shape."""
        return self._parsed(shape, [self._data.get("value")])[0]

    def rows(self, shape):
        """The objects of a list answer as dicts of this shape."""
        values = self._data.get("values")
        if not isinstance(values, list):
            raise self.broken("values: not a list")
        return self._parsed(shape, values)

    def _parsed(self, shape, values):
        try:
            return [shape.parse(value) for value in values]
        except WrongShape as problem:
            reason = str(problem)
        raise self.broken(reason)

    def broken(self, reason):
        """The error to raise when this answer cannot be believed."""
        message = f"Unexpected answer ({reason})"
        return BrokenAnswer(message, unclear=self._unclear, **self._facts)


class Transport:
    """Sends calls over pooled connections and reads answers suspiciously.

    ``base_url``: see :func:`checked_base_url`; ``timeout``: seconds to connect and
    seconds between bytes; for the whole call see :mod:`.bounds`. Not thread-safe.
    """

    def __init__(self, base_url, timeout):
        self.base_url = checked_base_url(base_url)
        self.connect_timeout, self.read_timeout = timeout
        self.bounds = Bounds()
        self.calls = 0
        self.rate = RateLimit()
        self._reads = self._pool(_READ_RETRIES)
        self._writes = self._pool(Retry(total=0, read=False))

    def _pool(self, retries):
        pool = _Pool()
        adapter = _Adapter(self.connect_timeout, retries, self.bounds)
        pool.mount("https://", adapter)
        pool.mount("http://", adapter)
        # Proxies and certificates are the server's own settings, not data. A proxy
        # must not see plain http to this machine.
        pool.trust_env = self.base_url.startswith("https:")
        # One client may speak for several companies; nothing is carried over.
        pool.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        pool.headers.update(
            {
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            }
        )
        return pool

    def close(self):
        """Close the pooled connections."""
        self._reads.close()
        self._writes.close()

    def url(self, path, in_path=(), query=None):
        """The full address: ``path`` is a pattern such as ``/project/{id}``."""
        for value in in_path:
            before, _, rest = path.partition("{")
            path = before + quote(str(value), safe="") + rest.partition("}")[2]
        address = self.base_url + path.replace(">", "%3E")
        if query:
            address += "?" + urlencode(query, safe=",()")
        return address

    def send(
        self,
        method,
        path,
        *,
        in_path=(),
        query=None,
        body=None,
        auth=None,
        secrets=(),
        limited=True,
    ):
        """Make one call and return an :class:`Answer` (None for DELETE).

        ``auth``: user name and password, or None; ``secrets``: texts that must not
        come back in an error; ``limited``: False sends even when the limit is near.
        Raises the errors of :mod:`.errors`; a 401 code 3000 is ``NewSession``.
        """
        facts = {"method": method, "path": path}
        wait = self.rate.wait() if limited else 0
        if wait:
            message = "Tripletex's limit of calls is nearly used up; not sent"
            raise RateLimited(message, retry_after=wait, **facts)
        started = time.perf_counter()
        response, content, error = self._exchange(
            method, self.url(path, in_path, query), body, auth, facts
        )
        if response is not None:
            answer, error = self._judge(response, content, facts, secrets)
        outcome = facts.get("status", type(error).__name__)
        took, request_id = time.perf_counter() - started, facts.get("request_id") or "-"
        line = "%s %s -> %s in %d ms, request id %s"
        _logger.debug(line, method, path, outcome, took * 1000, request_id)
        # Raised out here so that no library's text, which would hold the whole
        # address, hangs on to the error.
        if error is not None:
            raise error
        return answer

    def _exchange(self, method, url, body, auth, facts):
        """The response and its body, or the error that stands for none."""
        reads = method == "GET"
        self.calls += 1
        self.bounds.begin()
        data = None if body is None else json.dumps(body).encode("ascii")
        try:
            response = (self._reads if reads else self._writes).request(
                method,
                url,
                data=data,
                headers=data and {"Content-Type": "application/json; charset=utf-8"},
                # Without any auth, requests would look into the user's .netrc.
                auth=auth or (lambda request: request),
                timeout=self.read_timeout,
                allow_redirects=False,
                stream=True,
            )
            retries = getattr(response.raw, "retries", None)
            self.calls += len(getattr(retries, "history", ()))
            with response:
                return response, read_content(response, self.bounds), None
        except (
            requests.RequestException,
            Urllib3Error,
            OSError,
            OutOfBounds,
            zlib.error,
        ) as problem:
            kind, message, sent = _failure(problem)
            return None, None, kind(message, unclear=sent and not reads, **facts)

    def _judge(self, response, content, facts, secrets):
        """An answer, or the error that the response means."""
        facts["status"] = status = response.status_code
        request_id = response.headers.get("x-tlx-request-id")
        facts["request_id"] = printable(request_id, (), 100)
        retry_after = None
        if status == 429:
            retry_after = self.rate.refused(response.headers)
        else:
            self.rate.saw(response.headers)
        good, content = 200 <= status < 300, content.strip()
        data = json_object(content)
        if good and facts["method"] == "DELETE" and (data is not None or not content):
            return None, None
        unclear = facts["method"] != "GET"
        if good and data is not None:
            return Answer(data, facts, unclear), None
        code = data.get("code") if data is not None else None
        if type(code) is int and status >= 400:
            facts.update(envelope(data, secrets, facts["request_id"]))
        elif status < 500 and status not in (408, 429):
            # A 404 or 403 of some gateway is no word of Tripletex's.
            reason = "no JSON object" if data is None else "no code"
            message = f"Unexpected answer ({reason})"
            return None, BrokenAnswer(message, unclear=unclear, **facts)
        kind = error_class(status, facts.get("code"))
        if not issubclass(kind, TryLater):
            return None, kind(**facts)
        unclear = unclear and kind.unclear
        return None, kind(retry_after=retry_after, unclear=unclear, **facts)


def _failure(problem):
    """Error class, message, and whether the request may have reached Tripletex."""
    if isinstance(problem, OutOfBounds) and problem.is_late:
        return NoConnection, "No answer from Tripletex in time", True
    if isinstance(problem, OutOfBounds):
        return BrokenAnswer, "The answer is too large", True
    if isinstance(
        problem, (ChunkedEncodingError, ContentDecodingError, ProtocolError, zlib.error)
    ):
        return BrokenAnswer, "The answer was cut off", True
    if isinstance(problem, requests.ConnectTimeout):
        return NoConnection, "No connection to Tripletex in time", False
    if isinstance(problem, (requests.Timeout, ReadTimeoutError)):
        return NoConnection, "No answer from Tripletex in time", True
    inner = problem.args[0] if problem.args else None
    if isinstance(getattr(inner, "reason", None), NewConnectionError):
        return NoConnection, "No connection to Tripletex", False
    return NoConnection, "The connection to Tripletex broke", True


def envelope(data, secrets, request_id):
    """The error attributes of Tripletex's error envelope (MEASURED)."""
    messages = data.get("validationMessages")
    items = messages[:100] if isinstance(messages, list) else ()
    fields = [
        (printable(i.get("field"), secrets, 200), printable(i.get("message"), secrets))
        for i in items
        if isinstance(i, dict)
    ]
    return {
        "code": data["code"],
        "message": printable(data.get("message"), secrets),
        "developer_message": printable(data.get("developerMessage"), secrets),
        "fields": fields,
        "request_id": printable(data.get("requestId"), (), 100) or request_id,
    }


def printable(value, secrets, longest=2000):
    """One printable line of a foreign text, without any of ``secrets``."""
    if not isinstance(value, str):
        return ""
    for secret in secrets:
        if secret:
            value = value.replace(secret, "***")
    value = "".join(c if c.isprintable() else " " for c in value)
    return value[:longest].strip()
