"""Companies, people and hours to measure on, with clocks and counters."""

import gc
import itertools
import os
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from unittest.mock import patch

import requests

from dev.demo import job
from dev.sandbox import SandboxControl

#: A Monday by which the stand-in's projects have begun.
FIRST_DAY = date(2026, 3, 2)
EMPLOYEES = 100
PROJECTS = 30
DAYS = 20
LINES = 2000


@dataclass
class Taken:
    """What one piece of work took: seconds (of them for HTTP), queries, calls."""

    seconds: float
    http: float
    queries: int
    calls: int


def row(case, goal, measured, holds, taken=None):
    """One line of the table.

    :param holds: whether the goal was reached
    :param taken: :class:`Taken` whose counts are shown, or None
    """
    print(f"  {case}: {measured}", flush=True)
    return {
        "case": case,
        "goal": goal,
        "measured": measured,
        "calls": taken and taken.calls,
        "queries": taken and taken.queries,
        "reached": "yes" if holds else "no",
    }


@contextmanager
def _http():
    """Seconds of each HTTP call, in a list."""
    seconds, send = [], requests.Session.send

    def timed(*args, **kwargs):
        started = time.perf_counter()
        try:
            return send(*args, **kwargs)
        finally:
            seconds.append(time.perf_counter() - started)

    with patch.object(requests.Session, "send", timed):
        yield seconds


def take(env, work):
    """Do ``work()``, beginning with an empty cache, and return what it took.

    :return: :class:`Taken`
    """
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    queries = env.cr.sql_log_count
    with _http() as http:
        started = time.perf_counter()
        work()
        env.flush_all()
        seconds = time.perf_counter() - started
    return Taken(seconds, sum(http), env.cr.sql_log_count - queries, len(http))


def ratio(subject, reference):
    """How many times the reference the subject took, by the medians of their seconds.

    :param subject: non-empty list of :class:`Taken`, as is ``reference``
    """
    median = [
        statistics.median(t.seconds for t in taken) for taken in (subject, reference)
    ]
    return median[0] / median[1]


class Ground:
    """A connected company and one without a connection, and the work in them.

    :param env: Odoo environment of the superuser on a throw-away database
    """

    def __init__(self, env):
        self.control = SandboxControl(os.environ["TRIPLETEX_BASE_URL"])
        # a plain Boolean on the lines: what the reference writes
        env["ir.model.fields"].create(
            {
                "name": "x_bench_flag",
                "model_id": env["ir.model"]._get_id("account.analytic.line"),
                "ttype": "boolean",
                "field_description": "Bench",
            }
        )
        env.cr.commit()
        env = job.as_administrator(env)
        self.company = job.make_company(env, "Fjordbygg AS")
        self.other_company = job.make_company(env, "Uten Tripletex AS")
        companies = (self.company | self.other_company).ids
        self.env = env(context={"allowed_company_ids": companies})
        self.company = self.company.with_env(self.env)
        self.root = self.env(user=1, su=True)
        self._rounds = itertools.count()
        self.employees = self.projects = None

    def connected(self):
        """Take the people and projects that were linked as those who log hours."""
        links = self.env["tripletex.project"].search(
            [
                ("is_closed", "=", False),
                ("start_date", "<=", str(FIRST_DAY)),
                ("end_date", "=", False),
            ]
        )
        self.projects = links.project_id[:PROJECTS]
        links = self.env["tripletex.employee"].search([])
        self.employees = links.employee_id[:EMPLOYEES]
        self.env.cr.commit()

    def lines(self, count):
        """Timesheet lines of the connected company, each of a key of its own."""
        lines = self.env["account.analytic.line"]
        for chunk in range(0, count, EMPLOYEES * DAYS):
            size = min(EMPLOYEES * DAYS, count - chunk)
            project = self.projects[next(self._rounds) % len(self.projects)]
            lines += lines.create(line_values(self.employees, project, size))
        self.env.cr.commit()
        return lines

    def queue(self, lines):
        """Validate, so that the cron has work."""
        lines.action_tripletex_validate()
        self.env.cr.commit()

    def send(self):
        """One run of the cron, as the scheduler runs it."""
        self.root["tripletex.entry"]._cron_send()

    def waiting(self):
        """How many entries wait to be sent."""
        waiting = [("state", "in", ("pending", "sending"))]
        return self.root["tripletex.entry"].search_count(waiting)


def make_people(env, company):
    """Employees and a project to log hours on, in plain Odoo.

    :return: (employees, project)
    """
    employees = env["hr.employee"].create(
        [{"name": f"Person {i}", "company_id": company.id} for i in range(EMPLOYEES)]
    )
    project = env["project.project"].create(
        {"name": "Work", "company_id": company.id, "allow_timesheets": True}
    )
    env.cr.commit()
    return employees, project


def line_values(employees, project, count):
    """Values of lines of half an hour: everybody's first day, then the second, …"""
    return [
        {
            "employee_id": employees[index % len(employees)].id,
            "project_id": project.id,
            "date": FIRST_DAY + timedelta(days=index // len(employees)),
            "unit_amount": 0.5,
            "name": f"Work {index}",
        }
        for index in range(count)
    ]
