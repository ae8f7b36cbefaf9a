"""From an HTTP request under /v2 to an answer: faults, session, rights, handler."""

import base64
import binascii
import json
import sys
import threading
import traceback
import urllib.parse
from dataclasses import dataclass, field

from . import errors, masterdata, paycodes, router, sessions, timesheet

# Handlers register themselves on import.
HANDLERS = (masterdata, paycodes, sessions, timesheet)

HTML = (
    "<!DOCTYPE html><html><head><title>Tripletex</title></head><body><h1>Det oppstod "
    "en feil</h1><p>Vi beklager, noe gikk galt. Prøv igjen senere.</p></body></html>"
)
JSON_TYPE = "application/json;charset=UTF-8"

# What an accountant's key may call in its own company (DOCUMENTED).
ACCOUNTANT_CALLS = (
    "/token/session/>whoAmI",
    "/token/session/{token}",
    "/company/>withLoginAccess",
)
ACCOUNTANT_REFUSAL = (
    "Company owned users(employeeToken) can only access /token/session/>whoAmI & "
    "/company/>withLoginAccess in their own company."
)


@dataclass
class Call:
    """One request and what is known about it."""

    method: str
    path: str
    query: dict
    headers: object
    body: bytes
    state: object
    limiter: object
    key: object = None
    company: object = None

    def header(self, name):
        """A request header, or None."""
        return self.headers.get(name)

    def spend(self, key):
        """Count the call against the key's rate limit; raises 429."""
        self.key = key
        if not self.limiter.spend(key.token):
            raise errors.too_many_requests()


@dataclass
class Reply:
    """An answer; ``drop`` closes the connection instead, ``cut`` in mid-body."""

    status: int = 0
    payload: bytes = b""
    headers: dict = field(default_factory=dict)
    drop: bool = False
    cut: bool = False


class Api:
    """Everything under /v2."""

    def __init__(self, state, limiter, faults, log):
        self.state = state
        self.limiter = limiter
        self.faults = faults
        self.log = log
        self.stopped = threading.Event()

    def handle(self, method, target, headers, body):
        """Answer one request; ``target`` is the raw path and query after /v2."""
        path, _, query = target.partition("?")
        path = urllib.parse.unquote(path)
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        query = dict(reversed(pairs))
        record = self.log.begin(method, path, router.template_of(path), query)
        kind, wait = self.faults.pick(method, path)
        record["fault"] = kind or ("slow" if wait else None)
        if wait:
            self.stopped.wait(wait / 1000)
        call = Call(method, path, query, headers, body, self.state, self.limiter)
        reply = self._instead(kind, call) or self._after(kind, self._answer(call))
        record["status"] = None if reply.drop else reply.status
        return reply

    # -- faults ------------------------------------------------------------------

    def _instead(self, kind, call):
        # Faults that keep the call from doing anything.
        if kind == "drop_before":
            return Reply(drop=True)
        if kind in ("500_html", "html_200"):
            return _page(500 if kind == "500_html" else 200)
        refusals = {
            "500_json": errors.internal,
            "401": errors.unauthorized,
            "403": errors.forbidden,
            "409": errors.stale,
            "429": errors.too_many_requests,
            "429_reset": errors.too_many_requests,
        }
        if kind not in refusals:
            return None
        reply = self._refusal(refusals[kind]())
        if kind == "429_reset":
            reply.headers["X-Rate-Limit-Reset"] = "3"
        return reply

    def _after(self, kind, reply):
        # Faults that hit once the call has done its work.
        if kind == "drop_after":
            return Reply(drop=True)
        if kind == "truncated":
            reply.cut = True
        elif kind == "500_html_after":
            return _page(500)
        elif kind == "500_json_after":
            return self._refusal(errors.internal())
        return reply

    # -- the call itself ---------------------------------------------------------

    def _answer(self, call):
        with self.state.lock:
            try:
                status, body = self._run(call)
                reply = self._reply(status, body)
            except errors.ApiError as refusal:
                reply = self._refusal(refusal)
            except Exception:
                # A mistake of the stand-in itself: shown to whoever runs it.
                traceback.print_exc(file=sys.stderr)
                reply = self._refusal(errors.internal())
            if call.key is not None:
                refused = reply.status == 429
                shown = self.limiter.headers(call.key.token, refused)
                reply.headers.update(shown)
            return reply

    def _run(self, call):
        item, values = router.find(call.method, call.path)
        if item.open:
            return item.function(call, **values)
        self._log_in(call)
        self._check_accountant(call, item)
        mode = "read" if call.method == "GET" else "write"
        rights = self.state.rights
        if item.resource != "token/session" and rights.lacks(item.resource, mode):
            if not (rights.hide and _is_list(item)):
                raise errors.forbidden()
            empty = {"fullResultSize": 0, "from": 0, "count": 0}
            return 200, {**empty, "versionDigest": None, "values": []}
        return item.function(call, **values)

    def _log_in(self, call):
        header = call.header("Authorization")
        if not header:
            raise errors.unauthorized(missing=True)
        scheme, _, secret = header.partition(" ")
        try:
            decoded = base64.b64decode(secret, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            decoded = ""
        user_name, _, token = decoded.partition(":")
        session = self.state.live_session(token)
        if scheme.lower() != "basic" or session is None:
            raise errors.unauthorized()
        call.company = self.state.company_for(session, user_name)
        call.spend(session.key)

    def _check_accountant(self, call, item):
        own = call.key.accountant and call.company is call.key.company
        if own and item.template not in ACCOUNTANT_CALLS:
            raise errors.forbidden(ACCOUNTANT_REFUSAL)

    def _reply(self, status, body):
        request_id = errors.new_request_id()
        headers = {"x-tlx-request-id": request_id}
        if body is None:
            return Reply(status, b"", headers)
        headers["Content-Type"] = JSON_TYPE
        return Reply(status, json.dumps(body, ensure_ascii=False).encode(), headers)

    def _refusal(self, refusal):
        reply = self._reply(refusal.status, {})
        request_id = reply.headers["x-tlx-request-id"]
        body = refusal.body(self.state.language, request_id)
        reply.payload = json.dumps(body, ensure_ascii=False).encode()
        return reply


def _is_list(item):
    return item.method == "GET" and not (
        "{" in item.template or item.template.endswith("/settings")
    )


def _page(status):
    headers = {"Content-Type": "text/html;charset=UTF-8"}
    return Reply(status, HTML.encode(), headers)
