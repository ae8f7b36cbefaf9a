from odoo.tests import tagged

from .test_validate_tours import ValidateTourCase


@tagged("post_install", "-at_install")
class TestLinksPhoneTours(ValidateTourCase):
    """The links on a phone: cards say what is linked, and a form links it."""

    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env.ref("base.user_admin").lang = "en_US"

    def open(self, kind, tour):
        action = f"hr_timesheet_tripletex.tripletex_{kind}_action"
        self.start_tour(f"/odoo/action-{action}", tour, login="admin")
        self.env.invalidate_all()

    def test_projects(self):
        linked = self.env["tripletex.project"].search([])
        linked.name = "Storgata there"
        self.link(
            "tripletex.project", number="1001", name="Warehouse there", is_closed=True
        )
        self.open("project", "tripletex_links_phone")
        self.assertEqual(
            self.env["tripletex.project"].search([("number", "=", "1001")]).project_id,
            self.unknown,
        )

    def test_paycodes(self):
        self.link(
            "tripletex.paycode",
            number="2005",
            name="Overtime there",
            show_in_timesheet=False,
        )
        self.open("paycode", "tripletex_paycodes_phone")

    def test_employees(self):
        self.open("employee", "tripletex_employees_phone")
