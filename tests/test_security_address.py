import os
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..dev.sandbox import EMPLOYEE_TOKEN
from .common import BASE_URL, TripletexCase

#: Addresses of other machines, some of which look like this one's or Tripletex's.
OTHERS = (
    "https://elsewhere.example/v2",
    "https://tripletex.no.elsewhere.example/v2",
    "https://127.0.0.1.elsewhere.example/v2",
    "https://localhost.elsewhere.example/v2",
    "https://10.0.0.1/v2",
    "https://tripletex.no/v2",
    "http://tripletex.no/v2",
    "https://127.0.0.1@elsewhere.example/v2",
)


@tagged("post_install", "-at_install")
class TestAddress(TripletexCase):
    """Where keys are sent is the server's setting, not data of the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env["res.company"].create({"name": "Nabobygg AS"})
        cls.stranger = new_test_user(
            cls.env,
            "stranger_system",
            groups="base.group_system",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )

    def set_parameter(self, address):
        parameters = self.env["ir.config_parameter"].with_user(self.stranger)
        parameters.set_param(BASE_URL, address)

    def test_address_written_by_another_companys_administrator_gets_nothing(self):
        line = self.validated(5)
        for address in OTHERS:
            with self.subTest(address):
                self.set_parameter(address)
                self.send()
                self.assertEqual(
                    (self.connection.state, self.connection.attention_reason),
                    ("attention", "address"),
                )
                self.assertIn("tripletex_base_url", self.connection.attention_message)
                self.assertEqual(line.tripletex_state, "pending")
                self.assertEqual(line.env["tripletex.entry"].search([]).attempts, 0)
                self.set_parameter(self.sandbox.base_url)
                self.connection.action_test()
                self.assertEqual(self.connection.state, "connected")
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_set_up_and_test_button_refuse_the_address(self):
        self.set_parameter(OTHERS[0])
        params = self.connection.action_test()["params"]
        self.assertEqual(params["type"], "danger")
        self.assertIn("hr_timesheet_tripletex.base_url", params["message"])
        setup = self.env["tripletex.connection.setup"].create(
            {
                "company_id": self.company.id,
                "environment": "test",
                "employee_token": EMPLOYEE_TOKEN,
            }
        )
        with self.assertRaisesRegex(UserError, "hr_timesheet_tripletex.base_url"):
            setup.action_next()

    def test_session_is_not_closed_at_the_address(self):
        self.connection.session_token = "of-the-connection"
        self.set_parameter(OTHERS[0])
        self.connection._disconnect()
        self.assertFalse(self.connection.session_token)

    def test_address_of_server_configuration_is_used(self):
        self.set_parameter(False)
        line = self.validated(5)
        with patch.dict(os.environ, {"TRIPLETEX_BASE_URL": self.sandbox.base_url}):
            self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_unprotected_address_of_server_configuration_is_refused(self):
        self.set_parameter(False)
        line = self.validated(5)
        with patch.dict(os.environ, {"TRIPLETEX_BASE_URL": "http://tripletex.no/v2"}):
            self.send()
        self.assertEqual(self.connection.attention_reason, "address")
        self.assertEqual(line.tripletex_state, "pending")
