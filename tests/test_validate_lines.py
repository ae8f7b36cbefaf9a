from lxml import etree

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import MONDAY
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestValidateLines(ValidateCase):
    """Who may validate in which way, and what validation changes."""

    def test_approver_validates_and_invalidates_line(self):
        line = self.seen_by(self.approver, self.log())
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)
        self.assertEqual(line.tripletex_state, "pending")
        line.action_tripletex_invalidate()
        self.assertFalse(line.tripletex_validated)
        self.assertFalse(line.tripletex_state)

    def test_employee_cannot_validate_own_hours(self):
        line = self.seen_by(self.worker, self.log())
        with self.assertRaises(AccessError):
            line.action_tripletex_validate()
        with self.assertRaises(AccessError):
            line.write({"tripletex_validated": True})
        self.assertFalse(line.tripletex_validated)

    def test_employee_cannot_create_validated_hours(self):
        Line = self.seen_by(self.worker, self.env["account.analytic.line"])
        values = {"project_id": self.project.id, "date": MONDAY, "unit_amount": 1}
        with self.assertRaises(AccessError):
            Line.create(values | {"tripletex_validated": True})
        with self.assertRaises(AccessError):
            Line.with_context(default_tripletex_validated=True).create(values)

    def test_employee_cannot_import_validated_hours(self):
        Line = self.seen_by(self.worker, self.env["account.analytic.line"])
        result = Line.load(
            ["project_id/.id", "date", "unit_amount", "tripletex_validated"],
            [[str(self.project.id), str(MONDAY), "2", "1"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("Only timesheet approvers", result["messages"][0]["message"])

    def test_approver_imports_validated_hours(self):
        Line = self.seen_by(self.approver, self.env["account.analytic.line"])
        result = Line.load(
            ["employee_id/.id", "project_id/.id", "date", "unit_amount"]
            + ["tripletex_validated"],
            [[str(self.employee.id), str(self.project.id), str(MONDAY), "2", "1"]],
        )
        self.assertTrue(result["ids"], result["messages"])
        line = Line.browse(result["ids"])
        self.assertEqual(line.tripletex_state, "pending")

    def test_portal_user_cannot_read_or_validate(self):
        portal = self.person("portal", "base.group_portal")
        line = self.seen_by(portal, self.log())
        with self.assertRaises(AccessError):
            line.action_tripletex_validate()
        with self.assertRaises(AccessError):
            line.write({"tripletex_validated": True})
        with self.assertRaises(AccessError):
            line.read(["tripletex_problem"])

    def test_second_validation_changes_nothing(self):
        line = self.validated()
        entry = self.entries_of(line)
        line.action_tripletex_validate()
        self.assertEqual(self.entries_of(line), entry)
        self.assertEqual(entry.hours, 7.5)

    def test_copied_line_is_not_validated(self):
        self.assertFalse(self.validated().copy().tripletex_validated)

    def test_line_validated_without_connection_is_not_queued(self):
        self.connection.state = "disconnected"
        line = self.seen_by(
            self.approver, self.log(project_id=self.unlinked_project().id)
        )
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)
        self.assertEqual(line.tripletex_status, "validated")
        self.assertFalse(self.entries_of(line))

    def test_status_follows_line_from_draft_to_sent(self):
        line = self.seen_by(self.worker, self.log())
        self.assertEqual(line.tripletex_status, "draft")
        self.seen_by(self.approver, line).action_tripletex_validate()
        line.invalidate_recordset()
        self.assertEqual(line.tripletex_status, "pending")
        self.send()
        self.assertEqual(line.tripletex_status, "sent")
        self.entries_of(line).sudo().state = "conflict"
        line.invalidate_recordset()
        self.assertEqual(line.tripletex_status, "conflict")

    def test_carry_over_is_refused_without_rights_or_enterprise(self):
        Line = self.env["account.analytic.line"]
        with self.assertRaisesRegex(AccessError, "Only administrators"):
            self.seen_by(self.manager, Line).action_tripletex_carry_over()
        with self.assertRaisesRegex(UserError, "nothing to carry over"):
            self.seen_by(self.system, Line).action_tripletex_carry_over()

    def test_carry_over_is_run_from_its_screen(self):
        """Odoo shows *Run* for few server actions only."""
        action = self.seen_by(
            self.system,
            self.env.ref(
                "hr_timesheet_tripletex.account_analytic_line_action_carry_over"
            ),
        )
        arch = etree.fromstring(action.get_view(view_type="form")["arch"])
        [button] = arch.iterfind(".//button[@name='run']")
        values = action.read(["model_name", "state"])[0]
        self.assertFalse(safe_eval(button.get("invisible"), values))
        with self.assertRaisesRegex(UserError, "nothing to carry over"):
            action.run()

    def test_line_of_excluded_project_is_validated_without_checks(self):
        project = self.unlinked_project(tripletex_excluded=True)
        line = self.seen_by(self.approver, self.log(project_id=project.id))
        line.action_tripletex_validate()
        self.assertEqual(line.tripletex_status, "validated")
        self.assertFalse(line.tripletex_state)

    def test_hours_of_archived_employee_are_validated_and_sent(self):
        line = self.log()
        self.employee.action_archive()
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_lines_of_two_companies_are_validated_together(self):
        other = self.env["res.company"].create({"name": "Ukoblet AS"})
        self.env.user.company_ids |= other
        self.approver.company_ids |= other
        env = self.env(context={"allowed_company_ids": (self.company + other).ids})
        employee = env["hr.employee"].create({"name": "Her", "company_id": other.id})
        project = self.unlinked_project(company_id=other.id)
        elsewhere = env["account.analytic.line"].create(
            {
                "employee_id": employee.id,
                "project_id": project.id,
                "date": MONDAY,
                "unit_amount": 4,
            }
        )
        lines = (self.log().with_env(env) + elsewhere).with_user(self.approver)
        lines.action_tripletex_validate()
        self.assertEqual(lines.mapped("tripletex_validated"), [True, True])
        self.assertEqual(lines.mapped("tripletex_status"), ["pending", "validated"])

    def test_line_without_project_is_not_validated(self):
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        account = self.env["account.analytic.account"].create(
            {"name": "Account", "plan_id": plan.id}
        )
        line = self.env["account.analytic.line"].create(
            {"name": "Cost", "account_id": account.id, "amount": -10}
        )
        line.action_tripletex_validate()
        self.assertFalse(line.tripletex_validated)
        self.assertFalse(line.tripletex_status)

    def test_problem_of_line_is_shown_and_searchable(self):
        line = self.log(project_id=self.unlinked_project().id)
        seen = self.seen_by(self.approver, line)
        self.assertEqual(seen.tripletex_problem, "Project not linked")
        self.assertIn("Update", seen.tripletex_problem_help)
        found = seen.search([("tripletex_has_problem", "=", True)])
        self.assertEqual(found, seen)
        good = self.log()
        found = seen.search(
            [("tripletex_has_problem", "=", False), ("id", "in", (line + good).ids)]
        )
        self.assertEqual(found.ids, good.ids)
        everything = [("tripletex_has_problem", "in", [True, False])]
        self.assertLessEqual(line | good, seen.search(everything))

    def test_form_shows_problem_of_unsaved_line(self):
        Line = self.seen_by(self.worker, self.env["account.analytic.line"])
        line = Line.new({"project_id": self.unlinked_project().id, "date": MONDAY})
        line.employee_id = self.employee
        self.assertEqual(line.tripletex_problem, "Project not linked")
        line.project_id = self.project
        self.assertFalse(line.tripletex_problem)

    def test_day_above_24_hours_is_shown_on_all_its_lines(self):
        lines = self.log(13) + self.log(12)
        for line in lines:
            self.env.invalidate_all()
            line = self.env[line._name].browse(line.id)
            self.assertEqual(line.tripletex_problem, "More than 24 hours on the day")

    def test_only_linked_paycodes_of_company_are_offered(self):
        Type = self.seen_by(self.worker, self.env["hr.work.entry.type"])
        offered = Type.search([("tripletex_company_ids", "in", self.company.ids)])
        self.assertEqual(offered.ids, self.overtime.ids)
        others = Type.search([("tripletex_company_ids", "not in", self.company.ids)])
        self.assertEqual(others, Type.search([]) - offered)
        other = self.env["res.company"].create({"name": "Ukoblet AS"})
        self.assertFalse(Type.search([("tripletex_company_ids", "in", other.ids)]))


@tagged("post_install", "-at_install")
class TestValidateTeam(ValidateCase):
    """A manager may validate the hours of their own team only."""

    def setUp(self):
        super().setUp()
        self.company.tripletex_own_team_only = True

    def test_approver_outside_team_cannot_validate(self):
        line = self.seen_by(self.approver, self.log())
        for road in (
            line.action_tripletex_validate,
            lambda: line.write({"tripletex_validated": True}),
            lambda: line.create(
                {
                    "employee_id": self.employee.id,
                    "project_id": self.project.id,
                    "unit_amount": 1,
                    "tripletex_validated": True,
                }
            ),
        ):
            with self.assertRaisesRegex(AccessError, self.employee.name):
                road()
        self.assertEqual(line.tripletex_problem, "Not your team")

    def test_validation_cannot_change_employee_to_one_outside_team(self):
        line = self.seen_by(self.leader, self.log())
        self.employee.parent_id = self.leading
        stranger = self.employees[1]
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            line.write({"tripletex_validated": True, "employee_id": stranger.id})
        line.write({"tripletex_validated": True, "unit_amount": 5})
        self.assertEqual((line.tripletex_state, line.unit_amount), ("pending", 5))

    def test_approver_outside_team_cannot_invalidate(self):
        line = self.seen_by(self.approver, self.validated())
        with self.assertRaises(AccessError):
            line.action_tripletex_invalidate()
        with self.assertRaises(AccessError):
            line.write({"tripletex_validated": False})

    def test_manager_of_employee_validates(self):
        self.employee.parent_id = self.leading
        line = self.seen_by(self.leader, self.log())
        self.assertTrue(line.tripletex_is_my_team)
        self.assertFalse(line.tripletex_problem)
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_manager_of_department_validates(self):
        department = self.env["hr.department"].create(
            {
                "name": "Site",
                "manager_id": self.leading.id,
                "company_id": self.company.id,
            }
        )
        self.employee.write({"department_id": department.id, "parent_id": False})
        line = self.seen_by(self.leader, self.log())
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_timesheet_administrator_validates_for_any_team(self):
        line = self.seen_by(self.manager, self.log())
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_one_line_outside_team_refuses_the_batch(self):
        self.employee.parent_id = self.leading
        mine, other = self.log(), self.log(employee_id=self.employees[1].id)
        lines = self.seen_by(self.leader, mine + other)
        with self.assertRaisesRegex(RedirectWarning, self.employees[1].name):
            lines.action_tripletex_validate()
        self.assertFalse(mine.tripletex_validated)

    def test_my_team_filter_finds_lines_of_own_team(self):
        self.employee.parent_id = self.leading
        mine, other = self.log(), self.log(employee_id=self.employees[1].id)
        Line = self.seen_by(self.leader, mine)
        self.assertEqual(Line.search([("tripletex_is_my_team", "=", True)]), Line)
        for words in (("=", False), ("!=", True), ("in", [False])):
            others = Line.search([("tripletex_is_my_team", *words)])
            self.assertIn(other.id, others.ids, words)
            self.assertNotIn(mine.id, others.ids, words)
        everybodys = Line.search([("tripletex_is_my_team", "in", [True, False])])
        self.assertLessEqual(mine | other, everybodys)

    def test_employee_sees_no_team_problem_on_own_line(self):
        line = self.log()
        self.assertFalse(self.seen_by(self.worker, line).tripletex_problem)
        self.assertEqual(
            self.seen_by(self.approver, line).tripletex_problem, "Not your team"
        )

    def test_without_own_team_option_any_approver_validates(self):
        self.company.tripletex_own_team_only = False
        line = self.seen_by(self.approver, self.log())
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_refusal_outside_team_names_the_solution(self):
        line = self.seen_by(self.approver, self.log())
        with self.assertRaises(UserError) as caught:
            line.action_tripletex_validate()
        self.assertIn("their manager", str(caught.exception))
