from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .ledger_common import MONDAY, LedgerSteps
from .setup_common import SetupCase
from .validate_common import ValidateCase


class TestLedgerSuggestions(SetupCase):
    """An employee is suggested only where the match is unique on both sides."""

    sandbox_options = {"employees": 6}

    def setUp(self):
        super().setUp()
        rows = self.go_to("employees").employee_line_ids.filtered("selectable")
        self.first, self.second, self.third = rows[:3]

    def employee(self, **values):
        return (
            self.env["hr.employee"]
            .sudo()
            .create({"company_id": self.company.id} | values)
        )

    def offered(self):
        """The rows of first and second in a new set-up."""
        rows = self.go_to("employees").employee_line_ids
        return [
            rows.filtered(lambda row, known=known: row.tripletex_id == known)
            for known in (self.first.tripletex_id, self.second.tripletex_id)
        ]

    def assert_nobody_is_suggested(self):
        for row in self.offered():
            self.assertFalse(row.employee_id)
            self.assertTrue(row.reason, "it says why")

    def test_email_of_two_people_in_tripletex_suggests_nobody(self):
        self.employee(name="Post", work_email="post@example.org")
        for row in (self.first, self.second):
            self.control.change_employee(
                int(row.tripletex_id), email="post@example.org"
            )
        self.assert_nobody_is_suggested()

    def test_name_of_two_people_in_tripletex_suggests_nobody(self):
        self.employee(name="Ola Nordmann")
        for row in (self.first, self.second):
            self.control.change_employee(
                int(row.tripletex_id), firstName="Ola", lastName="Nordmann"
            )
        self.assert_nobody_is_suggested()

    def test_employee_whose_login_and_email_belong_to_two_people_gets_nobody(self):
        user = new_test_user(
            self.env(user=1),
            self.first.email,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.employee(name="Somebody", work_email=self.second.email, user_id=user.id)
        self.assert_nobody_is_suggested()

    def test_number_of_two_employees_in_odoo_suggests_nobody(self):
        if "registration_number" not in self.env["hr.employee"]._fields:
            self.skipTest("needs hr_payroll to be installed")
        for name in ("One", "Two"):
            self.employee(name=name, registration_number=self.first.number)
        self.assertFalse(self.offered()[0].employee_id)

    def test_unique_email_suggests_its_employee(self):
        known = self.employee(name="Somebody", work_email=self.first.email)
        row, other = self.offered()
        self.assertEqual((row.employee_id, other.employee_id.id), (known, False))

    def test_unique_name_suggests_its_employee(self):
        known = self.employee(name=self.first.name)
        self.assertEqual(self.offered()[0].employee_id, known)


class TestLedgerNamesakes(SetupCase):
    """Equal names show their number where hours are logged."""

    sandbox_options = {"projects": 12, "employees": 6, "oddities": False}

    def choices(self, model, name):
        """What a person who logs hours chooses from after typing ``name``."""
        user = new_test_user(
            self.env(user=1),
            "ledger.logs@example.org",
            groups="hr_timesheet.group_hr_timesheet_approver",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        # as the actions of timesheets open their views
        Model = self.env[model].with_user(user).with_context(is_timesheet=True)
        return [label for _id, label in Model.name_search(name)]

    def assert_told_apart(self, rows, labels):
        """Each row's number is in the label of one of the choices."""
        self.assertEqual(len(labels), len(rows))
        for row in rows:
            found = [label for label in labels if row.number in label]
            self.assertEqual(len(found), 1, labels)
            yield row, found[0]

    def test_projects_of_one_name_show_number_and_customer(self):
        rows = self.go_to("projects").project_line_ids.filtered("selectable")[:3]
        for index, row in enumerate(rows):
            self.control.change_project(
                int(row.tripletex_id), name="Fase 1", number=f"90{index}"
            )
        setup = self.go_to("employees")
        same = setup.project_line_ids.filtered(lambda row: row.name == "Fase 1")
        same.selected = True
        setup.action_complete()
        labels = self.choices("project.project", "Fase 1")
        for row, label in self.assert_told_apart(same, labels):
            self.assertIn(row.customer_name, label)

    def test_employees_of_one_name_show_their_number(self):
        rows = self.go_to("employees").employee_line_ids.filtered("selectable")[:2]
        for index, row in enumerate(rows):
            self.control.change_employee(
                int(row.tripletex_id),
                firstName="Ingrid",
                lastName="Testvik",
                employeeNumber=f"80{index}",
            )
        setup = self.go_to("employees")
        same = setup.employee_line_ids.filtered(
            lambda row: row.name == "Ingrid Testvik"
        )
        same.selected = True
        setup.action_complete()
        labels = self.choices("hr.employee", "Ingrid")
        self.assertEqual(len(list(self.assert_told_apart(same, labels))), 2)

    def test_projects_of_different_names_show_no_number(self):
        self.complete(1, 0, 0)
        project = self.env["tripletex.project"].sudo().search([]).project_id
        self.assertEqual(self.choices("project.project", project.name), [project.name])


class TestLedgerOddNumbers(SetupCase):
    """Numbers that are no numbers do not stop the set-up."""

    sandbox_options = {"projects": 6, "employees": 6, "oddities": False}
    odd = ("10²", "①", "9" * 5000, "٣", "½")

    def rows(self, lines):
        setup = self.go_to("employees")
        return setup[lines]

    def test_odd_project_numbers_are_listed_and_the_others_can_be_ticked(self):
        known = self.rows("project_line_ids")
        for row, number in zip(known, self.odd, strict=False):
            self.control.change_project(int(row.tripletex_id), number=number)
        rows = self.rows("project_line_ids")
        self.assertEqual(
            set(rows.mapped("tripletex_id")), set(known.mapped("tripletex_id"))
        )
        self.complete(projects=6)
        self.assertTrue(self.connection)

    def test_odd_salary_type_numbers_are_listed(self):
        known = self.rows("paycode_line_ids")
        for row, number in zip(known, self.odd, strict=False):
            self.control.renumber_salary_type(int(row.tripletex_id), number)
        rows = self.rows("paycode_line_ids")
        self.assertEqual(
            set(rows.mapped("tripletex_id")), set(known.mapped("tripletex_id"))
        )
        self.complete(paycodes=6)
        self.assertTrue(self.connection)

    def test_odd_employee_numbers_are_listed(self):
        known = self.rows("employee_line_ids")
        for row, number in zip(known, self.odd, strict=False):
            self.control.change_employee(int(row.tripletex_id), employeeNumber=number)
        rows = self.rows("employee_line_ids")
        self.assertEqual(
            set(rows.mapped("tripletex_id")), set(known.mapped("tripletex_id"))
        )
        self.complete(employees=6)
        self.assertTrue(self.connection)


class TestLedgerOneCompany(SetupCase):
    """One Tripletex company serves one Odoo company, and its branches."""

    def company_of_admin(self, **values):
        company = self.env(user=1)["res.company"].create(values)
        self.admin.sudo().company_ids |= company
        companies = [*self.env.context["allowed_company_ids"], company.id]
        self.env = self.env(
            context=dict(self.env.context, allowed_company_ids=companies)
        )
        return company.with_env(self.env)

    def connect(self, company):
        setup = self.go_to("employees", self.start(company_id=company.id))
        setup.action_complete()
        return company.sudo().tripletex_connection_id

    def test_second_company_is_refused_with_the_name_of_the_first(self):
        self.connect(self.company)
        other = self.company_of_admin(name="Nabobygg AS")
        with self.assertRaisesRegex(UserError, self.company.name):
            self.connect(other)
        self.assertFalse(other.sudo().tripletex_connection_id)

    def test_second_company_is_connected_after_the_first_was_removed(self):
        self.connect(self.company)
        self.env["tripletex.connection.remove"].create(
            {"connection_id": self.connection.id}
        ).action_remove()
        other = self.company_of_admin(name="Nabobygg AS")
        self.assertTrue(self.connect(other))

    def test_branch_is_connected_to_the_tripletex_company_of_its_parent(self):
        self.connect(self.company)
        branch = self.company_of_admin(name="Avdeling", parent_id=self.company.id)
        self.assertEqual(self.connect(branch).company_id, branch)


@tagged("post_install", "-at_install")
class TestLedgerCopies(LedgerSteps, ValidateCase):
    """The mark "not sent" is not copied: what is not linked is refused, not lost."""

    def setUp(self):
        super().setUp()
        self.excluded = self.unlinked_project(tripletex_excluded=True)

    def assert_refused_as_not_linked(self, project):
        self.assertFalse(project.tripletex_excluded)
        line = self.log(5, project_id=project.id, date=MONDAY)
        message = self.refusal(
            self.seen_by(self.approver, line).action_tripletex_validate
        )
        self.assertIn("project is not linked", message)

    def test_duplicate_of_a_project_that_is_not_sent_is_refused_as_not_linked(self):
        self.assert_refused_as_not_linked(self.excluded.copy())

    def test_template_of_a_project_that_is_not_sent_makes_projects_that_are(self):
        action = self.excluded.action_create_template_from_project()
        template = self.excluded.browse(action["params"]["project_id"])
        action = template.action_create_from_template({"name": "From template"})
        project = self.excluded.search([("name", "=", "From template")])
        self.assert_refused_as_not_linked(project)
