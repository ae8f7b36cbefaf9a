"""What a request says: its query parameters, filters and JSON body."""

import json
import math

from . import errors
from .clock import parse_date
from .model import MODELS


def integer(value):
    """Return ``value`` as int or raise 422/21000."""
    text = value.strip()
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        # MEASURED
        text = f'Wrong data format! Expected number. For input string: "{value}"'
        raise errors.ApiError(422, 21000, text)
    return int(text)


def optional_integer(query, name):
    """The number of the parameter, or None when absent or empty."""
    return integer(query[name]) if query.get(name) else None


def integers(query, name):
    """The set of a comma list parameter; raises 422/12000."""
    parts = [part.strip() for part in query[name].split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        # The status is MEASURED (the specification says 400), the text ASSUMED.
        text = f"Illegal value in list parameter: {name}"
        raise errors.ApiError(422, 12000, text)
    return {int(part) for part in parts}


def boolean(query, name):
    """Whether the parameter is ``true``; anything else counts as false."""
    return query.get(name, "").lower() == "true"


def date(query, name):
    """The ISO text of a date parameter; raises 422/15000 on nonsense."""
    try:
        return parse_date(query[name]).isoformat()
    except ValueError:
        raise errors.out_of_range(name, "wrong_type") from None


def need(query, *wanted):
    """Raise 422/15000 naming every required parameter that is absent (MEASURED)."""
    absent = [name for name in wanted if not query.get(name)]
    if absent:
        raise errors.missing(*absent)


# How a parameter narrows a list: what it reads from the query, and when a row's value
# stays. "has" is Tripletex's "containing"; "to" is excluded (DOCUMENTED).
FILTERS = {
    "in": (integers, lambda value, wanted: value in wanted),
    "one": (optional_integer, lambda value, wanted: value == wanted),
    "is": (dict.get, lambda value, wanted: value == wanted),
    "has": (dict.get, lambda value, wanted: wanted.lower() in (value or "").lower()),
    "flag": (boolean, lambda value, wanted: value is wanted),
    "from": (date, lambda value, wanted: (value or "") >= wanted),
    "to": (date, lambda value, wanted: (value or "9999") < wanted),
    "least": (optional_integer, lambda value, wanted: value >= wanted),
    "below": (optional_integer, lambda value, wanted: value < wanted),
}


def filtered(query, rows, filters, not_built=""):
    """The rows that the query's filters leave.

    :param filters: ``parameter:way`` or ``parameter:way=column``, ways of FILTERS
    :param not_built: documented parameters that are refused; others are ignored as
        Tripletex does (MEASURED)
    """
    for name in (*not_built.split(), "sorting"):
        if query.get(name):
            # Ignoring it would answer rows that Tripletex leaves out.
            text = "The stand-in does not know this parameter."
            raise errors.out_of_range(name, text)
    for word in filters.split():
        name, way = word.split(":")
        if query.get(name):
            way, _, column = way.partition("=")
            read, keeps = FILTERS[way]
            wanted, column = read(query, name), column or name
            rows = [row for row in rows if keeps(row[column], wanted)]
    return rows


# -- bodies --------------------------------------------------------------------------


def body_of(call):
    """The JSON value of the body; raises 422/15000, 422/22000 or 400/4000."""
    if call.body.strip() in (b"", b"null"):
        raise errors.missing("request body")
    kind = (call.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise errors.refusal("not_json")
    try:
        # ``int`` refuses NaN and the infinities.
        return json.loads(call.body, parse_constant=int)
    except (ValueError, RecursionError):
        raise errors.refusal("bad_json") from None


def to_row(value, model_name):
    """Return the writable part of ``value`` as a row; sub-objects become ids.

    Read-only fields are silently ignored, unknown ones and wrong types refused with
    422/16000 (MEASURED). Numbers as texts are refused as well: stricter than needed
    (ASSUMED), so that a careless client shows.
    """
    if not isinstance(value, dict):
        raise errors.not_mapped([(None, "wrong_type", None)])
    problems = []
    row = _map(value, MODELS[model_name], "", problems)
    if problems:
        raise errors.not_mapped(problems)
    return row


def _map(value, model, prefix, problems):
    row = {}
    for name, item in value.items():
        field, path = model.fields.get(name), f"{prefix}{name}"
        if field is None:
            problems.append((path, "unknown_field", None))
        elif field.read_only:
            continue
        elif item is None or field.many:
            row[name] = item
        elif field.model is not None and isinstance(item, dict):
            row[name] = _map(item, field.model, f"{path}.", problems).get("id")
        elif field.model is None and fits(item, field.kind):
            row[name] = item
        else:
            problems.append((path, "wrong_type", path))
    return row


def fits(item, kind):
    """Whether the JSON value ``item`` is of the field kind."""
    if kind == "date":
        try:
            return bool(parse_date(item))
        except (TypeError, ValueError):
            return False
    if kind == "num":
        return type(item) in (int, float) and math.isfinite(item)
    return type(item) is {"bool": bool, "int": int, "str": str}[kind]
