from unittest import SkipTest

from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import tagged

from .common import MONDAY
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestValidateTimeOff(ValidateCase):
    """Lines created by Time Off are never sent and are changed by Time Off only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "holiday_id" not in cls.env["account.analytic.line"]._fields:
            raise SkipTest("needs project_timesheet_holidays to be installed")
        cls.leave_type = cls.env["hr.leave.type"].create(
            {
                "name": "Ferie",
                "requires_allocation": False,
                "leave_validation_type": "hr",
                "company_id": cls.company.id,
            }
        )

    def leave(self):
        """Return an approved day off and its lines."""
        leave = self.env["hr.leave"].create(
            {
                "name": "Ferie",
                "employee_id": self.employee.id,
                "holiday_status_id": self.leave_type.id,
                "request_date_from": MONDAY,
                "request_date_to": MONDAY,
            }
        )
        leave.action_approve()
        lines = self.env["account.analytic.line"].search(
            [("holiday_id", "=", leave.id)]
        )
        self.assertTrue(lines)
        return leave, lines

    def test_time_off_line_is_validated_and_not_sent(self):
        _leave, lines = self.leave()
        work = self.log(date="2026-03-17")
        self.assertFalse(any(lines.mapped("tripletex_problem")))
        self.seen_by(self.approver, lines + work).action_tripletex_validate()
        self.assertTrue(all((lines + work).mapped("tripletex_validated")))
        self.assertEqual(set(lines.mapped("tripletex_status")), {"validated"})
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_validated_time_off_line_cannot_be_changed(self):
        _leave, lines = self.leave()
        self.seen_by(self.approver, lines).action_tripletex_validate()
        self.assertTrue(lines[0].readonly_timesheet)
        with self.assertRaises(UserError):
            self.seen_by(self.approver, lines).write({"unit_amount": 1})
        with self.assertRaises(RedirectWarning):
            self.seen_by(self.worker, lines).unlink()

    def test_refused_leave_deletes_its_validated_lines(self):
        leave, lines = self.leave()
        self.seen_by(self.approver, lines).action_tripletex_validate()
        leave.action_refuse()
        self.assertFalse(lines.exists())

    def test_time_off_line_can_be_invalidated(self):
        _leave, lines = self.leave()
        self.seen_by(self.approver, lines).action_tripletex_validate()
        self.seen_by(self.approver, lines).action_tripletex_invalidate()
        self.assertFalse(any(lines.mapped("tripletex_validated")))

    def test_validated_work_cannot_become_time_off(self):
        leave, _lines = self.leave()
        line = self.validated(date="2026-03-17")
        with self.assertRaisesRegex(UserError, "validated and locked"):
            self.seen_by(self.approver, line).write({"holiday_id": leave.id})

    def test_archived_employee_loses_future_holiday_lines(self):
        calendar = self.employee.resource_calendar_id
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "17. mai",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": "2027-05-17 00:00:00",
                "date_to": "2027-05-17 21:00:00",
            }
        )
        lines = self.env["account.analytic.line"].search(
            [
                ("global_leave_id", "=", holiday.id),
                ("employee_id", "=", self.employee.id),
            ]
        )
        self.assertTrue(lines)
        self.seen_by(self.approver, lines).action_tripletex_validate()
        self.employee.action_archive()
        self.assertFalse(lines.exists())
