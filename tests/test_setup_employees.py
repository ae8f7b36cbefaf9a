from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .setup_common import SetupCase


class TestSetupEmployees(SetupCase):
    sandbox_options = {"employees": 32, "departments": 4, "oddities": True}

    def setUp(self):
        super().setUp()
        self.Employee = self.env["hr.employee"].sudo()
        self.User = self.env["res.users"].sudo()

    def bindings(self):
        return (
            self.env["tripletex.employee"]
            .sudo()
            .search([("connection_id", "=", self.connection.id)])
        )

    def employee(self, **vals):
        return self.Employee.create({"company_id": self.company.id} | vals)

    def first(self, setup):
        """The first row that can be ticked."""
        return setup.employee_line_ids.filtered("selectable")[0]

    def row(self, setup, number):
        return setup.employee_line_ids.filtered(lambda line: line.number == number)

    def test_departments_are_asked_for_where_there_are_any(self):
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

    # -- which rows --------------------------------------------------------------

    def test_fact_31_number_and_email_are_needed(self):
        lines = self.go_to("employees").employee_line_ids
        for line in lines:
            with self.subTest(line.name):
                complete = bool(line.number and line.email)
                self.assertEqual(line.selectable, complete)
                if not complete:
                    self.assertIn("in Tripletex first", line.reason)
        self.assertIn(False, lines.mapped("selectable"))

    def test_greyed_rows_cannot_be_ticked(self):
        setup = self.go_to("employees")
        grey = setup.employee_line_ids.filtered(lambda line: not line.selectable)
        grey.selected = True
        setup.action_complete()
        self.assertFalse(self.bindings())

    def test_facts_32_40_linked_ones_are_grey_and_left_alone(self):
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

    def test_fact_33_only_the_number_counts_for_grey(self):
        setup = self.go_to("employees")
        line = self.first(setup)
        self.employee(name=line.name, work_email=line.email)
        again = self.row(self.go_to("employees"), line.number)
        self.assertTrue(again.selectable, "known, but not linked")

    def test_number_given_twice_in_tripletex(self):
        first, second = self.go_to("employees").employee_line_ids.filtered(
            "selectable"
        )[:2]
        self.control.change_employee(
            int(second.tripletex_id), employeeNumber=first.number
        )
        setup = self.go_to("employees")
        for line in self.row(setup, first.number):
            self.assertFalse(line.selectable)
            self.assertIn("Several people", line.reason)

    def test_hours_not_allowed_in_tripletex(self):
        number = self.first(self.go_to("employees")).number
        self.control.change_employee(number, allowInformationRegistration=False)
        line = self.row(self.go_to("employees"), number)
        self.assertIn("takes no hours", line.reason)

    # -- making employees --------------------------------------------------------

    def test_fact_36_department(self):
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

    def test_department_is_suggested(self):
        name = self.first(self.go_to("employees")).department_name
        self.assertTrue(name)
        department = (
            self.env["hr.department"]
            .sudo()
            .create({"name": name.upper(), "company_id": self.company.id})
        )
        line = self.first(self.go_to("employees"))
        self.assertEqual(line.department_id, department)

    def test_facts_34_36_user_types(self):
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

    def test_set_for_all_ticked(self):
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

    def test_suggested_by_email_then_name(self):
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
        self.assertEqual(self.Employee.search_count([]), before, "linked, not made")
        self.assertEqual(self.bindings().employee_id, known | named)

    def test_suggested_only_where_it_is_certain(self):
        line = self.first(self.go_to("employees"))
        for _time in range(2):
            self.employee(name=line.name)
        self.assertFalse(self.first(self.go_to("employees")).employee_id)

    def test_not_suggested_from_another_company(self):
        line = self.first(self.go_to("employees"))
        other = self.env(user=1)["res.company"].create({"name": "Nabobygg AS"})
        self.employee(name=line.name, work_email=line.email, company_id=other.id)
        self.assertFalse(self.first(self.go_to("employees")).employee_id)

    def test_login_for_an_existing_employee(self):
        line = self.first(self.go_to("employees"))
        known = self.employee(name="Somebody", work_email=line.email)
        setup = self.go_to("employees")
        line = self.first(setup)
        line.write({"selected": True, "user_type": "user"})
        setup.action_complete()
        self.assertEqual(known.user_id.login, line.email)
        self.assertEqual(known.user_id.partner_id, known.work_contact_id)

    def test_login_of_an_existing_employee_is_left_alone(self):
        line = self.first(self.go_to("employees"))
        user = self.user(line.email, company=True)
        known = self.employee(name="Somebody", user_id=user.id)
        groups = user.group_ids
        setup = self.go_to("employees")
        line = self.first(setup)
        self.assertEqual(line.employee_id, known, "found by the login")
        self.assertFalse(line.reason)
        line.write({"selected": True, "user_type": "manager"})
        setup.action_complete()
        self.assertEqual(known.user_id, user)
        self.assertEqual(user.group_ids, groups)

    # -- clashes -----------------------------------------------------------------

    def user(self, login, company=False):
        company = self.company if company else self.env.ref("base.main_company")
        return new_test_user(
            self.env(user=1),
            login,
            email=login,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def test_fact_35_email_clash_is_shown_before_complete(self):
        number = self.first(self.go_to("employees")).number
        email = self.first(self.go_to("employees")).email
        user = self.user(email)
        setup = self.go_to("employees")
        line = self.row(setup, number)
        self.assertIn(user.name, line.reason)
        self.assertIn("No login", line.reason, "the way out")
        line.write({"selected": True, "user_type": "user"})
        with self.assertRaisesRegex(UserError, "clash"):
            setup.action_complete()
        self.assertFalse(self.connection, "nothing was made")
        line.user_type = "none"
        setup.action_complete()
        self.assertFalse(self.bindings().employee_id.user_id)

    def test_existing_login_can_be_used(self):
        email = self.first(self.go_to("employees")).email
        user = self.user(email)
        setup = self.go_to("employees")
        line = self.first(setup)
        line.write({"selected": True, "use_existing_user": True})
        self.assertFalse(line.reason)
        setup.action_complete()
        self.assertEqual(self.bindings().employee_id.user_id, user)
        self.assertIn(self.company, user.company_ids)

    def test_login_of_somebody_elses_employee_cannot_be_used(self):
        email = self.first(self.go_to("employees")).email
        user = self.user(email, company=True)
        owner = self.employee(name="Owner", user_id=user.id)
        setup = self.go_to("employees")
        line = self.first(setup)
        line.employee_id = False
        self.assertIn("Owner", line.reason)
        line.write({"selected": True, "use_existing_user": True})
        with self.assertRaises(UserError):
            setup.action_complete()
        self.assertEqual(owner.user_id, user)

    def test_archived_login(self):
        email = self.first(self.go_to("employees")).email
        self.user(email).active = False
        line = self.first(self.go_to("employees"))
        self.assertIn("cannot be taken", line.reason)

    def test_two_logins_with_one_email(self):
        first, second = self.go_to("employees").employee_line_ids.filtered(
            "selectable"
        )[:2]
        self.control.change_employee(int(second.tripletex_id), email=first.email)
        setup = self.go_to("employees")
        lines = self.row(setup, first.number) | self.row(setup, second.number)
        lines.write({"selected": True, "user_type": "user"})
        for line in lines:
            self.assertIn("share this e-mail", line.reason)
        with self.assertRaises(UserError):
            setup.action_complete()
        lines[0].user_type = "none"
        setup.action_complete()
        self.assertEqual(len(self.bindings()), 2)

    def test_one_employee_on_two_rows(self):
        person = self.employee(name="Somebody")
        setup = self.go_to("employees")
        lines = self.tick(setup.employee_line_ids, 2)
        lines.employee_id = person
        for line in lines:
            self.assertIn("two rows", line.reason)
        with self.assertRaises(UserError):
            setup.action_complete()

    def test_employee_who_is_linked_already(self):
        self.complete(employees=1)
        person = self.bindings().employee_id
        setup = self.go_to("employees")
        line = self.first(setup)
        line.employee_id = person.with_env(self.env)
        self.assertIn("linked to another", line.reason)
        line.selected = True
        with self.assertRaises(UserError):
            setup.action_complete()

    # -- invitations -------------------------------------------------------------

    def invited(self, setup, count=2):
        lines = self.tick(setup.employee_line_ids, count)
        lines.write({"user_type": "user", "invite": True})
        return lines

    def run_postcommit(self):
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()
        self.env.invalidate_all()

    def mails(self):
        return self.env["mail.mail"].sudo().search([("model", "=", "res.users")])

    def test_fact_37_invitations_go_out_after_everything_is_stored(self):
        before = self.mails()
        setup = self.go_to("employees")
        lines = self.invited(setup)
        sent = []
        with patch.object(
            type(self.User),
            "action_reset_password",
            lambda users: sent.extend(
                (u.login, u.env.context.get("create_user")) for u in users
            ),
        ):
            setup.action_complete()
            self.assertFalse(sent, "not within the transaction")
            self.assertEqual(self.mails(), before)
            self.run_postcommit()
        self.assertEqual(sorted(sent), sorted((e, True) for e in lines.mapped("email")))
        self.assertFalse(setup.invitation_problem)

    def test_no_invitation_unless_ticked(self):
        setup = self.go_to("employees")
        lines = self.invited(setup)
        lines[0].invite = False
        sent = []
        with patch.object(
            type(self.User),
            "action_reset_password",
            lambda users: sent.extend(users.mapped("login")),
        ):
            setup.action_complete()
            self.run_postcommit()
        self.assertEqual(sent, lines[1].mapped("email"))

    def test_failing_invitation_undoes_nothing(self):
        setup = self.go_to("employees")
        lines = self.invited(setup, 5)
        tried = []

        def fail(users):
            tried.append(users.login)
            raise OSError("The mail server is down.")

        with (
            patch.object(type(self.User), "action_reset_password", fail),
            self.assertLogs("odoo.addons.hr_timesheet_tripletex", "WARNING"),
        ):
            setup.action_complete()
            self.run_postcommit()
        self.assertEqual(len(tried), 3, "gives up when the mail server is down")
        self.assertEqual(len(self.bindings().employee_id.user_id), 5)
        for name in lines.mapped("name"):
            self.assertIn(name, setup.invitation_problem)
        self.assertIn("could not be sent", self.connection.message_ids[0].body)

    def test_failing_invitation_after_the_set_up_went(self):
        setup = self.go_to("employees")
        lines = self.invited(setup, 1)
        login = lines.email
        broken = patch.object(
            type(self.User), "action_reset_password", side_effect=OSError("Down.")
        )
        with broken, self.assertLogs("odoo.addons.hr_timesheet_tripletex", "WARNING"):
            setup.action_complete()
            setup.sudo().unlink()
            self.run_postcommit()
        self.assertTrue(self.User.search([("login", "=", login)]), "nothing is undone")
