"""The page at the root: what the stand-in holds, and a form for each switch.

Everything shown is escaped: comments come from outside.
"""

import html
import pathlib
import string

from .faults import KINDS
from .report import held
from .switches import (
    DAY,
    FLAG,
    JSON,
    LIST,
    LOOKING,
    NUMBER,
    SIGNATURES,
    WHOLE,
    Columns,
    Row,
    Switches,
    parameters,
)

LATEST = 200
FOLDER = pathlib.Path(__file__).parent
TEMPLATE = string.Template((FOLDER / "page.html").read_text(encoding="utf-8"))
INPUTS = {WHOLE: "number", NUMBER: "number", DAY: "date"}


def _escape(value):
    return html.escape("" if value is None else str(value), quote=True)


def _hours(value):
    return f"{value:,.2f}".replace(",", " ")


def _table(heads, rows, empty):
    """``rows`` are lists of texts; numbers are hours and stand to the right."""
    if not rows:
        return f'<p class="none">{empty}</p>'

    def cell(tag, sample, text):
        name = ' class="num"' if isinstance(sample, float) else ""
        shown = _hours(text) if isinstance(text, float) else _escape(text)
        return f"<{tag}{name}>{shown}</{tag}>"

    head = "".join(map(cell, ["th"] * len(heads), rows[0], heads))
    body = "".join(
        f"<tr>{''.join(cell('td', text, text) for text in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _named(row, *columns):
    """Number and name of a row's sub-objects."""
    words = [row[f"{c}{part}"] or "" for c in columns for part in ("Number", "Name")]
    return " ".join(filter(None, words)) or "—"


def _entries(state):
    rows = [
        [
            entry["id"],
            entry["date"],
            _named(entry, "employee"),
            _named(entry, "project"),
            entry["activityName"],
            entry["hours"],
            entry["comment"],
            " ".join(name for name in ("locked", "invoiced") if entry[name]),
        ]
        for entry in state["entries"]
    ]
    heads = ("Id", "Date", "Employee", "Project", "Activity", "Hours", "Comment", "")
    return _table(heads, rows, "No hours yet.")


def _rows(state):
    rows = [
        [
            row["id"],
            row["date"],
            _named(row, "employee"),
            _named(row, "salaryType"),
            row["count"],
            row["description"],
        ]
        for row in state["rows"]
    ]
    heads = ("Id", "Date", "Employee", "Paycode", "Count", "Description")
    return _table(heads, rows, "No hours on paycodes yet.")


def _sums(state):
    rows = [
        [_named(line, "employee"), line["hours"], line["paycodes"]]
        for line in state["sums"]
    ]
    if rows:
        rows.append(["All", float(state["sumHours"]), float(state["sumRows"])])
    return _table(("Employee", "Hours", "On paycodes"), rows, "Nobody yet.")


def _active(state):
    """What is switched on at the moment, one line each."""
    lines = []
    for fault in state["faults"]:
        times = "until cleared" if fault["times"] is None else f"{fault['times']} more"
        where = f"{fault['method'] or 'any'} {fault['path']}"
        lines.append(f"{KINDS[fault['kind']]}: {times}, {where}")
    if state["mix"]:
        rates = state["mix"]["rates"].items()
        shown = ", ".join(f"{kind} {rate:.0%}" for kind, rate in rates)
        lines.append(f"random mix, seed {state['mix']['seed']}: {shown}")
    if state["revokedKeys"]:
        lines.append("the API user key is revoked")
    if state["rights"]["revoked"]:
        lines.append(f"rights missing: {', '.join(state['rights']['revoked'])}")
    for lock in state["lockedMonths"]:
        who = f"employee {lock['employee']}" if lock["employee"] else "everybody"
        lines.append(f"{lock['month']} approved and locked for {who}")
    if state["settings"]["requireCommentsOnRegisteredHoursAllProjects"]:
        lines.append("comments are required")
    if not lines:
        return '<p class="none">No faults: a good day.</p>'
    items = "".join(f"<li>{_escape(line)}</li>" for line in lines)
    return f'<ul class="faults">{items}</ul>'


def _facts(state):
    counts = state["counts"]
    facts = {
        "Hour entries": counts["entries"],
        "Sum of hours": _hours(state["sumHours"]),
        "Paycode rows": counts["rows"],
        "Open sessions": state["sessions"],
        "Calls": state["calls"],
        "Projects": counts["projects"],
        "Paycodes": counts["salaryTypes"],
        "Employees": counts["employees"],
        "Activities": counts["activities"],
    }
    return "".join(
        f"<div><b>{_escape(value)}</b><span>{name}</span></div>"
        for name, value in facts.items()
    )


def _calls(sandbox):
    calls = sandbox.log.listing()[-12:][::-1]
    rows = [
        [
            call["time"][11:19],
            call["method"],
            call["path"],
            call["status"] or "no answer",
            call["fault"],
        ]
        for call in calls
    ]
    return _table(("UTC", "Method", "Path", "Status", "Fault"), rows, "No calls yet.")


# -- forms ---------------------------------------------------------------------------


def _forms(company):
    return "".join(_form(name, company) for name in SIGNATURES if name not in LOOKING)


def _form(name, company):
    fields = []
    for parameter in parameters(name):
        kind, default = parameter.annotation, parameter.default
        if isinstance(kind, Columns):
            for column, its_kind in kind.kinds().items():
                nullable = column in kind.empty.split()
                fields.append(_field(column, its_kind, None, company, nullable))
        else:
            default = None if default is parameter.empty else default
            fields.append(_field(parameter.name, kind, default, company))
    title = _escape(name.replace("_", " ").capitalize())
    told = _escape(getattr(Switches, name).__doc__)
    return (
        f"<details><summary>{title}</summary><p>{told}</p>"
        f'<form data-switch="{name}">{"".join(fields)}<button>{title}</button></form>'
        "</details>"
    )


def _field(name, kind, default, company, nullable=False):
    """A labelled field; "null" can be chosen or typed where it is ``nullable``."""
    choices = _choices(kind, company)
    read_as = kind if kind in (WHOLE, NUMBER, FLAG, LIST, JSON) else "text"
    attributes = f'name="{name}" data-kind="{read_as}"'
    if choices is None:
        shape = "text" if nullable else INPUTS.get(kind, "text")
        value = "" if default is None else f' value="{_escape(default)}"'
        hint = ' placeholder="null: none"' if nullable else ""
        field = f'<input {attributes} type="{shape}" step="any"{value}{hint}>'
    else:
        first = {} if default is not None else {"": ""}
        last = {"null": "none"} if nullable else {}
        chosen = str(default).lower()
        options = "".join(
            f'<option value="{_escape(value)}"{" selected" * (value == chosen)}>'
            f"{_escape(text)}</option>"
            for value, text in (first | choices | last).items()
        )
        field = f"<select {attributes}>{options}</select>"
    return f"<label><span>{name}</span>{field}</label>"


def _choices(kind, company):
    """Texts by value of what can be chosen; None where it is typed."""
    if isinstance(kind, tuple):
        return {word: KINDS.get(word, word) for word in kind}
    if kind == FLAG:
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


def render_page(sandbox):
    """The page as HTML text."""
    with sandbox.state.lock:
        company = sandbox.state.company
        state = held(sandbox, LATEST)
        options = sandbox.state.options
        return TEMPLATE.substitute(
            company=_escape(company.name),
            number=_escape(company.organization_number),
            base_url=_escape(sandbox.base_url),
            consumer_token=_escape(options.consumer_token),
            employee_token=_escape(options.employee_token),
            clock=_escape(state["clock"]),
            facts=_facts(state),
            active=_active(state),
            sums=_sums(state),
            entries=_entries(state),
            rows=_rows(state),
            calls=_calls(sandbox),
            forms=_forms(company),
        )
