"""The ``fields`` filter and the rendering of rows.

A row is a plain dict: values as JSON has them, sub-objects as their id (or a list
of ids), embedded objects as dicts. Keys beginning with ``_`` are never shown.
"""

from . import errors


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
    if tree is None or "*" in tree:
        shown = {
            name: _short(row, model, field)
            for name, field in model.fields.items()
            if name != "changes"
        }
        if "version" in shown and "version" not in row:
            del shown["version"]
    else:
        shown = {}
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
    if field.name == "changes":
        changes = row.get("_changes", [])
        return [render(c, field.model, inner, company) for c in changes]
    value = row.get(field.name)
    if field.name == "url" or field.model is None or value is None:
        return _short(row, model, field)
    if field.many:
        return [_whole(item, field.model, inner, company) for item in value]
    return _whole(value, field.model, inner, company)


def _whole(value, model, inner, company):
    if model.path is None:
        return render(value, model, inner, company)
    row = company.table(model.name).get(value, {"id": value})
    return render(row, model, inner, company)
