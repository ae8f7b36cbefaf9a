from odoo.exceptions import UserError

from ..dev.sandbox import EMPLOYEE_TOKEN
from .setup_common import SetupCase


class TestSetupComplete(SetupCase):
    def test_whole_way(self):
        setup = self.complete()
        connection = self.connection
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.employee_token, EMPLOYEE_TOKEN)
        self.assertTrue(connection.session_token)
        self.assertTrue(connection.default_activity_id.is_project_activity)
        self.assertFalse(setup.employee_token)
        for model, field, count in (
            ("tripletex.project", "project_id", 3),
            ("tripletex.paycode", "work_entry_type_id", 2),
            ("tripletex.employee", "employee_id", 3),
        ):
            bindings = self.env[model].search([("connection_id", "=", connection.id)])
            self.assertEqual(len(bindings.filtered(field)), count, model)
        project = self.env["tripletex.project"].search([], limit=1).project_id
        self.assertTrue(project.allow_timesheets)
        self.assertEqual(project.privacy_visibility, "employees")
        self.assertEqual(project.company_id, self.company)

    def test_fact_18_nothing_ticked(self):
        setup = self.complete(0, 0, 0)
        self.assertEqual(self.connection.state, "connected")
        self.assertFalse(self.env["tripletex.project"].search([]))
        self.assertTrue(setup.is_done)

    def test_pressed_twice(self):
        setup = self.complete()
        before = self.env["tripletex.project"].search([])
        setup.action_complete()
        self.assertEqual(self.env["tripletex.project"].search([]), before)

    def test_complete_too_early(self):
        setup = self.go_to("projects")
        with self.assertRaises(UserError):
            setup.action_complete()
        self.assertFalse(self.connection)
