"""Sending: how long it takes, and the worker's memory over a long queue."""

import os
import time
from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

import psutil

from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import IrCron

from dev.demo.reader import Reader

from .ground import FIRST_DAY, LINES, row, take

#: Every answer of the stand-in takes this long where seconds are compared.
ANSWER_MS = 100
ACCESS = ("BASE_URL", "CONSUMER_TOKEN", "EMPLOYEE_TOKEN")
#: Lines that the plain loop sends; its time per line does not depend on their number.
LOOP_LINES = 200
MEMORY = 20_000
STEADY_AFTER = 2_000
#: Growth of the worker that counts as none, in MiB.
ALLOWANCE = 8


def rows(ground):
    """Return the table's rows about sending."""
    return [_new(ground), _memory(ground)]


def _new(ground):
    ground.send()  # what other measurements left
    ground.lines().action_tripletex_validate()
    ground.env.cr.commit()
    ground.control.fault("slow", times=None, ms=ANSWER_MS)
    try:
        taken = take(ground.root, ground.send)
        loop = _plain_loop(ground) * LINES
    finally:
        ground.control.clear_faults()
    faster = loop / taken.seconds
    return row(
        f"send {LINES:,} keys, {ANSWER_MS} ms per answer",
        "at most 45 calls; at least 30 × faster than one POST per line",
        f"{faster:.0f} × faster ({taken.seconds:.1f} s against {loop:.0f} s, reckoned "
        f"from {LOOP_LINES} lines)",
        taken.calls <= 45 and faster >= 30 and not ground.waiting(),
        taken,
    )


def _plain_loop(ground):
    """Seconds per line of a loop of one POST per line, on the same stand-in."""
    access = (os.environ[f"TRIPLETEX_{name}"] for name in ACCESS)
    chosen = [("employee_id", "in", ground.employees.ids)]
    people = ground.root["tripletex.employee"].search(chosen)
    project = ground.projects[-1].sudo().tripletex_project_ids
    activity = ground.company.sudo().tripletex_connection_id.default_activity_id
    with closing(Reader(*access)) as tripletex:
        started = time.perf_counter()
        for index in range(LOOP_LINES):
            # days after those of the lines: a key holds one entry
            day = FIRST_DAY + timedelta(days=60 + index // len(people))
            body = {
                "employee": {"id": int(people[index % len(people)].tripletex_id)},
                "project": {"id": int(project.tripletex_id)},
                "activity": {"id": int(activity.tripletex_id)},
                "date": str(day),
                "hours": 0.5,
                "comment": "Work",
            }
            tripletex.call("POST", "/timesheet/entry/list", json=[body])
        return (time.perf_counter() - started) / LOOP_LINES


def _fill(ground):
    """Put entries into the queue without lines: the worker looks at entries alone."""
    connection = ground.company.sudo().tripletex_connection_id
    person = ground.root["tripletex.employee"].search([], limit=1)
    project = ground.projects[0].sudo().tripletex_project_ids
    ground.root.execute_query(
        SQL(
            """
            INSERT INTO tripletex_entry
                   (connection_id, company_id, kind, place, date, employee_id,
                    activity_id, state, hours, sent_hours, foreign_hours)
            SELECT %s, %s, 'hours',
                   concat_ws('|', 'hours', %s, '2027-01-01'::date + number, %s, %s),
                   '2027-01-01'::date + number, %s, %s, 'pending', 0.5, 0, 0
              FROM generate_series(1, %s) AS number
            """,
            *(connection.id, connection.company_id.id, person.tripletex_id),
            *(project.tripletex_id, connection.default_activity_id.tripletex_id),
            *(person.employee_id.id, connection.default_activity_id.id, MEMORY),
        )
    )
    ground.root.cr.commit()
    ground.root.invalidate_all()


def _memory(ground):
    """Resident memory of this process while it sends, in MiB."""
    _fill(ground)
    at, commit = [], IrCron._commit_progress

    def note(cron, *args, **kwargs):
        at.append(psutil.Process().memory_info().rss / 2**20)
        return commit(cron, *args, **kwargs)

    with patch.object(IrCron, "_commit_progress", note):
        ground.send()
    # as many commits for each batch, so that the tenth commit is the tenth of all
    steady = at[len(at) * STEADY_AFTER // MEMORY]
    growth = at[-1] - steady
    return row(
        f"memory of the worker over {MEMORY:,} entries",
        f"flat after the first {STEADY_AFTER:,}",
        f"{growth:+.1f} MiB from {steady:.0f} MiB",
        growth < ALLOWANCE and not ground.waiting(),
    )
