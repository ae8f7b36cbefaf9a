import threading
from contextlib import suppress
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import config, mute_logger

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

    def elsewhere(self, act):
        """``act(env)`` on a connection of its own, committed."""
        with self.registry.cursor() as cr:
            act(api.Environment(cr, SUPERUSER_ID, self.env.context))

    def after(self, model, name, act):
        """Let ``act()`` happen once, after the method ``name`` of ``model``."""
        owner = type(self.env[model])
        original = getattr(owner, name)
        left = [act]

        def method(self, *args, **kwargs):
            result = original(self, *args, **kwargs)
            if left:
                left.pop()()
            return result

        return patch.object(owner, name, method)

    def change(self, line, hours):
        """What a user does who corrects a validated line."""

        def act(env):
            own = line.with_env(env)
            own.tripletex_validated = False
            own.unit_amount = hours
            own.tripletex_validated = True

        return lambda: self.elsewhere(act)

    def test_hours_changed_between_look_and_write_are_looked_at_anew(self):
        line = self.lines(1)
        change = self.change(line, 6)
        with mute_logger("odoo.sql_db"):
            with self.after("tripletex.sender.hours", "_look", change):
                self.in_parallel(self.cron)
        self.assertEqual(self.held(), [6.0])
        posts = self.control.calls(method="POST", template="/timesheet/entry/list")
        self.assertEqual(len(posts), 1, "nothing left for the old figure")
        self.assertEqual(self.states(line), {"sent"})
        self.forget(line)

    def test_hours_that_change_at_every_look_end_the_run(self):
        line = self.lines(1)
        owner = type(self.env["tripletex.sender.hours"])
        original = owner._look
        looks = []

        def look(sender, *args):
            found = original(sender, *args)
            looks.append(found)
            self.change(line, 1 + len(looks))()
            return found

        with mute_logger("odoo.sql_db"), patch.object(owner, "_look", look):
            self.in_parallel(self.cron)
        self.assertEqual((len(looks), self.held()), (6, []))
        self.assertEqual(self.states(line), {"pending"})
        self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([7.0], {"sent"}))
        self.forget(line)

    def test_a_result_is_kept_although_a_user_holds_the_entry(self):
        """Two transactions meet when the answer is written: the later one repeats."""
        line = self.lines(1)
        entry = self.entries_of(line)
        answered = threading.Event()
        locked = threading.Event()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )

        def user(env):
            answered.wait(30)
            env.cr.execute(
                "UPDATE tripletex_entry SET write_date = now() WHERE id = %s",
                [entry.id],
            )
            locked.set()
            with self.registry.cursor() as cr:
                for _look in range(200):
                    cr.execute(waiting)
                    if cr.fetchone()[0]:
                        break
                    cr.rollback()
                    threading.Event().wait(0.05)
            env.cr.commit()

        def meet():
            answered.set()
            locked.wait(30)

        with mute_logger("odoo.sql_db"):
            with self.after("tripletex.sender.hours", "_written", meet):
                self.in_parallel(self.cron, user)
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.forget(line)

    def test_a_connection_changed_meanwhile_is_taken_up_again_soon(self):
        line = self.lines(1)

        def act(env):
            self.connection.with_env(env).last_sent_at = "2020-01-01"

        with mute_logger("odoo.sql_db"):
            with self.after(
                "tripletex.sender", "_waiting", lambda: self.elsewhere(act)
            ):
                self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.assertFalse(self.connection.next_attempt_at, "no fault of ours")
        self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.forget(line)

    def lose_session_after(self, model, method):
        """One run of the cron whose database session ends after ``method``."""
        sessions = []

        def lose():
            with self.registry.cursor() as cr:
                cr.execute("SELECT pg_terminate_backend(%s)", sessions)

        with (
            mute_logger("odoo.sql_db"),
            self.after(model, method, lose),
            suppress(psycopg2.Error),
            self.registry.cursor() as cr,
        ):
            cr.execute("SELECT pg_backend_pid()")
            sessions.append(cr.fetchone()[0])
            self.cron(api.Environment(cr, SUPERUSER_ID, self.env.context))

    def test_a_database_session_lost_at_the_end_of_a_run(self):
        """Its lock goes with it: the next worker sends."""
        line = self.lines(1)
        self.lose_session_after("tripletex.sender", "_run")
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.change(line, 6)()
        self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([6.0], {"sent"}))
        self.forget(line)

    def test_a_database_session_lost_after_the_answer(self):
        """The hours are there, nothing says so yet: the next worker finds them."""
        line = self.lines(1)
        self.lose_session_after("tripletex.sender.hours", "_written")
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"pending"}))
        self.assertEqual(self.entries_of(line).mapped("state"), ["sending"])
        self.in_parallel(self.cron)
        self.assertEqual((self.held(), self.states(line)), ([1.0], {"sent"}))
        self.forget(line)

    def test_send_now_leaves_the_work_to_a_cron_worker(self):
        lines = self.lines(1)
        with patch.dict(config.options, max_cron_threads=1):
            self.connection.action_send_now()
        self.cr.commit()
        names = [thread.name for thread in threading.enumerate()]
        self.assertFalse([name for name in names if name.startswith("tripletex-")])
        self.assertEqual((self.held(), self.states(lines)), ([], {"pending"}))
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
