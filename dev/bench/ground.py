"""Companies, people and hours to measure on, with clocks and counters."""

import gc
import itertools
import os
import statistics
import time
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from unittest.mock import patch

import requests

from dev.demo import job
from dev.sandbox import SandboxControl

#: A Monday by which the stand-in's projects have begun.
FIRST_DAY = date(2026, 3, 2)
EMPLOYEES = 100
PROJECTS = 30
LINES = 2000


@dataclass
class Taken:
    """What one piece of work took: seconds (of them for HTTP), queries, calls."""

    seconds: float
    http: float
    queries: int
    calls: int


def row(case, goal, measured, holds, taken=None):
    """Return a row of the table; its last cell says whether the goal was reached.

    :param taken: :class:`Taken` whose counts are shown, or None
    """
    print(f"  {case}: {measured}", flush=True)
    counts = (taken.calls, taken.queries) if taken else (None, None)
    return case, goal, measured, *counts, "yes" if holds else "no"


def take(env, work):
    """Do ``work()``, beginning with an empty cache, and return its :class:`Taken`."""
    http, send = [], requests.Session.send

    def timed(*args, **kwargs):
        started = time.perf_counter()
        try:
            return send(*args, **kwargs)
        finally:
            http.append(time.perf_counter() - started)

    env.flush_all()
    env.invalidate_all()
    gc.collect()
    queries = env.cr.sql_log_count
    with patch.object(requests.Session, "send", timed):
        started = time.perf_counter()
        work()
        env.flush_all()
        seconds = time.perf_counter() - started
    return Taken(seconds, sum(http), env.cr.sql_log_count - queries, len(http))


def compared(case, limit, words, subject, reference):
    """Return the row about the median seconds of two lists of :class:`Taken`.

    :param limit: how many times the reference the subject may take
    """
    ours, theirs = (
        statistics.median(taken.seconds for taken in several)
        for several in (subject, reference)
    )
    measured, goal = f"{ours / theirs:.2f} ×", f"at most {limit} × {words}"
    return row(case, goal, measured, ours <= limit * theirs, subject[-1])


class Ground:
    """A connected company and one without a connection, and the work in them.

    :param env: Odoo environment of the superuser on a throw-away database
    """

    def __init__(self, env):
        self.control = SandboxControl(os.environ["TRIPLETEX_BASE_URL"])
        # a plain Boolean on the lines: what the reference writes
        model = env["ir.model"]._get_id("account.analytic.line")
        flag = {"name": "x_bench_flag", "model_id": model, "ttype": "boolean"}
        env["ir.model.fields"].create({**flag, "field_description": "Bench"})
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
        open_ = [("is_closed", "=", False), ("end_date", "=", False)]
        open_.append(("start_date", "<=", str(FIRST_DAY)))
        linked = partial(job.linked, self.env, self.company)
        self.projects = linked("project", "project_id", *open_)[:PROJECTS]
        self.employees = linked("employee", "employee_id")[:EMPLOYEES]
        self.env.cr.commit()

    def lines(self):
        """Make lines of the connected company, each of a key of its own."""
        project = self.projects[next(self._rounds) % len(self.projects)]
        values = line_values(self.employees, project)
        lines = self.env["account.analytic.line"].create(values)
        self.env.cr.commit()
        return lines

    def send(self):
        """Run the cron once, as the scheduler does."""
        self.root["tripletex.entry"]._cron_send()

    def waiting(self):
        """Return how many entries wait to be sent."""
        return self.root["tripletex.entry"].search_count(job.WAITING)


def copies(record, count, **columns):
    """Copy a record in the database alone; in ``columns``, SQL, ``n`` counts from 1."""
    env, table = record.env, record._table
    given = ", ".join(f"'{name}', {sql}" for name, sql in columns.items())
    given = given.replace("%", "%%")
    env.flush_all()
    env.cr.execute(
        f"""
        INSERT INTO {table}
        SELECT made.* FROM {table} origin, generate_series(1, %s) n,
               LATERAL jsonb_populate_record(origin, jsonb_build_object(
                   'id', nextval(pg_get_serial_sequence('{table}', 'id')), {given}
               )) made
         WHERE origin.id = %s
        """,
        [count, record.id],
    )
    env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()
    env.invalidate_all()


def make_people(env, company):
    """Return employees and a project to log hours on, made in plain Odoo."""
    own = {"company_id": company.id}
    people = [{"name": f"Person {number}", **own} for number in range(EMPLOYEES)]
    employees = env["hr.employee"].create(people)
    work = {"name": "Work", "allow_timesheets": True, **own}
    project = env["project.project"].create(work)
    env.cr.commit()
    return employees, project


def line_values(employees, project):
    """Return values of lines of half an hour, day by day for all employees."""
    return [
        {
            "employee_id": employees[index % len(employees)].id,
            "project_id": project.id,
            "date": FIRST_DAY + timedelta(days=index // len(employees)),
            "unit_amount": 0.5,
            "name": f"Work {index}",
        }
        for index in range(LINES)
    ]
