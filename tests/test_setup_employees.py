from odoo.exceptions import UserError

from .setup_common import EmployeeSetupCase


class TestSetupEmployees(EmployeeSetupCase):
    """Which employees are offered, and what ticked ones become."""

    # -- which rows --------------------------------------------------------------

    def test_row_without_number_or_email_cannot_be_ticked(self):
        lines = self.go_to("employees").employee_line_ids
        for line in lines:
            with self.subTest(line.name):
                complete = bool(line.number and line.email)
                self.assertEqual(line.selectable, complete)
                if not complete:
                    self.assertIn("in Tripletex first", line.reason)
        self.assertIn(False, lines.mapped("selectable"))

    def test_ticking_grey_rows_links_nothing(self):
        setup = self.go_to("employees")
        grey = setup.employee_line_ids.filtered(lambda line: not line.selectable)
        grey.selected = True
        setup.action_complete()
        self.assertFalse(self.bindings())

    def test_linked_employees_are_grey_and_unchanged(self):
        self.complete(employees=2)
        person = self.bindings()[0].employee_id
        person.name = "Renamed in Odoo"
        setup = self.go_to("employees")
        linked = setup.employee_line_ids.filtered("is_linked")
        self.assertEqual(
            set(linked.mapped("number")), set(self.bindings().mapped("number"))
        )
        self.assertFalse(any(linked.mapped("selectable")))
        self.tick(setup.employee_line_ids, 1)
        setup.action_complete()
        self.assertEqual(len(self.bindings()), 3)
        self.assertEqual(person.name, "Renamed in Odoo")

    def test_unlinked_employee_of_same_name_can_be_ticked(self):
        setup = self.go_to("employees")
        line = self.first(setup)
        self.employee(name=line.name, work_email=line.email)
        again = self.row(self.go_to("employees"), line.number)
        self.assertTrue(again.selectable, "known, but not linked")

    def test_rows_with_same_number_cannot_be_ticked(self):
        first, second = self.go_to("employees").employee_line_ids.filtered(
            "selectable"
        )[:2]
        self.control.change_employee(
            int(second.tripletex_id), employeeNumber=first.number
        )
        setup = self.go_to("employees")
        both = self.row(setup, first.number)
        self.assertEqual(len(both), 2)
        for line in both:
            self.assertFalse(line.selectable)
            self.assertIn("Several people", line.reason)

    def test_employee_barred_from_hours_gets_remark(self):
        number = self.first(self.go_to("employees")).number
        self.control.change_employee(number, allowInformationRegistration=False)
        line = self.row(self.go_to("employees"), number)
        self.assertIn("takes no hours", line.reason)

    # -- creating employees ------------------------------------------------------

    def test_created_employee_gets_department_and_company(self):
        department = self.env["hr.department"].sudo().create({"name": "Drift"})
        setup = self.go_to("employees")
        line = self.first(setup)
        line.department_id = department
        line.selected = True
        setup.action_complete()
        person = self.bindings().employee_id
        self.assertEqual(person.department_id, department)
        self.assertEqual(person.company_id, self.company)
        self.assertEqual(person.work_email, line.email)
        self.assertEqual(person.name, line.name)
        self.assertFalse(person.user_id)

    def test_departments_are_shown_only_where_company_has_any(self):
        setup = self.go_to("employees")
        Department = self.env["hr.department"].sudo()
        Department.search([("company_id", "=", False)]).company_id = self.env[
            "res.company"
        ].create({"name": "Elsewhere"})
        setup.invalidate_recordset()
        self.assertFalse(setup.has_departments)
        Department.create({"name": "Byggeplass", "company_id": self.company.id})
        setup.invalidate_recordset()
        self.assertTrue(setup.has_departments)

    def test_department_of_same_name_is_suggested(self):
        name = self.first(self.go_to("employees")).department_name
        self.assertTrue(name)
        department = (
            self.env["hr.department"]
            .sudo()
            .create({"name": name.upper(), "company_id": self.company.id})
        )
        line = self.first(self.go_to("employees"))
        self.assertEqual(line.department_id, department)

    def test_user_type_decides_groups_of_new_login(self):
        setup = self.go_to("employees")
        types = {
            "user": "hr_timesheet.group_hr_timesheet_user",
            "approver": "hr_timesheet.group_hr_timesheet_approver",
            "manager": "hr_timesheet.group_timesheet_manager",
        }
        lines = self.tick(setup.employee_line_ids, 4)
        for line, kind in zip(lines, [*types, "none"], strict=True):
            line.user_type = kind
        setup.action_complete()
        for line in lines:
            person = self.bindings().filtered(lambda b, n=line.number: b.number == n)
            user = person.employee_id.user_id
            with self.subTest(line.user_type):
                self.assertEqual(bool(user), line.user_type != "none")
                if user:
                    self.assertEqual(user.login, line.email)
                    self.assertEqual(user.company_ids, self.company)
                    self.assertTrue(user.has_group(types[line.user_type]))
                    self.assertFalse(user.has_group("base.group_system"))
        approver = self.User.search([("login", "=", lines[1].email)])
        self.assertFalse(approver.has_group("hr_timesheet.group_timesheet_manager"))

    def test_set_all_changes_ticked_rows_only(self):
        department = self.env["hr.department"].sudo().create({"name": "Drift"})
        setup = self.go_to("employees")
        ticked = self.tick(setup.employee_line_ids, 3)
        setup.write(
            {
                "all_user_type": "user",
                "all_department_id": department.id,
                "all_invite": True,
            }
        )
        setup.action_set_all()
        self.assertEqual(ticked.mapped("user_type"), ["user"] * 3)
        self.assertEqual(ticked.department_id, department)
        self.assertTrue(all(ticked.mapped("invite")))
        rest = setup.employee_line_ids - ticked
        self.assertEqual(set(rest.mapped("user_type")), {"none"})

    # -- linking -----------------------------------------------------------------

    def test_employee_is_suggested_by_email_or_name(self):
        lines = self.go_to("employees").employee_line_ids.filtered("selectable")
        by_email, by_name = lines[0], lines[1]
        known = self.employee(name="Somebody", work_email=by_email.email.upper())
        named = self.employee(name=f"{by_name.name.lower()} ")
        setup = self.go_to("employees")
        self.assertEqual(self.row(setup, by_email.number).employee_id, known)
        self.assertEqual(self.row(setup, by_name.number).employee_id, named)
        self.tick(setup.employee_line_ids, 2)
        before = self.Employee.search_count([])
        setup.action_complete()
        self.assertEqual(self.Employee.search_count([]), before, "linked, not created")
        self.assertEqual(self.bindings().employee_id, known | named)

    def test_two_employees_of_same_name_suggest_none(self):
        line = self.first(self.go_to("employees"))
        for _time in range(2):
            self.employee(name=line.name)
        self.assertFalse(self.first(self.go_to("employees")).employee_id)

    def test_employee_of_another_company_is_not_suggested(self):
        line = self.first(self.go_to("employees"))
        other = self.env(user=1)["res.company"].create({"name": "Nabobygg AS"})
        self.employee(name=line.name, work_email=line.email, company_id=other.id)
        self.assertFalse(self.first(self.go_to("employees")).employee_id)

    def test_employee_chosen_on_two_rows_is_refused(self):
        person = self.employee(name="Somebody")
        setup = self.go_to("employees")
        lines = self.tick(setup.employee_line_ids, 2)
        lines.employee_id = person
        for line in lines:
            self.assertIn("two rows", line.reason)
        with self.assertRaises(UserError):
            setup.action_complete()

    def test_employee_with_link_is_refused(self):
        self.complete(employees=1)
        person = self.bindings().employee_id
        setup = self.go_to("employees")
        line = self.first(setup)
        line.employee_id = person.with_env(self.env)
        self.assertIn("linked to another", line.reason)
        line.selected = True
        with self.assertRaises(UserError):
            setup.action_complete()

    def test_records_of_another_company_are_refused(self):
        """The lists offer none; a program can write one, or it is moved later."""
        other = self.env["res.company"].sudo().create({"name": "Nabobygg AS"})
        for lines, field, model in (
            ("project_line_ids", "project_id", "project.project"),
            ("employee_line_ids", "employee_id", "hr.employee"),
            ("employee_line_ids", "department_id", "hr.department"),
        ):
            with self.subTest(field):
                setup = self.go_to("employees")
                values = {"name": "Elsewhere", "company_id": other.id}
                record = self.env[model].sudo().create(values)
                row = setup[lines].filtered("selectable")[0]
                row.write({"selected": True, field: record.id})
                with self.assertRaisesRegex(UserError, "Elsewhere belongs to another"):
                    setup.action_complete()
                row[field] = False
                setup.action_complete()
