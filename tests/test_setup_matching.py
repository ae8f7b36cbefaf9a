from odoo.tests import new_test_user

from .setup_common import SetupCase


class TestSetupMatching(SetupCase):
    """Which Odoo employee is suggested for a Tripletex employee."""

    sandbox_options = {"employees": 6}

    def row(self, tripletex_id, setup=None):
        """Return the row of one Tripletex employee, in a new set-up."""
        setup = setup or self.go_to("employees")
        return setup.employee_line_ids.filtered(
            lambda line: line.tripletex_id == tripletex_id
        )

    def employee(self, **vals):
        vals["company_id"] = self.company.id
        return self.env["hr.employee"].sudo().create(vals)

    def test_employee_is_suggested_once_by_email_before_name(self):
        by_name, by_email = self.go_to("employees").employee_line_ids[:2]
        known = self.employee(name=by_name.name, work_email=by_email.email)
        setup = self.go_to("employees")
        self.assertEqual(self.row(by_email.tripletex_id, setup).employee_id, known)
        self.assertFalse(self.row(by_name.tripletex_id, setup).employee_id)

    def test_employee_number_is_matched_before_email(self):
        if "registration_number" not in self.env["hr.employee"]._fields:
            self.skipTest("needs hr_payroll to be installed")
        by_number, by_email = self.go_to("employees").employee_line_ids[:2]
        known = self.employee(
            name="Somebody",
            registration_number=by_number.number,
            work_email=by_email.email,
        )
        setup = self.go_to("employees")
        self.assertEqual(self.row(by_number.tripletex_id, setup).employee_id, known)
        self.assertFalse(self.row(by_email.tripletex_id, setup).employee_id)

    def test_row_without_number_and_email_names_both(self):
        somebody = self.go_to("employees").employee_line_ids[0].tripletex_id
        self.control.change_employee(int(somebody), employeeNumber="", email="")
        row = self.row(somebody)
        self.assertFalse(row.selectable)
        self.assertIn("employee number and e-mail", row.reason)

    def test_employee_without_login_gets_existing_login(self):
        row = self.go_to("employees").employee_line_ids[0]
        user = new_test_user(
            self.env(user=1),
            row.email,
            email=row.email,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        known = self.employee(name="Somebody", work_email=row.email)
        setup = self.go_to("employees")
        row = self.row(row.tripletex_id, setup)
        self.assertEqual(row.employee_id, known)
        row.write({"selected": True, "use_existing_user": True})
        setup.action_complete()
        self.assertEqual(known.user_id, user)
        self.assertEqual(user.company_ids, self.company)
