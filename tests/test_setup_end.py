from ..dev.sandbox import EMPLOYEE_TOKEN
from .setup_common import SetupCase


class TestSetupEnd(SetupCase):
    """Before Complete and after it the set-up says what cannot be sent."""

    sandbox_options = {"projects": 6, "employees": 6, "oddities": False}

    def missing(self, setup):
        setup.invalidate_recordset(["missing", "can_send", "summary"])
        return str(setup.missing or "")

    def test_empty_set_up_completes_and_says_what_is_missing(self):
        setup = self.go_to("employees")
        for when in ("before Complete", "after it"):
            with self.subTest(when):
                missing = self.missing(setup)
                self.assertIn("No employee is linked: no hours can be sent", missing)
                self.assertIn("No project is linked", missing)
                self.assertIn("No paycode is linked", missing)
                self.assertFalse(setup.can_send)
            if not setup.is_done:
                setup.action_complete()
        self.assertEqual(self.connection.state, "connected")

    def test_full_set_up_misses_nothing(self):
        setup = self.go_to("employees")
        for lines in setup.project_line_ids, setup.paycode_line_ids:
            self.tick(lines, 1)
        self.tick(setup.employee_line_ids, 2)
        self.assertEqual(self.missing(setup), "")
        self.assertTrue(setup.can_send)
        setup.exclude_unlinked = True  # Odoo's own project for internal time
        setup.action_complete()
        self.assertEqual(self.missing(setup), "")
        self.assertTrue(setup.can_send)

    def test_people_without_projects_are_said_to_send_no_project_hours(self):
        setup = self.complete(projects=0)
        self.assertIn("No project is linked", self.missing(setup))
        self.assertNotIn("No employee is linked", self.missing(setup))
        self.assertFalse(setup.can_send)

    def test_update_counts_what_is_linked_already(self):
        self.complete()
        setup = self.go_to("employees")
        self.assertEqual(self.missing(setup), "")
        self.assertTrue(setup.can_send)

    def test_people_who_all_send_nothing_are_named_as_reason(self):
        setup = self.go_to("employees")
        self.tick(setup.employee_line_ids, 2).transfer = "none"
        self.assertIn("All linked employees send nothing", self.missing(setup))
        self.assertFalse(setup.can_send)

    def test_projects_of_odoo_left_without_link_are_counted_afterwards(self):
        values = {"allow_timesheets": True, "company_id": self.company.id}
        Project = self.env["project.project"].sudo()
        Project.create([{"name": f"Own {number}"} | values for number in range(2)])
        setup = self.complete()
        self.assertIn("cannot be validated, because", self.missing(setup))
        self.assertIn("Own 1", self.missing(setup))
        marked = self.go_to("employees")
        marked.exclude_unlinked = True
        marked.action_complete()
        self.assertNotIn("cannot be validated, because", self.missing(marked))

    def test_missing_right_is_named(self):
        self.control.revoke_rights("salary/type")
        setup = self.complete(paycodes=0)
        self.assertIn("Read salary types", self.missing(setup))


class TestSetupBegin(SetupCase):
    """Update starts at Projects; where its key is refused, at the key."""

    def update(self):
        action = self.connection.with_env(self.env).action_update()
        return self.env[action["res_model"]].browse(action.get("res_id"))

    def test_update_starts_at_projects_and_leads_back_to_key(self):
        self.complete()
        setup = self.update()
        self.assertEqual(setup.step, "projects")
        self.assertTrue(setup.project_line_ids)
        setup.action_back()
        self.assertEqual(setup.step, "key")
        self.assertIn("Unchanged", setup.token_placeholder)
        self.assertFalse(setup.key_problem)

    def test_update_left_at_once_closes_its_session(self):
        self.complete()
        before = self.open_sessions()
        setup = self.update()
        setup.action_leave()
        self.assertEqual(self.open_sessions(), before)
        self.assertFalse(setup.exists())

    def test_update_with_refused_key_starts_at_key_and_says_why(self):
        self.complete()
        self.connection.employee_token = "worn-out"
        sessions = self.open_sessions()
        setup = self.update()
        self.assertEqual(setup.step, "key")
        self.assertIn("does not accept this API user key", setup.key_problem)
        self.assertNotIn("Unchanged", setup.token_placeholder)
        self.assertEqual(self.open_sessions(), sessions)
        setup.employee_token = EMPLOYEE_TOKEN
        self.assertFalse(setup.key_problem)
        setup.action_next()
        self.assertEqual(setup.step, "projects")

    def test_refused_key_does_not_read_entered(self):
        setup = self.start(token="worn-out")
        self.refusal(setup)
        setup.invalidate_recordset(["token_placeholder"])
        self.assertNotIn("Entered", setup.token_placeholder)
        setup.employee_token = EMPLOYEE_TOKEN
        setup.action_check()
        self.assertIn("Entered", setup.token_placeholder)

    def test_both_companies_are_shown_with_their_numbers(self):
        self.company.sudo().company_registry = "999000999"
        setup = self.go_to("projects")
        self.assertEqual(setup.own_number, "999000999")
        self.assertTrue(setup.organisation_number)
        arch = setup.get_view(view_type="form")["arch"]
        self.assertNotIn('name="company_id" invisible', arch)


class TestSetupLeftOut(SetupCase):
    """Each step says what cannot be ticked, and why."""

    sandbox_options = {"projects": 12, "employees": 12, "oddities": False}

    def test_people_who_cannot_be_ticked_are_named_by_reason(self):
        rows = self.go_to("employees").employee_line_ids
        for row in rows[:7]:
            self.control.change_employee(int(row.tripletex_id), email="")
        setup = self.go_to("employees")
        text = str(setup.left_out_here)
        self.assertIn("Enter the e-mail address in Tripletex first. (7: ", text)
        self.assertIn(rows[0].name, text)

    def test_project_without_number_is_named(self):
        row = self.go_to("projects").project_line_ids[0]
        self.control.change_project(int(row.tripletex_id), number="")
        setup = self.go_to("projects")
        self.assertNotIn(
            row.tripletex_id, setup.project_line_ids.mapped("tripletex_id")
        )
        self.assertIn(
            f"No number in Tripletex. Enter one there. (1: {row.name}",
            str(setup.left_out_here),
        )

    def test_closed_project_is_named_on_update(self):
        setup = self.complete(projects=1)
        row = setup.project_line_ids.filtered(lambda row: not row.selected)[0]
        self.control.close_project(row.number)
        setup = self.go_to("projects")
        self.assertIn(
            f"Closed in Tripletex. (1: {row.number}", str(setup.left_out_here)
        )

    def test_nothing_is_said_where_everything_can_be_ticked(self):
        self.assertFalse(self.go_to("projects").left_out_here)

    def test_linked_rows_are_not_among_them(self):
        self.complete()
        for step in ("projects", "employees"):
            self.assertFalse(self.go_to(step).left_out_here)
