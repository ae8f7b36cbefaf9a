"""Sending: how long it takes, picking from a long queue, and the worker's memory."""

import os
import time
from contextlib import closing, suppress
from datetime import timedelta
from unittest.mock import patch

import psutil

from odoo.sql_db import Cursor
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import IrCron

from dev.demo.reader import Reader

from .ground import FIRST_DAY, LINES, row, take

#: Every answer of the stand-in takes this long where seconds are compared.
ANSWER_MS = 100
ACCESS = ("BASE_URL", "CONSUMER_TOKEN", "EMPLOYEE_TOKEN")
#: Lines that the plain loop sends; its time per line does not depend on their number.
LOOP_LINES = 200
WAITING = 10_000
#: Sent entries beside which a batch is picked: so many, then so many more.
SENT = (1_000, 100_000)
MEMORY = 20_000
STEADY_AFTER = 2_000
#: Growth of the worker that counts as none, in MiB.
ALLOWANCE = 8


def rows(ground):
    """The table's rows about sending."""
    return [_new(ground), _picking(ground), _memory(ground)]


def _new(ground):
    ground.send()  # what other measurements left
    ground.queue(ground.lines(LINES))
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
    people = ground.root["tripletex.employee"].search(
        [("employee_id", "in", ground.employees.ids)]
    )
    project = ground.root["tripletex.project"].search(
        [("project_id", "=", ground.projects[-1].id)]
    )
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
            tripletex.call("POST", "/timesheet/entry", json=body)
        return (time.perf_counter() - started) / LOOP_LINES


# -- long queues -----------------------------------------------------------------


def _fill(ground, count, state, first_day):
    """Put entries into the queue without lines: the worker looks at entries alone."""
    connection = ground.company.sudo().tripletex_connection_id
    person = ground.root["tripletex.employee"].search([], limit=1)
    project = ground.root["tripletex.project"].search(
        [("project_id", "=", ground.projects[0].id)]
    )
    ground.root.execute_query(
        SQL(
            """
            INSERT INTO tripletex_entry
                   (connection_id, company_id, kind, key, date, employee_id,
                    tripletex_employee_id, tripletex_project_id, activity_id,
                    state, hours, sent_hours, foreign_hours, tripletex_id)
            SELECT %s, %s, 'hours', 'bench ' || day || state, day, %s, %s, %s, %s,
                   state, 0.5, CASE state WHEN 'sent' THEN 0.5 ELSE 0 END, 0,
                   CASE state WHEN 'sent' THEN number::text END
              FROM (SELECT number, %s::date + number AS day, %s AS state
                      FROM generate_series(0, %s - 1) AS number) AS bench
            """,
            *(connection.id, connection.company_id.id, person.employee_id.id),
            *(person.id, project.id, connection.default_activity_id.id),
            *(first_day, state, count),
        )
    )
    ground.root.cr.commit()


def _empty(ground):
    ground.root.cr.execute("DELETE FROM tripletex_entry WHERE key LIKE 'bench %'")
    ground.root.cr.commit()
    ground.root.invalidate_all()


def _picking(ground):
    """Seconds to pick a batch beside few and beside many sent entries."""
    _fill(ground, WAITING, "pending", "2027-01-01")
    query, params = _picked_by(ground)
    cr, seconds = ground.root.cr, []
    for count, first_day in zip(SENT, ("2015-01-01", "2020-01-01"), strict=True):
        _fill(ground, count, "sent", first_day)
        # What PostgreSQL does by itself before long: forget dead rows, count again.
        cr.commit()
        cr._cnx.autocommit = True
        cr.execute("VACUUM (ANALYZE) tripletex_entry")
        cr._cnx.autocommit = False
        times = []
        for _time in range(200):
            started = time.perf_counter()
            cr.execute(query, params)
            times.append(time.perf_counter() - started)
        # the quickest: a tenth of a millisecond is lost in what else the machine does
        seconds.append(min(times))
    cr.execute(f"EXPLAIN (COSTS OFF) {query}", params)
    plan = [line for (line,) in cr.fetchall()]
    _empty(ground)
    times = seconds[1] / seconds[0]
    return row(
        f"pick a batch of {WAITING:,} waiting among {SENT[1]:,} sent",
        f"by an index; as long as among {SENT[0]:,} sent",
        f"{times:.1f} ×; {plan[1].removeprefix('  ->  ')}",
        "tripletex_entry_due_idx" in "".join(plan) and times < 1.5,
    )


class _Noted(BaseException):
    """The statement is known; nothing is to be sent."""


def _picked_by(ground):
    """The statement with which a run of the cron picks its first batch."""
    found, execute = [], Cursor.execute

    def note(cr, query, params=None, *args, **kwargs):
        text, values = (
            (query.code, query.params) if isinstance(query, SQL) else (query, params)
        )
        if 'FROM "tripletex_entry"' in text and "ORDER BY" in text and "LIMIT" in text:
            found.append((text, values))
            raise _Noted
        return execute(cr, query, params, *args, **kwargs)

    with patch.object(Cursor, "execute", note), suppress(_Noted):
        ground.send()
    ground.root.cr.rollback()
    return found[0]


def _memory(ground):
    """Resident memory of this process while it sends, in MiB."""
    _fill(ground, MEMORY, "pending", "2027-01-01")
    at, commit = [], IrCron._commit_progress

    def note(cron, *args, **kwargs):
        at.append(psutil.Process().memory_info().rss / 2**20)
        return commit(cron, *args, **kwargs)

    with patch.object(IrCron, "_commit_progress", note):
        ground.send()
    left = ground.waiting()
    _empty(ground)
    # as many commits for each batch, so that the tenth commit is the tenth of all
    steady = at[len(at) * STEADY_AFTER // MEMORY]
    growth = at[-1] - steady
    return row(
        f"memory of the worker over {MEMORY:,} entries",
        f"flat after the first {STEADY_AFTER:,}",
        f"{growth:+.1f} MiB from {steady:.0f} MiB",
        growth < ALLOWANCE and not left,
    )
