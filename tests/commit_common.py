"""Common base of tests with several database connections and real commits."""

import threading
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name
from odoo.tools import SQL, mute_logger

from ..sending.attempts import Attempts
from .common import TripletexGround


class CommittedCase(BaseCase):
    """Several database connections with real commits.

    A class deletes in ``clean_up`` what it created.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        # Odoo's own runner holds this lock during all tests: threads would wait for it.
        cls.classPatch(Registry, "_lock", DummyRLock())
        # Collisions and lost connections are wanted here.
        cls.enterClassContext(mute_logger("odoo.sql_db"))
        cls.cr = cls.registry.cursor()
        cls.addClassCleanup(cls.cr.close)
        cls.env = api.Environment(cls.cr, SUPERUSER_ID, {})
        cls.addClassCleanup(cls.check_clean)
        cls.make_ground()
        cls.commit()
        cls.addClassCleanup(cls.clean_up)

    @classmethod
    def commit(cls, env=None):
        """Commit ``env``, the class's own by default."""
        (env or cls.env).cr.commit()  # pylint: disable=invalid-commit

    @classmethod
    def make_ground(cls):
        """Create what all tests of the class need; committed afterwards."""

    @classmethod
    def clean_up(cls):
        """Delete what the class created, and commit."""

    @classmethod
    def delete(cls, table, companies):
        """Delete the rows of ``companies`` without asking their models."""
        delete = SQL("DELETE FROM %s", SQL.identifier(table))
        cls.cr.execute(SQL("%s WHERE company_id IN %s", delete, tuple(companies.ids)))

    @classmethod
    def check_clean(cls):
        """Say which class leaves rows behind: later tests would meet them.

        Gates do not count: they say nothing, and deleting records makes them anew.
        """
        cls.cr.rollback()
        cls.cr.execute(
            """SELECT table_name FROM information_schema.tables
                WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
                  AND table_name LIKE 'tripletex%'
                  AND table_name != 'tripletex_gate'"""
        )
        left = {}
        for (table,) in cls.cr.fetchall():
            cls.cr.execute(SQL("SELECT count(*) FROM %s", SQL.identifier(table)))
            left[table] = cls.cr.fetchone()[0]
        left = {table: count for table, count in left.items() if count}
        if left:
            raise AssertionError(f"{cls.__name__} leaves rows behind: {left}")

    def in_parallel(self, *jobs):
        """Run each ``job(env)`` at the same time, each on its own connection."""
        problems = []

        def work(job):
            try:
                self.elsewhere(lambda env: retrying(lambda: job(env), env))
            except Exception as problem:
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        self.assertEqual(problems, [])
        self.env.invalidate_all()

    def elsewhere(self, act):
        """Run and commit ``act(env)`` on its own connection."""
        with self.registry.cursor() as cr:
            act(api.Environment(cr, SUPERUSER_ID, self.env.context))


class WorkersCase(TripletexGround, CommittedCase):
    """A connected company and workers that send its hours."""

    sandbox_options = {"rate_limit": 0}

    @classmethod
    def make_ground(cls):
        cls.lay_ground()

    @classmethod
    def clean_up(cls):
        cls.cr.rollback()
        cls.delete("tripletex_connection_setup", cls.company)
        cls.delete("tripletex_connection", cls.company)
        cls.delete("account_analytic_line", cls.company)
        cls.env.invalidate_all()
        for records in (cls.projects, cls.employees, cls.overtime):
            records.unlink()
        cls.commit()

    def setUp(self):
        super().setUp()
        self.sandbox.reset()
        self.env.cr.rollback()
        self.env.invalidate_all()

    @staticmethod
    def cron(env):
        env["tripletex.entry"]._cron_send()

    def lines(self, count, **values):
        """Commit and return ``count`` validated lines, each with its own place."""
        lines = self.env["account.analytic.line"].browse()
        for index in range(count):
            lines += self.log(
                1 + index / 100,
                employee_id=self.employees[index % 3].id,
                project_id=self.projects[index // 3 % 3].id,
                date=f"2026-03-{1 + index // 9:02}",
                **values,
            )
        lines.action_tripletex_validate()
        self.commit()
        return lines

    def forget(self, lines):
        lines.tripletex_validated = False
        lines.unlink()
        self.env["tripletex.entry"].search([]).unlink()
        self.commit()

    def states(self, lines):
        self.cr.rollback()
        self.env.invalidate_all()
        return set(lines.mapped("tripletex_state"))

    def told_of(self, method):
        """An event that is set when a sender has come through ``method``."""
        event, original = threading.Event(), getattr(Attempts, method)

        def noting(self, *args):
            result = original(self, *args)
            event.set()
            return result

        patcher = patch.object(Attempts, method, noting)
        patcher.start()
        self.addCleanup(patcher.stop)
        return event

    def after(self, owner, name, act):
        """Let ``act()`` happen once, after the method ``name`` of ``owner``."""
        original = getattr(owner, name)
        left = [act]

        def method(self, *args, **kwargs):
            result = original(self, *args, **kwargs)
            if left:
                left.pop()()
            return result

        return patch.object(owner, name, method)

    def change(self, line, hours):
        """Return a function that corrects a validated line as a user does."""

        def act(env):
            own = line.with_env(env)
            own.tripletex_validated = False
            own.unit_amount = hours
            own.tripletex_validated = True

        return lambda: self.elsewhere(act)
