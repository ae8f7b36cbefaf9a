from odoo import fields
from odoo.tests import tagged

from .test_validate_tours import ValidateTourCase


class PeopleTourCase(ValidateTourCase):
    """A company whose employees send in their hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tripletex_send_in = True
        cls.today = fields.Date.today()


@tagged("post_install", "-at_install")
class TestPeopleTours(PeopleTourCase):
    """Send In, Reject, Send In again, Validate: the employee and the approver."""

    def walk(self, tour, login, path):
        self.start_tour(f"/odoo/{path}", f"tripletex_people_{tour}", login=login)
        self.env.invalidate_all()

    def test_hours_are_sent_in_rejected_corrected_and_validated(self):
        self.forget_other_lines()
        right = self.log(self.kari, date=self.today)
        wrong = self.log(self.kari, date=self.today, name="Wrong work")
        action = self.env.ref("hr_timesheet.act_hr_timesheet_line")
        action.context = {"is_timesheet": 1, "is_my_timesheets": 1}
        self.walk("send_in", "tour_worker", "timesheets")
        self.assertTrue(all((right + wrong).mapped("tripletex_sent_in")))
        self.walk("reject", "tour_approver", "timesheets-to-validate")
        self.assertEqual(
            (right + wrong).mapped("tripletex_status"), ["sent_in", "rejected"]
        )
        self.walk("correct", "tour_worker", "timesheets")
        self.assertEqual(wrong.tripletex_status, "sent_in")
        self.walk("validate", "tour_approver", "timesheets-to-validate")
        self.assertTrue(all((right + wrong).mapped("tripletex_validated")))

    def test_retry_keeps_the_row_and_shows_its_state(self):
        self.forget_other_lines()
        self.log(self.ola, date=self.today).action_tripletex_validate()
        entry = self.env["tripletex.entry"].search([])
        entry.write({"state": "failed", "error_message": "Correct the project."})
        self.walk("retry", "tour_approver", "tripletex-sent-hours")
        self.assertEqual(entry.state, "pending")

    def test_list_that_is_left_before_it_is_shown_asks_for_no_status(self):
        """Else an error of the browser comes up every half minute."""
        self.walk("leave", "tour_approver", "timesheets")


@tagged("post_install", "-at_install")
class TestPeoplePhoneTours(PeopleTourCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_phone_validates_a_person_with_one_button(self):
        self.forget_other_lines()
        lines = self.log(self.ola) + self.log(self.ola, name="More")
        lines.action_tripletex_send_in()
        self.start_tour(
            "/odoo/timesheets-to-validate",
            "tripletex_people_phone",
            login="tour_approver",
        )
        self.env.invalidate_all()
        self.assertTrue(all(lines.mapped("tripletex_validated")))
