"""Hours per paycode: salary type specifications, with and without project.

No answer but an empty list was ever recorded for these calls: every refusal here is
ASSUMED to look like those of hour entries.
"""

from . import bodies, errors
from .company import PROJECT_ROW, ROW, row_key
from .query import (
    answer_list,
    answer_one,
    boolean,
    date,
    find_row,
    integer,
    optional_integer,
    within,
)
from .router import route
from .rules import (
    activity_fits,
    check_employee,
    check_new,
    check_project,
    check_references,
    check_required,
    check_version,
    next_version,
)

PLAIN = "timesheet/salaryTypeSpecification"
WITH_PROJECT = "timesheet/salaryProjectTypeSpecification"
COLUMNS = {
    ROW: ("employee", "salaryType", "date", "count", "description"),
    PROJECT_ROW: (
        "employee",
        "project",
        "activity",
        "salaryType",
        "date",
        "count",
        "description",
    ),
}
REFERENCES = {
    "employee": "Employee",
    "salaryType": "SalaryType",
    "project": "Project",
    "activity": "Activity",
}


class PaycodeRows:
    """The rows of one company in one of the two tables."""

    def __init__(self, company, model):
        self.company = company
        self.model = model

    def create(self, values):
        """Insert a mapped row; raises the refusal."""
        check_new(values)
        columns = COLUMNS[self.model]
        row = {"id": None, "version": 0, **dict.fromkeys(columns)}
        row.update({k: v for k, v in values.items() if k in columns})
        if self.model == PROJECT_ROW:
            row["wagePayment"] = None
        self._check(row)
        row["id"] = self.company.new_id(self.model)
        return self.company.put(self.model, row)

    def update(self, row_id, values):
        """Change the row; the example of the API sends only the count (DOCUMENTED)."""
        old = self.company.table(self.model).get(row_id)
        if old is None:
            raise errors.not_found()
        check_version(old, values.get("version"))
        self._check_open(old)
        row = dict(old)
        row.update({k: v for k, v in values.items() if k in COLUMNS[self.model]})
        self._check(row)
        row["version"] = next_version(old, row)
        return self.company.put(self.model, row)

    def delete(self, row_id):
        """Remove the row; raises 404 or 409/10000."""
        old = self.company.table(self.model).get(row_id)
        if old is None:
            raise errors.not_found()
        self._check_open(old)
        self.company.drop(self.model, row_id)

    def _check_open(self, row):
        if self.company.is_locked(row["employee"], row["date"]):
            raise errors.locked()

    def _check(self, row):
        company = self.company
        needed = ["date", "employee", "salaryType"]
        if self.model == PROJECT_ROW:
            needed.append("project")
        check_required(row, *needed)
        row["count"] = float(row["count"] or 0)
        row["description"] = row["description"] or ""
        if row["count"] <= 0:
            raise errors.invalid("count", "not_positive", "null.count")
        check_references(company, row, **REFERENCES)
        check_employee(company, row["employee"])
        salary_type = company.table("SalaryType")[row["salaryType"]]
        # "Vis i timeliste" must be ticked (DOCUMENTED; the answer is ASSUMED).
        if not salary_type["showInTimesheet"]:
            raise errors.invalid("salaryType.id", "not_in_timesheet")
        if self.model == PROJECT_ROW:
            self._check_project(row)
        self._check_open(row)
        if self.model == ROW:
            holder = company.id_of_key(ROW, row_key(row))
            if holder not in (None, row["id"]):
                raise errors.exists("row_exists")

    def _check_project(self, row):
        company = self.company
        project = company.table("Project")[row["project"]]
        check_project(company, project, row["employee"], row["date"])
        if row["activity"] is not None:
            activity = company.table("Activity")[row["activity"]]
            if not activity_fits(company, activity, project):
                raise errors.invalid("activity.id", "activity_unusable")


def _search(call, model):
    query = call.query
    rows = list(call.company.table(model).values())
    rows = within(rows, date(query, "dateFrom"), date(query, "dateTo"))
    employee = optional_integer(query, "employeeId")
    if employee is not None:
        rows = [row for row in rows if row["employee"] == employee]
    return rows


def _create(call, model):
    rows = PaycodeRows(call.company, model)
    row = rows.create(bodies.to_row(bodies.parse(call), model))
    return answer_one(call, row, model, 201)


def _update(call, model, text):
    row_id = integer(text)
    values = bodies.to_row(bodies.parse(call), model)
    if values.get("id") not in (None, row_id):
        raise errors.invalid("id", "id_mismatch")
    row = PaycodeRows(call.company, model).update(row_id, values)
    return answer_one(call, row, model)


def _delete(call, model, text):
    PaycodeRows(call.company, model).delete(integer(text))
    return 204, None


@route("GET", f"/{PLAIN}", resource=PLAIN)
def search(call):
    """Filters: dates (to excluded) and one employee (DOCUMENTED)."""
    return answer_list(call, _search(call, ROW), ROW)


@route("POST", f"/{PLAIN}", resource=PLAIN)
def create(call):
    """One row per employee, date and salary type (DOCUMENTED)."""
    return _create(call, ROW)


@route("GET", f"/{PLAIN}/{{id}}", resource=PLAIN)
def get(call, id):
    """One row."""
    return answer_one(call, find_row(call, ROW, id), ROW)


@route("PUT", f"/{PLAIN}/{{id}}", resource=PLAIN)
def update(call, id):
    """Change a row."""
    return _update(call, ROW, id)


@route("DELETE", f"/{PLAIN}/{{id}}", resource=PLAIN)
def delete(call, id):
    """204, empty."""
    return _delete(call, ROW, id)


@route("GET", f"/{WITH_PROJECT}", resource=WITH_PROJECT)
def search_with_project(call):
    """As above; with an activity filter rows without activity are left out unless
    includeNotConnectedToActivities=true (meaning ASSUMED from its name)."""
    rows = _search(call, PROJECT_ROW)
    project = optional_integer(call.query, "projectId")
    if project is not None:
        rows = [row for row in rows if row["project"] == project]
    activity = optional_integer(call.query, "activityId")
    if activity is not None:
        also = boolean(call.query, "includeNotConnectedToActivities")
        allowed = {activity, None} if also else {activity}
        rows = [row for row in rows if row["activity"] in allowed]
    return answer_list(call, rows, PROJECT_ROW)


@route("POST", f"/{WITH_PROJECT}", resource=WITH_PROJECT)
def create_with_project(call):
    """No rule of uniqueness is stated for these."""
    return _create(call, PROJECT_ROW)


@route("GET", f"/{WITH_PROJECT}/{{id}}", resource=WITH_PROJECT)
def get_with_project(call, id):
    """One row."""
    return answer_one(call, find_row(call, PROJECT_ROW, id), PROJECT_ROW)


@route("PUT", f"/{WITH_PROJECT}/{{id}}", resource=WITH_PROJECT)
def update_with_project(call, id):
    """Change a row."""
    return _update(call, PROJECT_ROW, id)


@route("DELETE", f"/{WITH_PROJECT}/{{id}}", resource=WITH_PROJECT)
def delete_with_project(call, id):
    """204, empty."""
    return _delete(call, PROJECT_ROW, id)
