from odoo.tests import new_test_user, tagged

from .absence_common import AbsenceCase
from .common import MONDAY
from .ledger_common import day


@tagged("post_install", "-at_install")
class TestAbsenceSending(AbsenceCase):
    """Approved time off is sent by itself, on the activity of its link."""

    def test_approved_leave_is_sent_without_validation(self):
        leave = self.leave(MONDAY, day(4))
        self.settle()
        self.assertEqual(self.away(), self.days(*map(day, range(5))))
        lines = self.lines_of(leave)
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})
        self.assertFalse(any(lines.mapped("tripletex_validated")))

    def test_request_is_sent_when_it_is_approved(self):
        request = self.request(MONDAY)
        self.settle()
        self.assertEqual(self.away(), [])
        request.action_approve()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_text_of_the_leave_is_not_sent(self):
        leave = self.leave(MONDAY)
        # as OCA's project_timesheet_holidays_dynamic_description does
        self.lines_of(leave).sudo().name = "Because of my back"
        self.settle()
        self.assertEqual([row["comment"] for row in self.control.entries()], [""])
        texts = (
            self.env["tripletex.entry"]
            .search([])
            .read(["comment", "sent_comment", "place_name", "display_name"])
        )
        self.assertNotIn("back", str(texts))

    def test_kind_of_absence_without_link_is_not_sent(self):
        other, _link = self.kind("Training")
        self.leave(MONDAY, leave_type=other)
        self.settle()
        self.assertEqual(self.control.entries(), [])
        self.assertFalse(self.env["tripletex.entry"].search([]))

    def test_half_days_of_two_kinds(self):
        self.half(MONDAY, "am")
        self.half(MONDAY, "pm", leave_type=self.sickness)
        self.settle()
        self.assertEqual(
            self.away(),
            [(str(MONDAY), "Egenmelding", 3.5), (str(MONDAY), "Ferie", 4.0)],
        )

    def test_two_half_days_of_one_kind_are_one_row(self):
        self.half(MONDAY, "am")
        self.half(MONDAY, "pm")
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_hours_are_those_of_the_persons_calendar(self):
        part_time = self.calendar.copy({"name": "Three days"})
        part_time.attendance_ids.filtered(lambda a: a.dayofweek in "34").unlink()
        self.employee.resource_calendar_id = part_time
        self.leave(MONDAY, day(4))
        self.settle()
        self.assertEqual(self.away(), self.days(*map(day, range(3))))

    def test_public_holiday_is_never_sent(self):
        self.public_holiday(day(1))
        self.leave(MONDAY, day(2))
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY, day(2)))

    def test_excluded_internal_project_does_not_stop_absence(self):
        self.company.internal_project_id.tripletex_excluded = True
        self.leave(MONDAY)
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_absence_does_not_count_towards_24_hours(self):
        self.leave(MONDAY)
        self.validated(20)
        self.settle()
        self.assertEqual(self.held(), [7.5, 20.0])

    def test_day_of_too_many_hours_does_not_stop_absence(self):
        self.company.tripletex_strict = False
        self.validated(25)
        self.leave(MONDAY)
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_validating_absence_as_well_changes_nothing(self):
        leave = self.leave(MONDAY)
        lines = self.lines_of(leave)
        lines.action_tripletex_validate()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))
        lines.action_tripletex_invalidate()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_officer_without_timesheet_rights_approves_and_refuses(self):
        officer = new_test_user(
            self.env,
            "absence_only",
            groups="hr_holidays.group_hr_holidays_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        request = self.request(MONDAY, day(1)).with_user(officer)
        request = request.with_context(allowed_company_ids=self.company.ids)
        request.action_approve()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY, day(1)))
        request.action_refuse()
        self.settle()
        self.assertEqual(self.away(), [])
