"""Turning the stand-in's switches from another process."""

import json
import urllib.error
import urllib.parse
import urllib.request


class ControlRefused(Exception):
    """The stand-in did not accept the switch; the text says why."""


class SandboxControl:
    """One method per switch; ``root_url`` is the stand-in's address without /v2.

    Employees, projects and salary types may be named by id or by number, activities
    by id or name. Methods return what the stand-in answers, as dicts. Raises
    ControlRefused, and OSError when the stand-in is not there.
    """

    def __init__(self, root_url):
        self.root_url = root_url.rstrip("/").removesuffix("/v2")
        # Never through a proxy: the stand-in is on this machine.
        handler = urllib.request.ProxyHandler({})
        self._opener = urllib.request.build_opener(handler)

    def call(self, method, path, values=None, /, **query):
        """One control call; prefer the named methods."""
        query = {k: v for k, v in query.items() if v is not None}
        address = f"{self.root_url}/control/{path}"
        if query:
            address += f"?{urllib.parse.urlencode(query)}"
        data = None if values is None else json.dumps(values).encode()
        request = urllib.request.Request(address, data=data, method=method)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as problem:
            with problem:
                text = json.loads(problem.read() or b"{}").get("error", "")
            raise ControlRefused(text or f"HTTP {problem.code}") from None

    def _post(self, path, /, **values):
        return self.call("POST", path, values)

    # -- looking -----------------------------------------------------------------

    def state(self, limit=None, company=None):
        """Everything held: company, counts, entries, rows, projectRows, sums, ..."""
        return self.call("GET", "state", limit=limit, company=company)

    def entries(self):
        """All hour entries of the company, newest first, with names."""
        return self.state()["entries"]

    def rows(self):
        """All paycode rows without project, newest first, with names."""
        return self.state()["rows"]

    def calls(self, method=None, template=None):
        """The calls so far, oldest first; ``template`` like /timesheet/entry/{id}."""
        return self.call("GET", "calls", method=method, template=template)["calls"]

    def count_calls(self, method=None, template=None):
        """How many calls of that kind there were."""
        return len(self.calls(method, template))

    def clear_calls(self):
        """Forget the calls so far."""
        return self.call("DELETE", "calls")

    def reset(self):
        """Back to the beginning: same data, no sessions, entries, faults or calls."""
        return self._post("reset")

    # -- faults ------------------------------------------------------------------

    def fault(self, kind, times=1, method=None, path="*", ms=2000):
        """Let the next ``times`` matching calls go wrong (None: until removed).

        ``kind`` is one of ``dev.sandbox.faults.KINDS``, ``method`` e.g. "POST,PUT",
        ``path`` a glob after /v2, ``ms`` the delay of ``slow`` in milliseconds.
        """
        return self._post(
            "faults", kind=kind, times=times, method=method, path=path, ms=ms
        )

    def mix(self, rates, seed=1, method=None, path="*", ms=2000):
        """Random faults: ``rates`` maps kinds to probabilities; {} ends it."""
        return self._post(
            "mix", rates=rates, seed=seed, method=method, path=path, ms=ms
        )

    def faults(self):
        """Faults switched on."""
        return self.call("GET", "faults")

    def clear_faults(self, fault_id=None):
        """Switch one fault off, or all with the mix."""
        return self.call("DELETE", "faults", id=fault_id)

    # -- key, sessions, rights, clock, rate --------------------------------------

    def kill_sessions(self):
        """Every open session is dead from now on."""
        return self._post("sessions/kill")

    def revoke_key(self, revoked=True, token=None):
        """Revoke the API user key, or give it back."""
        return self._post("key", revoked=revoked, token=token)

    def revoke_rights(self, *resources, hide=False):
        """Close e.g. "timesheet/entry:write", "project" or "*"; nothing = give back.

        With ``hide`` lists come back empty instead of 403.
        """
        return self._post("rights", revoked=list(resources), hide=hide)

    def set_clock(self, utc):
        """Let it be ``utc`` (naive datetime or ISO text) in the stand-in now."""
        text = utc if isinstance(utc, str) else utc.isoformat()
        return self._post("clock", utc=text)

    def advance_clock(self, seconds):
        """Move the stand-in's clock forward."""
        return self._post("clock", advance=seconds)

    def set_rate(self, limit=None, window=None, reset_on_429=None):
        """The rate limit: calls (0 = off) per ``window`` seconds."""
        values = {"limit": limit, "window": window, "reset_on_429": reset_on_429}
        return self._post("rate", **{k: v for k, v in values.items() if v is not None})

    def set_language(self, language):
        """Language of the messages: "no" or "en"."""
        return self._post("language", language=language)

    # -- the company -------------------------------------------------------------

    def lock_month(self, month, employee=None, locked=True):
        """Approve ``month`` (YYYY-MM) for one employee or everybody, or undo it."""
        return self._post("month", month=month, employee=employee, locked=locked)

    def unlock_month(self, month, employee=None):
        """Undo the approval of a month."""
        return self.lock_month(month, employee, locked=False)

    def approve_entry(self, entry_id, approved=True):
        """Approve one hour entry, so that it is locked, or undo it."""
        return self._post("entry", id=entry_id, approved=approved)

    def invoice_entry(self, entry_id, invoiced=True):
        """Invoice one hour entry, so that it is locked, or undo it."""
        return self._post("entry", id=entry_id, invoiced=invoiced)

    def change_project(self, project, **columns):
        """Change isClosed, startDate, endDate, number, name, isOffer,
        forParticipantsOnly of a project."""
        return self._post("project", project=project, **columns)

    def close_project(self, project, closed=True):
        """Close a project or open it again."""
        return self.change_project(project, isClosed=closed)

    def change_employee(self, employee, **columns):
        """Change employeeNumber, email, firstName, lastName,
        allowInformationRegistration of an employee."""
        return self._post("employee", employee=employee, **columns)

    def show_salary_type(self, salary_type, shown=True):
        """Tick "Vis i timeliste" on a salary type, or untick it."""
        return self._post("salary_type", salary_type=salary_type, showInTimesheet=shown)

    def change_activity(self, activity, **columns):
        """Change isDisabled, activityType, isChargeable, name, isProjectActivity
        (None: Tripletex does not say) of an activity."""
        return self._post("activity", activity=activity, **columns)

    def require_comments(self, required=True):
        """Whether hours on projects need a comment."""
        return self._post("settings", require_comments=required)

    def set_default_activity(self, activity):
        """The company's default project activity; None for none."""
        return self._post("settings", default_activity=activity)

    # -- a person works in Tripletex itself --------------------------------------

    def person_creates_entry(
        self, employee, date, hours, activity, project=None, comment=""
    ):
        """A person's own hours; returns their id. ``date`` is ISO text."""
        return self._post(
            "person/entry",
            action="create",
            employee=employee,
            date=date,
            hours=hours,
            activity=activity,
            project=project,
            comment=comment,
        )["id"]

    def person_edits_entry(self, entry_id, **columns):
        """A person changes or moves an entry (hours, comment, date, project, ...)."""
        return self._post("person/entry", action="edit", id=entry_id, **columns)

    def person_deletes_entry(self, entry_id):
        """A person deletes an entry."""
        return self._post("person/entry", action="delete", id=entry_id)

    def person_creates_row(self, employee, date, count, salary_type, description=""):
        """A person's own paycode row; returns its id."""
        return self._post(
            "person/row",
            action="create",
            employee=employee,
            date=date,
            count=count,
            salaryType=salary_type,
            description=description,
        )["id"]

    def person_edits_row(self, row_id, **columns):
        """A person changes a paycode row (count, date, description, salaryType)."""
        return self._post("person/row", action="edit", id=row_id, **columns)

    def person_deletes_row(self, row_id):
        """A person deletes a paycode row."""
        return self._post("person/row", action="delete", id=row_id)
