from odoo.tests import tagged
from odoo.tools import format_date

from .ledger_common import MONTH
from .month_common import MonthCase


@tagged("post_install", "-at_install")
class TestMonthNextStep(MonthCase):
    """What a month tells to do next, where its figures are equal."""

    def test_month_without_hours_tells_to_ask_the_employee(self):
        self.sent(7.5)
        self.check()
        self.assertIn("Ask the employee", self.month(self.employees[1]).next_step)

    def test_approved_month_tells_until_when(self):
        self.sent(7.5)
        self.control.lock_month(MONTH)
        month = self.checked()
        self.assertEqual(month.state_there, "approved")
        until = format_date(self.env, month.approved_until)
        self.assertIn(f"Approved until {until}", month.next_step)

    def test_paid_month_tells_that_there_is_nothing_to_do(self):
        self.sent(7.5)
        self.control.lock_month(MONTH)
        self.control.run_pay(MONTH)
        self.assertEqual(
            self.checked().next_step, "Pay has been run. There is nothing to do."
        )

    def test_hours_that_were_registered_in_tripletex_are_named(self):
        self.sent(7.5)
        self.person_logs(3)
        self.assertIn(
            "3.00 hours in Tripletex were not sent from Odoo", self.checked().next_step
        )

    def test_month_of_a_person_not_linked_any_more_is_finished_in_tripletex(self):
        self.sent(7.5)
        self.check()
        self.link(self.employee).action_empty_link()
        month = self.checked()
        self.assertEqual((month.tripletex_id, month.is_equal), (False, True))
        self.assertIn("not linked to Tripletex any more", month.next_step)

    def test_month_of_a_person_unlinked_meanwhile_is_not_finished(self):
        self.sent(7.5)
        self.check()
        dialog = self.month().action_finish()
        self.env[dialog["res_model"]].browse(dialog["res_id"]).action_confirm()
        self.link(self.employee).action_empty_link()
        self.check()
        self.assertEqual(self.month_calls("complete"), [])
        self.assertFalse(self.month().asked_action)
        self.assertIn("Ask an administrator to add", self.month().message)
