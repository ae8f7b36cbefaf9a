from odoo.tests import tagged

from .send_common import ENTRIES, TroubleCase


@tagged("post_install", "-at_install")
class TestSendLists(TroubleCase):
    """After a list call fails, its rows are read back before they are repeated."""

    def looks(self):
        return len(self.control.calls("GET", "/timesheet/entry"))

    def test_list_stored_despite_server_error_is_not_sent_again(self):
        lines = self.many(4)
        with self.fault("500_json_after", method="POST", path=ENTRIES):
            self.send()
        self.assertEqual((self.posts(ENTRIES), len(self.held())), (1, 4))
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    def test_list_lost_by_server_error_is_sent_in_halves(self):
        lines = self.many(4)
        with self.fault("500_json", method="POST", path=ENTRIES):
            self.send()
        self.assertEqual((self.posts(ENTRIES), len(self.held())), (3, 4), "in halves")
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    def test_refusal_after_server_error_is_read_back_once(self):
        """Whether a refused list stores rows is checked once, at the first refusal."""
        bad = self.link_projects(1, skip=3)
        lines = self.many(4, project_id=bad.id)
        self.control.close_project(int(self.binding(bad).tripletex_id))
        self.control.clear_calls()
        with self.fault("500_json", method="POST", path=ENTRIES):
            self.send()
        self.assertEqual(set(lines.mapped("tripletex_state")), {"failed"})
        self.assertEqual(self.held(), [])
        self.assertEqual(self.looks(), 3, "first, after the error, after one refusal")
