from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .ledger_common import LedgerCase

LOCKED = "validated and locked"


@tagged("post_install", "-at_install")
class TestLedgerTasks(LedgerCase):
    """Tasks are Odoo's business; validated hours stay on their project."""

    def task(self, project=None, **values):
        return self.env["project.task"].create(
            {"name": "Task", "project_id": (project or self.project).id} | values
        )

    def moved(self, task, project):
        task.project_id = project
        self.env.flush_all()
        self.env.invalidate_all()
        self.control.clear_calls()
        self.settle()

    def test_task_moves_with_its_open_hours_and_leaves_validated_ones(self):
        old, new = self.projects[:2]
        task = self.task()
        validated = self.sent(5, task_id=task.id)
        still_open = self.log(2, task_id=task.id)
        self.moved(task, new)
        self.assertEqual((task.project_id, still_open.project_id), (new, new))
        self.assertEqual(validated.project_id, old)
        self.assertEqual((self.held(), self.writes()), ([5.0], []))
        self.assertEqual(validated.tripletex_state, "sent")

    def test_open_hours_validated_after_the_move_go_to_the_new_project(self):
        task = self.task()
        self.sent(5, task_id=task.id)
        still_open = self.log(2, task_id=task.id)
        self.moved(task, self.projects[1])
        still_open.action_tripletex_validate()
        self.settle()
        self.assertEqual(
            self.held_as("projectNumber"),
            sorted(
                [
                    (self.link(self.project).number, 5.0),
                    (self.link(self.projects[1]).number, 2.0),
                ]
            ),
        )

    def test_task_that_moves_leaves_hours_that_wait_to_be_sent(self):
        task = self.task()
        line = self.validated(5, task_id=task.id)
        self.moved(task, self.projects[1])
        self.assertEqual(line.project_id, self.project)
        self.assertEqual(
            self.held_as("projectNumber"), [(self.link(self.project).number, 5.0)]
        )

    def test_subtask_moves_with_its_parent_and_leaves_validated_hours(self):
        parent = self.task()
        child = self.task(parent_id=parent.id)
        line = self.sent(5, task_id=child.id)
        self.moved(parent, self.projects[1])
        self.assertEqual(parent.project_id, self.projects[1])
        self.assertEqual(line.project_id, self.project)
        self.assertEqual((self.held(), self.writes()), ([5.0], []))

    def test_task_form_moves_the_task_without_a_refusal(self):
        task = self.task()
        line = self.sent(5, task_id=task.id)
        with Form(task) as form:
            form.project_id = self.projects[1]
        self.assertEqual(task.project_id, self.projects[1])
        self.assertEqual(line.project_id, self.project)

    def test_validated_line_gets_another_task_of_its_project(self):
        line = self.sent(5, task_id=self.task().id)
        other = self.task()
        line.task_id = other
        self.control.clear_calls()
        self.settle()
        self.assertEqual((line.task_id, line.project_id), (other, self.project))
        self.assertEqual((self.held(), self.writes()), ([5.0], []))

    def test_tasks_of_one_project_are_merged_with_their_validated_lines(self):
        """As a module that merges tasks does it."""
        first, second = self.task(), self.task()
        lines = self.sent(5, task_id=first.id) + self.log(2, task_id=first.id)
        lines.write({"task_id": second.id})
        first.unlink()
        self.settle()
        self.assertEqual(lines.task_id, second)
        self.assertEqual(self.held(), [5.0])

    def test_validated_line_does_not_get_another_project(self):
        line = self.sent(5)
        with self.assertRaisesRegex(UserError, LOCKED):
            line.project_id = self.projects[1]

    def test_split_of_the_analytic_distribution_leaves_the_hours_in_tripletex(self):
        line = self.sent(8)
        accounts = self.project.account_id, self.projects[1].account_id
        line.analytic_distribution = {str(account.id): 50 for account in accounts}
        self.env.flush_all()
        self.settle()
        lines = line.search([("employee_id", "=", self.employee.id)])
        self.assertEqual(lines.mapped("unit_amount"), [4.0, 4.0])
        self.assertEqual(self.held(), [8.0])

    def test_change_of_the_analytic_distribution_sends_nothing(self):
        line = self.sent(8)
        line.analytic_distribution = {str(self.projects[1].account_id.id): 100}
        self.env.flush_all()
        self.control.clear_calls()
        self.settle()
        self.assertEqual((self.held(), self.writes()), ([8.0], []))
        self.assertTrue(line.tripletex_validated)


@tagged("post_install", "-at_install")
class TestLedgerOtherModules(LedgerCase):
    """Modules that merge lines."""

    def merge(self, first, second):
        """What a sheet does with lines of one day that have no description."""
        first.unit_amount += second.unit_amount
        second.unlink()

    def test_merging_an_open_line_into_a_validated_one_is_refused(self):
        validated, still_open = self.sent(5, name="/"), self.log(2, name="/")
        message = self.refusal(lambda: self.merge(validated, still_open))
        self.assertIn(LOCKED, message)
        self.settle()
        self.assertEqual((validated.unit_amount, still_open.unit_amount), (5, 2))
        self.assertEqual(self.held(), [5.0])

    def test_merging_a_validated_line_into_an_open_one_is_refused(self):
        validated, still_open = self.sent(5, name="/"), self.log(2, name="/")
        message = self.refusal(lambda: self.merge(still_open, validated))
        self.assertIn(LOCKED, message)
        self.settle()
        self.assertEqual((validated.unit_amount, still_open.unit_amount), (5, 2))
        self.assertEqual(self.held(), [5.0])
