from datetime import date

from odoo.tests import tagged

from .absence_common import AbsenceCase

YEAR = 2026


def on(month, number):
    return date(YEAR, month, number)


@tagged("post_install", "-at_install")
class TestAbsenceYear(AbsenceCase):
    """A year of one person's time off ends equal on both sides."""

    def assert_equal(self):
        self.settle()
        self.assertEqual(self.away(), self.logged())

    def test_a_year_of_one_person(self):
        for month, number in ((1, 1), (4, 2), (4, 3), (5, 1), (5, 14), (12, 25)):
            self.public_holiday(on(month, number))
        whitsun = self.public_holiday(on(5, 25))
        self.january_to_march()
        self.easter()
        self.may(whitsun)
        self.summer()
        self.autumn()
        self.christmas()
        comments = {row["comment"] for row in self.control.entries()}
        self.assertEqual(comments, {""})
        states = set(self.env["tripletex.entry"].search([]).mapped("state"))
        self.assertEqual(states, {"sent"})
        # nothing is left to do
        count = len(self.writes())
        self.settle()
        self.assertEqual(len(self.writes()), count)

    def january_to_march(self):
        """Sick, an hour at the dentist's, a course that is not sent."""
        training, _link = self.kind("Training")
        self.leave(on(1, 12), on(1, 14), self.sickness)
        self.half(on(2, 3), "pm", leave_type=self.sickness)
        self.leave(on(3, 2), on(3, 4), training)
        self.assert_equal()
        self.assertEqual(len(self.away()), 4)

    def easter(self):
        """Easter holds two public holidays; two requests are refused."""
        self.leave(on(3, 30), on(4, 7))
        self.leave(on(4, 20), on(4, 24)).action_refuse()
        request = self.request(on(4, 27), on(4, 30))
        request.action_refuse()
        self.assert_equal()
        self.assertEqual(len(self.away()), 4 + 5)

    def may(self, whitsun):
        """Bridge days; Whit Monday turns out to be worked."""
        self.leave(on(5, 11), on(5, 15))
        self.leave(on(5, 25), on(5, 26))
        self.assert_equal()
        whitsun.unlink()
        self.assert_equal()
        self.assertIn((str(on(5, 25)), "Ferie", 7.5), self.away())

    def summer(self):
        """Dates are changed, then the hours of summer time."""
        summer = self.leave(on(7, 6), on(7, 31))
        self.settle()
        summer.action_back_to_approval()
        summer.write({"request_date_from": on(7, 13), "request_date_to": on(8, 7)})
        summer.action_approve()
        self.assert_equal()
        short = self.calendar.copy({"name": "Summer time"})
        short.attendance_ids.filtered(
            lambda a: a.day_period == "afternoon"
        ).hour_to = 15
        self.employee.resource_calendar_id = short
        summer.resource_calendar_id = short
        summer._generate_timesheets()
        self.assert_equal()
        self.assertIn((str(on(7, 20)), "Ferie", 6.5), self.away())
        self.employee.resource_calendar_id = self.calendar

    def autumn(self):
        """Sick in the holidays, four days instead of five, part of a day."""
        holidays = self.leave(on(10, 5), on(10, 9))
        self.settle()
        holidays.action_refuse()
        self.leave(on(10, 5), on(10, 6))
        self.leave(on(10, 7), on(10, 8), self.sickness)
        self.half(on(11, 6), "am")
        self.half(on(11, 6), "pm", leave_type=self.sickness)
        self.assert_equal()
        part_time = self.calendar.copy({"name": "Four days"})
        part_time.attendance_ids.filtered(lambda a: a.dayofweek == "4").unlink()
        self.employee.resource_calendar_id = part_time

    def christmas(self):
        """Cancelled by the person in part."""
        self.leave(on(12, 21), on(12, 24))
        later = self.leave(on(12, 28), on(12, 30))
        self.settle()
        later._action_user_cancel("Comes to work")
        self.assert_equal()
        self.assertFalse([day for day, *_rest in self.away() if day > "2026-12-24"])
