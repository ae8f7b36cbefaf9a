"""What is sent for hours, and how an answer's rows are told to be the same ones."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_CENT = Decimal("0.01")


def _hours(value):
    """Hours as a JSON number with two decimals, rounded half up, or a ValueError."""
    try:
        rounded = Decimal(str(value)).quantize(_CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        rounded = Decimal("NaN")
    if not rounded.is_finite():
        raise ValueError("Hours must be a finite number.")
    return float(rounded)


def _ref(value):
    return {"id": int(value)}


def entry_body(values, update=False):
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


def row_body(employee_id, salary_type_id, date, count, description):
    """A paycode row's writable fields; ``count`` in hours."""
    return {
        "employee": _ref(employee_id),
        "salaryType": _ref(salary_type_id),
        "date": date.isoformat(),
        "count": _hours(count),
        "description": description or "",
    }


def own_id(row):
    """The row's id, from an answer or from values to send."""
    return int(row["id"])


def entry_key(row):
    """What makes an entry unique, from an answer's row or from values to send."""
    if "employee_id" in row:
        row = entry_body(row)
    project = row.get("project")
    return (
        row["employee"]["id"],
        row["date"],
        row["activity"]["id"],
        project["id"] if project else None,
    )


def row_key(row):
    """What a paycode row is about, from an answer's row or from a body to send."""
    return (row["employee"]["id"], row["date"], row["salaryType"]["id"])


def matched(answer, rows, sent, key):
    """The answered rows in the order of ``sent``: Tripletex's order is ASSUMED only."""
    by_key = {key(row): row for row in rows}
    found = [by_key.pop(key(values), None) for values in sent]
    if by_key or None in found or len(found) != len(rows):
        raise answer.broken("other rows than those sent")
    return found
