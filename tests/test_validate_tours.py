from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import MONDAY


class ValidateTourCase(HttpCase):
    """Two employees, a linked and an unlinked project."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.connection = cls.connect()
        cls.worker = new_test_user(
            cls.env, "tour_worker", groups="hr_timesheet.group_hr_timesheet_user"
        )
        new_test_user(
            cls.env, "tour_approver", groups="hr_timesheet.group_hr_timesheet_approver"
        )
        cls.kari, cls.ola = cls.link_people()
        cls.project, cls.unknown = cls.link_one_project()

    @classmethod
    def connect(cls):
        connection = cls.env["tripletex.connection"].sudo()
        connection = connection.create(
            {"company_id": cls.company.id, "tripletex_company_id": "1"}
        )
        connection.default_activity_id = cls.env["tripletex.activity"].create(
            {
                "connection_id": connection.id,
                "tripletex_id": "1",
                "name": "Work",
                "is_project_activity": True,
            }
        )
        return connection

    @classmethod
    def link(cls, model, **values):
        cls.env[model].create({"connection_id": cls.connection.id, **values})

    @classmethod
    def link_people(cls):
        """Return two linked employees; the first is the worker."""
        people = cls.env["hr.employee"].create(
            [
                {"name": "Kari Refused", "user_id": cls.worker.id},
                {"name": "Ola Approved"},
            ]
        )
        for employee, number in zip(people, "12", strict=True):
            cls.link("tripletex.employee", employee_id=employee.id, number=number)
        return people

    @classmethod
    def link_one_project(cls):
        """Return two projects; the first is linked."""
        projects = cls.env["project.project"].create(
            [
                {
                    "name": name,
                    "allow_timesheets": True,
                    "privacy_visibility": "employees",
                }
                for name in ("Storgata 12", "Unknown there")
            ]
        )
        cls.link("tripletex.project", project_id=projects[0].id, number="1000")
        return projects

    def log(self, employee, **values):
        return self.env["account.analytic.line"].create(
            {
                "employee_id": employee.id,
                "project_id": self.project.id,
                "date": MONDAY,
                "unit_amount": 7.5,
                "name": "Work",
            }
            | values
        )

    def forget_other_lines(self):
        """Delete lines from other modules' data, which the tours would meet."""
        self.env["account.analytic.line"].search([("project_id", "!=", False)]).unlink()


@tagged("post_install", "-at_install")
class TestValidateTours(ValidateTourCase):
    """Screens of approver and employee in a browser."""

    @mute_logger("odoo.http")
    def test_approver_validates_lines_without_problems(self):
        self.forget_other_lines()
        good = self.log(self.kari)
        bad = self.log(self.kari, project_id=self.unknown.id)
        others = self.log(self.ola) + self.log(self.ola, date="2026-03-17")
        self.start_tour(
            "/odoo/timesheets-to-validate",
            "tripletex_validate_approver",
            login="tour_approver",
        )
        self.assertTrue(all((good + others).mapped("tripletex_validated")))
        self.assertFalse(bad.tripletex_validated)
        self.assertEqual(set((good + others).mapped("tripletex_state")), {"pending"})

    def test_employee_sees_state_and_cannot_edit_validated_line(self):
        self.log(self.kari)
        locked = self.log(self.kari, name="Locked work")
        locked.action_tripletex_validate()
        action = self.env.ref("hr_timesheet.act_hr_timesheet_line")
        action.context = {"is_timesheet": 1, "is_my_timesheets": 1}
        self.start_tour(
            "/odoo/timesheets", "tripletex_validate_employee", login="tour_worker"
        )
        self.assertEqual((locked.unit_amount, locked.tripletex_validated), (7.5, True))

    def test_form_warns_before_saving_unlinked_project(self):
        self.start_tour(
            "/odoo/timesheets/new", "tripletex_validate_warning", login="tour_worker"
        )
        line = self.env["account.analytic.line"].search(
            [("project_id", "=", self.unknown.id)]
        )
        self.assertEqual(line.unit_amount, 2)
        self.assertFalse(line.tripletex_validated)


@tagged("post_install", "-at_install")
class TestPhoneTours(ValidateTourCase):
    """The approver's screens on a phone."""

    browser_size = "390x844"
    touch_enabled = True

    @mute_logger("odoo.http")
    def test_phone_validates_lines_without_problems(self):
        self.forget_other_lines()
        good = self.log(self.kari)
        bad = self.log(self.kari, project_id=self.unknown.id)
        self.start_tour(
            "/odoo/timesheets-to-validate",
            "tripletex_validate_phone",
            login="tour_approver",
        )
        self.assertEqual((good + bad).mapped("tripletex_validated"), [True, False])

    def test_phone_says_that_nothing_is_left_to_validate(self):
        self.forget_other_lines()
        self.start_tour(
            "/odoo/timesheets-to-validate",
            "tripletex_nothing_left_phone",
            login="tour_approver",
        )
        lines = self.env["account.analytic.line"]
        self.assertFalse(lines.search([("project_id", "!=", False)]))

    def test_phone_retries_failed_hours(self):
        self.log(self.kari, date=fields.Date.today()).action_tripletex_validate()
        entry = self.env["tripletex.entry"].search([])
        entry.write({"state": "failed", "error_message": "Correct the project."})
        self.start_tour(
            "/odoo/tripletex-sent-hours",
            "tripletex_sent_hours_phone",
            login="tour_approver",
        )
        self.assertEqual(entry.state, "pending")

    def test_phone_shows_conflict_of_removed_connection(self):
        self.log(self.kari, date=fields.Date.today()).action_tripletex_validate()
        entry = self.env["tripletex.entry"].search([])
        entry.write({"state": "conflict", "remote_hours": 4})
        self.connection.state = "disconnected"
        self.start_tour(
            "/odoo/tripletex-sent-hours",
            "tripletex_conflict_phone",
            login="tour_approver",
        )
        self.assertEqual((entry.state, entry.remote_hours), ("conflict", 4))
