from odoo.tests import tagged

from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSearchLines(TripletexCase):
    """Lines are found by the state that they show."""

    def test_every_line_is_found_by_its_state_and_by_no_other(self):
        self.validated(1)
        self.send()
        self.validated(2, date="2026-03-17")
        self.log(3)
        lines = self.env["account.analytic.line"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(
            set(lines.mapped("tripletex_state")), {"sent", "pending", False}
        )
        for state in ("failed", "conflict", "pending", "sent", False):
            with self.subTest(state=state):
                found = lines.search(
                    [("id", "in", lines.ids), ("tripletex_state", "=", state)]
                )
                shown = lines.filtered(lambda line, s=state: line.tripletex_state == s)
                self.assertEqual(found, shown)
                others = lines.search(
                    [("id", "in", lines.ids), ("tripletex_state", "!=", state)]
                )
                self.assertEqual(others, lines - shown)
