"""Hour entries and paycode rows: searching, creating, updating, deleting."""

import datetime

from . import shapes
from .bodies import entry_body, entry_key, matched, own_id, row_body, row_key

ENTRY = "/timesheet/entry"
SALARY_ROW = "/timesheet/salaryTypeSpecification"


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

    def delete_entry(self, entry_id, version=None):
        """Delete one entry. Raises NotFound when it is gone already."""
        query = None if version is None else {"version": int(version)}
        self._call("DELETE", ENTRY + "/{id}", in_path=[int(entry_id)], query=query)

    def create_entries(self, values_list):
        """Create many entries in one call; rows come back in the order given.

        Raises AlreadyExists when employee, date, activity and project have one
        (MEASURED; the answer has no id: search for it).
        One bad entry fails them all, and Tripletex does not say which (MEASURED in
        one case). Nothing is called for an empty list.
        """
        if not values_list:
            return []
        body = [entry_body(values) for values in values_list]
        answer = self._call("POST", ENTRY + "/list", body=body)
        return matched(answer, answer.rows(shapes.ENTRY), values_list, entry_key)

    def update_entries(self, values_list):
        """Update many entries in one call; each of ``values_list`` has its ``id``.

        What is left out would be emptied (DOCUMENTED), so everything is sent. A
        given ``version`` that is old raises StaleVersion; an answered version need
        not be one higher (MEASURED).
        """
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
        query = {} if employee_id is None else {"employeeId": int(employee_id)}
        return self._search(
            SALARY_ROW, shapes.SALARY_ROW, date_from, date_to, {}, None, **query
        )

    def get_salary_row(self, row_id):
        """One paycode row. Raises NotFound when it was deleted in Tripletex."""
        answer = self._call(
            "GET",
            SALARY_ROW + "/{id}",
            in_path=[int(row_id)],
            query={"fields": shapes.SALARY_ROW.fields},
        )
        return self._salary_row(answer, {"id": row_id}, own_id)

    def create_salary_row(
        self, employee_id, salary_type_id, date, count, description=""
    ):
        """Register ``count`` hours on a paycode; one row per employee, date, type.

        The type must be shown in Tripletex's time sheet (DOCUMENTED). There is no
        list form (DOCUMENTED).
        """
        body = row_body(employee_id, salary_type_id, date, count, description)
        answer = self._call("POST", SALARY_ROW, body=body)
        return self._salary_row(answer, body, row_key)

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
        body["id"] = int(row_id)
        if version is not None:
            body["version"] = int(version)
        answer = self._call(
            "PUT", SALARY_ROW + "/{id}", in_path=[int(row_id)], body=body
        )
        return self._salary_row(answer, body, own_id)

    def _salary_row(self, answer, asked, key):
        return matched(answer, [answer.value(shapes.SALARY_ROW)], [asked], key)[0]

    def delete_salary_row(self, row_id):
        """Delete a paycode row. Raises NotFound when it is gone already."""
        self._call("DELETE", SALARY_ROW + "/{id}", in_path=[int(row_id)])
