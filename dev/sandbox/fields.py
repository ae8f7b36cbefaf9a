"""Answers: the ``fields`` filter, the rendering of rows, and the envelopes.

A row is a plain dict: values as JSON has them, sub-objects as their id (or a list of
ids), embedded objects as dicts. Keys beginning with ``_`` are never shown.
"""

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

    A name without brackets maps to None. Raises 400/11000 when brackets do not
    match (ASSUMED code for that case).
    """
    if not text or not text.strip():
        return None
    tree, rest = _names(text.replace(" ", ""))
    if rest:
        raise errors.illegal_field(rest, "Fields")
    return tree


def _names(text):
    # Reads names up to the closing bracket; returns them and what follows it.
    tree = {}
    while text:
        end = next((i for i, sign in enumerate(text) if sign in ",()"), len(text))
        name, text = text[:end], text[end:]
        if not name:
            raise errors.illegal_field(text, "Fields")
        tree[name] = None
        if text.startswith("("):
            tree[name], text = _names(text[1:])
            if not text.startswith(")"):
                raise errors.illegal_field(name, "Fields")
            text = text[1:]
        if text.startswith(")") or not text:
            return tree, text
        if not text.startswith(","):
            raise errors.illegal_field(text, "Fields")
        text = text[1:]
    return tree, text


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
            name: _short(row, model, field)
            for name, field in model.fields.items()
            if name == "url" or name in row or name not in SOMETIMES
        }
    for name, inner in (tree or {}).items():
        if name != "*":
            shown[name] = _value(row, model, model.fields[name], inner, company)
    return shown


def _short(row, model, field):
    if field.name == "url":
        return model.url(row["id"])
    value = row.get(field.name)
    if field.model is None or value is None:
        return value
    if field.many:
        return [_reference(item, field.model) for item in value]
    return _reference(value, field.model)


def _reference(value, model):
    if model.path is None:
        return dict(value)
    return {"id": value, "url": model.url(value)}


def _value(row, model, field, inner, company):
    value = row.get(field.name)
    if field.name == "url" or field.model is None or value is None:
        return _short(row, model, field)
    if field.many:
        return [_whole(item, field.model, inner, company) for item in value]
    return _whole(value, field.model, inner, company)


def _whole(value, model, inner, company):
    if model.path is not None:
        value = company.table(model.name).get(value, {"id": value})
    return render(value, model, inner, company)


# -- envelopes -----------------------------------------------------------------------


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


def answer_list(call, rows, model_name, **sums):
    """Return the list envelope of ``rows`` for the query of ``call``.

    ``fullResultSize`` is no total: from + count + 1 when more rows exist (MEASURED).
    Raises 422/23000 when more than 10,000 rows match, however small ``count`` is.
    """
    model = MODELS[model_name]
    tree = parse(call.query.get("fields"))
    check(tree, model)
    start, count = _page(call.query)
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
