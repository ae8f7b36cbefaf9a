"""The Tripletex client: its sessions, and calls within them, page by page."""

import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import shapes
from .errors import (
    ConsumerTokenRefused,
    KeyRefused,
    NewSession,
    NotFound,
    Refused,
    ResultTooLarge,
    RightsMissing,
    TryLater,
)
from .masterdata import MasterDataCalls
from .numbers import is_id
from .timesheet import TimesheetCalls
from .transport import Transport

# Rows asked for at a time: half of the 10,000 above which Tripletex refuses
# (REPORTED), so that whole companies take few calls.
PAGE_SIZE = 5000
# A session lives this many days, far below the six months once announced
# (DOCUMENTED and withdrawn), and at least one whole day in Oslo.
SESSION_DAYS = 2
# Longest address sent; id lists that would exceed it are split.
LONGEST_URL = 1900


def today_in_oslo():
    """Today's date in Norway, where sessions end at midnight (REPORTED)."""
    try:
        zone = ZoneInfo("Europe/Oslo")
    except ZoneInfoNotFoundError:
        # A machine without time zone data: summer time, so never behind Oslo.
        zone = datetime.timezone(datetime.timedelta(hours=2))
    return datetime.datetime.now(zone).date()


class TripletexClient(MasterDataCalls, TimesheetCalls):
    """Everything this product asks of Tripletex.

    :param base_url: address including ``/v2``; https, or http to this machine only
    :param consumer_token: the application's token
    :param employee_token: the API user key
    :param company_id: "0" = the company that owns the key; else the id of a client
        company of an accountant (DOCUMENTED)
    :param session_token: a session kept from earlier, with ``session_expires``, the
        ``datetime.date`` at whose start in Oslo it ends
    :param on_session: called as ``on_session(token, expires)`` for each new session
    :param timeout: seconds to connect, seconds to wait for bytes
    :param debug: a ``logging.Logger`` that gets one line per call, without bodies

    Raises ValueError for an address that would carry tokens unprotected. Calls raise
    subclasses of ``TripletexError`` and nothing else. Rows come back as dicts with
    Tripletex's field names: ids are ints, dates are ISO texts, hours and counts are
    floats, absent texts are ``""``, references are ``{"id": int}`` or None.

    Reads are repeated by the HTTP library after a lost connection or 502, 503, 504;
    a write is sent once, and once more only if Tripletex rejected its session.
    """

    def __init__(
        self,
        base_url,
        consumer_token,
        employee_token,
        *,
        company_id="0",
        session_token=None,
        session_expires=None,
        on_session=None,
        timeout=(5, 30),
        debug=None,
    ):
        self._transport = Transport(base_url, timeout, debug)
        # Only white space from pasting goes; the tokens are sent whole.
        self._consumer_token = "".join((consumer_token or "").split())
        self._employee_token = "".join((employee_token or "").split())
        self.company_id = str(company_id or "0").strip()
        if self.company_id != "0" and not is_id(self.company_id):
            raise ValueError("The company's id must be a number.")
        self.session_token = session_token or None
        self.session_expires = session_expires
        self._on_session = on_session

    @property
    def calls(self):
        """Number of HTTP calls made so far."""
        return self._transport.calls

    @property
    def rate(self):
        """The rate limit: ``limit``, ``remaining``, ``reset_at`` (UTC), or None."""
        return self._transport.rate

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        """Close the connections; the session in Tripletex stays open for reuse."""
        self._transport.close()

    # -- sessions ----------------------------------------------------------------

    def open_session(self):
        """Make a new session and return its token.

        POST with a JSON body is the preferred form (DOCUMENTED). Raises
        ConsumerTokenRefused or KeyRefused: wrong credentials are 422, not 401
        (MEASURED for the consumer token, REPORTED for the key).
        """
        expires = today_in_oslo() + datetime.timedelta(days=SESSION_DAYS)
        body = {
            "consumerToken": self._consumer_token,
            "employeeToken": self._employee_token,
            "expirationDate": expires.isoformat(),
        }
        try:
            value = self._for_session("POST", "/token/session/:create", body=body)
        except Refused as problem:
            refusal = _session_refusal(problem)
        except NewSession as problem:
            refusal = KeyRefused(**problem.facts())
        else:
            self._keep_session(value, expires)
            return self.session_token
        raise refusal

    def _for_session(self, method, path, **kwargs):
        """A call about the session itself: no write of hours hides behind it."""
        try:
            answer = self._transport.send(
                method, path, secrets=self._secrets(), **kwargs
            )
            return answer and answer.value(shapes.SESSION)
        except TryLater as problem:
            problem.unclear = False
            raise

    def _keep_session(self, value, expires):
        self.session_token = value["token"]
        if value["expirationDate"]:
            told = datetime.date.fromisoformat(value["expirationDate"])
            expires = min(told, expires)
        self.session_expires = expires
        if self._on_session is not None:
            self._on_session(self.session_token, expires)

    def close_session(self):
        """Delete the session in Tripletex, as when a connection is removed.

        A session that is gone already (401, 404) is fine. Raises TryLater when
        Tripletex could not be reached; the session then ends at its date.
        """
        if not self.session_token:
            return
        try:
            self._for_session(
                "DELETE",
                "/token/session/{token}",
                in_path=[self.session_token],
                auth=self._auth(),
                limited=False,
            )
        except (NewSession, KeyRefused, RightsMissing, NotFound, Refused) as problem:
            if problem.status not in (401, 404):
                raise
        self.session_token = self.session_expires = None

    def _session_usable(self):
        if not self.session_token:
            return False
        return self.session_expires is None or self.session_expires > today_in_oslo()

    def _auth(self):
        return (self.company_id, self.session_token)

    def _secrets(self):
        return (self._consumer_token, self._employee_token, self.session_token)

    # -- calls -------------------------------------------------------------------

    def _call(self, method, path, **kwargs):
        """One call within a session, which is opened or renewed once if needed."""
        if not self._session_usable():
            self.open_session()
        try:
            return self._in_session(method, path, **kwargs)
        except NewSession:
            self.session_token = self.session_expires = None
        # Tripletex refused the call unread, so it is safe to send it again.
        self.open_session()
        try:
            return self._in_session(method, path, **kwargs)
        except NewSession as problem:
            refusal = KeyRefused(**problem.facts())
        raise refusal

    def _in_session(self, method, path, **kwargs):
        return self._transport.send(
            method, path, auth=self._auth(), secrets=self._secrets(), **kwargs
        )

    def _get(self, path, shape, **query):
        query["fields"] = shape.fields
        return self._call("GET", path, query=query).value(shape)

    def _list(self, path, shape, progress=None, **query):
        """All rows of a list, page by page until one is not full.

        ``fullResultSize`` is no total (MEASURED) and is not looked at.
        ``progress``: called with the number of rows read so far after each page.
        """
        query["fields"] = shape.fields
        rows, seen, start = [], set(), 0
        while True:
            page = {**query, "from": start, "count": PAGE_SIZE}
            answer = self._call("GET", path, query=page)
            values = answer.rows(shape)
            # A row that moved to the next page while we read comes only once.
            new = [row for row in values if not row["id"] or row["id"] not in seen]
            rows += new
            seen.update(row["id"] for row in new)
            if progress is not None:
                progress(len(rows))
            if len(values) < PAGE_SIZE:
                return rows
            if not new:
                raise answer.broken("the same page again")
            start += len(values)

    def _list_for_ids(self, path, shape, id_lists, progress=None, **query):
        """Like :meth:`_list`, in as many calls as ``id_lists`` make necessary.

        ``id_lists``: query name = ids; an empty list filters nothing.
        """
        id_lists = {
            name: sorted({int(i) for i in ids}) for name, ids in id_lists.items()
        }
        rows = []
        for part in self._fitting(path, {**query, "fields": shape.fields}, id_lists):
            rows += self._list(
                path, shape, _continued(progress, len(rows)), **query, **part
            )
        return rows

    def _fitting(self, path, query, id_lists):
        """Split the id lists until each address is of a safe length."""
        joined = {n: ",".join(map(str, ids)) for n, ids in id_lists.items() if ids}
        page = {"from": 10 * PAGE_SIZE, "count": PAGE_SIZE}
        url = self._transport.url(path, query={**query, **joined, **page})
        longest = max(id_lists, key=lambda name: len(id_lists[name]), default=None)
        ids = id_lists.get(longest, ())
        if len(url) <= LONGEST_URL or len(ids) < 2:
            yield joined
            return
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            yield from self._fitting(path, query, {**id_lists, longest: half})

    def _narrowed(self, read, first, end, progress=None):
        """Read a period, by halves where Tripletex finds more than 10,000 rows.

        A small ``count`` does not help against that limit (DOCUMENTED).
        ``read(first, end, progress)``: rows from ``first`` up to before ``end``.
        Raises ResultTooLarge when a single day holds too many.
        """
        rows, periods = {}, [(first, end)]
        while periods:
            first, end = periods.pop()
            try:
                found = read(first, end, _continued(progress, len(rows)))
            except ResultTooLarge:
                days = (end - first).days
                if days < 2:
                    raise
                middle = first + datetime.timedelta(days=days // 2)
                periods += [(middle, end), (first, middle)]
                continue
            rows.update((row["id"], row) for row in found)
        return list(rows.values())


def _continued(progress, before):
    """``progress`` for a part of a reading that has ``before`` rows already."""
    if progress is None:
        return None
    return lambda done: progress(before + done)


def _session_refusal(problem):
    """Which token a 422 on opening a session is about.

    The consumer token is named as ``arg:consumerToken`` (MEASURED). The body for a
    wrong key is not recorded, so a failed validation that names neither the consumer
    token nor our date is taken to mean the key.
    """
    names = {name.removeprefix("arg:") for name, _text in problem.fields}
    if "consumerToken" in names:
        return ConsumerTokenRefused(**problem.facts())
    ours = "expirationDate" in names
    if "employeeToken" in names or (problem.code == 18000 and not ours):
        return KeyRefused(**problem.facts())
    return problem
