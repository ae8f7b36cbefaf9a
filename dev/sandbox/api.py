"""From an HTTP request under /v2 to an answer: faults, session, rights, handler."""

import functools
import json
import re
import sys
import threading
import traceback
import urllib.parse
import uuid
from dataclasses import dataclass, field

from werkzeug.datastructures import Authorization

from . import errors

HTML_TYPE = "text/html;charset=UTF-8"
HTML = (
    "<!DOCTYPE html><html><head><title>Tripletex</title></head><body><h1>Det oppstod "
    "en feil</h1><p>Vi beklager, noe gikk galt. Prøv igjen senere.</p></body></html>"
)

# What an accountant's key may call in its own company (DOCUMENTED).
ACCOUNTANT_CALLS = (
    "/token/session/>whoAmI",
    "/token/session/{token}",
    "/company/>withLoginAccess",
)
# What a fault answers, before or after the call: a refusal of PLAIN or an HTML page.
ANSWERS = {
    "500_json": "internal",
    "500_html": 500,
    "html_200": 200,
    "401": "unauthorized",
    "403": "forbidden",
    "409": "stale",
    "429": "too_many_requests",
    "429_reset": "too_many_requests",
}
# Faults that hit once the call has done its work.
AFTER = ("drop_after", "500_json_after", "500_html_after", "truncated", "swapped_ids")


@dataclass
class Call:
    """One request and what is known about it."""

    method: str
    path: str
    query: dict
    headers: object
    body: bytes
    state: object
    key: object = None
    company: object = None

    def spend(self, key):
        """Count the call against the key's rate limit; raises 429."""
        self.key = key
        if not self.state.limiter.spend(key.token):
            raise errors.refusal("too_many_requests")


@dataclass
class Reply:
    """An answer; ``drop`` closes the connection instead, ``cut`` in mid-body."""

    status: int = 0
    payload: bytes = b""
    headers: dict = field(default_factory=dict)
    drop: bool = False
    cut: bool = False


# -- routes --------------------------------------------------------------------------

_ROUTES = []


@dataclass(frozen=True)
class Route:
    """One operation; ``template`` stands for its path in logs."""

    method: str
    template: str
    pattern: object
    function: object
    resource: str
    open: bool

    @property
    def is_list(self):
        """Whether it answers rows that rights can hide."""
        single = "{" in self.template or self.template.endswith("/settings")
        return self.method == "GET" and not single


def route(method, template, *, resource=None, open=False):
    """Register a handler for ``method`` and ``template`` (``/project/{id}``).

    ``resource``: what rights are about; ``open``: without session.
    """

    def register(function):
        expression = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        pattern, about = re.compile(expression), resource or template.strip("/")
        _ROUTES.append(Route(method, template, pattern, function, about, open))
        return function

    return register


@functools.lru_cache
def _matching(path):
    # A literal path hides the {id} of the same place, whatever the method.
    found = [(item, item.pattern.fullmatch(path)) for item in _ROUTES]
    found = [(item, match.groupdict()) for item, match in found if match]
    return [pair for pair in found if not pair[1]] or found


def find(method, path):
    """The Route and its path values; raises 400/4000 (another method) or 404/6000."""
    found = _matching(path)
    for item, values in found:
        if item.method == method:
            return item, values
    raise errors.refusal("method_not_allowed" if found else "not_found")


# -- calls ---------------------------------------------------------------------------


class Api:
    """Everything under /v2."""

    def __init__(self, state):
        self.state = state
        self.stopped = threading.Event()

    def handle(self, method, target, headers, body):
        """Answer one request; ``target`` is the raw path and query after /v2."""
        path, _, query = target.partition("?")
        # Doubled slashes count as one, as in Tripletex.
        path = re.sub("/+", "/", urllib.parse.unquote(path))
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        query = dict(reversed(pairs))
        template = next((item.template for item, _values in _matching(path)), path)
        record = self.state.log.begin(method, path, template, query)
        kind, wait = self.state.faults.pick(method, path)
        record["fault"] = kind or ("slow" if wait else None)
        if wait:
            self.stopped.wait(wait / 1000)
        call = Call(method, path, query, headers, body, self.state)
        reply = self._answer(call) if kind is None or kind in AFTER else None
        reply = self._with_fault(kind, reply)
        record["status"] = None if reply.drop else reply.status
        return reply

    def _with_fault(self, kind, reply):
        if kind in ("drop_before", "drop_after"):
            return Reply(drop=True)
        answer = ANSWERS.get(kind and kind.removesuffix("_after"))
        if answer is None:
            reply.cut = kind == "truncated"
        elif isinstance(answer, int):
            reply = Reply(answer, HTML.encode(), {"Content-Type": HTML_TYPE})
        else:
            reply = self._refusal(errors.refusal(answer))
        if kind == "swapped_ids":
            reply.payload = _with_swapped_ids(reply.payload)
        if kind == "429_reset":
            reply.headers["X-Rate-Limit-Reset"] = "3"
        return reply

    def _answer(self, call):
        with self.state.lock:
            try:
                status, body = self._run(call)
                reply = _reply(status, body)
            except errors.ApiError as refusal:
                reply = self._refusal(refusal)
            except Exception:
                # A mistake of the stand-in itself: shown to the person who runs it.
                traceback.print_exc(file=sys.stderr)
                reply = self._refusal(errors.refusal("internal"))
            if call.key is not None:
                refused = reply.status == 429
                shown = self.state.limiter.headers(call.key.token, refused)
                reply.headers.update(shown)
            return reply

    def _run(self, call):
        item, values = find(call.method, call.path)
        if item.open:
            return item.function(call, **values)
        self._log_in(call)
        own = call.key.accountant and call.company is call.key.company
        if own and item.template not in ACCOUNTANT_CALLS:
            raise errors.refusal("accountant")
        mode = "read" if call.method == "GET" else "write"
        rights = self.state.rights
        if item.resource != "token/session" and rights.lacks(item.resource, mode):
            if not (rights.hide and item.is_list):
                raise errors.refusal("forbidden")
            empty = {"fullResultSize": 0, "from": 0, "count": 0}
            return 200, {**empty, "versionDigest": None, "values": []}
        return item.function(call, **values)

    def _log_in(self, call):
        header = call.headers.get("Authorization")
        if not header:
            raise errors.refusal("no_authorization")
        login = Authorization.from_header(header)
        basic = login is not None and login.type == "basic"
        session = self.state.live_session(login.password) if basic else None
        if session is None:
            raise errors.refusal("unauthorized")
        call.company = self.state.company_for(session, login.username)
        call.spend(session.key)

    def _refusal(self, refusal):
        return _reply(refusal.status, refusal.body(self.state.language))


def _reply(status, body):
    request_id = body and body.get("requestId") or str(uuid.uuid4())
    headers = {"x-tlx-request-id": request_id}
    if body is None:
        return Reply(status, b"", headers)
    headers["Content-Type"] = "application/json;charset=UTF-8"
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), headers)


def _with_swapped_ids(payload):
    """Return a list answer in which the first two rows have each other's id."""
    body = json.loads(payload)
    if len(rows := body.get("values") or []) > 1:
        rows[0]["id"], rows[1]["id"] = rows[1]["id"], rows[0]["id"]
    return json.dumps(body).encode()
