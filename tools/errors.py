"""What can go wrong when talking to Tripletex, sorted by what the caller must do.

Classes are chosen by HTTP status and Tripletex's code, never by words: messages
follow the language of the user the key belongs to (MEASURED).
"""


class TripletexError(Exception):
    """Any failure of a call to Tripletex.

    Attributes: ``status`` (HTTP status or None when no answer came), ``code``
    (Tripletex's code or None), ``message`` (Tripletex's message, or ours when there
    was no answer), ``developer_message``, ``fields`` (list of ``(field, message)``),
    ``request_id`` (quote it to Tripletex's support), ``method`` and ``path`` (the
    path's pattern: no token, no ids, no query). ``str()`` is safe for logs.
    """

    status = code = None
    developer_message = request_id = method = path = ""
    fields = ()

    def __init__(self, message="", **facts):
        super().__init__(message)
        vars(self).update(facts, message=message)

    @property
    def call(self):
        """Which call failed, such as ``GET /project``."""
        return f"{self.method} {self.path}".strip()

    def __str__(self):
        said = [self.message] if self.message else []
        said += [f"{name}: {text}" if name else text for name, text in self.fields]
        if self.developer_message and not said:
            said.append(self.developer_message)
        numbers = "/".join(str(n) for n in (self.status, self.code) if n is not None)
        parts = [
            self.call,
            numbers,
            "; ".join(said)[:1000] or type(self).__name__,
            f"[request id {self.request_id}]" if self.request_id else "",
        ]
        return " ".join(part for part in parts if part)


class AddressRefused(TripletexError, ValueError):
    """No call was made: tokens may not be sent to the address that is set up."""


class TryLater(TripletexError):
    """Nothing is wrong with the request itself: try again after a while.

    ``retry_after``: seconds to wait if known, else None. ``unclear``: True when a
    write may have taken effect although no usable answer came, so that the caller
    must look before it repeats; always False for reads and for session calls.
    """

    retry_after = None
    unclear = False


class RateLimited(TryLater):
    """429, or the limit is so near that the call was not sent at all."""


class ServerTrouble(TryLater):
    """5xx. It may have happened after a write took effect."""

    unclear = True


class NoConnection(TryLater):
    """No answer came. ``unclear`` is False if the connection was never made."""

    unclear = True


class BrokenAnswer(TryLater):
    """An answer that is not Tripletex's: HTML, cut off, not JSON, wrong shape."""

    unclear = True


class NewSession(TripletexError):
    """401 code 3000: the session is gone. The client renews it once by itself."""


class KeyRefused(TripletexError):
    """The API user key opens no session, or a new session is refused at once."""


class ConsumerTokenRefused(TripletexError):
    """The application's consumer token is wrong, or of the other environment."""


class RightsMissing(TripletexError):
    """403, or code 9000: the key's user may not do this. See ``call``."""


class NotFound(TripletexError):
    """Code 6000 (404): no such object, or a request that names an unknown id."""


class AlreadyExists(TripletexError):
    """Code 7000 or 14000: Tripletex holds this already; the answer has no id."""


class StaleVersion(TripletexError):
    """Code 8000: somebody changed the object since it was read."""


class Locked(TripletexError):
    """Code 10000 or an unknown 409: locked, approved or invoiced in Tripletex."""


class ResultTooLarge(TripletexError):
    """Code 23000: more than 10,000 rows match; ask for less at a time."""


class Refused(TripletexError):
    """400, 422 and other 4xx: Tripletex does not accept what was sent."""


_BY_CODE = {
    6000: NotFound,
    7000: AlreadyExists,
    14000: AlreadyExists,
    8000: StaleVersion,
    9000: RightsMissing,
    10000: Locked,
}


def error_class(status, code):
    """The class for a status of 400 or above and Tripletex's own code.

    MEASURED for 3000, 6000, 7000, 8000, 9000; DOCUMENTED for the other codes. A 401 can
    carry 9000 (MEASURED in 2017): that is a right, not the session.
    """
    if code == 23000:
        return ResultTooLarge
    if status == 429:
        return RateLimited
    if status >= 500 or status == 408:
        return ServerTrouble
    if status == 401 and code != 9000:
        return NewSession if code == 3000 else KeyRefused
    if status == 403:
        return RightsMissing
    # A 404 without Tripletex's own code is no proof that the object is gone.
    return _BY_CODE.get(code) or (Locked if status == 409 else Refused)
