from odoo.tests import tagged

from ..dev.sandbox import CONSUMER_TOKEN
from .common import BASE_URL
from .send_common import TroubleCase


@tagged("post_install", "-at_install")
class TestConnectionTest(TroubleCase):
    """The button *Test connection*: its message and the state it sets."""

    def press(self):
        """Press the button; return type and text of its message."""
        params = self.connection.action_test()["params"]
        return params["type"], params["message"]

    def consumer_token(self, token):
        self.env["ir.config_parameter"].set_param(
            "hr_timesheet_tripletex.consumer_token", token
        )

    def base_url(self, address):
        """Set another address; return the previous one."""
        parameters = self.env["ir.config_parameter"]
        before = parameters.get_param(BASE_URL)
        parameters.set_param(BASE_URL, address)
        return before

    def assert_state(self, state, reason=False):
        self.assertEqual(
            (self.connection.state, self.connection.attention_reason), (state, reason)
        )

    def test_refused_key_sets_attention_and_says_so(self):
        self.control.revoke_key()
        kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("API user key", message)
        self.assert_state("attention", "key")
        self.assertEqual(self.connection.attention_message, message)

    def test_refused_consumer_token_is_named(self):
        self.consumer_token("of another system")
        kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("consumer token", message)
        self.assert_state("attention", "consumer")
        self.consumer_token(CONSUMER_TOKEN)
        self.assertEqual(self.press()[0], "success")
        self.assert_state("connected")

    def test_forbidden_address_is_named(self):
        good = self.base_url("http://tripletex.no/v2")
        kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("hr_timesheet_tripletex.base_url", message)
        self.assert_state("attention", "address")
        self.base_url(good)
        self.assertEqual(self.press()[0], "success")
        self.assert_state("connected")

    def test_repeated_problem_is_logged_once(self):
        self.control.revoke_key()
        self.press()
        told = self.connection.message_ids
        self.connection.attention = {"code": "given", "text": "Of yesterday"}
        _kind, message = self.press()
        self.assertEqual(self.connection.message_ids, told)
        self.assertEqual(self.connection.attention_message, message, "updated")

    def test_unreachable_tripletex_leaves_connection_connected(self):
        with self.fault("500_json", times=None):
            kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("cannot be reached", message)
        self.assert_state("connected")

    def test_other_refusal_shows_tripletexs_message(self):
        with self.fault("409", times=None, method="GET"):
            kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("Tripletex answered: ", message)
        self.assertNotIn("(request -)", message)
        self.assert_state("connected")

    def test_removed_connection_stays_disconnected(self):
        self.connection._disconnect()
        self.assertEqual(self.press()[0], "danger")
        self.assert_state("disconnected")
