from odoo.exceptions import UserError
from odoo.tests import tagged

from ..sending.exchange import Exchange
from .ledger_common import MONTH
from .month_common import MonthCase

ENTRY = "/timesheet/entry*"
ENTRIES = "/timesheet/entry/list"
TUESDAY = "2026-03-17"


@tagged("post_install", "-at_install")
class TestSendFoundAttempts(MonthCase):
    """Hours whose answer was lost and that arrived were sent, whatever comes next.

    The next run finds them. If it has more to write there and Tripletex refuses that,
    they stand all the same: no link, exclusion or adjustment treats them as waiting.
    """

    def lost(self, hours):
        """Hours that Tripletex keeps, and whose answer does not arrive."""
        line = self.validated(hours)
        with self.fault("drop_after", times=1, method="POST", path=ENTRY):
            self.send()
        self.assertEqual(self.held(), [hours])
        return line

    def invoice(self, is_invoiced):
        for row in self.control.entries():
            self.control.invoice_entry(row["id"], is_invoiced)

    def pay(self):
        self.control.run_pay(MONTH)
        self.env["tripletex.month"].search([]).action_check()
        self.check()
        self.settle()

    def lost_beside_refused(self):
        """3 h arrived without an answer, and 2 h more are refused there."""
        lines = self.lost(3) | self.validated(2)
        self.invoice(True)
        self.settle()
        self.assertEqual(set(lines.mapped("tripletex_state")), {"failed"})
        return lines

    def test_they_stay_in_a_paid_month_when_others_are_sent_in_the_next(self):
        lines = self.lost(3) | self.validated(2)
        self.pay()
        self.entries_of(lines).action_adjust()
        self.settle()
        self.assertEqual(
            self.held_as("date"), [("2026-03-16", 3.0), ("2026-04-01", 2.0)]
        )

    def test_corrected_after_pay_they_are_not_sent_in_the_next_month(self):
        line = self.lost(3)
        self.correct(line, unit_amount=4)
        self.pay()
        with self.assertRaises(UserError):
            self.entries_of(line).action_adjust()
        self.settle()
        self.assertEqual(self.held(), [3.0])

    def test_they_stay_where_they_are_when_the_project_is_linked_anew(self):
        self.lost_beside_refused()
        self.relink(self.project)
        self.settle()
        self.assertEqual(self.held(), [2.0, 3.0])

    def test_they_stay_when_their_project_is_excluded(self):
        self.lost_beside_refused()
        self.invoice(False)
        self.exclude(self.project)
        self.settle()
        self.retry()
        self.settle()
        self.assertEqual(self.held(), [3.0])

    def test_they_stay_when_a_change_beside_them_is_refused_as_out_of_date(self):
        self.lost(3)
        self.validated(2)
        with self.fault("409", times=1, method="PUT", path=ENTRY):
            self.let_time_pass()
            self.send()
        self.assertEqual(self.held(), [3.0])
        self.exclude(self.project)
        self.settle()
        self.retry()
        self.settle()
        self.assertEqual(self.held(), [3.0])

    def test_they_stay_when_a_list_is_read_back_while_more_hours_join_them(self):
        """The list that arrived is not sent again with other hours."""
        for _time in range(2):
            self.settle()
            self.validated(2)
            self.validated(3, date=TUESDAY)
        read_back = Exchange._read_back

        def with_more_hours(exchange, *args):
            self.validated(1)
            # as after another list of the same run, whose outcome was stored
            exchange.env.invalidate_all()
            left = read_back(exchange, *args)
            self.control.fault("429", times=1, method="PUT", path=ENTRIES)
            return left

        self.patch(Exchange, "_read_back", with_more_hours)
        with self.fault("500_json_after", times=1, method="PUT", path=ENTRIES):
            self.send()
        self.assertEqual(self.held(), [4.0, 6.0])
        self.relink(self.project)
        self.settle()
        self.assertEqual(self.held(), [5.0, 6.0], "one hour more on the first row")
