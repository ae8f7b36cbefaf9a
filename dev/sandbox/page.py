"""The page at the root: what the stand-in holds, and a form for each switch."""

import pathlib

import jinja2

from .faults import KINDS
from .report import held
from .switches import LOOKING, SIGNATURES, Row, Switches, arguments

LATEST = 200
# Comments come from outside: everything is escaped.
JINJA = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
JINJA.filters["hours"] = lambda value: f"{value:,.2f}".replace(",", " ")
PAGE = pathlib.Path(__file__).with_name("page.html").read_text(encoding="utf-8")
TEMPLATE = JINJA.from_string(PAGE)
INPUTS = {"int": "number", "num": "number", "date": "date"}
# The kinds that the page's script turns into JSON values.
READ = ("int", "num", "bool", "list", "json")


def _field(argument, company):
    """What the template shows of one argument of a switch."""
    kind, default = argument.kind, argument.default
    choices = _choices(kind, company)
    null = argument.is_column and argument.nullable
    if choices is not None:
        first = {} if default is not None else {"": ""}
        last = {"null": "none"} if null else {}
        choices, default = first | choices | last, str(default).lower()
    return {
        "name": argument.name,
        "read_as": kind if kind in READ else "text",
        "default": default,
        "choices": choices,
        "null": null,
        "shape": INPUTS.get(kind, "text"),
    }


def _choices(kind, company):
    """Texts by value of what can be chosen; None where it is typed."""
    if isinstance(kind, tuple):
        return {word: KINDS.get(word, word) for word in kind}
    if kind == "bool":
        return {"true": "yes", "false": "no"}
    if not isinstance(kind, Row):
        return None
    rows = list(company.table(kind.model).values())
    rows = rows[-LATEST:] if kind.number is None else rows[:LATEST]
    return {row["id"]: _title(row) for row in rows if not row.get("isContact")}


def _title(row):
    number = row.get("employeeNumber", row.get("number")) or ""
    name = row.get("displayName") or row.get("name") or f"{row['id']} {row['date']}"
    return name if name.startswith(number) else f"{number} {name}"


def render_page(state, base_url):
    with state.lock:
        forms = [
            {
                "name": name,
                "told": getattr(Switches, name).__doc__,
                "fields": [_field(item, state.company) for item in arguments(name)],
            }
            for name in SIGNATURES
            if name not in LOOKING
        ]
        return TEMPLATE.render(
            base_url=base_url,
            options=state.options,
            state=held(state, LATEST),
            kinds=KINDS,
            calls=state.log.listing()[-12:][::-1],
            forms=forms,
        )
