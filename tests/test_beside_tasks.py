from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .beside_common import BesideCase

LOCKED = "validated and locked"


@tagged("post_install", "-at_install")
class TestBesideTasks(BesideCase):
    """With OCA's modules that require, close and account for tasks."""

    needs = """hr_timesheet_task_required hr_timesheet_task_stage
    project_task_analytic_propagation project_group_hr_timesheet"""

    def test_form_keeps_the_required_task(self):
        self.project.is_timesheet_task_required = True
        task = self.task()
        Line = self.seen_by(self.worker, self.env["account.analytic.line"])
        form = Form(Line, "hr_timesheet.timesheet_view_form_user")
        form.project_id = self.project
        form.task_id = task
        form.unit_amount = 2
        form.name = "Work"
        line = form.save()
        self.assertEqual(line.task_id, task)

    def test_hours_without_their_required_task_are_refused_when_logged(self):
        self.project.is_timesheet_task_required = True
        with self.assertRaises(ValidationError):
            self.log()

    def test_hours_logged_before_a_task_was_required_are_validated(self):
        line = self.log()
        self.project.is_timesheet_task_required = True
        self.approved(line)
        self.assertEqual(self.held(), [7.5])

    def test_task_of_validated_hours_is_closed_and_opened(self):
        stages = self.env["project.task.type"].create(
            [
                {"name": name, "fold": fold, "project_ids": self.project.ids}
                for name, fold in (("Open", False), ("Closed", True))
            ]
        )
        line = self.approved(self.log(task_id=self.task(stage_id=stages[0].id).id))
        line.action_toggle_task_stage()
        self.assertEqual(line.task_id.stage_id, stages[1])
        line.action_toggle_task_stage()
        self.assertEqual(line.task_id.stage_id, stages[0])
        self.assertTrue(line.tripletex_validated)

    def test_account_of_the_task_changes_validated_lines_and_sends_nothing(self):
        task = self.task()
        line = self.approved(self.log(task_id=task.id))
        self.control.clear_calls()
        task.account_id = self.projects[1].account_id
        self.env.flush_all()
        self.assertEqual(line.account_id, self.projects[1].account_id)
        self.send()
        self.assertEqual((self.held(), self.control.calls()), ([7.5], []))

    def test_task_that_moves_leaves_validated_hours_in_their_project(self):
        task = self.task()
        line = self.approved(self.log(task_id=task.id))
        still_open = self.log(2, task_id=task.id)
        task.project_id = self.projects[1]
        self.env.flush_all()
        self.assertEqual(line.project_id, self.project)
        self.assertEqual(still_open.project_id, self.projects[1])

    def test_context_of_another_module_does_not_open_the_lock(self):
        line = self.seen_by(self.worker, self.approved(self.log()))
        line = line.with_context(
            propagate_project_id=True, propagate_project_id_for_timesheet=True
        )
        with self.assertRaisesRegex(UserError, LOCKED):
            line.write({"project_id": self.project.id, "unit_amount": 1})
