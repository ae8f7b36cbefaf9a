"""The calls about hour entries."""

from . import bodies, errors
from .company import ENTRY
from .entries import Entries
from .query import (
    among,
    answer_list,
    answer_one,
    answer_rows,
    containing,
    date,
    find_row,
    integer,
    need,
    optional_integer,
    within,
)
from .router import route

RESOURCE = "timesheet/entry"


def _entries(call):
    return Entries(call.state, call.company)


@route("GET", "/timesheet/entry", resource=RESOURCE)
def search(call):
    """dateFrom and dateTo are required, dateTo is excluded (MEASURED, DOCUMENTED)."""
    query = call.query
    need(query, "dateFrom", "dateTo")
    rows = within(
        list(call.company.table(ENTRY).values()),
        date(query, "dateFrom"),
        date(query, "dateTo"),
    )
    rows = among(
        rows,
        query,
        id="id",
        employeeId="employee",
        projectId="project",
        activityId="activity",
    )
    rows = containing(rows, query, comment="comment")
    total = round(sum(row["hours"] for row in rows), 2)
    entries = _entries(call)
    rows = [entries.shown(row) for row in rows]
    return answer_list(call, rows, ENTRY, sums={"sumAllHours": total})


@route("GET", "/timesheet/entry/{id}", resource=RESOURCE)
def get(call, id):
    """One entry."""
    return answer_one(call, _entries(call).shown(find_row(call, ENTRY, id)), ENTRY)


@route("POST", "/timesheet/entry", resource=RESOURCE)
def create(call):
    """201 and the whole entry (MEASURED)."""
    entries = _entries(call)
    row = entries.create(bodies.to_row(bodies.parse(call), ENTRY))
    return answer_one(call, entries.shown(row), ENTRY, 201)


@route("PUT", "/timesheet/entry/{id}", resource=RESOURCE)
def update(call, id):
    """200 and the whole entry; the version is optional (MEASURED)."""
    row_id = integer(id)
    values = bodies.to_row(bodies.parse(call), ENTRY)
    if values.get("id") not in (None, row_id):
        raise errors.invalid("id", "id_mismatch")
    entries = _entries(call)
    return answer_one(call, entries.shown(entries.update(row_id, values)), ENTRY)


@route("DELETE", "/timesheet/entry/{id}", resource=RESOURCE)
def delete(call, id):
    """204, empty (DOCUMENTED)."""
    _entries(call).delete(integer(id), optional_integer(call.query, "version"))
    return 204, None


def _batch(call, write):
    # All or nothing, and the refusal does not say which row it means (MEASURED).
    items = bodies.parse(call)
    if not isinstance(items, list):
        raise errors.not_mapped([(None, "wrong_type", None)])
    entries = _entries(call)
    try:
        rows = [bodies.to_row(item, ENTRY) for item in items]
        with call.company.all_or_nothing():
            written = [write(entries, row) for row in rows]
    except errors.ApiError as refusal:
        raise refusal.without_place() from None
    return [entries.shown(row) for row in written]


@route("POST", "/timesheet/entry/list", resource=RESOURCE)
def create_list(call):
    """201 and the entries in the order sent (order ASSUMED)."""
    rows = _batch(call, lambda entries, row: entries.create(row))
    return answer_rows(call, rows, ENTRY, 201)


def _update_item(entries, row):
    if row.get("id") is None:
        raise errors.required(["id"])
    return entries.update(row["id"], row)


@route("PUT", "/timesheet/entry/list", resource=RESOURCE)
def update_list(call):
    """200 and the entries; every item needs its id."""
    return answer_rows(call, _batch(call, _update_item), ENTRY, 200)
