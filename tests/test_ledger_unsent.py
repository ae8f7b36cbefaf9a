from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import MONTH, day
from .month_common import APRIL, MonthCase


@tagged("post_install", "-at_install")
class TestLedgerUnsent(MonthCase):
    """Hours that stay where they are and were not sent yet wait like all others.

    A person chose their place, or the line returned to it. Links do not move them, but
    they are among the waiting hours that are handled by hand or sent next month.
    """

    def pay(self):
        self.control.run_pay(MONTH)
        self.env["tripletex.month"].search([]).action_check()
        self.check()

    def adjusted(self, hours):
        """Hours of a paid month that are to be sent next month, and are not yet."""
        line = self.validated(hours, date=day(1))
        self.settle()
        self.entries_of(line).action_adjust()
        return line

    def returned(self, hours):
        """Hours that were sent, are gone there, and are validated again."""
        line = self.sent(hours, date=day(1))
        line.action_tripletex_invalidate()
        self.settle()
        line.action_tripletex_validate()
        self.assertEqual(line.tripletex_state, "pending")
        return line

    def handle_by_hand(self):
        self.remove("handled")
        self.complete(send_from=MONDAY)
        self.settle()

    def replace_all(self):
        """Let Odoo's hours win wherever a person is asked."""
        self.settle()
        self.conflicts().action_replace()
        self.settle()

    def test_handled_hours_of_a_paid_month_are_not_sent_with_others_next_month(self):
        other = self.sent(1, date=APRIL)
        self.sent(7.5)
        self.pay()
        self.adjusted(2)
        self.handle_by_hand()
        self.correct(other, unit_amount=1.5)
        self.replace_all()
        self.assertEqual(self.held(), [1.5, 7.5])

    def test_handled_hours_added_to_a_persons_are_not_sent_with_others(self):
        self.person_logs(9, project=self.project)
        self.validated(3)
        self.settle()
        self.conflicts().action_add()
        self.handle_by_hand()
        self.assertEqual(self.held(), [9.0])
        self.validated(1)
        self.replace_all()
        self.assertEqual(self.held(), [10.0])

    def test_handled_hours_that_had_returned_are_not_sent_with_others(self):
        self.returned(2)
        self.handle_by_hand()
        self.validated(1, date=day(1))
        self.replace_all()
        self.assertEqual(self.held(), [1.0])

    def test_hours_that_had_returned_are_sent_next_month(self):
        self.sent(7.5)
        line = self.returned(2)
        self.pay()
        self.settle()
        self.assertEqual(line.tripletex_state, "failed")
        self.entries_of(line).action_adjust()
        self.settle()
        self.assertEqual(self.held_as("date")[1:], [(str(APRIL), 2.0)])

    def test_kept_row_keeps_no_hours_that_never_were_in_it(self):
        line = self.sent(3)
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=7)
        joined = self.validated(2)
        self.settle()
        self.assertEqual(line.tripletex_state, "conflict")
        self.correct(joined, date=day(1))
        self.settle()
        self.conflicts().action_keep()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 7.0), (str(day(1)), 2.0)])

    def test_refused_next_month_they_still_follow_no_link(self):
        self.sent(1)
        self.pay()
        line = self.adjusted(2)
        self.control.run_pay("2026-04")
        self.send()
        self.assertEqual(line.tripletex_state, "failed")
        self.control.run_pay("2026-04", None, False)
        self.relink(self.project)
        self.settle()
        self.retry()
        self.settle()
        self.assertEqual(self.entries_of(line).filtered("hours").date, APRIL)
        self.assertEqual(self.held_as("date")[1:], [(str(APRIL), 2.0)])
