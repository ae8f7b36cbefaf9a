"""A company in a real Odoo database, connected to a stand-in: all with real commits.

Imported inside Odoo's process only.
"""

import contextlib
import threading
import uuid
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import RedirectWarning, UserError
from odoo.service.model import retrying

from ..sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN

PARAMETERS = "hr_timesheet_tripletex."
TICKED = {"project_line_ids": 3, "paycode_line_ids": 2, "employee_line_ids": 3}
# Deleting the company's rows below the ORM, in an order that the database accepts.
CLEANING = (
    "DELETE FROM tripletex_connection WHERE company_id = %s",
    "DELETE FROM account_analytic_line WHERE company_id = %s",
)


class Died(BaseException):
    """The worker's process is gone: nothing of ours runs after it."""


class World:
    """What people and workers do; every job is a transaction of its own.

    :param registry: Odoo's registry of a throw-away database
    :param sandbox: a running ``SandboxServer``
    """

    def __init__(self, registry, sandbox):
        self.registry = registry
        self.sandbox = sandbox
        self.company_id = None
        self.context = {"lang": "en_US"}

    # -- transactions ------------------------------------------------------------

    def do(self, job):
        """Run ``job(env)`` as a request of the administrator.

        :return: what the job returns, or None when Odoo refused it with a message
        """
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, self.context)
            env = env(user=env.ref("base.user_admin"), su=False)
            try:
                return retrying(lambda: job(env), env)
            except (RedirectWarning, UserError):
                cr.rollback()
                return None

    def parallel(self, *jobs):
        """Run jobs without arguments at the same time; raises what one of them did."""
        problems, results = [], [None] * len(jobs)

        def work(index, job):
            try:
                results[index] = job()
            except BaseException as problem:
                problems.append(problem)

        threads = [
            threading.Thread(target=work, args=pair, daemon=True)
            for pair in enumerate(jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=300)
        if problems:
            raise problems[0]
        return results

    def sql(self, statement, *values):
        """Run one statement below the ORM and return its rows."""
        with self.registry.cursor() as cr:
            cr.execute(statement, values)
            return cr.fetchall() if cr.description else []

    # -- ground ------------------------------------------------------------------

    def build(self):
        """Make the company and connect it as the set-up does."""

        name = f"Fjordbygg Proof {uuid.uuid4().hex[:8]} AS"

        def make(env):
            company = env["res.company"].create(
                {"name": name, "country_id": env.ref("base.no").id}
            )
            env.user.company_ids |= company
            parameters = env["ir.config_parameter"]
            parameters.set_param(f"{PARAMETERS}base_url", self.sandbox.base_url)
            parameters.set_param(f"{PARAMETERS}consumer_token", CONSUMER_TOKEN)
            return company.id

        self.company_id = self.do(make)
        self.context = {**self.context, "allowed_company_ids": [self.company_id]}
        if not self.connect(TICKED):
            raise RuntimeError("The set-up does not connect to the stand-in.")

    def connect(self, ticked=None, send_from=None):
        """The whole set-up, from the key to Complete.

        :param ticked: how many rows to tick, by list
        :param send_from: ISO date from which earlier hours are sent, or None
        :return: True when connected
        """

        def job(env):
            setup = env["tripletex.connection.setup"].create(
                {
                    "company_id": self.company_id,
                    "environment": "test",
                    "employee_token": EMPLOYEE_TOKEN,
                }
            )
            while setup.step != "employees":
                setup.action_next()
            for name, count in (ticked or {}).items():
                rows = setup[name].filtered("selectable").filtered(is_useful)
                rows[:count].write({"selected": True})
            setup.send_from = send_from
            setup.action_complete()
            return True

        return self.do(job)

    def disconnect(self):
        """Remove the connection as its dialog does; True when it was there."""

        def job(env):
            connection = self.connection(env)
            if not connection:
                return None
            wizard = env["tripletex.connection.remove"].create(
                {"connection_id": connection.id}
            )
            wizard.action_remove()
            return True

        return self.do(job)

    def keys_left(self):
        """How many removed connections of the company still hold a key or session."""
        [(count,)] = self.sql(
            "SELECT count(*) FROM tripletex_connection WHERE company_id = %s "
            "AND state = 'disconnected' "
            "AND COALESCE(employee_token, session_token) IS NOT NULL",
            self.company_id,
        )
        return count

    def connection(self, env):
        """The company's active connection, as root; empty when there is none."""
        company = env["res.company"].browse(self.company_id)
        return company.sudo().tripletex_connection_id

    def is_connected(self):
        """Whether the company has an active connection."""
        return bool(self.do(lambda env: bool(self.connection(env))))

    def clean(self):
        """Delete what the company holds, so that no later run finds it."""
        for statement in CLEANING:
            self.sql(statement, self.company_id)

        def archive(env):
            own = [("company_id", "=", self.company_id)]
            env["tripletex.connection.setup"].sudo().search(own).unlink()
            env["project.project"].search(own).active = False
            env["hr.employee"].search(own).active = False
            types = env["hr.work.entry.type"].search([("code", "=like", "TT%")])
            types.filtered(lambda found: not found.tripletex_company_ids).unlink()

        self.do(archive)

    # -- workers -----------------------------------------------------------------

    def cron(self):
        """One run of the sending cron, as a worker makes it."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["tripletex.entry"]._cron_send()

    def cron_dies(self, at, after):
        """A run whose process dies before or after its commit number ``at``.

        :return: False when the run ended before it came to that commit
        """
        cron_class = self.registry["ir.cron"]
        original, state = cron_class._commit_progress, {"count": 0, "dead": False}

        def commit(cron, *args, **kwargs):
            state["count"] += 1
            if not state["dead"] and state["count"] < at:
                return original(cron, *args, **kwargs)
            if not state["dead"] and after:
                original(cron, *args, **kwargs)
            state["dead"] = True
            raise Died

        cr = self.registry.cursor()
        try:
            env = api.Environment(cr, SUPERUSER_ID, {})
            with patch.object(cron_class, "_commit_progress", commit):
                env["tripletex.entry"]._cron_send()
        except Died:
            # the database session goes with the process, and its locks with it
            cr._cnx.close()
        with contextlib.suppress(Exception):
            cr.close()
        cr._closed = True
        return state["dead"]

    def let_time_pass(self):
        """Every pause is over."""
        self.sql(
            "UPDATE tripletex_entry SET next_attempt_at = NULL WHERE company_id = %s "
            "AND next_attempt_at IS NOT NULL",
            self.company_id,
        )
        self.sql(
            "UPDATE tripletex_connection SET next_attempt_at = NULL "
            "WHERE company_id = %s AND next_attempt_at IS NOT NULL",
            self.company_id,
        )


def is_useful(row):
    """Leave out paycodes that Tripletex does not take hours on."""
    return "show_in_timesheet" not in row._fields or row.show_in_timesheet
