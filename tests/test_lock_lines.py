from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import Form, tagged
from odoo.tools import format_date

from .common import MONDAY
from .validate_common import ValidateCase

LOCKED = "validated and locked"


@tagged("post_install", "-at_install")
class TestLockLines(ValidateCase):
    """Validated lines cannot be changed or deleted in any way."""

    def setUp(self):
        super().setUp()
        self.line = self.validated()

    def everybody(self):
        return [
            self.worker,
            self.approver,
            self.manager,
            self.env.ref("base.user_root"),
        ]

    def test_validated_line_refuses_every_field_that_is_sent(self):
        task = self.env["project.task"].create(
            {"name": "Elsewhere", "project_id": self.projects[1].id}
        )
        for values in (
            {"unit_amount": 1},
            {"date": "2026-03-20"},
            {"name": "Other"},
            {"employee_id": self.employees[1].id},
            {"project_id": self.projects[1].id},
            {"task_id": task.id},
            {"work_entry_type_id": self.overtime.id},
            {"product_uom_id": self.env.ref("uom.product_uom_day").id},
        ):
            for user in self.everybody():
                with self.subTest(values=values, user=user.login):
                    with self.assertRaisesRegex(UserError, LOCKED):
                        self.seen_by(user, self.line).write(dict(values))

    def test_change_together_with_validation_flag_is_refused(self):
        line = self.seen_by(self.approver, self.line)
        with self.assertRaisesRegex(UserError, LOCKED):
            line.write({"tripletex_validated": True, "unit_amount": 1})
        line.write({"tripletex_validated": False, "unit_amount": 1})
        self.assertEqual(line.unit_amount, 1)
        self.assertFalse(line.tripletex_validated)

    def test_message_names_the_locked_line(self):
        with self.assertRaises(UserError) as caught:
            self.seen_by(self.worker, self.line).write({"unit_amount": 1})
        text = str(caught.exception)
        for word in (
            self.employee.name,
            self.project.name,
            format_date(self.env, MONDAY),
            "approver",
        ):
            self.assertIn(word, text)

    def test_validated_line_is_read_only(self):
        line = self.seen_by(self.worker, self.line)
        self.assertTrue(line.readonly_timesheet)
        line = self.seen_by(self.worker, self.log())
        self.assertFalse(line.readonly_timesheet)

    def test_form_of_validated_line_cannot_be_edited(self):
        line = self.seen_by(self.manager, self.line)
        with Form(line, view="hr_timesheet.timesheet_view_form_user") as form:
            with self.assertRaises(AssertionError):
                form.unit_amount = 3
            with self.assertRaises(AssertionError):
                form.work_entry_type_id = self.overtime

    def test_validated_line_cannot_be_deleted(self):
        for user in self.everybody():
            with self.subTest(user=user.login):
                with self.assertRaisesRegex(UserError, LOCKED):
                    self.seen_by(user, self.line).unlink()

    def test_import_cannot_change_validated_line(self):
        Line = self.seen_by(self.approver, self.env["account.analytic.line"])
        result = Line.load([".id", "unit_amount"], [[str(self.line.id), "1"]])
        self.assertFalse(result["ids"])
        self.assertIn(LOCKED, result["messages"][0]["message"])
        self.assertEqual(self.line.unit_amount, 7.5)

    def test_analytic_split_keeps_all_hours_validated(self):
        account = self.projects[1].account_id
        line = self.seen_by(self.manager, self.line)
        line.analytic_distribution = {
            str(self.project.account_id.id): 50,
            str(account.id): 50,
        }
        self.env.flush_all()
        parts = self.line.search([("company_id", "=", self.company.id)])
        self.assertEqual(sum(parts.mapped("unit_amount")), 7.5)
        self.assertTrue(all(parts.mapped("tripletex_validated")))

    def test_analytic_split_that_changes_the_hours_is_refused(self):
        one, other = map(str, self.projects[:2].account_id.ids)
        for distribution in ({one: 200}, {one: 50}, {one: 150, other: -50}):
            for user in self.everybody():
                with self.subTest(distribution=distribution, user=user.login):
                    line = self.seen_by(user, self.line)
                    with self.assertRaisesRegex(UserError, LOCKED):
                        line.analytic_distribution = distribution
                    self.assertEqual(self.line.unit_amount, 7.5)

    def test_message_about_a_split_names_the_line_and_what_is_allowed(self):
        account = self.project.account_id
        with self.assertRaises(UserError) as caught:
            self.seen_by(self.worker, self.line).analytic_distribution = {
                str(account.id): 99.99
            }
        text = str(caught.exception)
        for word in (self.employee.name, self.project.name, "100 percent", "approver"):
            self.assertIn(word, text)

    def test_caller_cannot_pretend_to_split(self):
        line = self.seen_by(self.manager, self.line)
        for pretended in (True, "SPLITTING", object()):
            with self.assertRaisesRegex(UserError, LOCKED):
                line.with_context(tripletex_split=pretended).unit_amount = 1

    def test_moved_task_leaves_validated_hours_in_their_project(self):
        task = self.env["project.task"].create(
            {"name": "Task", "project_id": self.project.id}
        )
        line, waiting = self.validated(task_id=task.id), self.log(task_id=task.id)
        user = self.person("planner", "project.group_project_manager")
        self.seen_by(user, task).write({"project_id": self.projects[1].id})
        self.env.flush_all()
        self.assertEqual(task.project_id, self.projects[1])
        self.assertEqual(line.project_id, self.project)
        self.assertEqual(waiting.project_id, self.projects[1])

    def test_moved_parent_task_leaves_validated_hours_of_subtask(self):
        parent = self.env["project.task"].create(
            {"name": "Parent", "project_id": self.project.id}
        )
        child = self.env["project.task"].create(
            {"name": "Child", "parent_id": parent.id, "project_id": self.project.id}
        )
        line = self.validated(task_id=child.id)
        parent.project_id = self.projects[1]
        self.env.flush_all()
        self.assertEqual(line.project_id, self.project)

    def test_task_without_validated_hours_moves_with_its_lines(self):
        task = self.env["project.task"].create(
            {"name": "Task", "project_id": self.project.id}
        )
        line = self.log(task_id=task.id)
        task.project_id = self.projects[1]
        self.assertEqual(line.project_id, self.projects[1])

    def test_message_without_access_to_hours_names_nobody(self):
        user = self.person("tasks", "project.group_project_user")
        with self.assertRaises(UserError) as caught:
            self.seen_by(user, self.line).sudo().write({"unit_amount": 1})
        self.assertNotIn(self.employee.name, str(caught.exception))
        self.assertIn("validated hours", str(caught.exception))

    def test_task_with_validated_hours_cannot_be_deleted(self):
        task = self.env["project.task"].create(
            {"name": "Task", "project_id": self.project.id}
        )
        self.validated(task_id=task.id)
        with self.assertRaises(RedirectWarning):
            task.unlink()

    def test_project_with_validated_hours_cannot_be_deleted(self):
        with self.assertRaises(RedirectWarning):
            self.project.unlink()
        # hr_timesheet checks the lines that the user sees; this check covers all.
        with self.assertRaisesRegex(UserError, "Archive"):
            self.project._unlink_except_tripletex_validated()

    def test_archived_project_keeps_validated_hours(self):
        self.project.action_archive()
        self.assertTrue(self.line.tripletex_validated)
        self.assertEqual(self.line.project_id, self.project)

    def test_employee_with_validated_hours_cannot_be_deleted(self):
        officer = self.person("officer", "hr.group_hr_manager")
        with self.assertRaisesRegex(UserError, "Archive"):
            self.seen_by(officer, self.employee).unlink()

    def test_archived_employee_keeps_validated_hours(self):
        self.employee.action_archive()
        self.assertTrue(self.line.tripletex_validated)
        self.assertEqual(self.line.employee_id, self.employee)
        self.assertEqual(self.line.unit_amount, 7.5)

    def test_paycode_in_use_cannot_be_deleted(self):
        self.validated(work_entry_type_id=self.overtime.id)
        with self.assertRaisesRegex(UserError, "Archive"):
            self.overtime.unlink()

    def test_invalidated_line_can_be_changed(self):
        line = self.seen_by(self.approver, self.line)
        line.action_tripletex_invalidate()
        self.seen_by(self.worker, self.line).write({"unit_amount": 2})
        self.assertEqual(self.line.unit_amount, 2)

    def test_cost_of_validated_line_can_be_changed(self):
        self.line.sudo().write({"amount": -100})
        self.assertEqual(self.line.amount, -100)

    def test_timesheet_tab_of_task_cannot_change_validated_line(self):
        task = self.env["project.task"].create(
            {"name": "Task", "project_id": self.project.id}
        )
        self.validated(task_id=task.id)
        user = self.person("planner", "project.group_project_manager")
        form = Form(self.seen_by(user, task))
        with form.timesheet_ids.edit(0) as line:
            self.assertEqual(line.tripletex_status, "pending")
            with self.assertRaises(AssertionError):
                line.unit_amount = 1
        form.timesheet_ids.remove(0)
        with self.assertRaisesRegex(UserError, LOCKED):
            form.save()
