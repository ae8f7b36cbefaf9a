from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSendPauses(TripletexCase):
    """A pause that was stored while the server's clock was wrong ends."""

    def far(self):
        return fields.Datetime.now() + timedelta(days=400)

    def test_entry_paused_for_a_year_is_sent_at_the_next_run(self):
        line = self.validated(5)
        self.entries_of(line).next_attempt_at = self.far()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_connection_paused_for_a_year_sends_at_the_next_run(self):
        line = self.validated(5)
        self.connection.next_attempt_at = self.far()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))

    def test_usual_pause_stays(self):
        line = self.validated(5)
        pause = fields.Datetime.now() + timedelta(hours=4)
        self.entries_of(line).next_attempt_at = pause
        self.send()
        self.assertEqual(self.held(), [])
        self.assertEqual(self.entries_of(line).next_attempt_at, pause)

    def health(self):
        [found] = [
            found
            for found in self.connection.health()
            if found["company_id"] == self.company.id
        ]
        return found

    def test_health_tells_since_when_hours_wait(self):
        self.assertIsNone(self.health()["waiting_since"])
        self.assertTrue(self.health()["ok"])
        entry = self.entries_of(self.validated(5))
        for hours, is_ok in ((3, True), (5, False)):
            entry.waiting_since = fields.Datetime.now() - timedelta(hours=hours)
            health = self.health()
            with self.subTest(hours=hours):
                self.assertEqual(
                    health["waiting_since"],
                    fields.Datetime.to_string(entry.waiting_since),
                )
                self.assertIs(health["ok"], is_ok, "four hours are the patience")
