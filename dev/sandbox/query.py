"""Query parameters, filters, sorting and the list envelope."""

import hashlib
import json

from . import errors, fields
from .clock import parse_date
from .model import MODELS

DEFAULT_COUNT = 1000  # DOCUMENTED
MOST = 10_000  # count above it is refused (REPORTED), rows matched too (DOCUMENTED)

# What versionDigest says without If-None-Match (MEASURED); absent models give null.
NO_DIGEST = "'If-None-Match' header not specified"
DIGESTS = {
    "Activity": NO_DIGEST,
    "Department": NO_DIGEST,
    "Employee": "Checksum not yet supported for this endpoint",
    "Project": NO_DIGEST,
    "TimesheetEntry": NO_DIGEST,
}


def integer(value):
    """Return ``value`` as int or raise 422/21000."""
    text = value.strip()
    if not (text.lstrip("-").isascii() and text.lstrip("-").isdigit()):
        raise errors.not_a_number(value)
    return int(text)


def optional_integer(query, name):
    """The number of the parameter, or None when absent or empty."""
    return integer(query[name]) if query.get(name) else None


def integers(query, name):
    """The set of a comma list parameter, or None when absent or empty."""
    text = query.get(name)
    if not text:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise errors.bad_list(name)
    return {int(part) for part in parts}


def boolean(query, name):
    """True, False, or None when absent; anything but ``true`` counts as false."""
    text = query.get(name)
    return None if not text else text.lower() == "true"


def date(query, name):
    """The ISO text of a date parameter, or None; raises 422/15000 on nonsense."""
    text = query.get(name)
    if not text:
        return None
    try:
        return parse_date(text).isoformat()
    except ValueError:
        raise errors.out_of_range(name, "wrong_type") from None


def need(query, *wanted):
    """Raise 422/15000 naming every required parameter that is absent (MEASURED)."""
    absent = [name for name in wanted if not query.get(name)]
    if absent:
        raise errors.missing(*absent)


def containing(rows, query, /, **columns):
    """Keep rows whose column contains the parameter, ignoring case (DOCUMENTED).

    ``columns`` maps the parameter to the field.
    """
    for name, column in columns.items():
        wanted = (query.get(name) or "").lower()
        if wanted:
            rows = [row for row in rows if wanted in (row[column] or "").lower()]
    return rows


def equal(rows, query, *columns):
    """Keep rows whose boolean column equals the parameter of the same name."""
    for name in columns:
        wanted = boolean(query, name)
        if wanted is not None:
            rows = [row for row in rows if row[name] is wanted]
    return rows


def among(rows, query, /, **columns):
    """Keep rows whose column is one of a comma list of ids."""
    for name, column in columns.items():
        wanted = integers(query, name)
        if wanted is not None:
            rows = [row for row in rows if row[column] in wanted]
    return rows


def within(rows, start, end):
    """Keep rows dated from ``start`` (included) to ``end`` (excluded, DOCUMENTED)."""
    if start:
        rows = [row for row in rows if row["date"] >= start]
    if end:
        rows = [row for row in rows if row["date"] < end]
    return rows


def _sort_value(row, model, path, company):
    for name in path:
        field = model.fields.get(name)
        if field is None:
            raise errors.bad_sorting(name)
        value = row.get(name) if row else None
        if field.model is not None and field.model.path and not field.many:
            model = field.model
            row = company.table(model.name).get(value)
    return (value is not None, value if value is not None else "")


def _sorted(rows, text, model, company):
    for word in reversed([w.strip() for w in (text or "").split(",") if w.strip()]):
        path = word.lstrip("-").split(".")
        if path[0] not in model.fields:
            raise errors.bad_sorting(path[0])
        rows = sorted(
            rows,
            key=lambda row, path=path: _sort_value(row, model, path, company),
            reverse=word.startswith("-"),
        )
    return rows


def _page(query):
    start = optional_integer(query, "from") or 0
    count = optional_integer(query, "count")
    count = DEFAULT_COUNT if count is None else count
    if start < 0:
        raise errors.out_of_range("from", "negative")
    if count < 0:
        raise errors.out_of_range("count", "negative")
    if count > MOST:
        raise errors.out_of_range("count", "above_max", limit=MOST)
    return start, count


def answer_list(call, rows, model_name, *, digest=True, sums=None):
    """Return the list envelope of ``rows`` for the query of ``call``.

    ``fullResultSize`` is no total: from + count + 1 when more rows exist (MEASURED).
    Raises 422/23000 when more than 10,000 rows match, however small ``count`` is.
    """
    model = MODELS[model_name]
    tree = fields.parse(call.query.get("fields"))
    fields.check(tree, model)
    start, count = _page(call.query)
    rows = list(rows)
    if len(rows) > MOST:
        raise errors.too_large()
    rows = _sorted(rows, call.query.get("sorting"), model, call.company)
    page = rows[start : start + count]
    more = len(rows) > start + count
    values = [fields.render(row, model, tree, call.company) for row in page]
    body = {
        "fullResultSize": start + count + 1 if more else start + len(page),
        "from": start,
        "count": len(page),
        "versionDigest": DIGESTS.get(model_name) if digest else None,
        "values": values,
    }
    if sums:
        body.update(sums)
    return _with_digest(call, body)


def _with_digest(call, body):
    # Any If-None-Match makes the digest real; the same one gives 304 (DOCUMENTED).
    asked = call.header("If-None-Match")
    if asked is None or body["versionDigest"] != NO_DIGEST:
        return 200, body
    text = json.dumps(body["values"], sort_keys=True)
    body["versionDigest"] = hashlib.sha256(text.encode()).hexdigest()[:32]
    if asked.strip('"') == body["versionDigest"]:
        return 304, None
    return 200, body


def answer_rows(call, rows, model_name, status):
    """The envelope after writing a list: fullResultSize 0, no digest (MEASURED)."""
    model = MODELS[model_name]
    values = [fields.render(row, model, None, call.company) for row in rows]
    body = {
        "fullResultSize": 0,
        "from": 0,
        "count": len(values),
        "versionDigest": None,
        "values": values,
    }
    return status, body


def answer_one(call, row, model_name, status=200):
    """One object in its ``value`` envelope; reads honour the fields filter."""
    model = MODELS[model_name]
    text = call.query.get("fields") if call.method == "GET" else None
    tree = fields.parse(text)
    fields.check(tree, model)
    return status, {"value": fields.render(row, model, tree, call.company)}


def find_row(call, model_name, text):
    """The row whose id is ``text``; raises 21000, 401/9000 or 404/6000.

    Another company's object gives 401 code 9000 (MEASURED, 2017).
    """
    row_id = integer(text)
    row = call.company.table(model_name).get(row_id)
    if row is not None:
        return row
    if call.method == "GET" and call.state.owner_of(model_name, row_id):
        raise errors.foreign_object()
    raise errors.not_found()
