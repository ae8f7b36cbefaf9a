from datetime import date

from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import day
from .month_common import APRIL, MonthCase

EARLY = date(2026, 3, 9)


@tagged("post_install", "-at_install")
class TestMonthLocks(MonthCase):
    """Locks are named: in the message, before validating, and before moving."""

    def refused_message(self, line):
        self.send()
        entry = self.entries_of(line)
        self.assertEqual(entry.state, "failed")
        return entry.error_message

    # -- in the message ----------------------------------------------------------

    def test_finished_month_is_named(self):
        line = self.sent(5)
        self.control.finish_month("2026-03")
        self.correct(line, unit_amount=6)
        message = self.refused_message(line)
        self.assertIn("March 2026 is marked as finished in Tripletex", message)
        self.assertIn(self.employee.name, message)

    def test_finished_month_that_locks_nothing_takes_hours(self):
        """That a finished month locks hours is REPORTED only."""
        self.control.assume(completed_locks=False)
        line = self.sent(5)
        self.control.finish_month("2026-03")
        self.correct(line, unit_amount=6)
        self.send()
        self.assertEqual(self.held(), [6])

    def test_approval_is_named_for_dates_up_to_it(self):
        line = self.sent(5, date=EARLY)
        self.control.lock_month("2026-03", until="2026-03-10")
        self.correct(line, unit_amount=6)
        self.assertIn("until 03/10/2026", self.refused_message(line))

    def test_approval_until_an_earlier_date_is_not_named(self):
        line = self.sent(5)
        self.control.lock_month("2026-03", until="2026-03-10")
        [row] = self.control.entries()
        self.control.approve_entry(row["id"])
        self.correct(line, unit_amount=6)
        self.assertNotIn("until 03/10/2026", self.refused_message(line))

    def test_pay_that_has_run_is_named(self):
        line = self.sent(5)
        self.control.run_pay("2026-03")
        self.check()
        self.correct(line, unit_amount=6)
        self.assertIn("Pay has been run for March 2026", self.refused_message(line))

    def test_invoice_is_named_before_anything_else(self):
        line = self.sent(5)
        [row] = self.control.entries()
        self.control.invoice_entry(row["id"])
        self.control.finish_month("2026-03")
        self.correct(line, unit_amount=6)
        self.assertIn("are invoiced", self.refused_message(line))

    # -- before validating -------------------------------------------------------

    def test_open_line_of_closed_month_has_a_hint(self):
        self.sent(5)
        cases = (
            ("finish_month", {}, "finished"),
            ("lock_month", {}, "approved"),
            ("run_pay", {}, "Pay has been run"),
        )
        for switch, options, words in cases:
            with self.subTest(switch=switch):
                getattr(self.control, switch)("2026-03", **options)
                self.env["tripletex.month"].search([]).action_check()
                self.check()
                line = self.log(2, date=day(1))
                self.assertIn(words, line.tripletex_lock_hint)
                line.action_tripletex_validate()
                self.assertTrue(line.tripletex_validated, "told, not refused")
                line.action_tripletex_invalidate()
                line.unlink()
                self.send()
                self.control.run_pay("2026-03", paid=False)
                self.control.unlock_month("2026-03")

    def test_dates_after_a_partial_approval_have_no_hint(self):
        self.sent(5)
        self.control.lock_month("2026-03", until="2026-03-10")
        self.check()
        self.assertIn("approved", self.log(2, date=EARLY).tripletex_lock_hint)
        self.assertFalse(self.log(2, date=MONDAY).tripletex_lock_hint)

    def test_open_months_and_other_people_have_no_hint(self):
        self.sent(5)
        self.control.lock_month("2026-03", self.tripletex_id(self.employee))
        self.check()
        self.assertFalse(self.log(2, date=APRIL).tripletex_lock_hint)
        other = self.log(2, employee_id=self.employees[1].id)
        self.assertFalse(other.tripletex_lock_hint)

    def test_hints_of_many_lines_take_as_many_queries_as_of_one(self):
        self.sent(5)
        self.control.lock_month("2026-03")
        self.check()
        lines = self.env["account.analytic.line"].browse()
        for index in range(20):
            lines |= self.log(
                1,
                date=day(index % 5),
                employee_id=self.employees[index % 3].id,
            )
        counts = []
        for some in (lines[:1], lines):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("tripletex_lock_hint")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # -- before moving sent hours ------------------------------------------------

    def test_preview_of_move_names_locked_months(self):
        self.sent(5)
        self.sent(4, date=APRIL)
        self.control.lock_month("2026-03")
        self.check()
        self.relink(self.project)
        dialog = self.env["tripletex.entry.move"].create(
            {
                "link": f"tripletex.project,{self.link(self.project).id}",
                "date_from": "2026-03-01",
                "date_to": "2026-04-30",
            }
        )
        self.assertEqual((dialog.entry_count, dialog.locked_count), (2, 1))
        self.assertIn(self.employee.name, dialog.locked_months)
        self.assertIn("March 2026", dialog.locked_months)
        self.assertIn("approved", dialog.locked_months)
