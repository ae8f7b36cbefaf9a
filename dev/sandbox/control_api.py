"""The control address: switches for tests and for the buttons of the page.

Not part of Tripletex. Every switch is a POST with a JSON object; employees, projects,
salary types and activities are named by id or by number (activities: name).
"""

import datetime
import json

from . import errors
from .company import ENTRY, PROJECT_ROW, ROW
from .entries import Entries
from .paycodes import PaycodeRows
from .report import held

_ACTIONS = {}


class ControlError(ValueError):
    """A switch that cannot be turned: answered with 400 and a sentence."""


def action(method, path):
    """Register a method of ControlApi for ``method`` and ``path``."""

    def register(function):
        _ACTIONS[method, path] = function
        return function

    return register


class ControlApi:
    """One method per switch; each takes the JSON object (GET: the query)."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    @property
    def state(self):
        """The state the switches work on."""
        return self.sandbox.state

    def handle(self, method, path, query, body):
        """Answer one control call: (status, JSON value)."""
        function = _ACTIONS.get((method, path))
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
            return _ACTIONS["POST", path](self, values)

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
        self.state.keys[token].revoked = _bool(values, "revoked")

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
            limiter.reset_on_429 = _bool(values, "reset_on_429")
        limiter.clear()

    @action("POST", "language")
    def language(self, values):
        """``language``: no or en, of the messages."""
        if values["language"] not in ("no", "en"):
            raise ControlError("language must be no or en.")
        self.state.language = values["language"]

    # -- the company -------------------------------------------------------------

    def _company(self, values):
        if not values.get("company"):
            return self.state.company
        company = self.state.companies.get(int(values["company"]))
        if company is None:
            raise ControlError("No such company.")
        return company

    def _find(self, company, model, value, number="number"):
        row_id = company.find(model, value, number)
        if row_id is None:
            raise ControlError(f"No such {model}: {value}")
        return row_id

    def _change(self, company, model, row_id, values, columns):
        row = dict(company.table(model)[row_id])
        changed = {name: values[name] for name in columns if name in values}
        row.update(changed)
        # PUT /project was seen to move the version by two (MEASURED).
        row["version"] += 2 if model == "Project" else 1
        company.put(model, row)
        return {"id": row_id, "version": row["version"], **changed}

    @action("POST", "project")
    def project(self, values):
        """``project``, and any of isClosed, startDate, endDate, number, name,
        forParticipantsOnly, isOffer."""
        company = self._company(values)
        row_id = self._find(company, "Project", values["project"])
        columns = ("isClosed", "startDate", "endDate", "number", "name", "isOffer")
        columns += ("forParticipantsOnly",)
        return self._change(company, "Project", row_id, values, columns)

    @action("POST", "employee")
    def employee(self, values):
        """``employee``, and any of employeeNumber, email, firstName, lastName,
        allowInformationRegistration."""
        company = self._company(values)
        row_id = self._find(company, "Employee", values["employee"], "employeeNumber")
        columns = ("employeeNumber", "email", "firstName", "lastName")
        columns += ("allowInformationRegistration",)
        return self._change(company, "Employee", row_id, values, columns)

    @action("POST", "salary_type")
    def salary_type(self, values):
        """``salary_type``, and any of showInTimesheet, number, name."""
        company = self._company(values)
        row_id = self._find(company, "SalaryType", values["salary_type"])
        columns = ("showInTimesheet", "number", "name")
        return self._change(company, "SalaryType", row_id, values, columns)

    @action("POST", "activity")
    def activity(self, values):
        """``activity``, and any of isDisabled, activityType, isChargeable, name."""
        company = self._company(values)
        row_id = self._find(company, "Activity", values["activity"], "name")
        columns = ("isDisabled", "activityType", "isChargeable", "name")
        return self._change(company, "Activity", row_id, values, columns)

    @action("POST", "settings")
    def settings(self, values):
        """``require_comments``, ``default_activity`` (null: none)."""
        company = self._company(values)
        if "require_comments" in values:
            flag = "requireCommentsOnRegisteredHoursAllProjects"
            company.settings[flag] = _bool(values, "require_comments")
        if "default_activity" in values:
            wanted = values["default_activity"]
            if wanted is not None:
                wanted = self._find(company, "Activity", wanted, "name")
            company.settings["defaultProjectActivity"] = wanted

    @action("POST", "month")
    def month(self, values):
        """``month`` YYYY-MM, ``locked``, ``employee`` (absent: everybody)."""
        company, employee = self._company(values), values.get("employee")
        if employee is not None:
            employee = self._find(company, "Employee", employee, "employeeNumber")
        month = values["month"]
        datetime.date.fromisoformat(f"{month}-01")
        company.lock_month(employee, month, _bool(values, "locked"))

    @action("POST", "entry")
    def entry(self, values):
        """``id``, and ``approved`` or ``invoiced`` true or false."""
        company = self._company(values)
        row_id = self._find(company, ENTRY, values["id"])
        if "approved" in values:
            change = company.approved_entries
            (change.add if _bool(values, "approved") else change.discard)(row_id)
        if "invoiced" in values:
            invoice = company.new_id("Invoice") if _bool(values, "invoiced") else None
            company.put(ENTRY, {**company.table(ENTRY)[row_id], "invoice": invoice})

    # -- a person works in Tripletex itself --------------------------------------

    def _named(self, company, values):
        found = dict(values)
        for column, model, number in (
            ("employee", "Employee", "employeeNumber"),
            ("project", "Project", "number"),
            ("activity", "Activity", "name"),
            ("salaryType", "SalaryType", "number"),
        ):
            if found.get(column) is not None:
                found[column] = self._find(company, model, found[column], number)
        return found

    @action("POST", "person/entry")
    def person_entry(self, values):
        """A person's own hours: ``action`` create, edit (also moves) or delete.

        ``id`` for edit and delete; else employee, project, activity, date, hours,
        comment. The rules of Tripletex hold: a refusal is 409 with its message.
        """
        company = self._company(values)
        entries = Entries(self.state, company)
        columns = self._named(company, values)
        row_id = columns.pop("id", None)
        columns.pop("version", None)
        who = company.owner["employee"]
        if values["action"] == "delete":
            entries.delete(int(row_id))
            return None
        if values["action"] == "edit":
            row = entries.update(int(row_id), columns, by=who)
        else:
            row = entries.create(columns, by=who)
        return {"id": row["id"], "version": row["version"]}

    @action("POST", "person/row")
    def person_row(self, values):
        """The same for paycode rows: employee, salaryType, date, count, description;
        with ``with_project`` true also project and activity."""
        company = self._company(values)
        model = PROJECT_ROW if values.get("with_project") else ROW
        rows = PaycodeRows(company, model)
        columns = self._named(company, values)
        row_id = columns.pop("id", None)
        columns.pop("version", None)
        if values["action"] == "delete":
            rows.delete(int(row_id))
            return None
        if values["action"] == "edit":
            row = rows.update(int(row_id), columns)
        else:
            row = rows.create(columns)
        return {"id": row["id"], "version": row["version"]}


def _bool(values, name):
    if not isinstance(values[name], bool):
        raise ControlError(f"{name} must be true or false.")
    return values[name]
