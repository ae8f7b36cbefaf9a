"""A long queue: picking from it, and the worker's memory."""

import os
import time

from odoo.tools import SQL

from .measure import Row

WAITING = 10_000
SENT = (1_000, 100_000)
MEMORY = 20_000
STEADY_AFTER = 2_000
#: Growth of the worker that counts as none, in MiB.
ALLOWANCE = 8
PAGE = os.sysconf("SC_PAGE_SIZE")


def rows(ground):
    """The table's rows about long queues.

    :return: list of :class:`Row`
    """
    return [_picking(ground), _memory(ground)]


def _fill(ground, count, state, first_day):
    """Put entries into the queue without lines: the worker looks at entries alone."""
    connection = ground.root.env["tripletex.connection"].search([], limit=1)
    employees = ground.root.env["tripletex.employee"].search([], limit=500)
    projects = ground.root.env["tripletex.project"].search(
        [("is_closed", "=", False), ("end_date", "=", False)], limit=20
    )
    ground.root.env.execute_query(
        SQL(
            """
            INSERT INTO tripletex_entry
                   (connection_id, company_id, kind, key, date, employee_id,
                    tripletex_employee_id, tripletex_project_id, activity_id,
                    state, hours, sent_hours, foreign_hours, tripletex_id)
            SELECT %(connection)s, %(company)s, 'hours', 'bench ' || day || ' ' || n,
                   day, person.employee_id, person.id, project.id, %(activity)s,
                   %(state)s, 0.5, CASE WHEN %(state)s = 'sent' THEN 0.5 ELSE 0 END, 0,
                   CASE WHEN %(state)s = 'sent' THEN n::text END
              FROM (SELECT n,
                           %(day)s::date + (n / (%(people)s * %(projects)s))::int AS day
                      FROM generate_series(0, %(count)s - 1) AS n) AS number
              JOIN (SELECT id, employee_id,
                           row_number() OVER (ORDER BY id) - 1 AS place
                      FROM tripletex_employee WHERE id IN %(person_ids)s) AS person
                ON person.place = n %% %(people)s
              JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
                      FROM tripletex_project WHERE id IN %(project_ids)s) AS project
                ON project.place = n / %(people)s %% %(projects)s
            """,
            connection=connection.id,
            company=connection.company_id.id,
            activity=connection.default_activity_id.id,
            state=state,
            day=first_day,
            count=count,
            people=len(employees),
            projects=len(projects),
            person_ids=tuple(employees.ids),
            project_ids=tuple(projects.ids),
        )
    )
    ground.root.env.cr.commit()


def _empty(ground):
    ground.root.env.execute_query(
        SQL("DELETE FROM tripletex_entry WHERE key LIKE 'bench %%'")
    )
    ground.root.env.cr.commit()


def _picking(ground):
    """Seconds to pick a batch beside few and beside many sent entries."""
    seconds, plan = [], ""
    _fill(ground, WAITING, "pending", "2027-01-01")
    _fill(ground, SENT[0], "sent", "2020-01-01")
    for count in SENT:
        if count != SENT[0]:
            _fill(ground, count - SENT[0], "sent", "2022-01-01")
        _settle(ground)
        seconds.append(_pick_seconds(ground))
        plan = _plan(ground)
    _empty(ground)
    times = seconds[-1] / seconds[0]
    uses_index = "tripletex_entry_due_idx" in plan
    return Row(
        f"pick a batch of {WAITING:,} waiting among {SENT[-1]:,} sent",
        f"by an index; as long as among {SENT[0]:,} sent",
        f"{times:.1f} ×; " + plan.splitlines()[1].removeprefix("  ->  "),
        uses_index and times < 1.5,
    )


def _settle(ground):
    """What PostgreSQL does by itself before long: forget dead rows, count again."""
    cr = ground.root.env.cr
    cr.commit()
    cr._cnx.autocommit = True
    cr.execute("VACUUM (ANALYZE) tripletex_entry")
    cr._cnx.autocommit = False


def _batch(ground):
    from odoo.addons.hr_timesheet_tripletex.sending.run import due_domain

    connection = ground.root.env["tripletex.connection"].search([], limit=1)
    return ground.root.env["tripletex.entry"]._search(
        due_domain(connection), order="date, id", limit=100
    )


def _pick_seconds(ground):
    query = _batch(ground).select()
    seconds = []
    for _time in range(200):
        started = time.perf_counter()
        ground.root.env.cr.execute(query)
        seconds.append(time.perf_counter() - started)
    # the quickest: a tenth of a millisecond is lost in what else the machine does
    return min(seconds)


def _plan(ground):
    query = _batch(ground).select()
    rows = ground.root.env.execute_query(SQL("EXPLAIN (COSTS OFF) %s", query))
    return "\n".join(row[0] for row in rows)


def _memory(ground):
    """Resident memory of this process while it sends, in MiB."""
    _fill(ground, MEMORY, "pending", "2027-01-01")
    ground.root.env.invalidate_all()
    at = []
    _watch(ground, lambda sent: at.append((sent, _resident())))
    _empty(ground)
    steady = next(mib for sent, mib in at if sent >= STEADY_AFTER)
    growth = at[-1][1] - steady
    return Row(
        f"memory of the worker over {at[-1][0]:,} entries",
        f"flat after the first {STEADY_AFTER:,}",
        f"{growth:+.1f} MiB from {steady:.0f} MiB",
        growth < ALLOWANCE and at[-1][0] >= MEMORY,
    )


def _watch(ground, note):
    """Send everything in one run of the cron and note the memory after each batch.

    :param note: called with the number of entries sent so far
    """
    from odoo.addons.hr_timesheet_tripletex.sending.run import Run

    pick, sent = Run.due_entries, 0

    def due_entries(self):
        nonlocal sent
        entries = pick(self)
        note(sent)
        sent += len(entries)
        return entries

    Run.due_entries = due_entries
    try:
        ground.send()
    finally:
        Run.due_entries = pick


def _resident():
    with open("/proc/self/statm", encoding="ascii") as numbers:
        return int(numbers.read().split()[1]) * PAGE / 2**20
