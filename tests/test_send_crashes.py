from contextlib import suppress
from unittest.mock import patch

from odoo.tests import tagged

from ..sending.exchange import Exchange
from .common import TripletexCase


class Crash(BaseException):
    """The process has died: no code runs after it."""


class DyingCommits:
    """Replaces the worker's commit and raises ``Crash`` at commit ``die_at``.

    Every later commit raises as well, as a dead process commits nothing.
    """

    def __init__(self, original, die_at, after):
        self.original, self.die_at, self.after = original, die_at, after
        self.count = 0
        self.is_dead = False

    def __call__(self, cron, *args, **kwargs):
        if self.is_dead:
            raise Crash
        self.count += 1
        if self.count == self.die_at:
            self.is_dead = True
            if self.after:
                self.original(cron, *args, **kwargs)
            raise Crash
        return self.original(cron, *args, **kwargs)


class DyingCron:
    """For test cases whose cron crashes at one of its commits."""

    #: Model and method of the cron.
    dying_cron = ("tripletex.entry", "_cron_send")

    def die(self, die_at, after):
        """Run the cron and crash before or after commit number ``die_at``.

        :return: False when the run ended before that commit
        """
        cron_class = type(self.env["ir.cron"])
        dying = DyingCommits(cron_class._commit_progress, die_at, after)

        def commit(cron, *args, **kwargs):
            return dying(cron, *args, **kwargs)

        self.env.flush_all()
        with (
            self.enter_registry_test_mode(),
            patch.object(cron_class, "_commit_progress", commit),
        ):
            cr = self.registry.cursor()
            with suppress(Crash):
                model, method = self.dying_cron
                getattr(self.env(cr=cr)[model], method)()
            cr.rollback()
            cr.close()
        self.env.invalidate_all()
        return dying.is_dead


@tagged("post_install", "-at_install")
class TestSendCrashes(DyingCron, TripletexCase):
    """After a crash at any commit, the next run leaves the hours in Tripletex once."""

    def assert_survives(self, prepare, expected):
        """Crash at every commit in turn; assert that the next run completes it."""
        commits = 0
        for after in (False, True):
            die_at = 0
            while True:
                die_at += 1
                self.sandbox.reset()
                lines = prepare()
                crashed = self.die(die_at, after)
                with self.subTest(commit=die_at, after=after):
                    self.let_time_pass()
                    self.send()
                    self.assertEqual((self.held(), self.held_rows()), expected)
                    entries = self.env["tripletex.entry"].search([])
                    self.assertEqual(set(entries.mapped("state")), {"sent"})
                self.forget(lines)
                if not crashed:
                    break
            commits += die_at - 1
        self.assertGreater(commits, 6, "a run commits several times")

    def forget(self, lines):
        """Delete lines and entries before the next round."""
        lines.action_tripletex_invalidate()
        lines.unlink()
        self.env["tripletex.entry"].search([]).unlink()

    def test_crash_while_creating_sends_hours_once(self):
        def prepare():
            lines = self.validated(2, work_entry_type_id=self.overtime.id)
            return lines + self.validated(5, employee_id=self.employees[1].id)

        self.assert_survives(prepare, ([2.0, 5.0], [2.0]))

    def test_crash_while_changing_sends_hours_once(self):
        def prepare():
            line = self.validated(2, work_entry_type_id=self.overtime.id)
            self.send()
            self.correct(line, unit_amount=3)
            return line

        self.assert_survives(prepare, ([3.0], [3.0]))

    def test_crash_while_deleting_deletes_hours(self):
        def prepare():
            line = self.validated(2, work_entry_type_id=self.overtime.id)
            self.send()
            line.action_tripletex_invalidate()
            return line

        self.assert_survives(prepare, ([], []))

    def test_hours_changed_after_crash_are_sent_changed(self):
        for die_at in range(1, 8):
            with self.subTest(commit=die_at):
                self.sandbox.reset()
                line = self.validated(5)
                self.die(die_at, after=True)
                self.correct(line, unit_amount=6)
                self.let_time_pass()
                self.send()
                self.let_time_pass()
                self.send()
                self.assertEqual((self.held(), line.tripletex_state), ([6.0], "sent"))
                self.forget(line)

    def test_internal_error_after_write_is_recovered(self):
        line = self.validated(5)
        with (
            patch.object(Exchange, "_written", side_effect=TypeError("ours")),
            self.assertLogs("odoo.addons.hr_timesheet_tripletex", level="ERROR"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("hr_timesheet_tripletex.ir_cron_send").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "pending"))
        self.let_time_pass()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))
