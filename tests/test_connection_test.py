from odoo.tests import tagged

from ..dev.sandbox import CONSUMER_TOKEN
from .common import BASE_URL
from .send_common import TroubleCase


@tagged("post_install", "-at_install")
class TestConnectionTest(TroubleCase):
    """What the button Test connection finds out and says."""

    def press(self):
        """Type and text of what the button shows."""
        params = self.connection.action_test()["params"]
        return params["type"], params["message"]

    def consumer_token(self, token):
        self.env["ir.config_parameter"].set_param(
            "hr_timesheet_tripletex.consumer_token", token
        )

    def base_url(self, address):
        """Set up another address; returns the one before."""
        parameters = self.env["ir.config_parameter"]
        before = parameters.get_param(BASE_URL)
        parameters.set_param(BASE_URL, address)
        return before

    def assert_state(self, state, reason=False):
        self.assertEqual(
            (self.connection.state, self.connection.attention_reason), (state, reason)
        )

    def test_a_refused_key_needs_a_person(self):
        self.control.revoke_key()
        kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("API user key", message)
        self.assert_state("attention", "key")
        self.assertEqual(self.connection.attention_message, message)

    def test_a_refused_consumer_token_is_named(self):
        self.consumer_token("of another system")
        kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("consumer token", message)
        self.assert_state("attention", "consumer")
        self.consumer_token(CONSUMER_TOKEN)
        self.assertEqual(self.press()[0], "success")
        self.assert_state("connected")

    def test_an_address_that_no_key_may_be_sent_to_is_named(self):
        good = self.base_url("http://tripletex.no/v2")
        kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("hr_timesheet_tripletex.base_url", message)
        self.assert_state("attention", "address")
        self.base_url(good)
        self.assertEqual(self.press()[0], "success")
        self.assert_state("connected")

    def test_the_same_trouble_is_written_down_once(self):
        self.control.revoke_key()
        self.press()
        told = self.connection.message_ids
        self.connection.attention_message = "Of yesterday"
        _kind, message = self.press()
        self.assertEqual(self.connection.message_ids, told)
        self.assertEqual(
            self.connection.attention_message, message, "brought up to date"
        )

    def test_tripletex_out_of_reach_is_no_fault_of_the_connection(self):
        with self.fault("500_json", times=None):
            kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("cannot be reached", message)
        self.assert_state("connected")

    def test_another_refusal_shows_tripletexs_words(self):
        """As when a read that sending needs is stumbled over."""
        with self.fault("409", times=None, method="GET"):
            kind, message = self.press()
        self.assertEqual(kind, "danger")
        self.assertIn("Tripletex answered: ", message)
        self.assertNotIn("(request -)", message)
        self.assert_state("connected")

    def test_a_removed_connection_stays_removed(self):
        self.connection._disconnect()
        self.assertEqual(self.press()[0], "danger")
        self.assert_state("disconnected")
