import threading
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..sending.month_action import MonthAction
from .commit_common import WorkersCase
from .month_common import MARCH, MonthCase
from .test_send_crashes import DyingCron

COMPLETE = "/timesheet/month/:complete"


@tagged("post_install", "-at_install")
class TestMonthCrashes(DyingCron, MonthCase):
    """After a crash at any commit, the next run finishes the month once."""

    dying_cron = ("tripletex.month", "_cron_check")

    def test_killed_worker_neither_loses_nor_repeats_an_action(self):
        line = self.sent(7.5)
        self.check()
        month, commits = self.month(), 0
        for after in (False, True):
            for die_at in range(1, 50):
                self.control.unlock_month("2026-03")
                month.write({"state_there": "open", "finished_at": False})
                month._ask("finish")
                self.control.clear_calls()
                crashed = self.die(die_at, after)
                self.assertEqual(line.tripletex_state, "sent")
                self.check()
                with self.subTest(commit=die_at, after=after):
                    self.assertEqual(month.state_there, "finished")
                    self.assertTrue(month.finished_at)
                    self.assertFalse(month.asked_action)
                    self.assertEqual(len(self.month_calls("complete")), 1)
                if not crashed:
                    break
            commits += die_at - 1
        self.assertGreater(commits, 6, "a run commits several times")

    def test_killed_check_leaves_found_conflict_to_the_sender(self):
        line = self.sent(7.5)
        row_id = int(self.entries_of(line).tripletex_id)
        for die_at in range(1, 50):
            self.control.person_edits_entry(row_id, hours=8)
            crashed = self.die(die_at, after=True)
            self.settle()
            self.check()
            with self.subTest(commit=die_at):
                self.assertEqual(line.tripletex_state, "conflict")
                self.assertEqual(self.held(), [8])
            self.entries_of(line).action_replace()
            self.send()
            self.assertEqual(self.held(), [7.5])
            if not crashed:
                break
        self.assertGreater(die_at, 4)


@tagged("post_install", "-at_install")
class TestMonthWorkers(WorkersCase):
    """Several workers and clerks at the same time, with real commits."""

    @staticmethod
    def check(env):
        env["tripletex.month"]._cron_check()

    @classmethod
    def clean_up(cls):
        cls.cr.rollback()
        cls.env["tripletex.month"].search([]).unlink()
        cls.commit()
        return super().clean_up()

    def month(self):
        self.cr.rollback()
        self.env.invalidate_all()
        return self.env["tripletex.month"].search(
            [("employee_id", "=", self.employee.id), ("month", "=", MARCH)]
        )

    def ready(self):
        """A month of sent and checked hours."""
        lines = self.lines(3)
        self.in_parallel(self.cron)
        self.in_parallel(self.check)
        self.assertTrue(self.month().is_equal)
        self.control.clear_calls()
        return lines

    def done(self, lines):
        self.cr.rollback()
        self.env["tripletex.month"].search([]).unlink()
        self.commit()
        self.forget(lines)

    def test_two_workers_finish_a_month_once(self):
        lines = self.ready()
        self.month()._ask("finish")
        self.commit()
        self.control.fault("slow", times=None, ms=50)
        self.in_parallel(self.check, self.check)
        self.control.clear_faults()
        self.assertEqual(len(self.control.calls("PUT", COMPLETE)), 1)
        self.assertEqual(self.month().state_there, "finished")
        self.done(lines)

    def test_two_clerks_ask_once(self):
        lines = self.ready()
        month, refused = self.month(), []

        def clerk(env):
            row = month.with_env(env).with_context(tripletex_finish_confirmed=True)
            try:
                row.action_finish()
            except UserError as problem:
                refused.append(problem)

        self.in_parallel(clerk, clerk)
        self.assertEqual(len(refused), 1)
        self.in_parallel(self.check)
        self.assertEqual(len(self.control.calls("PUT", COMPLETE)), 1)
        self.done(lines)

    def test_check_and_sending_do_not_disturb_each_other(self):
        lines = self.ready()
        more = self.lines(60)
        self.control.fault("slow", times=None, ms=30)
        self.in_parallel(self.cron, self.check)
        self.control.clear_faults()
        self.in_parallel(self.cron)
        self.in_parallel(self.check)
        self.assertEqual(self.states(more), {"sent"})
        self.assertTrue(self.month().is_equal)
        self.done(lines | more)

    def test_clerk_who_changes_the_row_during_the_call_is_not_lost(self):
        lines = self.ready()
        self.month()._ask("finish")
        self.commit()
        under_way = threading.Event()
        original = MonthAction._call

        def call(action):
            under_way.set()
            return original(action)

        def clerk(env):
            under_way.wait(20)
            self.month().with_env(env).action_check()

        self.control.fault("slow", times=None, ms=300, method="PUT")
        with patch.object(MonthAction, "_call", call):
            self.in_parallel(self.check, clerk)
        self.control.clear_faults()
        self.in_parallel(self.check)
        self.assertEqual(self.month().state_there, "finished")
        self.assertTrue(self.month().finished_at)
        self.assertEqual(len(self.control.calls("PUT", COMPLETE)), 1)
        self.done(lines)
