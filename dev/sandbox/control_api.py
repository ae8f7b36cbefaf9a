"""The control address: switches for tests and for the buttons of the page.

Not part of Tripletex. Every switch is a POST with a JSON object; employees, projects,
salary types and activities are named by id or by number (activities: name).
"""

import datetime
import json

from . import errors
from .report import held
from .switches import ACTIONS, CompanySwitches, ControlError, action, boolean


class ControlApi(CompanySwitches):
    """One method per switch; each takes the JSON object (GET: the query)."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def handle(self, method, path, query, body):
        """Answer one control call: (status, JSON value)."""
        function = ACTIONS.get((method, path))
        if function is None:
            return 404, {"error": f"No such control call: {method} {path}"}
        try:
            values = json.loads(body) if body.strip() else {}
            if not isinstance(values, dict):
                raise ControlError("The body must be a JSON object.")
            with self.state.lock:
                result = function(self, {**query, **values})
        except errors.ApiError as refusal:
            problem = refusal.body(self.state.language)
            told = [m["message"] for m in problem["validationMessages"] or []]
            text = " ".join([problem["message"], *told])
            return 409, {"error": text, "code": refusal.code}
        except KeyError as problem:
            return 400, {"error": f"Missing: {problem.args[0]}"}
        except (TypeError, ValueError) as problem:
            return 400, {"error": str(problem)}
        return 200, result if result is not None else {"done": True}

    def turn(self, path, values):
        """Turn one switch from Python; raises ValueError when it cannot be turned."""
        with self.state.lock:
            return ACTIONS["POST", path](self, values)

    # -- looking -----------------------------------------------------------------

    @action("GET", "state")
    def get_state(self, values):
        """What is held; ``limit`` cuts the lists of rows, newest first."""
        limit = values.get("limit")
        return held(self.sandbox, self._company(values), int(limit) if limit else None)

    @action("GET", "calls")
    def get_calls(self, values):
        """Calls under /v2; ``method`` and ``template`` filter them."""
        log = self.sandbox.log
        calls = log.listing(values.get("method"), values.get("template"))
        return {"total": log.total, "matching": len(calls), "calls": calls}

    @action("DELETE", "calls")
    def clear_calls(self, _values):
        """Forget the calls so far."""
        self.sandbox.log.clear()

    @action("POST", "reset")
    def reset(self, _values):
        """Back to the beginning."""
        self.sandbox.reset()

    # -- faults ------------------------------------------------------------------

    @action("GET", "faults")
    def get_faults(self, _values):
        """Faults switched on."""
        return self.sandbox.faults.listing()

    @action("POST", "faults")
    def add_fault(self, values):
        """``kind``; optional ``times`` (null: until removed), ``method``, ``path``,
        ``ms``."""
        return self.sandbox.faults.add(values.pop("kind"), **values).as_dict()

    @action("DELETE", "faults")
    def clear_faults(self, values):
        """All of them, or one by ``id``."""
        if values.get("id"):
            self.sandbox.faults.remove(int(values["id"]))
        else:
            self.sandbox.faults.clear()

    @action("POST", "mix")
    def mix(self, values):
        """``rates`` by kind; optional ``seed``, ``method``, ``path``, ``ms``."""
        self.sandbox.faults.mix(values.pop("rates"), **values)

    # -- key, sessions, rights, clock, rate --------------------------------------

    @action("POST", "sessions/kill")
    def kill_sessions(self, _values):
        """Every session is dead from now on."""
        return {"killed": self.state.kill_sessions()}

    @action("POST", "key")
    def key(self, values):
        """``revoked``; ``token`` names the key, else the ordinary one."""
        token = values.get("token") or self.state.options.employee_token
        if token not in self.state.keys:
            raise ControlError("No such key.")
        self.state.keys[token].revoked = boolean(values, "revoked")

    @action("POST", "rights")
    def rights(self, values):
        """``revoked``: list such as ["timesheet/entry:write", "project", "*"];
        ``hide``: lists come back empty instead of 403."""
        revoked = values["revoked"]
        if not isinstance(revoked, list):
            raise ControlError("revoked must be a list.")
        self.state.rights.revoked = {str(item) for item in revoked}
        self.state.rights.hide = bool(values.get("hide"))

    @action("POST", "clock")
    def clock(self, values):
        """``offset`` in seconds from real time, or ``utc`` as ISO text, or ``advance``
        in seconds."""
        clock = self.state.clock
        if "utc" in values:
            clock.set_utc(datetime.datetime.fromisoformat(values["utc"]))
        elif "advance" in values:
            clock.offset += float(values["advance"])
        else:
            clock.offset = float(values["offset"])
        return {"utc": clock.utc().isoformat(), "today": clock.today().isoformat()}

    @action("POST", "rate")
    def rate(self, values):
        """``limit`` (0 = off), ``window`` in seconds, ``reset_on_429``."""
        limiter = self.sandbox.limiter
        limiter.limit = int(values.get("limit", limiter.limit))
        limiter.window = float(values.get("window", limiter.window))
        if "reset_on_429" in values:
            limiter.reset_on_429 = boolean(values, "reset_on_429")
        limiter.clear()

    @action("POST", "language")
    def language(self, values):
        """``language``: no or en, of the messages."""
        if values["language"] not in ("no", "en"):
            raise ControlError("language must be no or en.")
        self.state.language = values["language"]
