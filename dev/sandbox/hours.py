"""Hour entries and hours per paycode: what is kept, how it may change, its calls.

For paycode rows no answer but an empty list was ever recorded: every refusal there is
ASSUMED to look like those of hour entries.
"""

from . import errors
from .api import route
from .company import ENTRY, ROW, UNIQUE_KEYS
from .fields import answer_list, answer_one, answer_rows, find_row
from .query import body_of, filtered, integer, need, optional_integer, to_row

REFERENCES = {
    "employee": "Employee",
    "activity": "Activity",
    "project": "Project",
    "salaryType": "SalaryType",
}


def activity_fits(company, activity, project):
    """Whether ``activity`` can be used on ``project`` (None: internal time).

    General project activities need no link unless the project says so (MEASURED); a
    project's own activity must be linked. Internal activities belong to no project.
    """
    kind = activity["activityType"]
    if activity["isDisabled"]:
        return False
    if project is None:
        # That project activities are refused without a project is ASSUMED.
        return kind in ("GENERAL_ACTIVITY", None)
    if kind == "GENERAL_ACTIVITY":
        return False
    needs_link = project["generalProjectActivitiesPerProjectOnly"]
    if kind != "PROJECT_SPECIFIC_ACTIVITY" and not needs_link:
        return True
    links = company.table("ProjectActivity")
    linked = {links[link]["activity"] for link in project["projectActivities"]}
    return activity["id"] in linked


def project_problem(company, project, employee_id, date):
    """The text key of what hinders hours on the project that day, or None.

    The start date's refusal is MEASURED, the answers to the other reasons ASSUMED.
    """
    if date < project["startDate"]:
        return "before_start"
    if project["isOffer"]:
        return "offer"
    if project["isClosed"]:
        return "project_closed"
    if project["endDate"] and date > project["endDate"]:
        return "after_end"
    people = company.table("ProjectParticipant")
    taking_part = {people[p]["employee"] for p in project["participants"]}
    if project["forParticipantsOnly"] and employee_id not in taking_part:
        return "not_participant"
    return None


class Rows:
    """The rows of one company in one table. ``blank``: a new row's other columns."""

    blank = {}

    def __init__(self, state, company):
        self.state = state
        self.company = company

    def create(self, values):
        """Insert a mapped row; raises the refusal Tripletex would give."""
        for column in ("id", "version"):
            # DOCUMENTED; the answer is ASSUMED.
            if values.get(column) is not None:
                raise errors.invalid(column, "must_be_empty", f"null.{column}")
        row = {"id": None, "version": 0, **dict.fromkeys(self.columns), **self.blank}
        row = self._checked(row, values, is_new=True)
        row["id"] = self.company.new_id(self.model)
        return self.company.put(self.model, row)

    def update(self, row_id, values):
        """Change the row; columns that are absent stay, null or 0 empties them."""
        old = self._open_row(row_id, values.get("version"))
        row = self._checked(dict(old), values, is_new=False)
        # Unmoved when nothing changed (MEASURED).
        row["version"] += row != old
        return self.company.put(self.model, row)

    def delete(self, row_id, version=None):
        """Remove the row; raises 404, 409/8000 or 409/10000."""
        self._open_row(row_id, version)
        self.company.drop(self.model, row_id)
        self.company.approved_entries.discard(row_id)

    def _open_row(self, row_id, version):
        row = self.company.table(self.model).get(row_id)
        if row is None:
            raise errors.refusal("not_found")
        # Only a version that was sent is looked at (MEASURED).
        if version not in (None, row["version"]):
            raise errors.refusal("stale")
        if self.company.row_is_locked(row):
            raise errors.refusal("locked")
        return row

    def _checked(self, row, values, is_new):
        row.update({k: v for k, v in values.items() if k in self.columns})
        # In the order in which a recorded answer names them (MEASURED).
        absent = [column for column in self.required if row[column] is None]
        if absent:
            raise errors.required(absent)
        self._check_amount(row, is_new)
        for column, model in REFERENCES.items():
            value = row.get(column)
            if value is not None and value not in self.company.table(model):
                raise errors.refusal("not_found")
        self._check_references(row)
        if self.company.is_locked(row["employee"], row["date"]):
            raise errors.refusal("locked")
        key = UNIQUE_KEYS[self.model](row)
        holder = self.company.id_of_key(self.model, key)
        if holder not in (None, row["id"]):
            raise errors.refusal(self.exists)
        return row

    def _check_references(self, row):
        employee = self.company.table("Employee")[row["employee"]]
        if not employee["allowInformationRegistration"]:
            raise errors.invalid("employee.id", "no_registration")


class Entries(Rows):
    """The hour entries of one company."""

    model = ENTRY
    columns = (
        *("employee", "project", "activity", "date", "hours", "comment"),
        "projectChargeableHours",
    )
    required = ("activity", "date", "employee")
    exists = "entry_exists"
    blank = {"timeClocks": [], "invoice": None, "hourlyRate": 0.0, "hourlyCost": 0.0}
    blank |= {"hourlyCostPercentage": 0}

    def _checked(self, row, values, is_new):
        # What was sent to be billed, kept apart from what is shown.
        row["projectChargeableHours"] = row.pop("_billed", None)
        row = super()._checked(row, values, is_new)
        billed = row["_billed"] = row.pop("projectChargeableHours")
        activity = self.company.table("Activity")[row["activity"]]
        row["chargeable"] = activity["isChargeable"] and row["project"] is not None
        row["chargeableHours"] = 0.0
        if row["project"] is not None:
            shown = float(row["hours"] if billed is None else billed)
            row["chargeableHours"] = row["projectChargeableHours"] = shown
        return row

    def _check_amount(self, row, is_new):
        billed = row["projectChargeableHours"]
        if billed is not None and not 0 <= billed <= 24:
            name, text = (
                "projectChargeableHours",
                "over_24" if billed > 24 else "negative",
            )
            raise errors.invalid(name, text, f"null.{name}")
        # What absent or zero hours do was never recorded (ASSUMED).
        refused = is_new or self.state.assumed["zero_hours"] == "refused"
        if is_new and row["hours"] is None:
            raise errors.invalid("hours", "null", "null.hours")
        row["hours"] = float(row["hours"] or 0)
        if row["hours"] < 0 or refused and not row["hours"]:
            text = "not_positive" if refused else "negative"
            raise errors.invalid("hours", text, "null.hours")

    def _check_references(self, row):
        super()._check_references(row)
        company = self.company
        project = company.table("Project").get(row["project"])
        if project is not None:
            self._check_project(project, row)
        activity = company.table("Activity")[row["activity"]]
        if not activity_fits(company, activity, project):
            raise errors.invalid("activity.id", "activity_unusable")
        row["comment"] = row["comment"] or ""
        needed = company.settings["requireCommentsOnRegisteredHoursAllProjects"]
        if needed and project is not None and not row["comment"].strip():
            raise errors.invalid("comment", "comment_required")

    def _check_project(self, project, row):
        problem = project_problem(self.company, project, row["employee"], row["date"])
        if problem:
            day = project["endDate" if problem == "after_end" else "startDate"]
            shown = project["displayName"]
            raise errors.invalid(None, problem, project=shown, date=day)

    def shown(self, row):
        """The row with ``locked`` as it is now."""
        return {**row, "locked": self.company.row_is_locked(row)}


class PaycodeRows(Rows):
    """The paycode rows of one company."""

    model = ROW
    columns = ("employee", "salaryType", "date", "count", "description")
    required = ("date", "employee", "salaryType")
    exists = "row_exists"

    def _check_amount(self, row, is_new):
        row["count"] = float(row["count"] or 0)
        row["description"] = row["description"] or ""
        if row["count"] <= 0:
            raise errors.invalid("count", "not_positive", "null.count")

    def _check_references(self, row):
        super()._check_references(row)
        salary_type = self.company.table("SalaryType")[row["salaryType"]]
        # "Vis i timeliste" must be ticked (DOCUMENTED; the answer is ASSUMED); that
        # an inactive type takes no hours is ASSUMED.
        if not salary_type["showInTimesheet"] or salary_type["_inactive"]:
            raise errors.invalid("salaryType.id", "not_in_timesheet")


# -- calls about hour entries --------------------------------------------------------

HOURS = "timesheet/entry"
PERIOD = "dateFrom:from=date dateTo:to=date "


@route("GET", "/timesheet/entry")
def search_entries(call):
    """dateFrom and dateTo are required, dateTo is excluded (MEASURED, DOCUMENTED)."""
    need(call.query, "dateFrom", "dateTo")
    rows = filtered(
        call.query,
        call.company.table(ENTRY).values(),
        PERIOD + "id:in employeeId:in=employee projectId:in=project "
        "activityId:in=activity comment:has",
    )
    entries = Entries(call.state, call.company)
    rows = [entries.shown(row) for row in rows]
    total = round(sum(row["hours"] for row in rows), 2)
    return answer_list(call, rows, ENTRY, sumAllHours=total)


@route("DELETE", "/timesheet/entry/{id}", resource=HOURS)
def delete_entry(call, id):
    version = optional_integer(call.query, "version")
    Entries(call.state, call.company).delete(integer(id), version)
    return 204, None


def _batch(call, write, status):
    # All or nothing, and the refusal does not say which row it means (MEASURED); rows
    # come back in the order sent (ASSUMED).
    items = body_of(call)
    entries = Entries(call.state, call.company)
    try:
        if not isinstance(items, list):
            raise errors.not_mapped([(None, "wrong_type", None)])
        rows = [to_row(item, ENTRY) for item in items]
        with call.company.all_or_nothing():
            written = [write(entries, row) for row in rows]
    except errors.ApiError as refusal:
        raise refusal.without_place() from None
    return answer_rows(call, [entries.shown(row) for row in written], ENTRY, status)


@route("POST", "/timesheet/entry/list", resource=HOURS)
def create_entries(call):
    """201 and the entries (MEASURED)."""
    return _batch(call, Entries.create, 201)


def _update(entries, row):
    if row.get("id") is None:
        raise errors.required(["id"])
    return entries.update(row["id"], row)


@route("PUT", "/timesheet/entry/list", resource=HOURS)
def update_entries(call):
    """200 and the entries; every item needs its id, the version is optional
    (MEASURED)."""
    return _batch(call, _update, 200)


# -- calls about hours per paycode ---------------------------------------------------

PAYCODES = "timesheet/salaryTypeSpecification"


def _paycodes(call):
    return PaycodeRows(call.state, call.company)


@route("GET", f"/{PAYCODES}")
def search_paycodes(call):
    """Filters: dates (to excluded) and one employee (DOCUMENTED)."""
    rows = call.company.table(ROW).values()
    rows = filtered(call.query, rows, PERIOD + "employeeId:one=employee")
    return answer_list(call, list(rows), ROW)


@route("POST", f"/{PAYCODES}")
def create_paycode(call):
    """One row per employee, date and salary type (DOCUMENTED)."""
    row = _paycodes(call).create(to_row(body_of(call), ROW))
    return answer_one(call, row, ROW, 201)


@route("GET", f"/{PAYCODES}/{{id}}", resource=PAYCODES)
def get_paycode(call, id):
    return answer_one(call, find_row(call, ROW, id), ROW)


@route("PUT", f"/{PAYCODES}/{{id}}", resource=PAYCODES)
def update_paycode(call, id):
    """Change a row; the example of the API sends only the count (DOCUMENTED)."""
    row_id = integer(id)
    values = to_row(body_of(call), ROW)
    if values.get("id") not in (None, row_id):
        raise errors.invalid("id", "id_mismatch")
    return answer_one(call, _paycodes(call).update(row_id, values), ROW)


@route("DELETE", f"/{PAYCODES}/{{id}}", resource=PAYCODES)
def delete_paycode(call, id):
    _paycodes(call).delete(integer(id))
    return 204, None
