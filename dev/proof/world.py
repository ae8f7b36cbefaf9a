"""A company in a real Odoo database, connected to a stand-in: all with real commits.

Imported inside Odoo's process only.
"""

import contextlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import RedirectWarning, UserError
from odoo.service.model import retrying

from ..demo import job
from ..sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN

TICKED = {"project_line_ids": 3, "paycode_line_ids": 2, "employee_line_ids": 3}


class Died(BaseException):
    """The worker's process is gone: nothing of ours runs after it."""


class World:
    """What people and workers do; every job is a transaction of its own.

    :param registry: Odoo's registry of a throw-away database
    :param str base_url: the stand-in's address
    :param company_id: a company that :meth:`build` made in another process
    """

    def __init__(self, registry, base_url, company_id=None):
        self.registry = registry
        self.base_url = base_url
        self.context = {"lang": "en_US"}
        self.memory = None  # what jobs note outside the database: see ``Model``
        self._take(company_id)

    def _take(self, company_id):
        self.company_id = company_id
        if company_id:
            self.context = {**self.context, "allowed_company_ids": [company_id]}

    # -- transactions ------------------------------------------------------------

    def do(self, job):
        """Run ``job(env)`` as a request of the administrator.

        What it noted in ``memory`` is undone with its transaction.

        :return: what the job returns, or None when Odoo refused it with a message
        """
        kept = self.memory and self.memory.copy()

        def attempt():
            if kept:
                self.memory.restore(kept)
            return job(env)

        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, self.context)
            env = env(user=env.ref("base.user_admin"), su=False)
            try:
                return retrying(attempt, env)
            except (RedirectWarning, UserError):
                cr.rollback()
                if kept:
                    self.memory.restore(kept)
                return None

    def parallel(self, *jobs):
        """Run jobs without arguments at the same time; raises what one of them did."""
        with ThreadPoolExecutor() as pool:
            running = [pool.submit(job) for job in jobs]
            return [one.result(timeout=300) for one in running]

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
            return job.make_company(env, name, self.base_url, CONSUMER_TOKEN).id

        self._take(self.do(make))
        if not self.connect(TICKED):
            raise RuntimeError("The set-up does not connect to the stand-in.")

    def company(self, env):
        """The company."""
        return env["res.company"].browse(self.company_id)

    def connect(self, ticked=None, send_from=None):
        """Do the whole set-up, see ``demo.job.connect``; True when connected."""

        def setup(env):
            job.connect(env, self.company(env), EMPLOYEE_TOKEN, ticked, send_from)
            return True

        return self.do(setup)

    def disconnect(self, unsent="leave"):
        """Remove the connection as its dialog does; True when it was there."""

        def remove(env):
            connection = self.connection(env)
            if not connection:
                return None
            values = {"connection_id": connection.id, "unsent": unsent}
            env["tripletex.connection.remove"].create(values).action_remove()
            return True

        return self.do(remove)

    def keys_left(self):
        """How many removed connections of the company still hold a key or session."""
        [(count,)] = self.sql(
            "SELECT count(*) FROM tripletex_connection WHERE company_id = %s "
            "AND state = 'disconnected' "
            "AND COALESCE(secret_employee_token, secret_session_token) IS NOT NULL",
            self.company_id,
        )
        return count

    def connection(self, env):
        """The company's active connection, as root; empty when there is none."""
        return self.company(env).sudo().tripletex_connection_id

    def is_connected(self):
        """Whether the company has an active connection."""
        return bool(self.do(lambda env: bool(self.connection(env))))

    def lines(self, env, *domain):
        """The company's timesheet lines."""
        own = [("company_id", "=", self.company_id), ("project_id", "!=", False)]
        return env["account.analytic.line"].search([*own, *domain], order="id")

    def clean(self):
        """Delete what the company holds, so that no later run finds it."""
        # below the ORM, in an order that the database accepts
        for table in ("tripletex_connection", "account_analytic_line"):
            self.sql(f"DELETE FROM {table} WHERE company_id = %s", self.company_id)

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
        for table in ("tripletex_entry", "tripletex_connection"):
            self.sql(
                f"UPDATE {table} SET next_attempt_at = NULL WHERE company_id = %s "
                "AND next_attempt_at IS NOT NULL",
                self.company_id,
            )
