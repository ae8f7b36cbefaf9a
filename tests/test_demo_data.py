from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file

from ..sending.preflight import Preflight
from ..sending.queue import Queue
from ..sending.run import connections_with_work

MODULE = "hr_timesheet_tripletex"


@tagged("post_install", "-at_install")
class TestDemoData(TransactionCase):
    """The demo data is consistent and is never sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref(f"{MODULE}.demo_company", raise_if_not_found=False):
            for name in Manifest.for_addon(MODULE)["demo"]:
                convert_file(cls.env, MODULE, name, {}, mode="init", noupdate=True)
        cls.company = cls.env.ref(f"{MODULE}.demo_company")
        cls.connection = cls.env.ref(f"{MODULE}.demo_connection")
        cls.lines = cls.env["account.analytic.line"].search(
            [("company_id", "=", cls.company.id)]
        )
        cls.entries = cls.env["tripletex.entry"].search(
            [("connection_id", "=", cls.connection.id)]
        )

    def test_demo_shows_one_line_of_each_state(self):
        self.assertEqual(
            set(self.lines.mapped("tripletex_status")),
            {
                "draft",
                "sent_in",
                "rejected",
                "pending",
                "sent",
                "failed",
                "conflict",
            },
        )

    def test_demo_shows_a_month_finished_and_one_that_differs(self):
        months = self.env["tripletex.month"].search(
            [("connection_id", "=", self.connection.id)], order="number"
        )
        self.assertEqual(
            [(m.result, m.state_there, m.difference) for m in months],
            [("equal", "finished", 0), ("changed", "open", 1)],
        )
        for month in months:
            days = sum(day["there"] for day in month.days)
            self.assertEqual((days, month.hours_validated), (month.hours_there, 15))

    def test_entries_are_the_sums_of_their_lines(self):
        sums = Queue(self.env)._sum_shares(self.entries)
        for entry in self.entries:
            hours, comment = sums[entry.id]
            self.assertEqual((entry.hours, entry.comment), (float(hours), comment))
        self.assertEqual(
            self.entries.share_ids.line_id, self.lines.filtered("tripletex_validated")
        )

    def test_only_sent_demo_entries_are_settled(self):
        for entry in self.entries:
            self.assertEqual(entry.state == "sent", not entry._is_dirty(), entry.place)

    def test_places_are_those_of_the_preflight(self):
        self.connection.state = "connected"
        self.connection.default_activity_id = self.env.ref(f"{MODULE}.demo_activity")
        validated = self.lines.filtered("tripletex_validated")
        resolutions = Preflight(self.env).resolve(validated)
        places = {t.place for r in resolutions.values() for t in r.targets}
        self.assertEqual(places, set(self.entries.mapped("place")))

    def test_demo_entries_are_never_sent(self):
        self.assertEqual(self.connection.state, "disconnected")
        self.assertFalse(self.connection.sudo().employee_token)
        self.entries.action_retry()
        work = connections_with_work(self.env)
        self.assertNotIn(self.connection, work)
        self.assertFalse(self.company.tripletex_connection_id)
