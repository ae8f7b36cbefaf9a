"""Request bodies: JSON to a row, refusing what does not belong."""

import json
import math

from . import errors
from .clock import parse_date
from .model import MODELS


def _no_constant(name):
    raise ValueError(name)


def parse(call):
    """The JSON value of the body; raises 422/15000 when absent, 22000 when broken."""
    if not call.body.strip():
        raise errors.missing("request body")
    try:
        value = json.loads(call.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise errors.bad_json() from None
    if value is None:
        raise errors.missing("request body")
    return value


def to_row(value, model_name):
    """Return the writable part of ``value`` as a row; sub-objects become ids.

    Read-only fields are silently ignored, unknown ones and wrong types refused with
    422/16000 (MEASURED). Numbers as texts are refused as well: stricter than needed
    (ASSUMED), so that a careless client shows.
    """
    problems = []
    if not isinstance(value, dict):
        raise errors.not_mapped([(None, "wrong_type", None)])
    row = _map(value, MODELS[model_name], "", problems)
    if problems:
        raise errors.not_mapped(problems)
    return row


def _map(value, model, prefix, problems):
    row = {}
    for name, item in value.items():
        field = model.fields.get(name)
        path = f"{prefix}{name}"
        if field is None:
            problems.append((path, "unknown_field", None))
        elif field.read_only:
            continue
        elif item is None:
            row[name] = None
        elif field.many:
            row[name] = item
        elif field.model is not None:
            row[name] = _map_sub(item, field.model, path, problems)
        elif fits(item, field.kind):
            row[name] = item
        else:
            problems.append((path, "wrong_type", path))
    return row


def _map_sub(item, model, path, problems):
    if not isinstance(item, dict):
        problems.append((path, "wrong_type", path))
        return None
    inner = _map(item, model, f"{path}.", problems)
    return inner.get("id")


def fits(item, kind):
    """Whether the JSON value ``item`` is of the field kind."""
    if kind == "bool":
        return isinstance(item, bool)
    if kind == "int":
        return isinstance(item, int) and not isinstance(item, bool)
    if kind == "num":
        number = isinstance(item, (int, float)) and not isinstance(item, bool)
        return number and math.isfinite(item)
    if kind == "date":
        return _is_date(item)
    return isinstance(item, str)


def _is_date(item):
    try:
        parse_date(item)
    except (TypeError, ValueError):
        return False
    return True
