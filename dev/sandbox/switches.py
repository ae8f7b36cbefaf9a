"""Every switch of the stand-in, declared once.

A public method of :class:`Switches` is a switch. Its signature is what
``SandboxControl`` is called with, what the control address and ``--switch`` take as a
JSON object, and which fields the page shows. Annotations say what a value may be. Not
part of Tripletex.
"""

import datetime
import inspect
import json
from dataclasses import dataclass

from . import errors, report
from .company import ENTRY, OPEN, ROW
from .faults import KINDS
from .hours import Entries, PaycodeRows
from .model import MODELS
from .months import Months, days_of
from .query import fits

# Kinds of values, as in ``model.py``; LIST and JSON are not checked further.
TEXT, WHOLE, NUMBER, FLAG, DAY = "str", "int", "num", "bool", "date"
LIST, JSON = "list", "json"
# Kinds of which there are a few.
FAULTS, LANGUAGES, ZERO_HOURS = tuple(KINDS), ("no", "en"), ("kept", "refused")
REMUNERATIONS = ("MONTHLY_WAGE", "HOURLY_WAGE", "COMMISION_PERCENTAGE", "FEE")
REMUNERATIONS += ("PIECEWORK_WAGE", "NOT_CHOSEN")
WRONG_COMPANY = ("unauthorized", "forbidden", "not_found")
MONTH_LIST = ("known", "not_found", "method_not_allowed", "not_a_number")


@dataclass(frozen=True)
class Row:
    """An id, or what stands in the column ``number`` of a row of ``model``."""

    model: str
    number: str | None = "number"


@dataclass(frozen=True)
class Columns:
    """Any of the columns ``names`` of ``model``; those in ``empty`` may be None."""

    model: str
    names: str
    empty: str = ""

    def kinds(self):
        """Kinds by name."""
        fields = MODELS[self.model].fields
        names = self.names.split()
        return {name: REFERENCES.get(name, fields[name].kind) for name in names}


EMPLOYEE = Row("Employee", "employeeNumber")
PROJECT = Row("Project")
ACTIVITY = Row("Activity", "name")
SALARY_TYPE = Row("SalaryType")
ENTRY_ID, ROW_ID = Row(ENTRY, None), Row(ROW, None)
REFERENCES = {"employee": EMPLOYEE, "project": PROJECT, "activity": ACTIVITY}
REFERENCES |= {"salaryType": SALARY_TYPE}
PROJECT_COLUMNS = Columns(
    "Project",
    "number name startDate endDate isClosed isOffer forParticipantsOnly",
    empty="endDate",
)
EMPLOYEE_COLUMNS = Columns(
    "Employee", "employeeNumber email firstName lastName allowInformationRegistration"
)
ACTIVITY_WORDS = "name activityType isDisabled isChargeable isProjectActivity"
ACTIVITY_COLUMNS = Columns("Activity", ACTIVITY_WORDS, empty="isProjectActivity")
ENTRY_COLUMNS = Columns(
    ENTRY, "hours date comment project activity employee", empty="project"
)
ROW_COLUMNS = Columns(ROW, "count date description salaryType employee")


class ControlError(ValueError):
    """A switch that cannot be turned; the text says why."""


class Switches:
    """Employees, projects and salary types are named by id or number, activities by id
    or name; dates are ISO texts."""

    def __init__(self, state):
        self._state = state

    @property
    def _company(self):
        return self._state.company

    # -- looking -----------------------------------------------------------------

    def state(self, limit: WHOLE = None):
        """Everything held: company, counts, entries, rows, sums, …"""
        return report.held(self._state, limit)

    def entries(self):
        """All hour entries of the company, newest first, with names."""
        return report.entries(self._company)

    def rows(self):
        """All paycode rows, newest first, with names."""
        return report.rows(self._company)

    def months(self):
        """The months that somebody finished, approved or paid, with names."""
        return report.months(self._company)

    def calls(self, method: TEXT = None, template: TEXT = None):
        """The calls so far, oldest first; template like /timesheet/entry/{id}."""
        return self._state.log.listing(method, template)

    def count_calls(self, method: TEXT = None, template: TEXT = None):
        """How many calls of that kind there were."""
        return len(self.calls(method, template))

    def faults(self):
        """Faults switched on."""
        return self._state.faults.listing()

    # -- faults ------------------------------------------------------------------

    def fault(
        self,
        kind: FAULTS,
        times: WHOLE = 1,
        method: TEXT = None,
        path: TEXT = "*",
        ms: WHOLE = 2000,
    ):
        """Let calls go wrong; no "times": until cleared; "method": e.g. POST,PUT."""
        return vars(self._state.faults.add(kind, times, method, path, ms))

    def mix(
        self,
        rates: JSON,
        seed: WHOLE = 1,
        method: TEXT = None,
        path: TEXT = "*",
        ms: WHOLE = 2000,
    ):
        """Random faults: probabilities by kind; {} ends it."""
        where = {"method": method, "path": path, "ms": ms}
        self._state.faults.mix(rates, seed=seed, **where)

    def clear_faults(self, fault_id: WHOLE = None):
        """Switch one fault off, or all with the mix."""
        if fault_id is None:
            self._state.faults.clear()
        else:
            self._state.faults.remove(fault_id)

    def clear_calls(self):
        """Forget the calls so far."""
        self._state.log.clear()

    def reset(self):
        """Back to the beginning: same data, no sessions, entries, faults or calls."""
        self._state.reset()

    # -- key, sessions, rights, clock, rate --------------------------------------

    def kill_sessions(self):
        """Every open session is dead from now on."""
        killed = self._state.open_sessions()
        for session in killed:
            session.killed = True
        return {"killed": len(killed)}

    def revoke_key(self, revoked: FLAG = True, token: TEXT = None):
        """Revoke the API user key, or give it back."""
        key = self._state.keys.get(token or self._state.options.employee_token)
        if key is None:
            raise ControlError("No such key.")
        key.revoked = revoked

    def revoke_rights(self, *resources: LIST, hide: FLAG = False):
        """Close e.g. timesheet/entry:write or *; "hide": empty lists instead of 403."""
        self._state.rights.revoked = set(resources)
        self._state.rights.hide = hide

    def set_clock(self, utc: TEXT):
        """Let it be this moment in the stand-in now (UTC, ISO text)."""
        self._state.clock.set_utc(datetime.datetime.fromisoformat(utc))

    def advance_clock(self, seconds: NUMBER):
        """Move the stand-in's clock forward."""
        self._state.clock.offset += seconds

    def set_rate(
        self, limit: WHOLE = None, window: NUMBER = None, reset_on_429: FLAG = False
    ):
        """The rate limit: calls (0 = off) per "window" seconds."""
        now = self._state.limiter
        limit = now.limit if limit is None else limit
        now.set(limit, window or now.window, reset_on_429)

    def set_language(self, language: LANGUAGES):
        """Language of the messages."""
        self._state.language = language

    def assume(
        self,
        zero_hours: ZERO_HOURS = "kept",
        wrong_company: WRONG_COMPANY = "unauthorized",
        month_list: MONTH_LIST = "known",
        completed_locks: FLAG = True,
        paid_locks: FLAG = True,
    ):
        """What Tripletex answers to an update to 0 hours, to a wrong user name and to
        byMonthNumberList, and whether finished and paid months lock hours."""
        answers = {"zero_hours": zero_hours, "wrong_company": wrong_company}
        answers |= {"month_list": month_list, "completed_locks": completed_locks}
        self._state.assumed.update(answers, paid_locks=paid_locks)

    # -- the company -------------------------------------------------------------

    def lock_month(
        self,
        month: TEXT,
        employee: EMPLOYEE = None,
        locked: FLAG = True,
        until: DAY = None,
    ):
        """Approve a month (YYYY-MM) for one employee or everybody, up to a day or its
        end, or open it again."""
        for who in self._people(month, employee):
            self._months.put(who, month, **OPEN)
            if locked:
                self._months.complete(who, month)
                self._months.approve(who, month, until)

    def unlock_month(self, month: TEXT, employee: EMPLOYEE = None):
        """Open an approved or finished month."""
        self.lock_month(month, employee, locked=False)

    def finish_month(
        self, month: TEXT, employee: EMPLOYEE = None, finished: FLAG = True
    ):
        """Mark a month as finished for one employee or everybody, or reopen it."""
        for who in self._people(month, employee):
            (self._months.complete if finished else self._months.reopen)(who, month)

    def run_pay(self, month: TEXT, employee: EMPLOYEE = None, paid: FLAG = True):
        """Run pay for a month, for one employee or everybody, or reverse it."""
        for who in self._people(month, employee):
            self._months.pay(who, month, paid)

    @property
    def _months(self):
        return Months(self._state, self._company)

    def _people(self, month, employee):
        days_of(month)
        rows = self._company.table("Employee").values()
        everybody = [row["id"] for row in rows if not row["isContact"]]
        return everybody if employee is None else [employee]

    def approve_entry(self, entry_id: ENTRY_ID, approved: FLAG = True):
        """Approve one hour entry, so that it is locked, or undo it."""
        change = self._company.approved_entries
        (change.add if approved else change.discard)(self._entry(entry_id)["id"])

    def invoice_entry(self, entry_id: ENTRY_ID, invoiced: FLAG = True):
        """Invoice one hour entry, so that it is locked, or undo it."""
        invoice = self._company.new_id("Invoice") if invoiced else None
        self._company.put(ENTRY, {**self._entry(entry_id), "invoice": invoice})

    def _entry(self, entry_id):
        row = self._company.table(ENTRY).get(entry_id)
        if row is None:
            raise errors.refusal("not_found")
        return row

    def change_project(self, project: PROJECT, **columns: PROJECT_COLUMNS):
        """Change a project."""
        row = self._changed("Project", project, columns)
        shown = f"{row['number']} {row['name']}".strip()
        # PUT /project was seen to move the version by two (MEASURED).
        self._changed("Project", project, {"displayName": shown})

    def close_project(self, project: PROJECT, closed: FLAG = True):
        """Close a project or open it again."""
        self.change_project(project, isClosed=closed)

    def change_employee(self, employee: EMPLOYEE, **columns: EMPLOYEE_COLUMNS):
        """Change an employee."""
        row = self._changed("Employee", employee, columns)
        shown = f"{row['firstName']} {row['lastName']}"
        self._company.put("Employee", {**row, "displayName": shown})

    def employ(
        self,
        employee: EMPLOYEE,
        remuneration: REMUNERATIONS = "MONTHLY_WAGE",
        since: DAY = "2020-01-01",
    ):
        """Pay an employee in this way from a day on."""
        self._company.employ(employee, remuneration, since)

    def end_employment(self, employee: EMPLOYEE, until: DAY = None):
        """End an employee's employments; without a day they never had one."""
        person = self._company.table("Employee")[employee]
        for employment in person["employments"] if until else ():
            row = self._company.table("Employment")[employment]
            self._company.put("Employment", {**row, "endDate": until})
        if not until:
            self._changed("Employee", employee, {"employments": []})

    def change_activity(self, activity: ACTIVITY, **columns: ACTIVITY_COLUMNS):
        """Change an activity."""
        self._changed("Activity", activity, columns)

    def show_salary_type(self, salary_type: SALARY_TYPE, shown: FLAG = True):
        """Tick "Vis i timeliste" on a salary type, or untick it."""
        self._changed("SalaryType", salary_type, {"showInTimesheet": shown})

    def retire_salary_type(self, salary_type: SALARY_TYPE, inactive: FLAG = True):
        """Make a salary type inactive, or active again."""
        self._changed("SalaryType", salary_type, {"_inactive": inactive})

    def renumber_salary_type(self, salary_type: SALARY_TYPE, number: TEXT):
        """Give a salary type another number."""
        self._changed("SalaryType", salary_type, {"number": number})

    def _changed(self, model, row_id, columns):
        row = self._company.table(model)[row_id]
        row = {**row, **columns, "version": row["version"] + 1}
        return self._company.put(model, row)

    def require_comments(self, required: FLAG = True):
        """Whether hours on projects need a comment."""
        flag = "requireCommentsOnRegisteredHoursAllProjects"
        self._company.settings[flag] = required

    def switch_month_module(self, on: FLAG = True):
        """Whether the month overview is to be finished (Månedsoversikt)."""
        self._company.settings["timesheetCompleted"] = on

    def set_default_activity(self, activity: ACTIVITY = None):
        """The company's default project activity; nothing for none."""
        self._company.settings["defaultProjectActivity"] = activity

    def set_standard_time(self, hours: NUMBER, employee: EMPLOYEE = None):
        """The normal day of the company, or of one employee, from now on."""
        model = "StandardTime" if employee else "CompanyStandardTime"
        values = {"employee": employee} if employee else {}
        today = self._state.clock.today().isoformat()
        values |= {"fromDate": today, "hoursPerDay": hours, "version": 1}
        self._company.put(model, {"id": self._company.new_id(model), **values})

    # -- a person works in Tripletex itself --------------------------------------

    def _rows(self, kind):
        return kind(self._state, self._company)

    def person_creates_entry(
        self,
        employee: EMPLOYEE,
        date: DAY,
        hours: NUMBER,
        activity: ACTIVITY,
        project: PROJECT = None,
        comment: TEXT = "",
    ):
        """A person's own hours; answers their id. Tripletex's rules hold."""
        values = {"employee": employee, "date": date, "hours": hours}
        values |= {"activity": activity, "project": project, "comment": comment}
        return self._rows(Entries).create(values)["id"]

    def person_edits_entry(self, entry_id: ENTRY_ID, **columns: ENTRY_COLUMNS):
        """A person changes or moves an entry."""
        self._rows(Entries).update(entry_id, columns)

    def person_deletes_entry(self, entry_id: ENTRY_ID):
        """A person deletes an entry."""
        self._rows(Entries).delete(entry_id)

    def person_creates_row(
        self,
        employee: EMPLOYEE,
        date: DAY,
        count: NUMBER,
        salary_type: SALARY_TYPE,
        description: TEXT = "",
    ):
        """A person's own paycode row; answers its id."""
        values = {"employee": employee, "date": date, "count": count}
        values |= {"salaryType": salary_type, "description": description}
        return self._rows(PaycodeRows).create(values)["id"]

    def person_edits_row(self, row_id: ROW_ID, **columns: ROW_COLUMNS):
        """A person changes a paycode row."""
        self._rows(PaycodeRows).update(row_id, columns)

    def person_deletes_row(self, row_id: ROW_ID):
        """A person deletes a paycode row."""
        self._rows(PaycodeRows).delete(row_id)


SIGNATURES = {
    name: inspect.signature(function)
    for name, function in vars(Switches).items()
    if inspect.isfunction(function) and not name.startswith("_")
}
#: Switches that only tell what is there.
LOOKING = ("state", "entries", "rows", "months", "calls", "count_calls", "faults")


def parameters(name):
    """The parameters of a switch, without ``self``."""
    if name not in SIGNATURES:
        raise ControlError(f"No such switch: {name}")
    return list(SIGNATURES[name].parameters.values())[1:]


@dataclass(frozen=True)
class Argument:
    """A value a switch takes: ``needed`` without default, ``nullable`` may be None."""

    name: str
    kind: object
    nullable: bool
    default: object = None
    needed: bool = False
    is_column: bool = False


def arguments(name):
    """Yield the Arguments of a switch, one for each column of ``**columns``."""
    for parameter in parameters(name):
        kind, default = parameter.annotation, parameter.default
        if isinstance(kind, Columns):
            for column, its_kind in kind.kinds().items():
                nullable = column in kind.empty.split()
                yield Argument(column, its_kind, nullable, is_column=True)
        elif default is parameter.empty:
            yield Argument(parameter.name, kind, False, needed=kind != LIST)
        else:
            yield Argument(parameter.name, kind, kind != FLAG, default)


class Panel:
    """Turns switches from values that come from outside."""

    def __init__(self, state):
        self._state = state
        self._switches = Switches(state)

    def handle(self, name, body):
        """Answer one control call: (status, JSON value)."""
        try:
            return 200, self.turn(name, body)
        except errors.ApiError as refusal:
            problem = refusal.body(self._state.language)
            told = [m["message"] for m in problem["validationMessages"] or []]
            return 409, {"error": " ".join([problem["message"], *told])}
        except (TypeError, ValueError) as problem:
            return 400, {"error": str(problem)}

    def turn(self, name, body):
        """Turn one switch and return its result; raises ValueError or ApiError.

        :param body: JSON object of the switch's arguments, or nothing
        """
        values = json.loads(body) if body.strip() else {}
        if not isinstance(values, dict):
            raise ControlError("The body must be a JSON object.")
        several, named = (), {}
        with self._state.lock:
            for wanted in arguments(name):
                if wanted.name not in values:
                    if wanted.needed:
                        raise ControlError(f"Missing: {wanted.name}")
                elif wanted.kind == LIST:
                    several = values.pop(wanted.name)
                else:
                    named[wanted.name] = self._read(wanted, values.pop(wanted.name))
            if values:
                raise ControlError(f"{name} does not know {', '.join(values)}")
            return getattr(self._switches, name)(*several, **named)

    def _read(self, wanted, value):
        name, kind = wanted.name, wanted.kind
        if value is None and wanted.nullable or kind == JSON:
            return value
        if isinstance(kind, Row):
            if kind.number is None:
                return int(value)
            found = self._state.company.find(kind.model, value, kind.number)
            if found is None:
                raise ControlError(f"No such {kind.model}: {value}")
            return found
        if isinstance(kind, tuple) and value not in kind:
            raise ControlError(f"{name} must be one of: {', '.join(kind)}")
        if isinstance(kind, str) and not fits(value, kind):
            raise ControlError(f"{name} cannot be {value!r}.")
        return value
