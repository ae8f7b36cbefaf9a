"""The page at the root: what the stand-in holds, and buttons for bad days.

Everything shown is escaped: comments come from outside.
"""

import html
import pathlib
import string

from .faults import KINDS
from .report import held

LATEST = 200
FOLDER = pathlib.Path(__file__).parent
TEMPLATE = string.Template((FOLDER / "page.html").read_text(encoding="utf-8"))


def _escape(value):
    return html.escape("" if value is None else str(value), quote=True)


def _hours(value):
    return f"{value:,.2f}".replace(",", " ")


def _options(pairs):
    return "".join(
        f'<option value="{_escape(value)}">{_escape(text)}</option>'
        for value, text in pairs
    )


def _table(heads, rows, empty):
    """``rows`` are lists of ready HTML cells; a cell may be (class, HTML)."""
    if not rows:
        return f'<p class="none">{empty}</p>'
    lines = []
    for row in rows:
        cells = [cell if isinstance(cell, tuple) else ("", cell) for cell in row]
        lines.append(
            "<tr>"
            + "".join(f'<td class="{name}">{text}</td>' for name, text in cells)
            + "</tr>"
        )
    names = [cell[0] if isinstance(cell, tuple) else "" for cell in rows[0]]
    pairs = zip(names, heads, strict=True)
    head = "".join(f'<th class="{name}">{text}</th>' for name, text in pairs)
    body = "".join(lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _named(number, name):
    return f"{_escape(number)} {_escape(name)}".strip()


def _button(text, path, values):
    pairs = ", ".join(f"{key}: {value}" for key, value in values.items())
    return (
        f'<button type="button" data-path="{path}" '
        f'data-do="{_escape("{" + pairs + "}")}">{text}</button>'
    )


def _entry_buttons(entry):
    row = entry["id"]
    action = {"id": row, "action": "'edit'"}
    approve, invoice = (
        "false" if entry[name] else "true" for name in ("approved", "invoiced")
    )
    return " ".join(
        [
            _button(
                "Unapprove" if entry["approved"] else "Approve",
                "entry",
                {"id": row, "approved": approve},
            ),
            _button(
                "Credit" if entry["invoiced"] else "Invoice",
                "entry",
                {"id": row, "invoiced": invoice},
            ),
            _button("Hours…", "person/entry", {**action, "hours": "number('Hours')"}),
            _button("Move…", "person/entry", {**action, "date": "text('New date')"}),
            _button("Delete", "person/entry", {"id": row, "action": "'delete'"}),
        ]
    )


def _entries(state):
    rows = [
        [
            ("date", entry["date"]),
            _named(entry["employeeNumber"], entry["employeeName"]),
            _named(entry["projectNumber"], entry["projectName"]) or "—",
            _escape(entry["activityName"]),
            ("num", _hours(entry["hours"])),
            _escape(entry["comment"]),
            _marks(entry),
            ("buttons", _entry_buttons(entry)),
        ]
        for entry in state["entries"]
    ]
    heads = ("Date", "Employee", "Project", "Activity", "Hours", "Comment", "", "")
    return _table(heads, rows, "No hours yet.")


def _marks(entry):
    marks = [name for name in ("locked", "invoiced") if entry[name]]
    return " ".join(f'<span class="mark">{mark}</span>' for mark in marks)


def _rows(state):
    rows = [
        [
            ("date", row["date"]),
            _named(row["employeeNumber"], row["employeeName"]),
            _named(row["salaryTypeNumber"], row["salaryTypeName"]),
            _named(row["projectNumber"], row["projectName"]) or "—",
            ("num", _hours(row["count"])),
            _escape(row["description"]),
        ]
        for row in [*state["rows"], *state["projectRows"]]
    ]
    heads = ("Date", "Employee", "Paycode", "Project", "Count", "Description")
    return _table(heads, rows, "No hours on paycodes yet.")


def _sums(state):
    rows = [
        [
            _named(line["employeeNumber"], line["employeeName"]),
            ("num", _hours(line["hours"])),
            ("num", _hours(line["paycodes"])),
        ]
        for line in state["sums"]
    ]
    if rows:
        rows.append(
            [
                ("total", "All"),
                ("num total", _hours(state["sumHours"])),
                ("num total", _hours(state["sumRows"])),
            ]
        )
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
    facts = [
        ("Hour entries", counts["entries"]),
        ("Sum of hours", _hours(state["sumHours"])),
        ("Paycode rows", counts["rows"]),
        ("Open sessions", state["sessions"]),
        ("Calls", state["calls"]),
        ("Projects", counts["projects"]),
        ("Paycodes", counts["salaryTypes"]),
        ("Employees", counts["employees"]),
        ("Activities", counts["activities"]),
    ]
    return "".join(
        f"<div><b>{_escape(value)}</b><span>{name}</span></div>"
        for name, value in facts
    )


def _calls(sandbox):
    calls = sandbox.log.listing()[-12:][::-1]
    rows = [
        [
            call["time"][11:19],
            call["method"],
            _escape(call["path"]),
            _escape(call["status"] or "no answer"),
            _escape(call["fault"] or ""),
        ]
        for call in calls
    ]
    return _table(("UTC", "Method", "Path", "Status", "Fault"), rows, "No calls yet.")


def _choices(company):
    """The select boxes of the forms."""
    employees = [
        (row["id"], f"{row['employeeNumber']} {row['displayName']}".strip())
        for row in company.table("Employee").values()
        if not row["isContact"]
    ]
    projects = [
        (row["id"], row["displayName"]) for row in company.table("Project").values()
    ]
    activities = [
        (row["id"], row["name"]) for row in company.table("Activity").values()
    ]
    salary_types = [
        (row["id"], f"{row['number']} {row['name']}")
        for row in company.table("SalaryType").values()
    ]
    return {
        "employees": _options(employees[:LATEST]),
        "projects": _options(projects[:LATEST]),
        "activities": _options(activities[:LATEST]),
        "salary_types": _options(salary_types[:LATEST]),
        "kinds": _options(KINDS.items()),
    }


def render_page(sandbox):
    """The page as HTML text."""
    with sandbox.state.lock:
        company = sandbox.state.company
        state = held(sandbox, company, LATEST)
        today = sandbox.state.clock.today().isoformat()
        options = sandbox.state.options
        return TEMPLATE.substitute(
            company=_escape(company.name),
            number=_escape(company.organization_number),
            base_url=_escape(sandbox.base_url),
            consumer_token=_escape(options.consumer_token),
            employee_token=_escape(options.employee_token),
            clock=_escape(state["clock"]),
            today=today,
            month=today[:7],
            facts=_facts(state),
            active=_active(state),
            sums=_sums(state),
            entries=_entries(state),
            rows=_rows(state),
            calls=_calls(sandbox),
            **_choices(company),
        )
