from odoo.exceptions import UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..dev.sandbox import EMPLOYEE_TOKEN
from .security_common import SecurityCase


@tagged("post_install", "-at_install")
class TestCopies(SecurityCase):
    """A database that was copied sends nothing."""

    def test_neutralised_copy_has_no_keys_and_sends_nothing(self):
        setup = self.env["tripletex.connection.setup"].create(
            {
                "company_id": self.company.id,
                "environment": "test",
                "employee_token": EMPLOYEE_TOKEN,
            }
        )
        setup.sudo().session_token = "of-the-set-up"
        self.env.flush_all()
        queries = get_neutralization_queries(["hr_timesheet_tripletex"])
        for query in queries:
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        connection = self.connection.sudo()
        self.assertEqual(
            (connection.employee_token, connection.session_token, connection.state),
            (False, False, "attention"),
        )
        setup = setup.sudo()
        self.assertEqual((setup.pending_token, setup.session_token), (False, False))
        self.assertFalse(
            self.env["ir.config_parameter"].get_param(
                "hr_timesheet_tripletex.consumer_token"
            )
        )
        self.control.clear_calls()
        self.validated(2, date="2026-03-17")
        self.send()
        self.assertEqual(self.control.calls(), [])

    def test_restored_copy_sends_nothing_and_says_what_to_do(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.control.clear_calls()
        line = self.validated(2, date="2026-03-17")
        self.send()
        self.assertEqual(self.control.calls(), [])
        self.assertEqual(line.tripletex_state, "pending")
        self.assertIn("copy", self.connection.attention_message)
        # Testing the key must not make the copy send.
        action = self.connection.action_test()
        self.assertEqual(action["params"]["type"], "danger")
        self.assertIn("copy", action["params"]["message"])
        self.send()
        self.assertEqual(len(self.held()), 1)
        self.assertEqual(self.control.calls(), [])

    def test_copy_sends_only_after_a_key_is_entered(self):
        with self.connection._client() as client:
            company_id = str(client.who_am_i()["companyId"])
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        setup = self.env["tripletex.connection.setup"].create(
            {"company_id": self.company.id, "environment": "test"}
        )
        self.control.clear_calls()
        self.assertNotIn("Unchanged", setup.token_placeholder)
        with self.assertRaisesRegex(UserError, "Enter the API user key"):
            setup.action_next()
        self.assertEqual(self.control.calls(), [])
        self.connection.tripletex_company_id = company_id
        setup.employee_token = EMPLOYEE_TOKEN
        while setup.step != "employees":
            setup.action_next()
        setup.action_complete()
        self.assertFalse(self.connection._is_copy())

    def test_copy_does_not_close_the_session_of_the_original(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.control.clear_calls()
        self.connection._disconnect()
        self.assertEqual(self.control.calls(), [])
        self.assertFalse(self.connection.sudo().session_token)
