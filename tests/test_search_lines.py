from lxml import etree

from odoo.tests import tagged

from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSearchLines(TripletexCase):
    """Search of lines by state, and figures of entries."""

    def test_search_by_state_finds_the_lines_that_show_it(self):
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

    def test_pivot_and_graph_offer_hours_only(self):
        """Technical figures of an entry, such as attempts, mean nothing as sums."""
        entry = self.env["tripletex.entry"]
        for kind in ("pivot", "graph"):
            arch = etree.fromstring(entry.get_view(view_type=kind)["arch"])
            hidden = {node.get("name") for node in arch.xpath("//field[@invisible]")}
            offered = {
                name
                for name, field in entry._fields.items()
                if field.store and field.type in ("float", "integer") and name != "id"
            } - hidden
            self.assertEqual(
                offered,
                {"hours", "sent_hours", "foreign_hours", "kept_hours", "remote_hours"},
            )
