"""Sending: how many calls it takes, and how long."""

import os
import time
from datetime import timedelta

import requests

from odoo import fields

from .ground import FIRST_DAY
from .measure import Row

LINES = 2000
#: Every answer of the stand-in takes this long where seconds are compared.
ANSWER_MS = 100
#: Lines that the plain loop sends; its time per line does not depend on their number.
LOOP_LINES = 200


def rows(ground):
    """The table's rows about sending.

    :return: list of :class:`Row`
    """
    yield _new(ground)
    yield from _merged(ground)
    yield _one_bad(ground)
    yield _bad_person(ground)
    yield from _paycodes(ground)
    yield _idle(ground)


def queue(ground, lines):
    """Validate, so that the cron has work."""
    lines.action_tripletex_validate()
    ground.env.cr.commit()
    return lines


def waiting(ground):
    """How many entries wait to be sent."""
    return ground.root.env["tripletex.entry"].search_count(
        [("state", "in", ("pending", "sending"))]
    )


def _new(ground):
    ground.send()  # what other measurements left
    queue(ground, ground.lines(LINES))
    ground.control.fault("slow", times=None, ms=ANSWER_MS)
    try:
        taken = ground.root.take(ground.send)
        loop = _plain_loop(ground)
    finally:
        ground.control.clear_faults()
    faster = loop * LINES / taken.seconds
    return Row(
        f"send {LINES:,} keys, {ANSWER_MS} ms per answer",
        "at most 45 calls; at least 30 × faster than one POST per line",
        f"{faster:.0f} × faster ({taken.seconds:.1f} s against "
        f"{loop * LINES:.0f} s, reckoned from {LOOP_LINES} lines)",
        taken.calls <= 45 and faster >= 30 and not waiting(ground),
        taken.calls,
        taken.queries,
    )


def _plain_loop(ground):
    """What a loop of one POST per line takes per line, on the same stand-in.

    :return: seconds
    """
    address = os.environ["TRIPLETEX_BASE_URL"]
    with requests.Session() as session:
        session.trust_env = False
        connection = ground.root.env["tripletex.connection"].search([], limit=1)
        session.auth = ("0", connection.session_token)
        bodies = list(_bodies(ground, connection))
        started = time.perf_counter()
        for body in bodies:
            session.post(
                f"{address}/timesheet/entry/list", json=[body]
            ).raise_for_status()
        return (time.perf_counter() - started) / len(bodies)


def _bodies(ground, connection):
    people = connection.env["tripletex.employee"].search(
        [("employee_id", "in", ground.employees.ids)]
    )
    project = connection.env["tripletex.project"].search(
        [("project_id", "=", ground.projects[-1].id)]
    )
    for index in range(LOOP_LINES):
        person = people[index % len(people)]
        # days after those of the lines: a key holds one entry
        day = FIRST_DAY + timedelta(days=60 + index // len(people))
        yield {
            "employee": {"id": int(person.tripletex_id)},
            "project": {"id": int(project.tripletex_id)},
            "activity": {"id": int(connection.default_activity_id.tripletex_id)},
            "date": str(day),
            "hours": 0.5,
            "comment": f"Work {index}",
        }


def _merged(ground):
    lines = ground.lines(500)
    for _copy in range(3):
        lines += lines[:500].copy()
    ground.env.cr.commit()
    queue(ground, lines)
    taken = ground.root.take(ground.send)
    yield Row(
        f"send {LINES:,} lines that merge into 500 keys",
        "at most 12 calls",
        f"{taken.calls} calls",
        taken.calls <= 12 and not waiting(ground),
        taken.calls,
        taken.queries,
    )
    changed = lines[:500]
    changed.action_tripletex_invalidate()
    changed.write({"unit_amount": 0.75})
    queue(ground, changed)
    taken = ground.root.take(ground.send)
    yield Row(
        "change 500 of them",
        "at most 12 calls",
        f"{taken.calls} calls",
        taken.calls <= 12 and not waiting(ground),
        taken.calls,
        taken.queries,
    )


def _one_bad(ground):
    lines = ground.lines(99)
    queue(ground, lines + _bad_lines(ground, ground.employees[40]))
    taken = ground.root.take(ground.send)
    sent = sum(lines.mapped(lambda line: line.tripletex_state == "sent"))
    return Row(
        "one bad row in 100",
        "at most 20 calls, 99 sent in the same run",
        f"{taken.calls} calls, {sent} sent",
        taken.calls <= 20 and sent == 99,
        taken.calls,
        taken.queries,
    )


def _bad_person(ground):
    """Bad rows are usually of one person or project: halving finds them together."""
    lines = ground.lines(1900)
    person = ground.employees[70]
    theirs = lines.filtered(lambda line: line.employee_id == person)[:5]
    lines = (
        theirs
        + (lines - theirs).filtered(lambda line: line.date in theirs.mapped("date"))[
            :95
        ]
    )
    link = ground.env["tripletex.employee"].search([("employee_id", "=", person.id)])
    ground.control.change_employee(
        int(link.tripletex_id), allowInformationRegistration=False
    )
    queue(ground, lines)
    taken = ground.root.take(ground.send)
    ground.control.change_employee(
        int(link.tripletex_id), allowInformationRegistration=True
    )
    sent = sum(lines.mapped(lambda line: line.tripletex_state == "sent"))
    return Row(
        "five bad rows of one person in 100",
        "95 sent in the same run",
        f"{taken.calls} calls, {sent} sent",
        sent == 95,
        taken.calls,
        taken.queries,
    )


def _bad_lines(ground, employee):
    """A line that Tripletex refuses although nothing here says so."""
    project = ground.projects[-2]
    link = ground.env["tripletex.project"].search([("project_id", "=", project.id)])
    ground.control.close_project(int(link.tripletex_id))
    lines = ground.lines_of(employee, project, 1)
    ground.env.cr.commit()
    return lines


def _paycodes(ground):
    kind = ground.env["tripletex.paycode"].search(
        [("show_in_timesheet", "=", True)], limit=1
    )
    kind.transfer_as = "paycode"
    for months, limit in ((0, 0), (2, 100)):
        lines = ground.lines(500, work_entry_type_id=kind.work_entry_type_id.id)
        for day in set(lines.mapped("date")):
            same = lines.filtered(lambda line, day=day: line.date == day)
            same.date = fields.Date.add(day, months=months)
        queue(ground, lines)
        calls, refused, runs, queries = _in_turns(ground, limit)
        sent = not refused and not waiting(ground)
        if limit:
            yield Row(
                f"the same within {limit} calls per 10 s",
                "never above the rate limit",
                f"{refused} calls refused; {runs} runs, each looks first",
                sent,
                calls,
                queries,
            )
        else:
            yield Row(
                "500 paycode rows",
                "at most 505 calls",
                f"{calls} calls",
                sent and calls <= 505,
                calls,
                queries,
            )


def _in_turns(ground, limit):
    """Run the cron until nothing waits, as often as the rate limit makes it pause.

    :return: calls, refused calls, runs, queries
    """
    ground.control.set_rate(limit=limit, window=10)
    ground.control.clear_calls()
    runs = queries = 0
    while waiting(ground) and runs < 20:
        queries += ground.root.take(ground.send).queries
        runs += 1
        # the stand-in's clock stands for the minute until the cron comes back
        ground.control.advance_clock(60)
        ground.root.env["tripletex.connection"].search([]).next_attempt_at = False
        ground.root.env.cr.commit()
    ground.control.set_rate(limit=0)
    calls = ground.control.calls()
    refused = sum(call["status"] == 429 for call in calls)
    return len(calls), refused, runs, queries


def _idle(ground):
    taken = ground.root.take(ground.send)
    return Row(
        "idle cron",
        "0 calls, at most 5 queries",
        f"{taken.calls} calls, {taken.queries} queries",
        taken.calls == 0 and taken.queries <= 5,
        taken.calls,
        taken.queries,
    )
