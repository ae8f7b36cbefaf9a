from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..dev.sandbox.months import days_of
from ..tools import TripletexClient
from .common import MONDAY
from .ledger_common import day
from .month_common import MARCH, MonthCase


@tagged("post_install", "-at_install")
class TestMonthFinish(MonthCase):
    """Finishing a month: what is refused, what is asked, what is done."""

    def fill(self, employee=None):
        """Hours on every working day of March, in Tripletex."""
        employee = employee or self.employee
        days = [d for d in days_of("2026-03") if d.weekday() < 5]
        lines = self.env["account.analytic.line"].create(
            [
                {
                    "employee_id": employee.id,
                    "project_id": self.project.id,
                    "date": working_day,
                    "unit_amount": 7.5,
                    "name": "Work",
                }
                for working_day in days
            ]
        )
        lines.action_tripletex_validate()
        self.send()
        return lines

    def asked_to_finish(self):
        """A month of equal figures whose finish waits for the cron."""
        self.fill()
        month = self.checked()
        month.action_finish()
        return month

    def test_full_month_is_finished_without_question(self):
        self.fill()
        month = self.checked()
        self.assertIs(month.action_finish(), True)
        self.assertIn("waiting for Tripletex", month.message)
        self.assertEqual(self.month_calls("complete"), [], "no call in the request")
        self.check()
        self.assertTrue(self.there()["completed"])
        self.assertEqual(month.state_there, "finished")
        self.assertEqual(month.finished_by_id, self.env.user)
        self.assertFalse(month.asked_action)
        self.assertFalse(month.message)

    def test_call_names_one_employee_and_month(self):
        self.fill()
        self.check()
        self.finish(self.month())
        [call] = self.month_calls("complete")
        query = call["query"]
        self.assertEqual(
            (str(query["employeeIds"]), query["monthYear"]),
            (self.link(self.employee).tripletex_id, "2026-03"),
        )
        self.assertNotIn("id", query)

    def test_chosen_people_are_finished_and_no_others(self):
        self.sent(7.5)
        self.check()
        self.finish(self.month() | self.month(self.employees[1]))
        self.assertTrue(self.there(self.employees[1])["completed"])
        self.assertFalse(self.there(self.employees[2])["completed"])
        self.assertEqual(len(self.month_calls("complete")), 2)

    def test_pause_while_months_are_finished_is_not_told_on_months_read(self):
        self.fill()
        self.sent(7.5, employee_id=self.employees[1].id)
        self.check()
        self.month().action_finish()
        self.control.fault("429", times=None, method="PUT", path="/timesheet/month*")
        self.check()
        self.assertTrue(self.connection.next_attempt_at)
        self.assertIn("waiting for Tripletex", self.month().message)
        self.assertFalse(self.month(self.employees[1]).message)
        self.control.clear_faults()
        self.let_time_pass()
        self.check()
        self.assertEqual(self.month().state_there, "finished")
        self.assertFalse(self.month(self.employees[1]).message)

    # -- refused -----------------------------------------------------------------

    def test_waiting_hours_refuse_finishing(self):
        self.sent(7.5)
        month = self.checked()
        self.validated(4, date=day(1))
        month.invalidate_recordset()
        refusal = self.refusal(month.action_finish)
        self.assertIn(self.employee.name, refusal)
        self.assertIn("1 rows wait", refusal)

    def test_conflicts_and_failures_refuse_finishing_all_chosen(self):
        line = self.sent(7.5)
        self.control.person_edits_entry(
            int(self.entries_of(line).tripletex_id), hours=8
        )
        self.check()
        both = self.month() | self.month(self.employees[1])
        refusal = self.refusal(both.action_finish)
        self.assertIn("1 need attention", refusal)
        self.assertFalse(any(both.mapped("asked_action")), "nothing is half done")

    def test_hours_that_come_after_asking_stop_it(self):
        month = self.asked_to_finish()
        self.control.close_project(self.tripletex_id(self.projects[1]))
        self.validated(4, project_id=self.projects[1].id)
        self.check()
        self.assertFalse(self.there()["completed"])
        self.assertFalse(month.asked_action)
        self.assertIn("wait to be sent", month.message)

    def test_person_without_link_is_refused(self):
        self.sent(7.5)
        month = self.checked()
        self.link(self.employee).action_empty_link()
        self.check()
        self.assertIn("not linked", self.refusal(month.action_finish))

    def test_finished_month_is_not_finished_again(self):
        self.fill()
        self.check()
        self.finish(self.month())
        self.assertIn("finished already", self.refusal(self.month().action_finish))

    def test_stopped_connection_refuses(self):
        self.fill()
        month = self.checked()
        self.connection.state = "attention"
        self.assertIn("does not work", self.refusal(month.action_finish))

    # -- asked -------------------------------------------------------------------

    def asked(self, month):
        """What the dialog asks, and the dialog."""
        action = month.action_finish()
        self.assertEqual(action["res_model"], "tripletex.month.finish")
        dialog = self.env["tripletex.month.finish"].browse(action["res_id"])
        return dialog.questions, dialog

    def test_hours_that_are_not_validated_are_asked_about(self):
        self.fill()
        self.log(2, project_id=self.projects[1].id)
        month = self.checked()
        questions, dialog = self.asked(month)
        self.assertIn("2.00 hours are not validated", questions)
        self.assertFalse(month.asked_action)
        dialog.action_confirm()
        self.assertEqual(month.asked_action, "finish")
        self.check()
        self.assertTrue(self.there()["completed"])

    def test_more_than_two_empty_working_days_are_asked_about(self):
        lines = self.fill()
        lines[:2].action_tripletex_invalidate()
        lines[:2].unlink()
        self.send()
        self.assertIs(self.checked().action_finish(), True)
        self.month().asked_action = False
        line = lines.exists()[0]
        line.action_tripletex_invalidate()
        line.unlink()
        self.send()
        questions, _dialog = self.asked(self.checked())
        self.assertIn("3 working days", questions)
        self.assertIn("2., 3., 4.", questions)

    def test_leave_and_public_holidays_are_no_empty_days(self):
        lines = self.fill()
        gone = lines[:5]
        gone.action_tripletex_invalidate()
        gone.unlink()
        self.send()
        calendar = self.employee.resource_calendar_id
        for first, last, resource in (
            (MARCH + timedelta(1), MARCH + timedelta(2), False),
            (MARCH + timedelta(3), MARCH + timedelta(5), self.employee.resource_id.id),
        ):
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Free",
                    "calendar_id": calendar.id,
                    "company_id": self.company.id,
                    "resource_id": resource,
                    "date_from": datetime.combine(first, datetime.min.time()),
                    "date_to": datetime.combine(last, datetime.max.time()),
                }
            )
        self.assertIs(self.checked().action_finish(), True)

    def test_days_before_employment_are_no_empty_days(self):
        self.employee.contract_date_start = MONDAY
        lines = self.fill()
        early = lines.filtered(lambda line: line.date < MONDAY)
        early.action_tripletex_invalidate()
        early.unlink()
        self.send()
        self.assertIs(self.checked().action_finish(), True)

    # -- answers that are lost or refused ----------------------------------------

    def test_lost_answer_is_settled_by_reading(self):
        for kind in ("drop_after", "500_json_after", "truncated"):
            with self.subTest(fault=kind):
                self.fill()
                month = self.checked()
                month.action_finish()
                self.control.fault(
                    kind, method="PUT", path="/timesheet/month/:complete"
                )
                self.check()
                self.assertEqual(month.state_there, "finished")
                self.assertTrue(month.finished_at)
                self.assertFalse(month.asked_action)
                self.assertEqual(len(self.month_calls("complete")), 1)
                self.reset_month(month)

    def test_answer_without_effect_is_done_again(self):
        month = self.asked_to_finish()
        self.control.fault(
            "500_json", method="PUT", path="/timesheet/month/:complete", times=1
        )
        self.check()
        self.assertEqual(month.asked_action, "finish")
        self.assertIn("retried automatically", month.message)
        self.check()
        self.assertEqual(month.state_there, "finished")
        self.assertFalse(month.message)

    def test_key_that_may_not_finish_months_is_told(self):
        month = self.asked_to_finish()
        self.control.revoke_rights("timesheet/month/complete")
        self.check()
        self.assertFalse(month.asked_action)
        self.assertEqual(month.state_there, "open")
        self.assertIn("may not finish", month.message)
        self.check()
        self.assertIn("may not finish", month.message, "the next check keeps it")

    def test_refusal_names_what_tripletex_says(self):
        month = self.asked_to_finish()
        self.control.fault("409", method="PUT", path="/timesheet/month/:complete")
        self.check()
        self.assertFalse(month.asked_action)
        self.assertIn("Tripletex refused: “", month.message)

    def test_accepted_request_that_changes_nothing_is_told(self):
        month = self.asked_to_finish()
        self.patch(TripletexClient, "complete_month", lambda *_args: None)
        self.check()
        self.assertFalse(month.asked_action)
        self.assertIn("accepted the request, but the month is not", month.message)

    def test_key_that_may_not_read_months_refuses_and_sending_goes_on(self):
        month = self.asked_to_finish()
        self.control.revoke_rights("timesheet/month")
        self.check()
        self.assertFalse(month.asked_action)
        self.assertIn("may not read", month.message)
        self.assertEqual(self.connection.state, "connected")

    def test_what_was_asked_for_long_ago_is_not_done(self):
        month = self.asked_to_finish()
        month.asked_at -= timedelta(days=2)
        self.check()
        self.assertEqual(self.month_calls("complete"), [])
        self.assertFalse(month.asked_action)
        self.assertIn("more than a day", month.message)

    def test_month_that_a_person_finished_is_not_called_ours(self):
        month = self.asked_to_finish()
        self.control.finish_month("2026-03", self.tripletex_id(self.employee))
        self.check()
        self.assertEqual(self.month_calls("complete"), [])
        self.assertEqual(month.state_there, "finished")
        self.assertFalse(month.finished_at)

    def reset_month(self, month):
        """As before, for the next round."""
        self.control.unlock_month("2026-03")
        lines = self.env["account.analytic.line"].search(
            [("employee_id", "=", self.employee.id), ("date", ">=", date(2026, 3, 1))]
        )
        lines.action_tripletex_invalidate()
        lines.unlink()
        self.send()
        month.unlink()
        self.control.clear_calls()

    def test_two_clerks_ask_once(self):
        month = self.asked_to_finish()
        with self.assertRaises(UserError):
            month.action_finish()
        self.check()
        self.assertEqual(len(self.month_calls("complete")), 1)
