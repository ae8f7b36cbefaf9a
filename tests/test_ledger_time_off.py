from contextlib import suppress

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import REFUSALS, LedgerSteps, day
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestLedgerTimeOff(LedgerSteps, ValidateCase):
    """What Time Off leaves behind never becomes work, and does not count as work."""

    def setUp(self):
        super().setUp()
        if "holiday_id" not in self.env["account.analytic.line"]._fields:
            self.skipTest("needs project_timesheet_holidays to be installed")
        self.officer = self.person(
            "time_off",
            "hr_holidays.group_hr_holidays_manager,"
            "hr_timesheet.group_hr_timesheet_approver",
        )
        self.leave_type = self.env["hr.leave.type"].create(
            {
                "name": "Ferie",
                "requires_allocation": False,
                "leave_validation_type": "hr",
                "company_id": self.company.id,
            }
        )
        # the company's internal time is sent on an internal activity
        self.env["tripletex.project"].create(
            {
                "connection_id": self.connection.id,
                "project_id": self.company.internal_project_id.id,
                "is_internal": True,
            }
        )

    def leave(self, first, last):
        """An approved leave, and the lines it made."""
        leave = self.env["hr.leave"].create(
            {
                "name": "Ferie",
                "employee_id": self.employee.id,
                "holiday_status_id": self.leave_type.id,
                "request_date_from": first,
                "request_date_to": last,
            }
        )
        leave.action_approve()
        lines = self.env["account.analytic.line"].search(
            [("holiday_id", "=", leave.id)]
        )
        self.assertEqual(len(lines), (last - first).days + 1)
        return leave, lines

    def words_of(self, lines):
        """All that is said about open lines, with the message of Validate."""
        said = [
            *lines.mapped("tripletex_problem"),
            *lines.mapped("tripletex_problem_help"),
            *lines.mapped("tripletex_refusal"),
        ]
        try:
            with self.env.cr.savepoint():
                self.seen_by(self.approver, lines).action_tripletex_validate()
        except REFUSALS as refused:
            said.append(refused.args[0])
        return " ".join(filter(None, said)).lower()

    # -- deleted leaves ----------------------------------------------------------

    def lines_left_behind(self):
        """Lines of an approved leave that a Time Off administrator deleted."""
        leave, lines = self.leave(MONDAY, day(2))
        self.seen_by(self.officer, leave).unlink()
        self.env.invalidate_all()
        self.assertEqual(lines.exists(), lines)
        self.assertFalse(lines.holiday_id)
        return lines

    def test_lines_of_a_deleted_leave_say_what_they_are(self):
        lines = self.lines_left_behind()
        problem = "Left by deleted time off"
        self.assertEqual(set(lines.mapped("tripletex_problem")), {problem})
        self.assertIn("Delete the line", lines[0].tripletex_problem_help)

    def test_lines_of_a_deleted_leave_are_not_sent_as_work(self):
        lines = self.lines_left_behind()
        work = self.log(5, date=day(3))
        self.words_of(lines)
        for validated in (lines + work, work):
            with suppress(*REFUSALS), self.env.cr.savepoint():
                self.seen_by(self.approver, validated).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def test_lines_of_a_deleted_leave_that_were_validated_are_not_sent(self):
        leave, lines = self.leave(MONDAY, day(2))
        self.seen_by(self.approver, lines).action_tripletex_validate()
        self.settle()
        with suppress(UserError), self.env.cr.savepoint():
            self.seen_by(self.officer, leave).unlink()
        self.env.invalidate_all()
        self.settle()
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.held(), [])

    def test_ordinary_internal_hours_are_sent(self):
        self.validated(3, project_id=self.company.internal_project_id.id)
        self.settle()
        self.assertEqual(self.held_as("project"), [(None, 3.0)])

    # -- the day of 24 hours -----------------------------------------------------

    def test_public_holiday_and_refused_leave_do_not_count_as_work(self):
        leave, _lines = self.leave(MONDAY, day(2))
        self.env["resource.calendar.leaves"].create(
            {
                "name": "17. mai",
                "company_id": self.company.id,
                "date_from": f"{day(1)} 00:00:00",
                "date_to": f"{day(1)} 21:00:00",
            }
        )
        leave.action_refuse()
        work = self.log(17, date=day(1))
        lines = self.env["account.analytic.line"].search(
            [("employee_id", "=", self.employee.id), ("date", "=", day(1))]
        )
        self.assertGreater(sum(lines.mapped("unit_amount")), 24)
        for validated in (lines - work, work):
            self.seen_by(self.approver, validated).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [17.0])

    def test_day_off_and_work_beyond_24_hours_is_validated(self):
        _leave, lines = self.leave(MONDAY, MONDAY)
        work = self.log(18)
        for validated in (lines, work):
            self.seen_by(self.approver, validated).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held(), [18.0])

    # -- the mark of Time Off ----------------------------------------------------

    def assert_leave_does_not_delete(self, line, leave):
        self.env.invalidate_all()
        self.assertFalse(line.sudo().holiday_id)
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.settle()
        leave.action_refuse()
        self.settle()
        self.assertTrue(line.exists())
        self.assertEqual(self.held(), [5.0])

    def test_nobody_marks_an_ordinary_line_as_time_off(self):
        leave, _lines = self.leave(MONDAY, MONDAY)
        line = self.log(5, date=day(1))
        for user in (self.worker, self.approver, self.manager, self.officer):
            with suppress(*REFUSALS), self.env.cr.savepoint():
                self.seen_by(user, line).write({"holiday_id": leave.id})
        self.assert_leave_does_not_delete(line, leave)

    def test_nobody_logs_an_ordinary_line_as_time_off(self):
        leave, lines = self.leave(MONDAY, MONDAY)
        values = {
            "employee_id": self.employee.id,
            "project_id": self.project.id,
            "date": day(1),
            "unit_amount": 5,
            "holiday_id": leave.id,
        }
        with suppress(*REFUSALS), self.env.cr.savepoint():
            self.seen_by(self.approver, lines).create(values)
        marked = lines.search([("holiday_id", "=", leave.id)])
        self.assertEqual(marked, lines)
