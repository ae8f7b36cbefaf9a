from contextlib import closing, suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.base.models.ir_cron import IrCron

from ..sending.months import MonthCheck
from ..sending.run import LOCK_SPACE
from .month_common import APRIL, MARCH, MonthCase
from .send_common import BakeryBeside
from .test_send_crashes import Crash


@tagged("post_install", "-at_install")
class TestMonthRotation(BakeryBeside, MonthCase):
    """Every company's months are checked, whatever time one of them takes."""

    def setUp(self):
        super().setUp()
        self.read = []
        check_month = MonthCheck._check_month

        def noting(check, date, people):
            self.read.append((check.connection, date))
            return check_month(check, date, people)

        self.patch(MonthCheck, "_check_month", noting)
        self.cron = self.env.ref("hr_timesheet_tripletex.ir_cron_check")
        self.cron.nextcall = fields.Datetime.now() + timedelta(hours=1)
        self.this = fields.Date.context_today(self.connection).replace(day=1)

    def let_pass(self, **time):
        """Make it later (arguments of ``timedelta``), as the cron sees it."""
        self.cron.nextcall -= timedelta(**time)
        for connection in self.connection | self.bakery:
            for name in ("check_begun_at", "check_due_at"):
                if connection[name]:
                    connection[name] -= timedelta(**time)

    def at_night(self):
        """It is the cron's time, a day after what was done until now."""
        self.let_pass(days=1)
        self.cron.nextcall = fields.Datetime.now()

    def triggers(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])

    def run_check(self, seconds=60):
        """Run the cron, whose time is over after ``seconds``; return what it read.

        :return: list of connection and first day of the month
        """
        self.triggers().unlink()
        self.read.clear()
        commit = IrCron._commit_progress

        def committing(cron, *args, **kwargs):
            commit(cron, *args, **kwargs)
            return seconds

        self.env.flush_all()
        with (
            patch.object(IrCron, "_commit_progress", committing),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            with suppress(Crash):
                self.env(cr=cr)["tripletex.month"]._cron_check()
        self.env.invalidate_all()
        return self.read

    def read_in_short_runs(self):
        """What runs read that are out of time at once, until no other is woken."""
        read = self.run_check(0)[:]
        self.assertTrue(self.is_woken())
        self.end_night()
        while self.is_woken():
            read += self.run_check(0)
        self.assertFalse(self.triggers(), "nothing is left")
        return read

    def end_night(self):
        """The night's run has ended, as Odoo notes it."""
        self.cron.nextcall += timedelta(days=1)

    def is_woken(self):
        """Whether another run begins at once."""
        return any(t.call_at <= fields.Datetime.now() for t in self.triggers())

    def test_every_night_all_are_read(self):
        self.run_check()
        self.at_night()
        expected = [(self.connection, self.this), (self.bakery, self.this)]
        self.assertEqual(self.run_check(), expected)
        self.assertFalse(self.triggers(), "nothing is left")
        self.assertFalse(self.connection.check_due_at)

    def test_runs_that_are_out_of_time_come_to_all(self):
        self.at_night()
        expected = [(self.connection, self.this), (self.bakery, self.this)]
        self.assertEqual(self.read_in_short_runs(), expected)

    def test_check_that_is_out_of_time_goes_on_where_it_ended(self):
        self.sent(7.5)
        self.sent(7.5, date=APRIL)
        self.bakery.state = "attention"
        self.at_night()
        dates = [date for _connection, date in self.read_in_short_runs()]
        self.assertEqual(dates, [MARCH, APRIL, self.this])
        self.assertFalse(self.connection.check_left)
        self.assertTrue(self.month().is_equal)

    def test_check_now_reads_that_company_alone(self):
        self.run_check()
        self.let_pass(minutes=1)
        month = self.month(self.baker, self.this)
        month.action_check()
        self.assertEqual(self.run_check(), [(self.bakery, self.this)])

    def test_check_now_comes_before_those_that_are_due(self):
        self.run_check()
        self.at_night()
        self.month(self.baker, self.this).action_check()
        self.assertEqual(self.run_check(0), [(self.bakery, self.this)])

    def test_run_by_hand_reads_all(self):
        for _run in range(2):
            self.assertEqual(len(self.run_check()), 2)

    def test_fault_of_one_is_tried_again_alone_after_its_pause(self):
        self.at_night()
        read_status = MonthCheck._read_status

        def faulty(check, people):
            if check.connection == self.connection:
                raise TypeError("ours")
            return read_status(check, people)

        with (
            patch.object(MonthCheck, "_read_status", faulty),
            mute_logger("odoo.addons.hr_timesheet_tripletex.sending.run"),
        ):
            self.assertEqual(self.run_check(), [(self.bakery, self.this)])
        self.end_night()
        self.assertEqual(self.triggers().call_at, self.connection.check_due_at)
        self.let_pass(minutes=16)
        self.assertEqual(self.run_check(), [(self.connection, self.this)])

    def test_pause_that_tripletex_asks_for_ends_with_that_company_alone(self):
        self.at_night()
        self.control.fault("429", times=1)
        self.assertEqual(self.run_check(), [(self.bakery, self.this)])
        self.end_night()
        self.assertEqual(self.triggers().call_at, self.connection.next_attempt_at)
        self.let_pass(minutes=10)
        self.let_time_pass()
        self.assertEqual(self.run_check(), [(self.connection, self.this)])

    def test_check_that_kills_its_process_lets_the_others_go_first(self):
        self.at_night()

        with patch.object(MonthCheck, "_go_through", side_effect=Crash):
            self.assertEqual(self.run_check(), [])
        self.assertEqual(self.run_check(), [(self.bakery, self.this)])

    def test_company_whose_hours_are_being_sent_is_read_a_minute_later(self):
        self.at_night()
        with closing(db_connect(self.env.cr.dbname).cursor()) as elsewhere:
            key = SQL("%s, %s", LOCK_SPACE, self.connection.id)
            elsewhere.execute(SQL("SELECT pg_advisory_lock(%s)", key))
            self.assertEqual(self.run_check(), [(self.bakery, self.this)])
            elsewhere.execute(SQL("SELECT pg_advisory_unlock(%s)", key))
        self.assertEqual(len(self.triggers()), 1)
        self.end_night()
        self.assertEqual(self.run_check(), [(self.connection, self.this)])
