from odoo.tests import tagged

from .ledger_common import day
from .month_common import MonthCase


@tagged("post_install", "-at_install")
class TestMonthReopen(MonthCase):
    """Reopen, correct, finish again; and approving where the company allows it."""

    def finished(self):
        """A month that was finished from Odoo."""
        self.line = self.sent(7.5)
        self.check()
        self.finish(self.month())
        self.assertTrue(self.there()["completed"])
        return self.month()

    # -- reopen ------------------------------------------------------------------

    def test_reopened_month_takes_corrections_and_is_finished_again(self):
        month = self.finished()
        self.correct(self.line, unit_amount=6)
        self.send()
        self.assertEqual(self.line.tripletex_state, "failed")
        month.action_reopen()
        self.check()
        self.assertFalse(self.there()["completed"])
        self.assertEqual(month.state_there, "open")
        self.assertTrue(month.reopened_at)
        self.assertIn("Finish Month again", month.message)
        self.send()
        self.assertEqual(self.held(), [6], "what the lock refused is sent")
        self.finish(month)
        self.assertEqual(month.state_there, "finished")
        self.assertFalse(month.reopened_at)
        self.assertTrue(month.is_equal)

    def test_month_that_a_person_finished_is_not_reopened(self):
        self.sent(7.5)
        self.control.finish_month("2026-03")
        month = self.checked()
        self.assertIn("not finished from Odoo", self.refusal(month.action_reopen))

    def test_approved_month_is_not_reopened(self):
        month = self.finished()
        self.control.lock_month("2026-03")
        month.action_check()
        self.check()
        self.assertIn("Remove the approval", self.refusal(month.action_reopen))

    def test_approval_between_asking_and_reopening_stops_it(self):
        month = self.finished()
        month.action_reopen()
        self.control.lock_month("2026-03")
        self.check()
        self.assertEqual(self.month_calls("reopen"), [])
        self.assertFalse(month.asked_action)
        self.assertIn("approved", month.message)

    def test_something_else_asked_for_is_refused(self):
        month = self.finished()
        month.action_reopen()
        refusal = self.refusal(month.action_approve)
        self.assertIn("pressed another button", refusal)

    def test_lost_answer_of_reopening_is_settled_by_reading(self):
        month = self.finished()
        month.action_reopen()
        self.control.fault("drop_after", method="PUT", path="/timesheet/month/:reopen")
        self.check()
        self.assertEqual(month.state_there, "open")
        self.assertEqual(len(self.month_calls("reopen")), 1)

    # -- approve -----------------------------------------------------------------

    def test_approving_is_off_unless_company_allows_it(self):
        month = self.finished()
        self.assertIn("not approved from Odoo", self.refusal(month.action_approve))

    def test_approval_names_the_last_day(self):
        self.company.tripletex_may_approve = True
        month = self.finished()
        month.action_approve()
        self.check()
        [call] = self.month_calls("approve")
        self.assertEqual(call["query"]["approvedUntilDate"], "2026-03-31")
        self.assertEqual(month.state_there, "approved")
        self.assertEqual(str(month.approved_until), "2026-03-31")
        self.assertTrue(month._is_closed())
        self.assertTrue(self.there()["approved"])

    def test_open_month_is_not_approved(self):
        self.company.tripletex_may_approve = True
        self.sent(7.5)
        month = self.checked()
        self.assertIn("Press Finish Month first", self.refusal(month.action_approve))

    def test_missing_right_says_who_approves_and_where(self):
        self.company.tripletex_may_approve = True
        month = self.finished()
        self.sent(4, employee_id=self.employees[1].id, date=day(1))
        self.control.lock_month("2026-03", self.tripletex_id(self.employees[1]))
        self.check()
        approver = self.month(self.employees[1]).approved_by
        self.assertTrue(approver)
        month.action_approve()
        self.control.revoke_rights("timesheet/month/approve")
        self.check()
        self.assertEqual(month.state_there, "finished")
        self.assertIn(f"Ask {approver} to approve it in Tripletex", month.message)
        self.assertIn("Månedsoversikt", month.message)
        self.assertEqual(self.connection.state, "connected")

    def test_right_withdrawn_between_asking_and_approving_stops_it(self):
        self.company.tripletex_may_approve = True
        month = self.finished()
        month.action_approve()
        self.company.tripletex_may_approve = False
        self.check()
        self.assertEqual(self.month_calls("approve"), [])
        self.assertIn("not approved from Odoo", month.message)
