"""The set-up of a large company: reading, showing and Complete."""

import os
import time
from contextlib import contextmanager
from unittest.mock import patch

import requests

from .measure import Row, middle, ratio

EMPLOYEES = 500
REPEAT = 1
#: Rows that a list of the wizard shows at once.
SHOWN = 80


def rows(ground):
    """The table's rows about the set-up; afterwards the company is connected.

    :return: list of :class:`Row`
    """
    setup = ground.env["tripletex.connection.setup"].create(
        {
            "company_id": ground.company.id,
            "environment": "test",
            "employee_token": os.environ["TRIPLETEX_EMPLOYEE_TOKEN"],
        }
    )
    ground.env.cr.commit()
    ground.control.clear_calls()
    steps = [_step(ground, setup) for _step_number in range(3)]
    calls = ground.control.count_calls()
    sizes = "5,000 projects, 300 types, 1,000 employees"
    yield Row(
        f"set-up reading {sizes}",
        "at most 12 calls",
        f"{calls} calls",
        calls <= 12,
        calls,
        sum(taken.queries for taken, _waited in steps),
    )
    slowest = max(taken.seconds - waited for taken, waited in steps)
    yield Row(
        "each of its steps, on the server",
        "under 2 s after Tripletex's answer is there",
        " / ".join(f"{t.seconds - waited:.1f} s" for t, waited in steps),
        slowest < 2,
    )
    yield _complete(ground, setup)


def _step(ground, setup):
    """Press Next and load the form, without the time that Tripletex took."""

    def work():
        setup.action_next()
        ground.env.flush_all()
        setup.web_read(_form(setup))

    with _waiting() as waited:
        taken = ground.meter.take(work)
    ground.env.cr.commit()
    return taken, sum(waited)


def _form(setup):
    """What the form asks for: its fields, and the first page of each list."""
    return {"display_name": {}, "step": {}} | {
        name: {"fields": {"name": {}, "number": {}, "selected": {}}, "limit": SHOWN}
        for name in ("project_line_ids", "paycode_line_ids", "employee_line_ids")
    }


@contextmanager
def _waiting():
    """Seconds that HTTP calls took, in a list."""
    seconds, send = [], requests.Session.send

    def timed(*args, **kwargs):
        started = time.perf_counter()
        try:
            return send(*args, **kwargs)
        finally:
            seconds.append(time.perf_counter() - started)

    with patch.object(requests.Session, "send", timed):
        yield seconds


def _complete(ground, setup):
    setup.employee_line_ids.filtered("selectable")[:EMPLOYEES].selected = True
    ground.env.cr.commit()
    ticked = setup.employee_line_ids.filtered("selected")
    values = [
        {
            "name": line.name,
            "work_email": line.email,
            "company_id": ground.company.id,
            "department_id": line.department_id.id,
        }
        for line in ticked
    ]
    Employee = ground.env["hr.employee"].with_context(mail_create_nolog=True)

    def copies():
        # modules take values out of what they are given
        return [dict(vals) for vals in values]

    completing, creating = [], []
    for _time in range(REPEAT):
        creating.append(ground.meter.take(lambda: Employee.create(copies())))
        ground.env.cr.rollback()
        completing.append(ground.meter.take(setup.action_complete))
        ground.env.cr.rollback()
    times = ratio(completing, creating)
    taken = middle(completing)
    _complete_all(ground, setup)
    return Row(
        f"Complete with {len(ticked)} employees, no logins",
        "at most 2 × a bare create of the same employees",
        f"{times:.2f} ×",
        times <= 2,
        taken.calls,
        taken.queries,
    )


def _complete_all(ground, setup):
    """With projects and paycodes too: the ground for everything that follows."""
    projects = setup.project_line_ids.filtered(
        lambda line: line.selectable and not line.end_date
    )
    projects[:60].selected = True
    setup.paycode_line_ids.filtered("show_in_timesheet")[:3].selected = True
    setup.action_complete()
    ground.env.cr.commit()
    ground.connected()
