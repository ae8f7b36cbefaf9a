from odoo.tests import tagged

from .test_validate_tours import ValidateTourCase


@tagged("post_install", "-at_install")
class TestLinksPhoneTours(ValidateTourCase):
    """Cards and forms of links on a phone."""

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

    def test_phone_links_a_project(self):
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

    def test_phone_shows_hidden_paycode(self):
        self.link(
            "tripletex.paycode",
            number="2005",
            name="Overtime there",
            show_in_timesheet=False,
        )
        self.open("paycode", "tripletex_paycodes_phone")
        paycode = self.env["tripletex.paycode"].search([("number", "=", "2005")])
        self.assertFalse(paycode.show_in_timesheet or paycode.work_entry_type_id)

    def test_phone_opens_employee_link(self):
        self.open("employee", "tripletex_employees_phone")
        linked = self.env["tripletex.employee"].search([("number", "in", ["1", "2"])])
        self.assertEqual(linked.employee_id, self.kari + self.ola)
