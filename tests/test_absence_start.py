from odoo import fields
from odoo.tests import tagged

from .absence_common import AbsenceCase
from .common import MONDAY
from .ledger_common import day


@tagged("post_install", "-at_install")
class TestAbsenceStart(AbsenceCase):
    """Absence that was approved before anybody chose to send it waits for a date."""

    def before(self, *args, **values):
        """Time off that was approved while its kind was not sent."""
        self.sickness_link.unlink()
        leave = self.leave(*args, leave_type=self.sickness, **values)
        self.settle()
        self.assertEqual(self.away(), [])
        return leave

    def choose(self, **values):
        """Choose an activity for the sickness."""
        self.sickness_link = self.env["tripletex.absence"].create(
            {
                "connection_id": self.connection.id,
                "work_entry_type_id": self.sickness.work_entry_type_id.id,
                "activity_id": self.activity("Egenmelding").id,
            }
            | values
        )
        self.settle()

    def sick(self, *dates):
        return self.days(*dates, activity="Egenmelding")

    def test_link_without_date_begins_today(self):
        self.before(MONDAY, day(1))
        self.choose()
        self.assertEqual(self.sickness_link.send_from, fields.Date.today())
        self.assertEqual(self.away(), [])

    def test_absence_to_come_that_is_approved_already_is_sent(self):
        monday = fields.Date.add(fields.Date.today(), weeks=4, weekday=0)
        self.before(monday)
        self.choose()
        self.assertEqual(self.away(), self.sick(monday))

    def test_link_with_date_sends_from_that_date(self):
        self.before(MONDAY, day(3))
        self.choose(send_from=day(2))
        self.assertEqual(self.away(), self.sick(day(2), day(3)))

    def test_earlier_date_sends_what_lies_between(self):
        self.before(MONDAY, day(3))
        self.choose(send_from=day(3))
        self.sickness_link.send_from = day(1)
        self.settle()
        self.assertEqual(self.away(), self.sick(day(1), day(2), day(3)))

    def test_lines_made_anew_do_not_send_what_came_before(self):
        holiday = self.public_holiday(day(1))
        leave = self.before(MONDAY, day(4))
        self.choose(send_from=day(3))
        holiday.unlink()
        self.settle()
        self.assertEqual(len(self.lines_of(leave)), 5)
        self.assertEqual(self.away(), self.sick(day(3), day(4)))

    def test_validating_old_absence_does_not_send_it(self):
        leave = self.before(MONDAY)
        self.choose()
        self.lines_of(leave).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.away(), [])

    def test_absence_approved_afterwards_is_sent_whatever_its_date(self):
        self.choose_anew()
        holiday = self.public_holiday(day(1))
        self.leave(MONDAY, day(2), leave_type=self.sickness)
        self.settle()
        self.assertEqual(self.away(), self.sick(MONDAY, day(2)))
        holiday.unlink()
        self.settle()
        self.assertEqual(self.away(), self.sick(MONDAY, day(1), day(2)))

    def choose_anew(self):
        self.sickness_link.unlink()
        self.choose()

    def test_complete_sends_absence_from_its_date(self):
        self.before(MONDAY, day(3))
        self.choose()
        self.complete(send_from=day(2))
        self.settle()
        self.assertEqual(self.away(), self.sick(day(2), day(3)))

    def test_complete_without_date_sends_nothing_of_before(self):
        self.before(MONDAY)
        self.choose()
        self.complete()
        self.settle()
        self.assertEqual(self.away(), [])

    def test_removed_connection_sends_nothing_and_comes_back_without_duplicates(self):
        self.leave(MONDAY)
        self.settle()
        self.remove()
        self.leave(day(1)).action_refuse()
        self.leave(day(2))
        self.complete(send_from=MONDAY)
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY, day(2)))

    # -- employees who send less -------------------------------------------------

    def test_employee_who_sends_nothing_sends_no_absence(self):
        self.link(self.employee).transfer = "none"
        self.leave(MONDAY)
        self.settle()
        self.assertEqual(self.away(), [])
        self.assertFalse(self.env["tripletex.entry"].search([]))

    def test_employee_who_sends_overtime_and_absence_only(self):
        self.link(self.employee).transfer = "overtime_absence"
        self.leave(MONDAY)
        self.validated(date=day(1))
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))
        self.assertEqual(self.held(), [7.5])

    def test_widening_sends_absence_from_its_date(self):
        self.vacation_link.send_from = MONDAY
        link = self.link(self.employee)
        link.transfer = "none"
        holiday = self.public_holiday(day(1))
        self.leave(MONDAY, day(4))
        self.settle()
        link.set_transfer("overtime_absence", day(3))
        self.settle()
        self.assertEqual(self.away(), self.days(day(3), day(4)))
        # the days before are not sent either when Odoo makes the lines anew
        holiday.unlink()
        self.settle()
        self.assertEqual(self.away(), self.days(day(3), day(4)))
