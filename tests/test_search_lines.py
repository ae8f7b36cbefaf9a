import ast

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

    def test_sent_hours_are_found_by_name(self):
        entries = self.entries_of(
            self.validated(1)
            + self.validated(2, employee_id=self.employees[1].id)
            + self.validated(3, work_entry_type_id=self.overtime.id)
        )
        Entry = self.env["tripletex.entry"].with_user(self.env.ref("base.user_admin"))
        Entry = Entry.with_context(allowed_company_ids=self.company.ids)
        self.env.ref("base.user_admin").company_ids |= self.company
        with self.assertNoLogs("odoo", "WARNING"):
            for text in (self.employees[1].name, self.project.name, self.overtime.name):
                found = [entry_id for entry_id, _name in Entry.name_search(text)]
                expected = entries.filtered(
                    lambda entry, text=text: text in entry.display_name
                )
                self.assertEqual(set(found) & set(entries.ids), set(expected.ids))
            self.assertFalse(Entry.name_search("nobody of this name"))
            self.assertTrue(Entry.name_search(""))

    def test_pivot_and_graph_offer_hours_only(self):
        """Technical figures of an entry, such as attempts, mean nothing as sums.

        Two rows of overtime have the same hours: their sum means nothing either.
        """
        described = self.env["tripletex.entry"].fields_get(attributes=["aggregator"])
        technical = {"attempts", "attempt_hours", "tripletex_version", "remote_version"}
        for name in technical | {"hours", "sent_hours"}:
            with self.subTest(name=name):
                self.assertFalse(described[name].get("aggregator"))

    def test_every_filter_of_sent_hours_uses_an_index(self):
        Entry = self.env["tripletex.entry"].with_user(self.env.ref("base.user_admin"))
        Entry = Entry.with_context(allowed_company_ids=self.company.ids)
        self.env.ref("base.user_admin").company_ids |= self.company
        arch = etree.fromstring(Entry.get_view(view_type="search")["arch"])
        few = {
            "failed": "attention",
            "conflict": "attention",
            "kind_paycode": "paycode",
            "absence": "absence",
        }
        filters = {
            node.get("name"): ast.literal_eval(node.get("domain"))
            for node in arch.xpath("//filter[@domain]")
        }
        for name, domain in {"plain": [], **filters}.items():
            with self.subTest(filter=name):
                query = Entry._search(domain, order="date desc, id desc", limit=80)
                index = f"tripletex_entry_{few.get(name, 'list')}_idx"
                self.assertIn(index, self.plan(query))
