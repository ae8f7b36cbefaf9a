"""How much one call may take: seconds in all, bytes, and values of its JSON.

Without bounds an answer of one byte a second holds the only sender, and two megabytes
of gzip become gigabytes of memory.
"""

import io
import json
import time
import zlib
from functools import partial

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

#: Seconds that one call may take, its repetitions included.
LONGEST_CALL = 60.0
#: Bytes of an answer, on the wire and unpacked: 5,000 rows, the most that are asked for
#: at once, are about 3 MB.
LARGEST_ANSWER = 64 * 2**20
#: Values of an answer: each takes many times its text in memory. 5,000 rows have some
#: 100,000.
MOST_VALUES = 2_000_000
_PART = 2**16


class OutOfBounds(Exception):
    """The call took too much. No ``OSError``, so that no library repeats the call.

    ``is_late``: too many seconds; otherwise too much was answered.
    """

    def __init__(self, is_late):
        super().__init__("too late" if is_late else "too large")
        self.is_late = is_late


class Bounds:
    """What is left of the bounds of the call under way."""

    def __init__(self):
        self.begin()

    def begin(self):
        """Begin a call."""
        self._end = time.monotonic() + LONGEST_CALL
        self._bytes = 0

    def seconds(self):
        """Return the seconds left; raise OutOfBounds when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise OutOfBounds(is_late=True)
        return left

    def count(self, size):
        """Note that ``size`` bytes came over the wire."""
        self._bytes += size
        if self._bytes > LARGEST_ANSWER:
            raise OutOfBounds(is_late=False)


class _Raw(io.RawIOBase):
    """The bytes of one answer, headers included, as long as the bounds allow."""

    def __init__(self, raw, sock, bounds):
        self._raw, self._sock, self._bounds = raw, sock, bounds
        self._pause = sock.gettimeout()

    def readable(self):
        return True

    def fileno(self):
        return self._raw.fileno()

    def close(self):
        self._raw.close()
        return super().close()

    def readinto(self, buffer):
        left = self._bounds.seconds()
        self._sock.settimeout(left if self._pause is None else min(left, self._pause))
        try:
            size = self._raw.readinto(buffer)
        except TimeoutError:
            self._bounds.seconds()
            raise
        self._bounds.count(size or 0)
        return size


class _Bounded:
    """A connection of urllib3 whose calls keep to ``bounds``."""

    bounds = None

    def connect(self):
        self.bounds.seconds()
        return super().connect()

    def send(self, data):
        self.bounds.seconds()
        return super().send(data)

    def response_class(self, sock, *args, **kwargs):
        """Return http.client's response, which reads through the bounds."""
        response = HTTPConnection.response_class(sock, *args, **kwargs)
        raw = _Raw(response.fp.detach(), sock, self.bounds)
        response.fp = io.BufferedReader(raw)
        return response


class _HTTP(_Bounded, HTTPConnection):
    pass


class _HTTPS(_Bounded, HTTPSConnection):
    pass


def bound(manager, bounds):
    """Let every connection of urllib3's ``manager`` keep to ``bounds``."""

    def pool(pool_class, connection_class, *args, **kwargs):
        made = pool_class(*args, **kwargs)

        def connection(**options):
            one = connection_class(**options)
            one.bounds = bounds
            return one

        made.ConnectionCls = connection
        return made

    manager.pool_classes_by_scheme = {
        "http": partial(pool, HTTPConnectionPool, _HTTP),
        "https": partial(pool, HTTPSConnectionPool, _HTTPS),
    }


def read_content(response, bounds):
    """Return the unpacked body of a response that was not read yet.

    :param response: ``requests.Response``
    :raise OutOfBounds: as soon as the bounds are passed
    :raise zlib.error: when it is not packed as it says
    """
    unpacker = _unpacker(response.headers.get("Content-Encoding"))
    content = bytearray()
    for part in response.raw.stream(_PART, decode_content=False):
        bounds.seconds()
        room = LARGEST_ANSWER + 1 - len(content)
        content += unpacker.decompress(part, room) if unpacker else part
        if len(content) > LARGEST_ANSWER:
            raise OutOfBounds(is_late=False)
    if unpacker and content and not unpacker.eof:
        raise zlib.error("cut off")
    return bytes(content)


def _unpacker(encoding):
    """Only gzip is asked for; other packings would unpack without bounds."""
    encoding = (encoding or "identity").strip().lower()
    if encoding == "identity":
        return None
    if encoding not in ("gzip", "x-gzip"):
        raise zlib.error("a packing that was not asked for")
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def json_object(content):
    """The answer's JSON object, or None when it is anything else.

    None as well when it is nested deeper than Python's own bound on recursion, or
    holds more values than :data:`MOST_VALUES`.
    """
    if sum(map(content.count, (b",", b"[", b"{"))) > MOST_VALUES:
        return None
    try:
        data = json.loads(content or b"")
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
