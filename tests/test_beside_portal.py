from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .beside_common import BesideCase


@tagged("post_install", "-at_install")
class TestBesidePortal(BesideCase):
    """With OCA's portal on which people without a login inside log their hours."""

    needs = "hr_timesheet_portal"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outside = cls.person(
            "outside",
            "base.group_portal,hr_timesheet_portal.group_hr_timesheet_portal",
        )
        cls.employee.user_id = cls.outside
        cls.project.privacy_visibility = "portal"
        cls.project.message_subscribe(cls.outside.partner_id.ids)
        cls.project.collaborator_ids = [
            Command.create({"partner_id": cls.outside.partner_id.id})
        ]
        cls.task_there = cls.env["project.task"].create(
            {"name": "Task", "project_id": cls.project.id}
        )

    def logged(self, hours=3):
        """Log hours as the portal's page does."""
        Line = self.seen_by(self.outside, self.env["account.analytic.line"])
        return Line.create(
            {
                "name": "Work",
                "unit_amount": hours,
                "date": "2026-03-16",
                "task_id": self.task_there.id,
                "project_id": self.project.id,
                "employee_id": self.employee.id,
            }
        )

    def test_hours_from_the_portal_are_validated_and_sent(self):
        line = self.logged()
        line.unit_amount = 4
        self.approved(line)
        self.assertEqual(self.held(), [4.0])

    def test_validated_hours_are_locked_on_the_portal(self):
        line = self.logged()
        self.approved(line)
        for values in ({"unit_amount": 9}, {"name": "Else"}, {"date": "2026-03-17"}):
            with (
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                line.write(values)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            line.unlink()
        self.assertEqual(line.sudo().unit_amount, 3)

    def test_portal_user_does_not_validate(self):
        line = self.logged()
        for step in (
            line.action_tripletex_validate,
            lambda: line.write({"tripletex_validated": True}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                step()
        self.assertFalse(line.sudo().tripletex_validated)
