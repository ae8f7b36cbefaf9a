from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError

from ..dev.sandbox import ACCOUNTANT_TOKEN, EMPLOYEE_TOKEN
from .setup_common import SetupCase


class TestSetupCompany(SetupCase):
    """Which company a key opens, an accountant's clients included."""

    def test_company_without_access_is_refused(self):
        root = self.env(user=SUPERUSER_ID)
        other = root["res.company"].create({"name": "Nabobygg AS"})
        with self.assertRaises(AccessError):
            self.start(company_id=other.id)

    def test_company_never_changes(self):
        other = self.env["res.company"].sudo().create({"name": "Søsterbygg AS"})
        self.admin.sudo().company_ids |= other
        setup = self.start()
        for refused in (setup, setup.sudo()):
            with self.assertRaisesRegex(UserError, "belongs to its company"):
                refused.company_id = other
        setup.write({"company_id": self.company.id, "environment": "test"})

    def test_next_shows_tripletex_company_and_key_owner(self):
        setup = self.go_to("projects")
        state = self.control.state()["company"]
        self.assertEqual(setup.tripletex_company_name, state["name"])
        self.assertEqual(setup.tripletex_company_id, str(state["id"]))
        self.assertTrue(setup.organisation_number)
        self.assertTrue(setup.key_owner_name)

    def test_other_organisation_number_sets_warning(self):
        setup = self.go_to("projects")
        self.assertFalse(setup.is_other_number)
        number = setup.organisation_number
        company = self.company.sudo()
        for written, differs in (
            ("911 000 222", True),
            (f"NO {number[:3]} {number[3:]} MVA", False),
        ):
            company.company_registry = written
            setup.invalidate_recordset()
            self.assertEqual(setup.is_other_number, differs, written)

    def test_accountants_key_connects_chosen_client(self):
        setup = self.start(ACCOUNTANT_TOKEN)
        setup.action_next()
        self.assertEqual(setup.step, "key")
        self.assertTrue(setup.client_ids)
        setup.client_id = setup.client_ids[0]
        setup.action_next()
        self.assertEqual(setup.step, "projects")
        self.assertEqual(setup.tripletex_company_id, setup.client_id.tripletex_id)
        self.assertEqual(setup.tripletex_company_name, setup.client_id.name)
        self.go_to("employees", setup)
        setup.action_complete()
        connection = self.connection
        self.assertEqual(connection.client_company_id, setup.client_id.tripletex_id)
        connection.action_test()
        self.assertEqual(connection.state, "connected")

    def test_second_key_does_not_keep_client_of_first_key(self):
        setup = self.start(ACCOUNTANT_TOKEN)
        setup.action_next()
        setup.client_id = setup.client_ids[-1]
        setup.action_next()
        setup.action_back()
        setup.employee_token = EMPLOYEE_TOKEN
        setup.action_next()
        self.assertEqual(setup.step, "projects")
        self.assertEqual(setup.tripletex_company_name, "Fjordbygg Demo AS")
        self.assertFalse(setup.client_ids)

    def test_change_after_trying_key_returns_to_key_step(self):
        """Complete connects only what the key was tried with."""
        for vals in (
            {"employee_token": "never tried"},
            {"environment": "test"},
        ):
            with self.subTest(vals):
                setup = self.go_to("employees")
                setup.write(vals)
                self.assertEqual(setup.step, "key")
                with self.assertRaisesRegex(UserError, "all steps"):
                    setup.action_complete()
        setup = self.start(step="employees", tripletex_company_id="1")
        with self.assertRaisesRegex(UserError, "all steps"):
            setup.action_complete()

    def test_other_client_returns_to_key_step(self):
        setup = self.start(ACCOUNTANT_TOKEN)
        setup.action_next()
        setup.client_id = setup.client_ids[0]
        self.go_to("employees", setup)
        setup.client_id = setup.client_ids[-1]
        self.assertEqual(setup.step, "key")
        self.go_to("employees", setup).action_complete()
        self.assertEqual(
            self.connection.tripletex_company_id, setup.client_id.tripletex_id
        )


class TestSetupUpdate(SetupCase):
    """Update goes through the same steps, with the connection's key and company."""

    def test_update_with_stored_accountants_key_keeps_client(self):
        setup = self.start(ACCOUNTANT_TOKEN)
        setup.action_next()
        setup.client_id = setup.client_ids[-1]
        self.go_to("employees", setup).action_complete()
        before = self.connection.client_company_id
        setup = self.start(token=False)
        setup.action_next()
        self.assertEqual(setup.step, "projects")
        self.go_to("employees", setup).action_complete()
        self.assertEqual(self.connection.client_company_id, before)

    def test_update_without_new_key_keeps_key_and_session(self):
        self.complete()
        connection = self.connection
        session = connection.session_token
        action = connection.with_env(self.env).action_update()
        setup = self.env["tripletex.connection.setup"].browse(action["res_id"])
        self.assertEqual(setup.company_id, self.company)
        self.assertEqual(setup.environment, "production")
        self.assertTrue(setup.is_update)
        self.go_to("employees", setup).action_complete()
        self.assertEqual(self.connection, connection)
        self.assertEqual(connection.employee_token, EMPLOYEE_TOKEN)
        self.assertEqual(connection.session_token, session)
        self.env.cr.postcommit.run()
        self.assertEqual(self.open_sessions(), 1, "one session is enough")

    def test_update_with_new_key_replaces_refused_key(self):
        self.complete()
        connection = self.connection
        connection.employee_token = "worn-out"
        connection.state = "attention"
        self.complete(0, 0, 0)
        self.assertEqual(self.connection, connection)
        self.assertEqual(connection.employee_token, EMPLOYEE_TOKEN)
        self.assertEqual(connection.state, "connected")
        self.env.cr.postcommit.run()
        self.assertEqual(self.open_sessions(), 1, "the former session is closed")

    def test_update_with_key_of_another_company_is_refused(self):
        self.complete()
        connection = self.connection
        connection.tripletex_company_id = "4711"
        connection.tripletex_company_name = "Gammelbygg AS"
        setup = self.start()
        with self.assertRaises(UserError) as caught:
            setup.action_next()
        self.assertIn("Gammelbygg AS", str(caught.exception))
        self.assertIn("Remove", str(caught.exception))

    def test_update_with_another_environment_is_refused(self):
        self.complete()
        with self.assertRaises(UserError):
            self.start(environment="test").action_next()
