"""Answers: the ``fields`` filter, the rendering of rows, and the envelopes.

A row is a plain dict: values as JSON has them, sub-objects as their id (or a list of
ids), embedded objects as dicts. Keys beginning with ``_`` are never shown.
"""

import functools
import json
import re

from . import errors
from .model import MODELS
from .query import integer, optional_integer

DEFAULT_COUNT = 1000  # DOCUMENTED
MOST = 10_000  # count above it is refused (REPORTED), rows matched too (DOCUMENTED)

# What versionDigest says without If-None-Match (MEASURED); absent models give null.
NO_DIGEST = "'If-None-Match' header not specified"
DIGESTS = {
    "Activity": NO_DIGEST,
    "Employee": "Checksum not yet supported for this endpoint",
    "Project": NO_DIGEST,
    "TimesheetEntry": NO_DIGEST,
}
# Fields that a row may lack: hours without project have nothing to charge (MEASURED).
SOMETIMES = ("version", "projectChargeableHours")


def parse(text):
    """Return ``text`` (``id,project(id,name)``) as nested dicts, or None if empty.

    Raises 400/11000 when brackets do not match (ASSUMED).
    """
    text = (text or "").replace(" ", "")
    if not text:
        return None
    opened = {"(": ": {", "": ": null"}
    tree = re.sub(
        r"([^,()]+)(\(?)", lambda m: json.dumps(m[1]) + opened[m[2]], text
    ).replace(")", "}")
    try:
        if "()" in text:
            raise ValueError("no names in brackets")
        return json.loads(f"{{{tree}}}")
    except (ValueError, RecursionError):
        raise errors.illegal_field(text, "Fields") from None


def check(tree, model):
    """Raise 400/11000 when ``tree`` names a field that ``model`` does not have."""
    for name, inner in (tree or {}).items():
        if name == "*":
            continue
        field = model.fields.get(name)
        if field is None or (inner is not None and field.model is None):
            raise errors.illegal_field(name, model.name)
        check(inner, field.model)


def render(row, model, tree, company):
    """Return ``row`` as Tripletex shows it under the filter ``tree``.

    Without a filter sub-objects are ``{id, url}``; a bare sub-object name gives the
    whole object, personal data included (MEASURED).
    """
    shown = {}
    if tree is None or "*" in tree:
        shown = {
            name: _value(row, model, field, _reference)
            for name, field in model.fields.items()
            if name == "url" or name in row or name not in SOMETIMES
        }
    for name, inner in (tree or {}).items():
        if name != "*":
            whole = functools.partial(_whole, tree=inner, company=company)
            shown[name] = _value(row, model, model.fields[name], whole)
    return shown


def _value(row, model, field, show):
    """The field's value; ``show`` tells a sub-object from its id and model."""
    if field.name == "url":
        return model.url(row["id"])
    value = row.get(field.name)
    if field.model is None or value is None:
        return value
    if field.many:
        return [show(item, field.model) for item in value]
    return show(value, field.model)


def _reference(value, model):
    if model.path is None:
        return dict(value)
    return {"id": value, "url": model.url(value)}


def _whole(value, model, tree, company):
    if model.path is not None:
        value = company.table(model.name).get(value, {"id": value})
    return render(value, model, tree, company)


# -- envelopes -----------------------------------------------------------------------


def _size(query, name, default):
    size = optional_integer(query, name)
    size = default if size is None else size
    if size < 0:
        raise errors.out_of_range(name, "negative")
    return size


def answer_list(call, rows, model_name, **sums):
    """Return the list envelope of ``rows`` for the query of ``call``.

    ``fullResultSize`` is no total: from + count + 1 when more rows exist (MEASURED).
    Raises 422/23000 when more than 10,000 rows match, however small ``count`` is.
    """
    model = MODELS[model_name]
    tree = parse(call.query.get("fields"))
    check(tree, model)
    start = _size(call.query, "from", 0)
    count = _size(call.query, "count", DEFAULT_COUNT)
    if count > MOST:
        raise errors.out_of_range("count", "above_max", limit=MOST)
    if len(rows) > MOST:
        raise errors.refusal("too_large")
    page = rows[start : start + count]
    more = len(rows) > start + count
    return 200, {
        "fullResultSize": start + count + 1 if more else start + len(page),
        "from": start,
        "count": len(page),
        "versionDigest": DIGESTS.get(model_name),
        "values": [render(row, model, tree, call.company) for row in page],
        **sums,
    }


def answer_rows(call, rows, model_name, status):
    """The envelope after writing a list: fullResultSize 0, no digest (MEASURED)."""
    model = MODELS[model_name]
    return status, {
        "fullResultSize": 0,
        "from": 0,
        "count": len(rows),
        "versionDigest": None,
        "values": [render(row, model, None, call.company) for row in rows],
    }


def answer_one(call, row, model_name, status=200):
    """One object in its ``value`` envelope; reads honour the fields filter."""
    model = MODELS[model_name]
    tree = parse(call.query.get("fields")) if call.method == "GET" else None
    check(tree, model)
    return status, {"value": render(row, model, tree, call.company)}


def find_row(call, model_name, text):
    """The row whose id is ``text``; raises 21000, 401/9000 or 404/6000."""
    row_id = integer(text)
    row = call.company.table(model_name).get(row_id)
    if row is None:
        # MEASURED in 2017.
        foreign = call.state.owner_of(model_name, row_id)
        raise errors.refusal("foreign_object" if foreign else "not_found")
    return row
