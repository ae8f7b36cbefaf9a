from odoo.tests import tagged

from .send_common import ENTRIES, TroubleCase


@tagged("post_install", "-at_install")
class TestSendRemoved(TroubleCase):
    """Removing a connection while a run is sending."""

    def remove(self):
        self.connection._disconnect()
        self.env.flush_all()

    def test_removed_connection_sends_no_further_batch(self):
        """Holds even when closing the session fails."""
        self.env["ir.config_parameter"].set_param(
            "hr_timesheet_tripletex.batch_size", "2"
        )
        lines = self.many(6)
        session = {"method": "DELETE", "path": "/token/session/*"}
        with (
            self.fault("drop_before", times=None, **session),
            self.before("create_entries", self.remove),
        ):
            self.send()
        self.assertEqual(self.posts(ENTRIES), 1)
        self.assertEqual(len(self.held()), 2)
        self.assertEqual(self.connection.state, "disconnected")
        self.assertEqual(
            sorted(self.entries_of(lines).mapped("state")),
            ["pending"] * 4 + ["sent"] * 2,
        )

    def test_removed_connection_has_nothing_left_to_look_up(self):
        """Also where it is not known what became of an attempt."""
        with self.fault("drop_after", method="POST", path=ENTRIES):
            self.validated(7.5)
            self.send()
        self.env["tripletex.lookup"]._plan(self.connection)
        self.remove()
        self.send()
        self.assertFalse(self.env["tripletex.lookup"].search([]))
