from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .setup_common import EmployeeSetupCase


class TestSetupLogins(EmployeeSetupCase):
    """Logins for employees: created, linked, refused and invited."""

    # -- existing employees ------------------------------------------------------

    def test_existing_employee_gets_new_login(self):
        line = self.first(self.go_to("employees"))
        known = self.employee(name="Somebody", work_email=line.email)
        setup = self.go_to("employees")
        line = self.first(setup)
        line.write({"selected": True, "user_type": "user"})
        setup.action_complete()
        self.assertEqual(known.user_id.login, line.email)
        self.assertEqual(known.user_id.partner_id, known.work_contact_id)

    def test_login_of_existing_employee_is_unchanged(self):
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

    def test_email_of_other_login_is_shown_and_refused(self):
        number = self.first(self.go_to("employees")).number
        email = self.first(self.go_to("employees")).email
        user = self.user(email)
        setup = self.go_to("employees")
        line = self.row(setup, number)
        self.assertIn(user.name, line.reason)
        self.assertIn("No login", line.reason, "the way out")
        line.write({"selected": True, "user_type": "user"})
        with self.assertRaisesRegex(UserError, "cannot be used as they are"):
            setup.action_complete()
        self.assertFalse(self.connection, "nothing was created")
        line.user_type = "none"
        setup.action_complete()
        self.assertFalse(self.bindings().employee_id.user_id)

    def test_existing_login_is_linked_where_ticked(self):
        email = self.first(self.go_to("employees")).email
        user = self.user(email)
        setup = self.go_to("employees")
        line = self.first(setup)
        line.write({"selected": True, "use_existing_user": True})
        self.assertFalse(line.reason)
        setup.action_complete()
        self.assertEqual(self.bindings().employee_id.user_id, user)
        self.assertIn(self.company, user.company_ids)

    def test_login_of_another_employee_is_refused(self):
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

    def test_login_of_another_employee_is_refused_in_whatever_company_one_works(self):
        """A user's employees, as a field, are those of the environment's companies."""
        email = self.first(self.go_to("employees")).email
        user = self.user(email, company=True)
        self.employee(name="Owner", user_id=user.id)
        setup = self.go_to("employees")
        line = self.first(setup)
        line.employee_id = False
        other = self.env["res.company"].sudo().create({"name": "Other AS"})
        self.admin.sudo().company_ids += other
        self.env.flush_all()
        self.env.invalidate_all()
        elsewhere = line.with_context(allowed_company_ids=other.ids)
        self.assertIn("Owner", elsewhere.reason)
        self.assertNotIn("Existing login", elsewhere.reason)

    def test_linked_people_show_what_their_login_may_do(self):
        setup = self.go_to("employees")
        lines = self.tick(setup.employee_line_ids, 3)
        lines[0].user_type = "approver"
        lines[1].user_type = "user"
        names = lines.mapped("name")
        setup.action_complete()
        shown = {
            line.employee_id.name: (line.is_linked, line.login_kind)
            for line in self.go_to("employees").employee_line_ids
        }
        expected = ["All timesheets", "Own timesheets", False]
        for name, kind in zip(names, expected, strict=True):
            self.assertEqual(shown[name], (True, kind))

    def test_person_with_login_of_other_apps_is_shown_as_such(self):
        user = self.user("other.apps@example.org", company=True)
        employee = self.employee(name="Ada", user_id=user.id)
        line = self.first(self.go_to("employees"))
        line.employee_id = employee
        self.assertEqual(line.login_kind, "Login without Timesheets")

    def test_archived_login_cannot_be_used(self):
        email = self.first(self.go_to("employees")).email
        self.user(email).active = False
        line = self.first(self.go_to("employees"))
        self.assertIn("cannot be used here", line.reason)

    def test_login_in_capitals_counts_as_same_login(self):
        email = self.first(self.go_to("employees")).email
        user = self.user(email)
        user.write({"login": email.upper(), "email": "private@example.org"})
        line = self.first(self.go_to("employees"))
        self.assertIn("is the login of", line.reason)
        line.write({"selected": True, "use_existing_user": True})
        line.setup_id.action_complete()
        self.assertEqual(self.bindings().employee_id.user_id, user)

    def test_two_new_logins_with_one_email_are_refused(self):
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

    def test_new_login_without_single_address_is_refused(self):
        first, second = self.go_to("employees").employee_line_ids.filtered(
            "selectable"
        )[:2]
        for row, email in ((first, "by post"), (second, "a@example.no, b@example.no")):
            self.control.change_employee(int(row.tripletex_id), email=email)
        setup = self.go_to("employees")
        lines = self.row(setup, first.number) | self.row(setup, second.number)
        lines.selected = True
        self.assertFalse(any(lines.mapped("reason")), "only a login needs an address")
        lines.user_type = "user"
        for line in lines:
            self.assertIn("is not a valid e-mail address", line.reason)
        with self.assertRaisesRegex(UserError, "by post"):
            setup.action_complete()
        lines.user_type = "none"
        setup.action_complete()
        self.assertCountEqual(self.bindings().mapped("email"), lines.mapped("email"))
        self.assertFalse(self.User.search([("login", "=", "")]))

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

    def test_invitations_are_sent_after_commit(self):
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

    def test_login_without_invite_tick_is_not_invited(self):
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

    def test_failed_invitations_are_reported_and_undo_nothing(self):
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

    def test_failed_invitation_of_deleted_set_up_undoes_nothing(self):
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
