from odoo.tests import HttpCase, new_test_user, tagged

from ..dev.sandbox import EMPLOYEE_TOKEN
from .common import SandboxMixin


class SetupTourCase(SandboxMixin, HttpCase):
    """An administrator who opens the settings of a company without connection."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_sandbox()
        cls.env["res.lang"]._activate_lang("en_US")
        admin = cls.env.ref("base.user_admin")
        admin.lang = "en_US"
        cls.company = admin.company_id

    def setUp(self):
        super().setUp()
        self.sandbox.reset()

    def settings(self, tour):
        self.start_tour("/odoo/settings", tour, login="admin")
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestSetupTours(SetupTourCase):
    """The set-up in a browser, with and without trouble."""

    browser_size = "1400x900"
    # more people than there is room for
    sandbox_options = {"projects": 20, "employees": 40}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ours = cls.env["project.project"].create(
            {"name": "Ours already", "company_id": cls.company.id}
        )

    def test_set_up_in_browser_connects_and_links(self):
        self.settings("tripletex_setup")
        connection = self.company.tripletex_connection_id
        self.assertEqual(connection.state, "connected")
        projects = self.env["tripletex.project"].search([]).project_id
        self.assertEqual(len(projects), 2)
        self.assertIn(self.ours, projects)
        employee = self.env["tripletex.employee"].search([]).employee_id
        self.assertIn("Kari", employee.name)

    def test_administrator_without_other_groups_links_existing_records(self):
        new_test_user(self.env, "only_system", groups="base.group_system")
        self.env["hr.work.entry.type"].create({"name": "Ours too", "code": "OURS"})
        employee = self.env["hr.employee"].create(
            {"name": "Ella Ours", "company_id": self.company.id}
        )
        self.start_tour(
            "/odoo/settings", "tripletex_setup_linking", login="only_system"
        )
        self.env.invalidate_all()
        self.assertEqual(self.env["tripletex.project"].search([]).project_id, self.ours)
        self.assertEqual(
            self.env["tripletex.employee"].search([]).employee_id, employee
        )
        kind = self.env["tripletex.paycode"].search([]).work_entry_type_id
        self.assertEqual(kind.name, "Ours too")

    def test_missing_right_in_browser_leaves_nothing(self):
        self.control.revoke_rights("employee")
        self.settings("tripletex_setup_bad_day")
        self.assertFalse(self.company.tripletex_connection_id)
        self.assertFalse(
            self.env["tripletex.connection.setup"].search([]), "nothing stays"
        )
        self.assertFalse(self.control.state()["sessions"])

    def test_update_and_remove_in_browser(self):
        setup = self.env["tripletex.connection.setup"].create(
            {"company_id": self.company.id, "employee_token": EMPLOYEE_TOKEN}
        )
        for _step in range(3):
            setup.action_next()
        setup.project_line_ids[:2].selected = True
        setup.action_complete()
        self.settings("tripletex_setup_update_remove")
        self.assertFalse(self.company.tripletex_connection_id)
        self.assertFalse(self.env["tripletex.connection.setup"].search([]))
        self.assertFalse(self.control.state()["sessions"])


@tagged("post_install", "-at_install")
class TestSetupPhoneTours(SetupTourCase):
    """The set-up on a phone: what a person needs of a row is visible and works."""

    browser_size = "390x844"
    touch_enabled = True
    # more projects than a page holds, and people who lack an e-mail address
    sandbox_options = {"projects": 60, "oddities": True}

    def test_ticking_on_phone_links_rows(self):
        self.settings("tripletex_setup_phone")
        self.assertEqual(len(self.env["tripletex.project"].search([])), 2)
        employee = self.env["tripletex.employee"].search([]).employee_id
        self.assertIn("Kari", employee.name)
