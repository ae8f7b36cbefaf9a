import threading
from contextlib import suppress
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import config

from ..dev.sandbox import EMPLOYEE_TOKEN
from .common import TripletexGround

# Commits are what this file is about.
# pylint: disable=invalid-commit


@tagged("post_install", "-at_install")
class TestSendWorkers(TripletexGround, BaseCase):
    """Several workers and users on one database, over connections of their own.

    Real commits: what the class made is deleted again at its end.
    """

    sandbox_options = {"rate_limit": 0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.cr = cls.registry.cursor()
        cls.addClassCleanup(cls.cr.close)
        cls.env = api.Environment(cls.cr, SUPERUSER_ID, {})
        cls.lay_ground()
        cls.cr.commit()
        cls.addClassCleanup(cls.clean_up)

    @classmethod
    def clean_up(cls):
        cls.cr.rollback()
        for statement in (
            "DELETE FROM tripletex_connection WHERE company_id = %s",
            "DELETE FROM account_analytic_line WHERE company_id = %s",
        ):
            cls.cr.execute(statement, [cls.company.id])
        cls.env.invalidate_all()
        for records in (cls.projects, cls.employees, cls.overtime):
            records.unlink()
        cls.cr.commit()

    def setUp(self):
        super().setUp()
        self.sandbox.reset()
        self.env.cr.rollback()
        self.env.invalidate_all()

    def in_parallel(self, *jobs):
        """Run ``jobs(env)`` at the same time, each on a connection of its own."""
        problems = []

        def work(job):
            try:
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, self.env.context)
                    retrying(lambda: job(env), env)
            except Exception as problem:
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        self.assertEqual(problems, [])
        self.env.invalidate_all()

    @staticmethod
    def cron(env):
        env["tripletex.entry"]._cron_send()

    def lines(self, count, **values):
        """``count`` validated lines of keys of their own, committed."""
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
        self.cr.commit()
        return lines

    def forget(self, lines):
        lines.tripletex_validated = False
        lines.unlink()
        self.env["tripletex.entry"].search([]).unlink()
        self.cr.commit()

    def states(self, lines):
        self.cr.rollback()
        self.env.invalidate_all()
        return set(lines.mapped("tripletex_state"))

    def test_two_workers_send_everything_once(self):
        lines = self.lines(90)
        self.control.fault("slow", times=None, ms=50)
        self.in_parallel(self.cron, self.cron)
        self.control.clear_faults()
        self.assertEqual(len(self.held()), 90)
        posts = self.control.calls(method="POST", template="/timesheet/entry/list")
        self.assertEqual(len(posts), 1)
        self.assertEqual(self.states(lines), {"sent"})
        self.forget(lines)

    def test_users_never_wait_for_tripletex(self):
        lines = self.lines(9)
        self.control.fault("slow", times=None, ms=1500, method="POST")
        under_way = self.told_of("_intend")
        order = []

        def user(env):
            under_way.wait(10)
            own = lines.with_env(env)[:1]
            own.tripletex_validated = False
            own.unit_amount = 9
            own.tripletex_validated = True
            env.cr.commit()
            order.append("user")

        def worker(env):
            env["tripletex.entry"]._cron_send()
            order.append("worker")

        self.in_parallel(worker, user)
        self.control.clear_faults()
        self.assertEqual(order, ["user", "worker"])
        self.in_parallel(self.cron)
        self.assertEqual(self.held()[-1], 9.0)
        self.assertEqual(self.states(lines), {"sent"})
        self.forget(lines)

    def test_remove_ends_the_run_of_a_worker(self):
        """What had left may arrive; nothing leaves after it, and no session stays."""
        lines = self.lines(30)
        self.set_batch_size(10)
        self.connection.session_token = False
        self.cr.commit()
        self.control.fault("slow", times=None, ms=700, method="POST")
        under_way = self.told_of("_intend")

        def administrator(env):
            under_way.wait(20)
            Remove = env["tripletex.connection.remove"]
            Remove.create({"connection_id": self.connection.id}).action_remove()
            env.cr.commit()

        self.in_parallel(self.cron, administrator)
        self.control.clear_faults()
        self.cr.rollback()
        sent = lines.filtered(lambda line: line.tripletex_state == "sent")
        self.assertEqual(len(self.held()), len(sent), "both sides agree")
        self.assertLessEqual(len(sent), 10)
        self.assertEqual(self.connection.state, "disconnected")
        self.assertFalse(self.connection.session_token)
        self.assertEqual(self.control.state()["sessions"], 0)
        self.set_batch_size(100)
        self.connection.write({"state": "connected", "employee_token": EMPLOYEE_TOKEN})
        self.cr.commit()
        self.in_parallel(self.cron)
        self.assertEqual(len(self.held()), 30)
        self.assertEqual(self.states(lines), {"sent"})
        self.forget(lines)

    def set_batch_size(self, rows):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("hr_timesheet_tripletex.batch_size", str(rows))

    def told_of(self, method):
        """An event that is set when a sender has come through ``method``."""
        event, sender = threading.Event(), type(self.env["tripletex.sender.outcome"])
        original = getattr(sender, method)

        def noting(self, *args):
            result = original(self, *args)
            event.set()
            return result

        patcher = patch.object(sender, method, noting)
        patcher.start()
        self.addCleanup(patcher.stop)
        return event

    def test_two_approvers_validate_one_key_at_once(self):
        lines = self.log(2) + self.log(3)
        self.cr.commit()
        barrier = threading.Barrier(2)

        def approver(index):
            def job(env):
                line = lines.with_env(env)[index]
                line.read(["unit_amount"])  # takes the snapshot before the other
                # a repetition after a serialisation error comes alone
                with suppress(threading.BrokenBarrierError):
                    barrier.wait(5)
                line.action_tripletex_validate()

            return job

        self.in_parallel(approver(0), approver(1))
        self.in_parallel(self.cron)
        self.assertEqual(self.held(), [5.0])
        self.forget(lines)

    def test_send_now_needs_no_cron_worker(self):
        lines = self.lines(9)
        self.env["tripletex.entry"].search([]).next_attempt_at = "2099-01-01"
        with patch.dict(config.options, max_cron_threads=0):
            self.connection.action_send_now()
        self.assertEqual(self.held(), [], "not in the user's request")
        self.cr.commit()
        for thread in threading.enumerate():
            if thread.name.startswith("tripletex-"):
                thread.join(timeout=60)
        self.assertEqual(self.states(lines), {"sent"})
        self.forget(lines)
