"""Hour entries and paycode rows: searching, creating, updating, deleting."""

import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from . import shapes

ENTRY = "/timesheet/entry"
SALARY_ROW = "/timesheet/salaryTypeSpecification"
PROJECT_SALARY_ROW = "/timesheet/salaryProjectTypeSpecification"
_CENT = Decimal("0.01")


class TimesheetCalls:
    """The client's calls on hours.

    Values of an entry: a dict with ``employee_id``, ``project_id`` (None = internal
    time), ``activity_id``, ``date`` (``datetime.date``), ``hours`` (Decimal or
    float, rounded half up to two decimals), ``comment``; for updates also ``id`` and
    ``version``. Writes that may have happened without a usable answer raise an error
    whose ``unclear`` is True.
    """

    # -- hour entries ------------------------------------------------------------

    def search_entries(
        self,
        date_from,
        date_to,
        employee_ids=(),
        project_ids=(),
        activity_ids=(),
        ids=(),
        progress=None,
    ):
        """Entries from ``date_from`` to ``date_to``, both days included.

        Tripletex excludes the end date (DOCUMENTED), so a day is added here. An
        empty id list filters nothing. Fields: see ``shapes.ENTRY``; ``project`` is
        None for internal time.
        """
        id_lists = {
            "employeeId": employee_ids,
            "projectId": project_ids,
            "activityId": activity_ids,
            "id": ids,
        }
        return self._search(ENTRY, shapes.ENTRY, date_from, date_to, id_lists, progress)

    def _search(self, path, shape, date_from, date_to, id_lists, progress, **query):
        if date_to < date_from:
            raise ValueError("date_to lies before date_from")

        def read(first, end, told):
            return self._list_for_ids(
                path,
                shape,
                id_lists,
                told,
                dateFrom=first.isoformat(),
                dateTo=end.isoformat(),
                **query,
            )

        end = date_to + datetime.timedelta(days=1)
        return self._narrowed(read, date_from, end, progress)

    def get_entry(self, entry_id):
        """One entry. Raises NotFound when it was deleted in Tripletex."""
        return self._read_one(ENTRY, shapes.ENTRY, entry_id)

    def create_entry(self, values):
        """Create one entry and return it as Tripletex keeps it.

        Raises AlreadyExists when employee, date, activity and project have one
        (MEASURED; the answer has no id: search for it).
        """
        answer = self._call("POST", ENTRY, body=_entry_body(values))
        return _matched(answer, [answer.value(shapes.ENTRY)], [values], _entry_key)[0]

    def update_entry(self, entry_id, values):
        """Replace one entry's fields with the full set of ``values``.

        What is left out would be emptied (DOCUMENTED), so everything is sent. A
        given ``version`` that is old raises StaleVersion; an answered version need
        not be one higher (MEASURED).
        """
        body = _entry_body({**values, "id": entry_id}, update=True)
        answer = self._call("PUT", ENTRY + "/{id}", in_path=[int(entry_id)], body=body)
        row = answer.value(shapes.ENTRY)
        return _matched(answer, [row], [{"id": entry_id}], _own_id)[0]

    def delete_entry(self, entry_id, version=None):
        """Delete one entry. Raises NotFound when it is gone already."""
        query = None if version is None else {"version": int(version)}
        self._call("DELETE", ENTRY + "/{id}", in_path=[int(entry_id)], query=query)

    def create_entries(self, values_list):
        """Create many entries in one call; rows come back in the order given.

        One bad entry fails them all, and Tripletex does not say which (MEASURED in
        one case). Nothing is called for an empty list.
        """
        if not values_list:
            return []
        body = [_entry_body(values) for values in values_list]
        answer = self._call("POST", ENTRY + "/list", body=body)
        return _matched(answer, answer.rows(shapes.ENTRY), values_list, _entry_key)

    def update_entries(self, values_list):
        """Update many entries in one call; each of ``values_list`` has its ``id``."""
        if not values_list:
            return []
        body = [_entry_body(values, update=True) for values in values_list]
        answer = self._call("PUT", ENTRY + "/list", body=body)
        return _matched(answer, answer.rows(shapes.ENTRY), values_list, _own_id)

    # -- paycode rows ------------------------------------------------------------

    def search_salary_rows(self, date_from, date_to, employee_id=None):
        """Hours per paycode without project, both days included.

        Fields: see ``shapes.SALARY_ROW``; ``count`` is in hours.
        """
        return self._search_rows(
            SALARY_ROW, shapes.SALARY_ROW, date_from, date_to, employee_id
        )

    def create_salary_row(
        self, employee_id, salary_type_id, date, count, description=""
    ):
        """Register ``count`` hours on a paycode; one row per employee, date, type.

        The type must be shown in Tripletex's time sheet (DOCUMENTED). There is no
        list form (DOCUMENTED).
        """
        body = _row_body(employee_id, salary_type_id, date, count, description)
        return self._create_row(SALARY_ROW, shapes.SALARY_ROW, body)

    def update_salary_row(
        self,
        row_id,
        version,
        employee_id,
        salary_type_id,
        date,
        count,
        description="",
    ):
        """Replace a paycode row's fields; ``version`` None sends none."""
        body = _row_body(employee_id, salary_type_id, date, count, description)
        return self._update_row(SALARY_ROW, shapes.SALARY_ROW, row_id, version, body)

    def delete_salary_row(self, row_id):
        """Delete a paycode row. Raises NotFound when it is gone already."""
        self._call("DELETE", SALARY_ROW + "/{id}", in_path=[int(row_id)])

    def search_project_salary_rows(
        self, date_from, date_to, employee_id=None, *, project_id=None, activity_id=None
    ):
        """Hours per paycode and project, both days included.

        Fields: see ``shapes.PROJECT_SALARY_ROW``; ``wagePayment`` is set once paid.
        """
        return self._search_rows(
            PROJECT_SALARY_ROW,
            shapes.PROJECT_SALARY_ROW,
            date_from,
            date_to,
            employee_id,
            projectId=project_id,
            activityId=activity_id,
        )

    def create_project_salary_row(
        self,
        employee_id,
        salary_type_id,
        date,
        count,
        description="",
        *,
        project_id,
        activity_id=None,
    ):
        """Register ``count`` hours on a paycode and project.

        Tripletex states no uniqueness for these (DOCUMENTED): look before creating.
        """
        body = _row_body(employee_id, salary_type_id, date, count, description)
        body.update(_project_part(project_id, activity_id))
        return self._create_row(PROJECT_SALARY_ROW, shapes.PROJECT_SALARY_ROW, body)

    def update_project_salary_row(
        self,
        row_id,
        version,
        employee_id,
        salary_type_id,
        date,
        count,
        description="",
        *,
        project_id,
        activity_id=None,
    ):
        """Replace the fields of a paycode row on a project."""
        body = _row_body(employee_id, salary_type_id, date, count, description)
        body.update(_project_part(project_id, activity_id))
        return self._update_row(
            PROJECT_SALARY_ROW, shapes.PROJECT_SALARY_ROW, row_id, version, body
        )

    def delete_project_salary_row(self, row_id):
        """Delete a paycode row on a project."""
        self._call("DELETE", PROJECT_SALARY_ROW + "/{id}", in_path=[int(row_id)])

    def _search_rows(self, path, shape, date_from, date_to, employee_id, **ids):
        ids["employeeId"] = employee_id
        query = {name: int(value) for name, value in ids.items() if value is not None}
        return self._search(path, shape, date_from, date_to, {}, None, **query)

    def _create_row(self, path, shape, body):
        answer = self._call("POST", path, body=body)
        return _matched(answer, [answer.value(shape)], [body], _row_key)[0]

    def _update_row(self, path, shape, row_id, version, body):
        body["id"] = int(row_id)
        if version is not None:
            body["version"] = int(version)
        answer = self._call("PUT", path + "/{id}", in_path=[int(row_id)], body=body)
        return _matched(answer, [answer.value(shape)], [body], _own_id)[0]

    def _read_one(self, path, shape, row_id):
        answer = self._call(
            "GET",
            path + "/{id}",
            in_path=[int(row_id)],
            query={"fields": shape.fields},
        )
        return _matched(answer, [answer.value(shape)], [{"id": row_id}], _own_id)[0]


def _hours(value):
    """Hours as a JSON number with at most two decimals, rounded half up.

    Raises ValueError for what is no finite number.
    """
    try:
        rounded = Decimal(str(value)).quantize(_CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        rounded = Decimal("NaN")
    if not rounded.is_finite():
        raise ValueError("Hours must be a finite number.")
    return float(rounded)


def _ref(value):
    return {"id": int(value)}


def _entry_body(values, update=False):
    """The full set of writable fields; id and version only in updates (MEASURED)."""
    body = {
        "employee": _ref(values["employee_id"]),
        "activity": _ref(values["activity_id"]),
        "date": values["date"].isoformat(),
        "hours": _hours(values["hours"]),
        "comment": values.get("comment") or "",
    }
    if values.get("project_id") is not None:
        body["project"] = _ref(values["project_id"])
    elif update:
        body["project"] = None
    if update:
        body["id"] = int(values["id"])
        if values.get("version") is not None:
            body["version"] = int(values["version"])
    return body


def _row_body(employee_id, salary_type_id, date, count, description):
    return {
        "employee": _ref(employee_id),
        "salaryType": _ref(salary_type_id),
        "date": date.isoformat(),
        "count": _hours(count),
        "description": description or "",
    }


def _project_part(project_id, activity_id):
    part = {"project": _ref(project_id)}
    if activity_id is not None:
        part["activity"] = _ref(activity_id)
    return part


def _own_id(row):
    return int(row["id"])


def _entry_key(row):
    """What makes an entry unique, from an answer's row or from values to send."""
    if "employee_id" in row:
        row = _entry_body(row)
    project = row.get("project")
    return (
        row["employee"]["id"],
        row["date"],
        row["activity"]["id"],
        project["id"] if project else None,
    )


def _row_key(row):
    project, activity = row.get("project"), row.get("activity")
    return (
        row["employee"]["id"],
        row["date"],
        row["salaryType"]["id"],
        project["id"] if project else None,
        activity["id"] if activity else None,
    )


def _matched(answer, rows, sent, key):
    """The answered rows in the order of ``sent``.

    That Tripletex keeps the order is only ASSUMED, so rows are found by ``key``.
    Raises BrokenAnswer when they are not the ones that were sent.
    """
    by_key = {key(row): row for row in rows}
    try:
        found = [by_key.pop(key(values)) for values in sent]
    except KeyError:
        found = None
    if found is None or by_key or len(found) != len(rows):
        raise answer.broken("other rows than those sent")
    return found
