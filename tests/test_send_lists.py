from odoo.tests import tagged

from .send_common import ENTRIES, TroubleCase


@tagged("post_install", "-at_install")
class TestSendLists(TroubleCase):
    """A list call that fails is followed by a look at what it left behind."""

    def looks(self):
        return len(self.control.calls("GET", "/timesheet/entry"))

    def test_a_server_error_that_kept_the_list(self):
        lines = self.many(4)
        with self.fault("500_json_after", method="POST", path=ENTRIES):
            self.send()
        self.assertEqual((self.posts(ENTRIES), len(self.held())), (1, 4))
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    def test_a_server_error_that_kept_nothing(self):
        lines = self.many(4)
        with self.fault("500_json", method="POST", path=ENTRIES):
            self.send()
        self.assertEqual((self.posts(ENTRIES), len(self.held())), (3, 4), "in halves")
        self.assertEqual(set(lines.mapped("tripletex_state")), {"sent"})

    def test_a_server_error_does_not_say_what_a_refusal_keeps(self):
        """The first refusal is followed by a look all the same."""
        bad = self.link_projects(1, skip=3)
        lines = self.many(4, project_id=bad.id)
        self.control.close_project(int(self.binding(bad).tripletex_id))
        self.control.clear_calls()
        with self.fault("500_json", method="POST", path=ENTRIES):
            self.send()
        self.assertEqual(set(lines.mapped("tripletex_state")), {"failed"})
        self.assertEqual(self.held(), [])
        self.assertEqual(self.looks(), 3, "first, after the error, after one refusal")
