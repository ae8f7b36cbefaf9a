from odoo import fields
from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import day
from .month_common import APRIL, MARCH, MonthCase


@tagged("post_install", "-at_install")
class TestMonthReadBack(MonthCase):
    """A check finds what people changed in Tripletex; the usual rules decide."""

    def row_of(self, line):
        return int(self.entries_of(line).tripletex_id)

    # -- edits by people ---------------------------------------------------------

    def test_edited_row_becomes_conflict_with_both_figures(self):
        line = self.sent(7.5)
        self.control.person_edits_entry(self.row_of(line), hours=8)
        month = self.checked()
        self.assertEqual(line.tripletex_state, "conflict")
        self.assertIn("8.00", self.told(line))
        self.assertEqual((month.hours_validated, month.hours_there), (7.5, 8))
        self.assertFalse(month.is_equal)
        self.assertEqual(month.cause, "changed")
        self.assertEqual(self.held(), [8])

    def test_deleted_row_becomes_conflict(self):
        line = self.sent(7.5)
        self.control.person_deletes_entry(self.row_of(line))
        month = self.checked()
        self.assertEqual(line.tripletex_state, "conflict")
        self.assertEqual((month.hours_there, month.cause), (0, "changed"))
        self.assertEqual(self.held(), [])

    def test_row_moved_to_another_day_or_month_becomes_conflict(self):
        for date in (day(1), APRIL):
            with self.subTest(date=date):
                line = self.sent(7.5)
                self.control.person_edits_entry(self.row_of(line), date=str(date))
                self.check()
                self.assertEqual(line.tripletex_state, "conflict")
                self.entries_of(line).action_replace()
                self.send()
                line.action_tripletex_invalidate()
                self.send()
                self.assertEqual(self.held(), [])

    def test_row_moved_to_another_person_shows_on_both(self):
        line, other = self.sent(7.5), self.employees[1]
        self.control.person_edits_entry(
            self.row_of(line), employee=self.tripletex_id(other)
        )
        month = self.checked()
        self.assertEqual((month.hours_there, month.cause), (0, "changed"))
        self.assertEqual(self.month(other).hours_other, 7.5)

    def test_edited_and_deleted_paycode_rows_become_conflicts(self):
        self.paycode.transfer_as = "paycode"
        edited = self.sent(2, work_entry_type_id=self.overtime.id)
        deleted = self.sent(3, work_entry_type_id=self.overtime.id, date=day(1))
        self.control.person_edits_row(self.row_of(edited), count=4)
        self.control.person_deletes_row(self.row_of(deleted))
        month = self.checked()
        self.assertEqual(edited.tripletex_state, "conflict")
        self.assertEqual(deleted.tripletex_state, "conflict")
        self.assertEqual((month.paycode_validated, month.paycode_there), (5, 4))

    def test_person_who_puts_our_figure_back_ends_conflict(self):
        line = self.sent(7.5)
        self.control.person_edits_entry(self.row_of(line), hours=8)
        self.check()
        self.control.person_edits_entry(self.row_of(line), hours=7.5)
        month = self.checked()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertTrue(month.is_equal)

    def test_open_conflict_follows_what_tripletex_holds(self):
        line = self.sent(7.5)
        self.control.person_edits_entry(self.row_of(line), hours=8)
        self.check()
        self.control.person_edits_entry(self.row_of(line), hours=9)
        self.check()
        self.assertEqual(line.tripletex_state, "conflict")
        self.assertEqual(self.entries_of(line).remote_hours, 9)

    def test_hours_are_sent_when_the_row_in_their_way_is_gone(self):
        row_id = self.person_logs(3, project=self.project)
        line = self.validated(7.5)
        self.send()
        self.assertEqual(line.tripletex_state, "conflict")
        self.check()
        self.assertEqual(line.tripletex_state, "conflict")
        self.control.person_deletes_entry(row_id)
        month = self.checked()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertEqual(self.held(), [7.5])
        self.assertTrue(month.is_equal)

    # -- what a person decided, and what is under way ----------------------------

    def test_kept_figure_stays_decided(self):
        line = self.sent(7.5)
        self.control.person_edits_entry(self.row_of(line), hours=8)
        self.check()
        self.entries_of(line).action_keep()
        self.control.person_edits_entry(self.row_of(line), hours=9)
        month = self.checked()
        self.assertEqual(line.tripletex_state, "sent")
        self.assertEqual((month.hours_there, month.cause), (9, "kept"))

    def test_waiting_and_unclear_hours_are_left_to_the_sender(self):
        line = self.validated(7.5)
        self.control.fault("drop_after", method="POST", path="/timesheet/entry/list")
        self.send()
        entry = self.entries_of(line)
        before = entry.state, entry.is_unclear, entry.attempts
        self.check()
        self.assertEqual((entry.state, entry.is_unclear, entry.attempts), before)
        self.settle()
        self.assertEqual(self.held(), [7.5])
        self.assertEqual(line.tripletex_state, "sent")

    def test_equal_rows_are_not_written_or_asked_for_again(self):
        self.sent(7.5)
        self.check()
        self.control.clear_calls()
        self.check()
        self.assertEqual(self.writes(), [])

    # -- K13: the database is yesterday's ----------------------------------------

    def test_restored_yesterday_is_found(self):
        """Places that differ become conflicts or hours that Odoo does not know."""
        edited, withdrawn = self.sent(5), self.sent(4, date=day(1))
        self.sent(7.5, date=day(2))
        yesterday = self.env.cr.savepoint()
        self.correct(edited, unit_amount=6)
        withdrawn.action_tripletex_invalidate()
        self.validated(3, date=day(3))
        self.validated(2, date=day(4))
        self.send()
        self.assertEqual(self.held(), [2, 3, 6, 7.5])
        yesterday.close(rollback=True)
        self.env.invalidate_all()
        month = self.checked()
        self.assertEqual(edited.tripletex_state, "conflict")
        self.assertEqual(withdrawn.tripletex_state, "conflict")
        self.assertEqual((month.hours_validated, month.hours_there), (16.5, 13.5))
        self.assertEqual((month.hours_other, month.cause), (5, "changed"))
        self.assertEqual(self.held(), [2, 3, 6, 7.5])

    # -- which months ------------------------------------------------------------

    def test_paid_and_approved_months_are_not_read_again(self):
        for switch in ("run_pay", "lock_month"):
            with self.subTest(closed_by=switch):
                line = self.sent(7.5)
                getattr(self.control, switch)("2026-03")
                self.check()
                checked = self.month().checked_at
                self.assertTrue(self.month()._is_closed())
                self.env.cr.execute("UPDATE tripletex_month SET hours_read = 99")
                self.check()
                self.assertEqual(self.month().hours_there, 99)
                self.month().action_check()
                self.check()
                self.assertEqual(self.month().hours_there, 7.5)
                self.assertGreaterEqual(self.month().checked_at, checked)
                self.control.run_pay("2026-03", paid=False)
                self.control.unlock_month("2026-03")
                self.month().action_check()
                self.check()
                line.action_tripletex_invalidate()
                self.send()

    def test_partly_approved_month_stays_open(self):
        self.sent(7.5)
        self.control.lock_month("2026-03", until="2026-03-20")
        month = self.checked()
        self.assertEqual(month.state_there, "approved")
        self.assertEqual(str(month.approved_until), "2026-03-20")
        self.assertFalse(month._is_closed())

    def test_state_and_pay_are_read(self):
        self.sent(7.5)
        self.control.finish_month("2026-03")
        month = self.checked()
        self.assertEqual(month.state_there, "finished")
        self.assertFalse(month.pay_has_run)
        self.assertTrue(month.is_pay_known)
        self.control.run_pay("2026-03", self.tripletex_id(self.employee))
        self.assertTrue(self.checked().pay_has_run)
        self.assertFalse(self.month(self.employees[1]).pay_has_run)

    def test_key_without_right_to_payslips_shows_hours_all_the_same(self):
        self.sent(7.5)
        self.control.revoke_rights("salary/payslip")
        month = self.checked()
        self.assertTrue(month.is_equal)
        self.assertFalse(month.is_pay_known)
        self.assertEqual(self.connection.state, "connected")

    def test_key_without_right_to_months_says_so(self):
        self.sent(7.5)
        self.control.revoke_rights("timesheet/month")
        month = self.checked()
        self.assertTrue(month.is_equal)
        self.assertIn("may not read", month.message)
        self.assertEqual(self.connection.state, "connected")

    def test_hours_that_the_key_no_longer_sees_are_not_called_deleted(self):
        """Missing rights can look like an empty list (DOCUMENTED)."""
        lines = [self.sent(7.5, date=day(n)) for n in range(4)]
        self.check()
        for hidden in (["timesheet/entry"], ["timesheet/entry", "timesheet/month"]):
            with self.subTest(hidden=hidden):
                self.control.revoke_rights(*hidden, hide=True)
                month = self.checked()
                self.assertEqual({line.tripletex_state for line in lines}, {"sent"})
                self.assertEqual(month.hours_there, 30)
                self.assertIn("shows no hours of this person", month.message)
                self.control.revoke_rights()
                self.assertFalse(self.checked().message)

    def test_all_rows_of_a_person_deleted_become_conflicts(self):
        lines = [self.sent(7.5, date=day(n)) for n in range(4)]
        for line in lines:
            self.control.person_deletes_entry(self.row_of(line))
        self.check()
        self.assertEqual({line.tripletex_state for line in lines}, {"conflict"})

    def test_company_without_paycodes_is_checked_all_the_same(self):
        self.sent(7.5)
        self.control.revoke_rights("timesheet/salaryTypeSpecification")
        month = self.checked()
        self.assertTrue(month.is_equal)
        self.assertFalse(month.message)
        self.assertEqual(self.connection.state, "connected")

    def test_paycodes_that_cannot_be_read_keep_their_figures(self):
        self.sent(2, work_entry_type_id=self.overtime.id)
        self.check()
        self.control.revoke_rights("timesheet/salaryTypeSpecification")
        month = self.checked()
        self.assertEqual(month.paycode_there, 2)
        self.assertIn("may not read the hours on paycodes", month.message)
        self.assertEqual(self.connection.state, "connected")

    def test_person_whose_link_is_emptied_keeps_the_row_without_id(self):
        self.check()
        self.assertTrue(self.month(self.employee, self.this_month()).tripletex_id)
        self.link(self.employee).action_empty_link()
        month = self.checked(month=self.this_month())
        self.assertEqual(len(month), 1)
        self.assertFalse(month.tripletex_id)

    def this_month(self):
        return fields.Date.context_today(self.connection).replace(day=1)

    # -- records -----------------------------------------------------------------

    def test_check_leaves_a_record_where_something_changed(self):
        line = self.sent(7.5)
        self.check()
        self.check()
        [first] = self.month().check_ids
        self.assertEqual((first.hours_validated, first.hours_there), (7.5, 7.5))
        self.assertTrue(first.is_equal)
        self.control.person_edits_entry(self.row_of(line), hours=8)
        self.check()
        self.check()
        second, first = self.month().check_ids
        self.assertEqual((second.hours_there, second.cause), (8, "changed"))
        self.assertFalse(second.is_equal)

    # -- trouble -----------------------------------------------------------------

    def test_trouble_stays_in_the_cron_and_is_told_on_the_rows(self):
        self.sent(7.5)
        self.check()
        for kind in ("500_json", "500_html", "html_200", "truncated", "drop_before"):
            with self.subTest(fault=kind):
                self.control.fault(kind, times=None)
                month = self.checked()
                self.assertIn("did not succeed", month.message)
                self.assertEqual(month.hours_there, 7.5)
                self.control.clear_faults()
                self.let_time_pass()
                self.assertFalse(self.checked().message)

    def test_refused_key_needs_attention(self):
        self.sent(7.5)
        self.check()
        self.control.revoke_key()
        self.control.kill_sessions()
        month = self.checked()
        self.assertEqual(self.connection.state, "attention")
        self.assertIn("did not succeed", month.message)

    def test_months_not_read_because_of_a_pause_say_that_the_check_continues(self):
        self.sent(7.5)
        self.check()
        self.control.fault("429", times=None)
        self.assertIn("continues automatically", self.checked().message)
        self.control.clear_faults()
        self.let_time_pass()
        self.assertFalse(self.checked().message)

    def test_rate_limit_pauses_the_check(self):
        self.sent(7.5)
        self.control.fault("429", times=None)
        self.check()
        self.assertTrue(self.connection.next_attempt_at)
        self.control.clear_faults()
        self.control.clear_calls()
        self.check()
        self.assertEqual(self.control.calls(), [])
        self.let_time_pass()
        self.assertTrue(self.checked().is_equal)

    def test_company_of_months_is_the_connections(self):
        self.sent(7.5)
        month = self.checked()
        self.assertEqual(month.company_id, self.company)
        self.assertEqual(month.month, MARCH)
        self.assertEqual(month.days[0]["date"], str(MONDAY))
