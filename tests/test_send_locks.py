from unittest.mock import patch

from odoo.tests import tagged

from ..tools import TripletexClient
from .send_common import TroubleCase


@tagged("post_install", "-at_install")
class TestSendLocks(TroubleCase):
    """Messages name the lock as precisely as Tripletex reports it."""

    def refused(self, line):
        self.send()
        entry = self.entries_of(line)
        self.assertEqual(entry.state, "failed")
        return entry.error_message

    def test_approved_entry_is_reported_as_locked(self):
        line = self.validated(5)
        self.send()
        [row] = self.control.entries()
        self.control.approve_entry(row["id"])
        self.correct(line, unit_amount=6)
        message = self.refused(line)
        self.assertIn("are locked in Tripletex", message)
        self.assertIn(self.employee.name, message)
        self.assertIn("03/16/2026", self.entries_of(line).display_name)
        self.assertEqual(self.held(), [5.0])

    def test_paycode_entry_is_named_after_its_paycode(self):
        self.overtime_only(1)
        [entry] = self.env["tripletex.entry"].search(
            [("connection_id", "=", self.connection.id)]
        )
        self.assertIn(self.overtime.name, entry.display_name)

    def test_approval_without_date_counts_for_the_whole_month(self):
        """The API document (DOCUMENTED) leaves ``approvedUntilDate`` optional."""
        ask = TripletexClient.list_month_status

        def without_date(client, *args):
            return [row | {"approvedUntilDate": None} for row in ask(client, *args)]

        line = self.validated(5)
        self.control.lock_month("2026-03")
        self.assertIn("until 03/31/2026", self.refused(line))
        self.entries_of(line).action_retry()
        with patch.object(TripletexClient, "list_month_status", without_date):
            message = self.refused(line)
        self.assertIn(f"for {self.employee.name} until 03/31/2026", message)

    def test_hidden_month_status_is_reported_as_locked(self):
        line = self.validated(5)
        self.control.lock_month("2026-03")
        with self.fault("403", times=None, method="GET", path="/timesheet/month*"):
            self.assertIn("are locked in Tripletex", self.refused(line))
        self.assertTrue(self.entries_of(line).request_id)

    def test_month_status_is_read_once_per_employee(self):
        lines = self.overtime_only(6)
        self.control.lock_month("2026-03")
        self.send()
        self.assertEqual(set(lines.mapped("tripletex_state")), {"failed"})
        asked = [c for c in self.control.calls("GET") if "month" in c["path"]]
        self.assertEqual(len(asked), 3)
