"""Sending for many companies with Odoo's real cron workers.

Runs in an Odoo shell on a throw-away database of its own; `main(env)` prints rows,
curves and growth as one JSON line.
"""

import json
import os
import time
from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo import fields
from odoo.tools import SQL

from odoo.addons.hr_timesheet_tripletex.models.database_identity import (
    database_identity,
)

from dev.commands.run import choose_port
from dev.demo import job
from dev.sandbox import SandboxControl
from dev.setup import paths, postgres, process

from . import people
from .ground import FIRST_DAY, row
from .job import machine

ANSWER_MS = 100
LINES = 10
COMPANIES = (1, 10, 50, 200)
WORKERS = (1, 2, 4)
#: What sending may take in units of the calls' own time, by number of workers.
GOALS = {1: 1.3, 2: 0.6, 4: 0.35}
BACKLOGS = (2_000, 20_000)
#: An answer of the slow company, whose hours are paycode rows alone.
SLOW_MS = 30_000
SLOW_PATH = "/timesheet/salaryTypeSpecification*"
#: Companies, and lines of each of them, of which the growth is measured, twice.
GROWN_IN, GROWN = 16, 125
LONGEST_WAIT = 200


def main(env):
    """Measure the part BENCH_PART, or everything."""
    many = Companies(job.as_administrator(env))
    parts = {"curves": many.curves, "beside": many.beside, "people": many.people}
    parts["growth"] = many.growth
    wanted = os.environ.get("BENCH_PART")
    found = {"rows": [], "curves": [], "machine": machine(env)}
    for name in [wanted] if wanted else parts:
        for key, values in parts[name]().items():
            found[key] += values
    print(json.dumps(found))


class Companies:
    """Connected companies with one person and one project each, and their sending.

    :param env: environment of an administrator of a throw-away database
    """

    def __init__(self, env):
        self.control = SandboxControl(os.environ["TRIPLETEX_BASE_URL"])
        job.set_parameters(env)
        names = [{"name": f"Company {number}"} for number in range(COMPANIES[-1])]
        self.companies = env["res.company"].create(names)
        env.user.company_ids |= self.companies
        self.env = env(context={"allowed_company_ids": self.companies.ids})
        self.root = self.env(user=1, su=True)
        self.entries = self.root["tripletex.entry"]
        self.days = 0  # on which hours were logged
        own = [{"name": "One", "company_id": c.id} for c in self.companies]
        work = [{**values, "allow_timesheets": True} for values in own]
        self.projects = self.env["project.project"].create(work)
        self.employees = self.env["hr.employee"].create(own)  # changes the values
        pay = {"name": "Overtime", "code": "BENCH"}
        self.overtime = self.env["hr.work.entry.type"].create(pay)
        self._connect()
        self._only_sending()
        self.env.cr.commit()

    def _connect(self):
        """Connect all companies with one session, as Complete does but in bulk."""
        values = {"environment": "test", "tripletex_company_id": "1"}
        values["database_identity"] = database_identity(self.env)
        own = [{**values, "company_id": company.id} for company in self.companies]
        self.connections = self.root["tripletex.connection"].create(own)
        first = self.connections[0]
        first.employee_token = os.environ["TRIPLETEX_EMPLOYEE_TOKEN"]
        with first._client() as client:
            activities, projects = client.list_activities(), client.list_projects()
            employees, paycodes = client.list_employees(), client.list_salary_types()
        self.env.cr.flush()  # stores the session
        for connection in self.connections - first:
            connection.employee_token = first.employee_token
            connection.session_token = first.session_token
            connection.session_expires = first.session_expires
        activity = next(a for a in activities if a["isProjectActivity"])
        project = next(
            p
            for p in projects
            if not p["isClosed"]
            and not p["endDate"]
            and p["startDate"] <= str(FIRST_DAY)
        )
        paycode = next(p for p in paycodes if p["showInTimesheet"])
        activities = self._link("activity", [activity], is_project_activity=True)
        for connection, activity in zip(self.connections, activities, strict=True):
            connection.default_activity_id = activity
        self._link("employee", employees, employee_id=self.employees)
        self._link("project", [project], project_id=self.projects)
        as_pay = {"transfer_as": "paycode", "work_entry_type_id": self.overtime}
        self._link("paycode", [paycode], **as_pay)

    def _link(self, kind, rows, **values):
        """Link a record of each company to a row, or to the one row, of the stand-in.

        :param values: of the links; of records each company has its own, or all one
        """
        links = []
        for number, connection in enumerate(self.connections):
            found = rows[number % len(rows)]
            link = {"connection_id": connection.id, "tripletex_id": str(found["id"])}
            if kind != "activity":
                link["number"] = str(number + 1)
            for name, value in values.items():
                is_record = hasattr(value, "ids")
                link[name] = value.ids[number % len(value)] if is_record else value
            links.append({**link, "name": kind})
        return self.root[f"tripletex.{kind}"].create(links)

    def _only_sending(self):
        """Let other jobs of Odoo not take the workers' time, and sending when asked."""
        crons = self.root["ir.cron"].search([])
        sending = crons.filtered(lambda cron: "_cron_send" in (cron.code or ""))
        (crons - sending).active = False
        sending.nextcall = fields.Datetime.now() + timedelta(days=1)
        self.root["ir.cron.trigger"].search([]).unlink()
        self.root["tripletex.lookup"].search([]).unlink()

    # -- work ------------------------------------------------------------------------

    def lines(self, numbers, lines=LINES, **values):
        """Make lines of these companies, on days of their own."""
        days = range(self.days, self.days + lines)
        self.days += lines
        return self.env["account.analytic.line"].create(
            [
                {
                    "company_id": self.companies[number].id,
                    "employee_id": self.employees[number].id,
                    "project_id": self.projects[number].id,
                    "date": FIRST_DAY + timedelta(days=day),
                    "unit_amount": 0.5,
                    "name": "Work",
                    **values,
                }
                for number in numbers
                for day in days
            ]
        )

    def waiting(self, connections):
        """Return how many hour entries of the connections wait, seen anew."""
        self.env.cr.commit()
        own = [("connection_id", "in", connections.ids), ("kind", "=", "hours")]
        return self.entries.search_count([*job.WAITING, *own])

    def send(self, connections):
        """Wake the workers, wait until nothing waits; return the calls made."""
        self.control.clear_calls()
        self.entries._wake_cron()
        wait_until(lambda: not self.waiting(connections), pause=0.5)
        calls = self.control.calls()
        return [call for call in calls if call["path"].startswith("/timesheet/entry")]

    def forget_waiting(self):
        """Let nothing wait any more, however far the sending came."""
        self.env.cr.commit()  # what the workers wrote last is seen
        self.entries.search(job.WAITING).state = "failed"
        self.env.cr.commit()

    # -- parts of the benchmark ------------------------------------------------------

    def curves(self):
        """Sending in units of the calls' own time, by number of companies, workers."""
        with self.answers_after(ANSWER_MS):
            curves = [[n, *(self._times(n, w) for w in WORKERS)] for n in COMPANIES]
        rows = [
            row(
                f"{COMPANIES[-1]} companies with {LINES} lines each, {ANSWER_MS} ms an "
                f"answer, cron workers: {workers}",
                f"at most {GOALS[workers]} × the calls' own time",
                f"{times:.2f} ×",
                times <= GOALS[workers],
            )
            for workers, times in zip(WORKERS, curves[-1][1:], strict=True)
        ]
        return {"rows": rows, "curves": curves}

    def _times(self, count, workers):
        self.lines(range(count)).action_tripletex_validate()
        with serving(self.env.cr.dbname, workers):
            calls = self.send(self.connections)
        times = seconds_of(calls) / (len(calls) * ANSWER_MS / 1000)
        print(f"  {count} companies, {workers} workers: {times:.2f} ×", flush=True)
        return times

    def beside(self):
        """One company's hours beside another's backlog, or beside slow answers."""
        with self.answers_after(ANSWER_MS):
            rows = [self._beside_backlog(n, size) for n, size in enumerate(BACKLOGS)]
            rows.append(self._beside_slow(1, "known to be slow", SLOW_MS // 1000))
            rows.append(self._beside_slow(2, "not known yet", 0))
        return {"rows": rows}

    def _beside_backlog(self, number, size):
        small = self.connections[1]
        self._fill(self.connections[0], size, first=sum(BACKLOGS[:number]))
        line = self.lines([1], 1)
        self.control.clear_calls()
        with serving(self.env.cr.dbname, 1):
            self.entries._wake_cron()
            self.env.cr.commit()
            wait_until(lambda: self.control.count_calls() >= 5)
            line.action_tripletex_validate()
            self.env.cr.commit()
            before = self.control.count_calls()
            wait_until(lambda: not self.waiting(small))
            calls = self.control.count_calls() - before - 2  # its own look and list
        self.forget_waiting()
        return row(
            f"one line of a company while another has {size:,} waiting",
            "arrives after at most 3 more calls for the other",
            f"{calls} calls",
            calls <= 3,
        )

    def _fill(self, connection, count, first):
        """Put entries into the queue without lines: the worker looks at entries alone.

        :param first: days by which their dates are later
        """
        number = self.connections.ids.index(connection.id)
        activity = connection.default_activity_id
        own = [("connection_id", "=", connection.id)]
        employee = self.root["tripletex.employee"].search(own)
        project = self.root["tripletex.project"].search(own)
        self.root.execute_query(
            SQL(
                """
                INSERT INTO tripletex_entry
                       (connection_id, company_id, kind, place, date, employee_id,
                        activity_id, state, hours, sent_hours, foreign_hours)
                SELECT %s, %s, 'hours', concat_ws('|', 'hours', %s, day, %s, %s), day,
                       %s, %s, 'pending', 0.5, 0, 0
                  FROM (SELECT '2027-01-01'::date + number AS day
                          FROM generate_series(%s, %s) AS number) days
             RETURNING id
                """,
                *(connection.id, connection.company_id.id, employee.tripletex_id),
                *(project.tripletex_id, activity.tripletex_id),
                *(self.employees[number].id, activity.id, first, first + count - 1),
            )
        )
        self.root.invalidate_all()

    def _beside_slow(self, workers, words, known):
        others = self.connections[1:]
        seconds = []
        for has_slow in (False, True):
            self.lines(range(1, len(self.connections)), 1).action_tripletex_validate()
            if has_slow:
                slow = self.lines([0], 1, work_entry_type_id=self.overtime.id)
                slow.action_tripletex_validate()
                self.connections[0].seconds_per_call = known
                self.control.fault("slow", times=None, ms=SLOW_MS, path=SLOW_PATH)
            with serving(self.env.cr.dbname, workers):
                seconds.append(seconds_of(self.send(others)))
            self.forget_waiting()
        times = seconds[1] / seconds[0]
        return row(
            f"{len(others)} companies beside one with {SLOW_MS // 1000} s an answer, "
            f"{words}, cron workers: {workers}",
            "at most 1.1 × without it",
            f"{times:.2f} ×",
            times <= 1.1,
        )

    def people(self):
        """People who validate lines of one company while they are sent."""
        lines = self.lines([0], 5 * people.PEOPLE)
        self.env.cr.commit()
        found = []
        for crons, lasting in enumerate(people.SECONDS):
            port = choose_port()
            ports = {"http_port": port, "gevent_port": port + 1}
            http = {"workers": 2, "http_enable": True, **ports}
            with serving(self.env.cr.dbname, crons, **http):
                address = f"http://127.0.0.1:{port}"
                database = self.env.cr.dbname
                found.append(people.press(address, database, lines, lasting))
        return {"rows": [people.compared(found[0][0], *found[1])]}

    def growth(self):
        """What the database keeps of a line that was sent, and of a run."""
        sizes = []
        for _time in range(2):
            lines = self.lines(range(GROWN_IN), GROWN)
            lines.action_tripletex_validate()
            self.entries._cron_send()
            sizes.append(self._sizes())
        count = len(lines)
        grown = {
            table: (sizes[1][table] - sizes[0][table]) / count for table in sizes[1]
        }
        grown = {table: size for table, size in grown.items() if size >= 1}
        own = sum(size for table, size in grown.items() if "tripletex" in table)
        print("  bytes a line:", grown, flush=True)
        words = "database growth per sent line, entry and share with their indexes"
        return {"rows": [row(words, "stated", f"{own:.0f} bytes", own)]}

    def _sizes(self):
        """Bytes of each table with its indexes, without what is dead."""
        self.env.cr.commit()
        postgres.sql("VACUUM FULL", self.env.cr.dbname)
        size = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
        return dict(self.root.execute_query(SQL(size)))

    @contextmanager
    def answers_after(self, ms):
        """Let each answer of the stand-in take so many milliseconds."""
        self.control.fault("slow", times=None, ms=ms)
        try:
            yield
        finally:
            self.control.clear_faults()


def seconds_of(calls):
    """Return the seconds from the first call until the last is answered."""
    first, last = (datetime.fromisoformat(calls[n]["time"]) for n in (0, -1))
    return (last - first).total_seconds() + ANSWER_MS / 1000


def wait_until(is_so, pause=0.05):
    """Return as soon as ``is_so()``.

    :param pause: seconds after which it is asked again
    :raise TimeoutError: it is not for too long
    """
    give_up = time.monotonic() + LONGEST_WAIT
    while not is_so():
        if time.monotonic() > give_up:
            raise TimeoutError("The workers do not do what is measured.")
        time.sleep(pause)


@contextmanager
def serving(database, crons, **settings):
    """Have Odoo's processes at work, among them ``crons`` cron workers.

    :param settings: further ones of Odoo's configuration file
    """
    settings = {"workers": 1, "http_enable": False, **settings}
    config = process.write_config(database, max_cron_threads=crons, **settings)
    log = paths.LOGS / "bench-odoo.log"
    alive = "WorkerCron" if crons else "WorkerHTTP"
    with process.serving(config, log):
        wait_until(lambda: log.read_text("utf-8").count(alive) >= (crons or 1))
        time.sleep(2)  # the workers look once, and find nothing
        yield
