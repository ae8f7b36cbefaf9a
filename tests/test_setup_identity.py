from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .setup_common import SetupCase

#: Numbers that ``str.isdigit`` takes for digits and ``int`` refuses, or reads slowly.
ODD_NUMBERS = ("10²", "①", "٣", "1e9", "-1")


class IdentityCase(SetupCase):
    sandbox_options = {"employees": 6, "projects": 12, "salary_types": 6}

    def rows(self, name, *tripletex_ids):
        """Return rows of a new set-up's list, in the order of their ids."""
        rows = self.go_to("employees")[name].grouped("tripletex_id")
        return [rows[tripletex_id] for tripletex_id in tripletex_ids]

    def remote_ids(self, model, count):
        """Return ids of Tripletex records, as the rows have them."""
        return list(map(str, sorted(self.sandbox.state.company.table(model))[:count]))

    def renumber_salary_type(self, remote, number):
        self.sandbox.state.company.table("SalaryType")[int(remote)]["number"] = number

    def employee(self, **vals):
        vals["company_id"] = self.company.id
        return self.env["hr.employee"].sudo().create(vals)

    def project(self, **vals):
        vals.setdefault("company_id", self.company.id)
        return self.env["project.project"].sudo().create(vals)

    def assert_not_suggested(self, field, rows, *words):
        for row in rows:
            self.assertFalse(row[field], row.name)
            self.assertTrue(row.selectable)
            for word in words:
                self.assertIn(word, row.reason)


class TestSetupIdentity(IdentityCase):
    """Which Odoo record is suggested where names, e-mails or numbers are shared."""

    # -- employees ---------------------------------------------------------------

    def test_address_of_two_people_in_tripletex_suggests_none(self):
        ids = self.remote_ids("Employee", 2)
        for remote in ids:
            self.control.change_employee(int(remote), email="post@example.com")
        kari = self.employee(name="Kari Post", work_email="post@example.com")
        rows = self.rows("employee_line_ids", *ids)
        self.assert_not_suggested("employee_id", rows, kari.name)
        for row in rows:
            self.assertIn(rows[0].display_name, row.reason)
            self.assertIn(rows[1].display_name, row.reason)

    def test_address_of_two_odoo_employees_suggests_none(self):
        (remote,) = self.remote_ids("Employee", 1)
        self.control.change_employee(int(remote), email="post@example.com")
        for name in ("Kari Post", "Per Post"):
            self.employee(name=name, work_email="post@example.com")
        rows = self.rows("employee_line_ids", remote)
        self.assert_not_suggested("employee_id", rows, "Kari Post", "Per Post")

    def test_name_of_two_people_in_tripletex_suggests_none(self):
        ids = self.remote_ids("Employee", 2)
        for remote in ids:
            self.control.change_employee(int(remote), firstName="Ola", lastName="Nor")
        self.employee(name=" ola  nor")
        rows = self.rows("employee_line_ids", *ids)
        self.assert_not_suggested("employee_id", rows, rows[0].number, rows[1].number)

    def test_name_of_person_that_cannot_be_ticked_suggests_none(self):
        one, two = self.remote_ids("Employee", 2)
        for remote in (one, two):
            self.control.change_employee(int(remote), firstName="Ola", lastName="Nor")
        self.control.change_employee(int(two), email="")
        self.employee(name="Ola Nor")
        self.assert_not_suggested("employee_id", self.rows("employee_line_ids", one))

    def test_name_of_two_odoo_employees_suggests_none_and_shows_both(self):
        (remote,) = self.remote_ids("Employee", 1)
        self.control.change_employee(int(remote), firstName="Ola", lastName="Nor")
        for place in ("south", "north"):
            self.employee(name="Ola Nor", work_email=f"{place}@example.com")
        rows = self.rows("employee_line_ids", remote)
        self.assert_not_suggested(
            "employee_id", rows, "south@example.com", "north@example.com"
        )

    def test_login_and_work_email_of_two_people_suggest_none(self):
        ids = self.remote_ids("Employee", 2)
        one, two = self.rows("employee_line_ids", *ids)
        user = new_test_user(
            self.env(user=1),
            one.email,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.employee(name="Somebody", user_id=user.id, work_email=two.email)
        rows = self.rows("employee_line_ids", *ids)
        self.assert_not_suggested("employee_id", rows)
        self.assertIn("Somebody", rows[1].reason)

    def test_namesake_of_linked_person_is_not_suggested_their_employee(self):
        one, two = self.remote_ids("Employee", 2)
        self.control.change_employee(int(one), firstName="Ola", lastName="Nor")
        setup = self.go_to("employees")
        row = setup.employee_line_ids.filtered(lambda line: line.tripletex_id == one)
        row.selected = True
        setup.action_complete()
        self.control.change_employee(int(two), firstName="Ola", lastName="Nor")
        self.assert_not_suggested(
            "employee_id", self.rows("employee_line_ids", two), "Ola Nor"
        )

    def test_reason_is_gone_once_employee_is_chosen(self):
        (remote,) = self.remote_ids("Employee", 1)
        self.control.change_employee(int(remote), email="post@example.com")
        known = self.employee(name="Kari Post", work_email="post@example.com")
        self.employee(name="Per Post", work_email="post@example.com")
        (row,) = self.rows("employee_line_ids", remote)
        self.assertIn("Choose the right one", row.reason)
        row.employee_id = known
        self.assertFalse(row.reason)

    # -- projects ----------------------------------------------------------------

    def test_name_of_two_tripletex_projects_suggests_none(self):
        ids = self.remote_ids("Project", 2)
        for remote in ids:
            self.control.change_project(int(remote), name="Fase 1")
        self.project(name="FASE 1")
        rows = self.rows("project_line_ids", *ids)
        self.assert_not_suggested("project_id", rows, rows[0].number, rows[1].number)

    def test_name_of_project_without_number_suggests_none(self):
        one, two = self.remote_ids("Project", 2)
        for remote in (one, two):
            self.control.change_project(int(remote), name="Fase 1")
        self.control.change_project(int(two), number="")
        self.project(name="Fase 1")
        self.assert_not_suggested("project_id", self.rows("project_line_ids", one))

    def test_name_of_two_odoo_projects_suggests_none_and_shows_customers(self):
        (remote,) = self.remote_ids("Project", 1)
        self.control.change_project(int(remote), name="Fase 1")
        for name in ("Sør AS", "Nord AS"):
            partner = self.env["res.partner"].sudo().create({"name": name})
            self.project(name="Fase 1", partner_id=partner.id)
        rows = self.rows("project_line_ids", remote)
        self.assert_not_suggested("project_id", rows, "Sør AS", "Nord AS")

    def test_many_projects_of_one_name_are_not_all_listed(self):
        ids = self.remote_ids("Project", 12)
        for remote in ids:
            self.control.change_project(int(remote), name="Fase 1")
        self.project(name="Fase 1")
        rows = self.rows("project_line_ids", *ids)
        self.assert_not_suggested("project_id", rows, "…")
        self.assertNotIn(rows[-1].number, rows[0].reason)

    def test_project_row_shows_number_and_customer(self):
        row = self.go_to("projects").project_line_ids.filtered("customer_name")[0]
        self.assertIn(row.number, row.display_name)
        self.assertIn(row.customer_name, row.display_name)

    # -- paycodes ----------------------------------------------------------------

    def test_number_of_two_work_entry_types_suggests_none(self):
        row = self.go_to("paycodes").paycode_line_ids[0]
        for code in ("A", "B"):
            self.env["hr.work.entry.type"].sudo().create(
                {"name": f"Overtime {code}", "code": code, "external_code": row.number}
            )
        rows = self.rows("paycode_line_ids", row.tripletex_id)
        self.assert_not_suggested(
            "work_entry_type_id", rows, "Overtime A", "Overtime B"
        )

    # -- the choice of a record --------------------------------------------------

    def shown_in_choice(self, rows, field):
        """Return what the list shows of the chosen records, and offers for a name."""
        arch = self.env["ir.ui.view"].sudo().search([("model", "=", rows._name)])
        self.assertIn("{'tripletex_link': True}", "".join(arch.mapped("arch")))
        context = {"tripletex_link": True}
        values = rows.web_read(
            {field: {"fields": {"display_name": {}}, "context": context}}
        )
        model = rows[field].with_context(**context)
        offered = dict(model.name_search(rows[0][field].name))
        return [
            (row[field]["display_name"], offered[row[field]["id"]]) for row in values
        ]

    def test_choice_of_namesakes_shows_what_tells_them_apart(self):
        department = self.env["hr.department"].sudo().create({"name": "Salg"})
        people = self.employee(name="Ola Nor", department_id=department.id)
        people |= self.employee(name="Ola Nor", work_email="ola@example.com")
        rows = self.go_to("employees").employee_line_ids.filtered("selectable")[:2]
        for row, person in zip(rows, people, strict=True):
            row.employee_id = person
        shown = ["Ola Nor (Salg)", "Ola Nor (ola@example.com)"]
        self.assertEqual(
            self.shown_in_choice(rows, "employee_id"),
            list(zip(shown, shown, strict=True)),
        )

    def test_choice_of_equal_projects_shows_customer_and_company(self):
        partner = self.env["res.partner"].sudo().create({"name": "Nord AS"})
        projects = self.project(name="Fase 1", partner_id=partner.id)
        projects |= self.project(name="Fase 1", company_id=False)
        projects |= self.project(name="Fase 2")
        rows = self.go_to("projects").project_line_ids.filtered("selectable")[:3]
        for row, project in zip(rows, projects, strict=True):
            row.project_id = project
        both = self.shown_in_choice(rows[:2], "project_id")
        shown = [f"Fase 1 (Nord AS, {self.company.name})", "Fase 1"]
        self.assertEqual(both, list(zip(shown, shown, strict=True)))
        self.assertEqual(
            self.shown_in_choice(rows[2], "project_id"), [("Fase 2", "Fase 2")]
        )


class TestSetupNumbers(IdentityCase):
    """Numbers in Tripletex that are no numbers, or of any length."""

    def test_odd_project_numbers_are_listed_and_linked(self):
        ids = self.remote_ids("Project", len(ODD_NUMBERS))
        for remote, number in zip(ids, ODD_NUMBERS, strict=True):
            self.control.change_project(int(remote), number=number)
        setup = self.go_to("employees")
        rows = setup.project_line_ids.filtered(lambda line: line.tripletex_id in ids)
        self.assertEqual(set(rows.mapped("number")), set(ODD_NUMBERS))
        rows.selected = True
        setup.action_complete()
        links = self.env["tripletex.project"].sudo().search([])
        self.assertEqual(
            set(links.filtered("project_id").mapped("number")) & set(ODD_NUMBERS),
            set(ODD_NUMBERS),
        )

    def test_numbers_of_5000_digits_are_listed_and_not_offered(self):
        digits = "".join(str(n * n) for n in range(10**3, 10**3 + 750))[:5000]
        (project,), (kind,), (person,) = (
            self.remote_ids(model, 1) for model in ("Project", "SalaryType", "Employee")
        )
        self.control.change_project(int(project), number=digits)
        self.renumber_salary_type(kind, digits)
        self.control.change_employee(int(person), employeeNumber=digits)
        setup = self.go_to("employees")
        for name in ("project_line_ids", "paycode_line_ids", "employee_line_ids"):
            with self.subTest(name):
                row = setup[name].filtered(lambda line: line.number == digits)
                self.assertFalse(row.selectable)
                self.assertIn("too long", row.reason)
                setup[name].selected = True
        setup.action_complete()
        self.assertTrue(self.connection)

    def test_odd_paycode_numbers_are_listed_and_linked(self):
        ids = self.remote_ids("SalaryType", 2)
        for remote, number in zip(ids, ODD_NUMBERS, strict=False):
            self.renumber_salary_type(remote, number)
        setup = self.go_to("employees")
        rows = setup.paycode_line_ids.filtered(lambda line: line.tripletex_id in ids)
        self.assertEqual(set(rows.mapped("number")), set(ODD_NUMBERS[:2]))
        rows.selected = True
        setup.action_complete()

    def test_number_that_became_too_long_keeps_link_as_it_is(self):
        setup = self.complete(projects=1)
        row = setup.project_line_ids.filtered("selected")
        self.control.change_project(int(row.tripletex_id), number="7" * 5000)
        setup = self.go_to("employees")
        again = setup.project_line_ids.filtered(
            lambda line: line.tripletex_id == row.tripletex_id
        )
        self.assertTrue(again.is_linked)
        self.assertIn("too long", again.reason)
        again.accept_change = True
        setup.action_complete()
        link = self.env["tripletex.project"].sudo().search([("number", "!=", False)])
        self.assertEqual(link.number, row.number)

    def test_projects_are_sorted_by_their_numbers(self):
        numbers = ["9", "10", "010-2", "100", "①", "9" * 30]
        ids = self.remote_ids("Project", len(numbers))
        for remote, number in zip(ids, reversed(numbers), strict=True):
            self.control.change_project(int(remote), number=number)
        rows = self.go_to("projects").project_line_ids.filtered(
            lambda line: line.tripletex_id in ids
        )
        self.assertEqual(
            rows.mapped("number"), ["9", "10", "010-2", "100", "9" * 30, "①"]
        )


class TestSetupSecondCompany(SetupCase):
    """A Tripletex company that another Odoo company is connected to."""

    sandbox_options = {"projects": 3, "employees": 3, "salary_types": 3}

    def other_company(self, **vals):
        other = self.env["res.company"].sudo().create({"name": "Søsterbygg AS"} | vals)
        self.admin.sudo().company_ids |= other
        return other

    def set_up(self, company):
        return self.go_to("employees", self.start(company_id=company.id))

    def test_next_refuses_tripletex_company_of_another_company(self):
        self.complete(projects=1)
        setup = self.start(company_id=self.other_company().id)
        with self.assertRaisesRegex(UserError, f"to {self.company.name} already"):
            setup.action_next()
        self.assertFalse(setup.project_line_ids)

    def test_complete_refuses_tripletex_company_connected_meanwhile(self):
        setup = self.set_up(self.other_company())
        self.complete(projects=1)
        with self.assertRaisesRegex(UserError, self.company.name):
            setup.action_complete()
        self.assertFalse(setup.is_done)

    def test_branch_and_parent_connect_to_same_tripletex_company(self):
        branch = self.other_company(name="Avdeling", parent_id=self.company.id)
        self.complete(projects=1)
        self.set_up(branch).action_complete()
        self.assertEqual(
            branch.sudo().tripletex_connection_id.tripletex_company_id,
            self.connection.tripletex_company_id,
        )

    def test_removed_connection_leaves_tripletex_company_to_another(self):
        self.complete(projects=1)
        self.connection._disconnect()
        other = self.other_company()
        self.set_up(other).action_complete()
        self.assertTrue(other.sudo().tripletex_connection_id)
        with self.assertRaisesRegex(UserError, "to Søsterbygg AS already"):
            self.start().action_next()
