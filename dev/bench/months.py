"""The board of months of many people: opened, and read back from Tripletex.

Runs in an Odoo shell on a throw-away database of its own; `main(env)` prints rows as
one JSON line.
"""

import json
import os
import statistics
from datetime import timedelta
from functools import partial

from dev.demo import job

from .ground import FIRST_DAY, Ground, row, take
from .job import machine
from .reading import ADDON, PAGE, page_of

PEOPLE = 1_000
DAYS = 5
REPEAT = 5
LIMIT = 2


def main(env):
    """Measure the board of :data:`PEOPLE` people with hours on :data:`DAYS` days."""
    ground = Ground(env)
    _connect(ground)
    _send_hours(ground)
    rows = [_checked(ground), _opened(ground)]
    print(json.dumps({"rows": rows, "machine": machine(env)}))


def _connect(ground):
    key = os.environ["TRIPLETEX_EMPLOYEE_TOKEN"]
    setup = job.begin_setup(ground.env, ground.company, key)
    for _step in range(3):
        setup.action_next()
    setup.employee_line_ids.filtered("selectable")[:PEOPLE].selected = True
    projects = setup.project_line_ids.filtered("selectable")
    projects.filtered(lambda line: not line.end_date)[:10].selected = True
    setup.action_complete()
    ground.connected()


def _send_hours(ground):
    employees = job.linked(ground.env, ground.company, "employee", "employee_id")
    lines = ground.env["account.analytic.line"].create(
        [
            {
                "employee_id": employee.id,
                "project_id": ground.projects[0].id,
                "date": FIRST_DAY + timedelta(days=day),
                "unit_amount": 7.5,
                "name": "Work",
            }
            for employee in employees
            for day in range(DAYS)
        ]
    )
    lines.action_tripletex_validate()
    ground.env.cr.commit()
    while ground.waiting():
        ground.send()
    ground.env.cr.execute(
        "ANALYZE account_analytic_line, tripletex_entry, tripletex_entry_share"
    )
    ground.env.cr.commit()


def _checked(ground):
    months = ground.root["tripletex.month"]
    months._cron_check()  # the first one makes the rows
    ground.env.cr.commit()
    several = []
    for _time in range(REPEAT):
        months.action_check()
        ground.env.cr.commit()
        several.append(take(ground.root, months._cron_check))
    return _row("checked", several)


def _opened(ground):
    action = ground.env.ref(f"{ADDON}.tripletex_month_action")
    model = ground.env[action.res_model]
    specification, _sums, _search = page_of(model, action.search_view_id)
    read = partial(model.web_search_read, [], specification, **PAGE)
    return _row("opened", [take(ground.env, read) for _time in range(REPEAT)])


def _row(what, several):
    """Return the row about the median seconds without what Tripletex takes."""
    seconds = statistics.median(taken.seconds - taken.http for taken in several)
    return row(
        f"month board of {PEOPLE:,} people, {what}",
        f"under {LIMIT} s on the server, after Tripletex's answers",
        f"{seconds:.2f} s",
        seconds < LIMIT,
        several[-1],
    )
