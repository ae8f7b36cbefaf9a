"""Hour entries and paycode rows: searching, creating, updating, deleting."""

import datetime

from . import shapes
from .bodies import (
    entry_body,
    entry_key,
    matched,
    own_id,
    project_part,
    row_body,
    row_key,
)

ENTRY = "/timesheet/entry"
SALARY_ROW = "/timesheet/salaryTypeSpecification"
PROJECT_SALARY_ROW = "/timesheet/salaryProjectTypeSpecification"


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

        # the calendar ends one day before the last that could be asked for
        day = datetime.timedelta(days=1)
        end = min(date_to, datetime.date.max - day) + day
        return self._narrowed(read, date_from, end, progress)

    def get_entry(self, entry_id):
        """One entry. Raises NotFound when it was deleted in Tripletex."""
        return self._read_one(ENTRY, shapes.ENTRY, entry_id)

    def create_entry(self, values):
        """Create one entry and return it as Tripletex keeps it.

        Raises AlreadyExists when employee, date, activity and project have one
        (MEASURED; the answer has no id: search for it).
        """
        answer = self._call("POST", ENTRY, body=entry_body(values))
        return matched(answer, [answer.value(shapes.ENTRY)], [values], entry_key)[0]

    def update_entry(self, entry_id, values):
        """Replace one entry's fields with the full set of ``values``.

        What is left out would be emptied (DOCUMENTED), so everything is sent. A
        given ``version`` that is old raises StaleVersion; an answered version need
        not be one higher (MEASURED).
        """
        body = entry_body({**values, "id": entry_id}, update=True)
        answer = self._call("PUT", ENTRY + "/{id}", in_path=[int(entry_id)], body=body)
        row = answer.value(shapes.ENTRY)
        return matched(answer, [row], [{"id": entry_id}], own_id)[0]

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
        body = [entry_body(values) for values in values_list]
        answer = self._call("POST", ENTRY + "/list", body=body)
        return matched(answer, answer.rows(shapes.ENTRY), values_list, entry_key)

    def update_entries(self, values_list):
        """Update many entries in one call; each of ``values_list`` has its ``id``."""
        if not values_list:
            return []
        body = [entry_body(values, update=True) for values in values_list]
        answer = self._call("PUT", ENTRY + "/list", body=body)
        return matched(answer, answer.rows(shapes.ENTRY), values_list, own_id)

    # -- paycode rows ------------------------------------------------------------

    def search_salary_rows(self, date_from, date_to, employee_id=None):
        """Hours per paycode without project, both days included.

        Fields: see ``shapes.SALARY_ROW``; ``count`` is in hours.
        """
        return self._search_rows(
            SALARY_ROW, shapes.SALARY_ROW, date_from, date_to, employee_id
        )

    def get_salary_row(self, row_id):
        """One paycode row. Raises NotFound when it was deleted in Tripletex."""
        return self._read_one(SALARY_ROW, shapes.SALARY_ROW, row_id)

    def create_salary_row(
        self, employee_id, salary_type_id, date, count, description=""
    ):
        """Register ``count`` hours on a paycode; one row per employee, date, type.

        The type must be shown in Tripletex's time sheet (DOCUMENTED). There is no
        list form (DOCUMENTED).
        """
        body = row_body(employee_id, salary_type_id, date, count, description)
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
        body = row_body(employee_id, salary_type_id, date, count, description)
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
        body = row_body(employee_id, salary_type_id, date, count, description)
        body.update(project_part(project_id, activity_id))
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
        body = row_body(employee_id, salary_type_id, date, count, description)
        body.update(project_part(project_id, activity_id))
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
        return matched(answer, [answer.value(shape)], [body], row_key)[0]

    def _update_row(self, path, shape, row_id, version, body):
        body["id"] = int(row_id)
        if version is not None:
            body["version"] = int(version)
        answer = self._call("PUT", path + "/{id}", in_path=[int(row_id)], body=body)
        return matched(answer, [answer.value(shape)], [body], own_id)[0]

    def _read_one(self, path, shape, row_id):
        answer = self._call(
            "GET",
            path + "/{id}",
            in_path=[int(row_id)],
            query={"fields": shape.fields},
        )
        return matched(answer, [answer.value(shape)], [{"id": row_id}], own_id)[0]
