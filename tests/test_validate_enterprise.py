from unittest import SkipTest

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MONDAY
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestValidateEnterprise(ValidateCase):
    """With Enterprise's ``timesheet_grid``, which dev/tests/addons imitates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env["account.analytic.line"]._tripletex_is_native():
            raise SkipTest("needs timesheet_grid to be installed")

    def native(self, line, user=None):
        """Validate with Enterprise's own button."""
        self.seen_by(user or self.approver, line).action_validate_timesheet()
        return line

    def test_enterprise_button_queues_and_withdraws_hours(self):
        line = self.native(self.log())
        self.assertTrue(line.tripletex_native_validation)
        self.assertEqual(line.tripletex_state, "pending")
        self.send()
        self.assertEqual(self.held(), [7.5])
        self.seen_by(self.approver, line).action_invalidate_timesheet()
        self.send()
        self.assertEqual(self.held(), [])

    def test_line_whose_timer_runs_is_not_validated(self):
        line = self.log(0, timer_start=f"{MONDAY} 08:00:00")
        with self.assertRaisesRegex(UserError, "still running"):
            self.native(line)
        line.write({"timer_start": False, "unit_amount": 2})
        self.native(line)
        self.send()
        self.assertEqual(self.held(), [2.0])

    def test_own_button_is_refused_and_hidden(self):
        line = self.seen_by(self.approver, self.log())
        with self.assertRaises(UserError):
            line.action_tripletex_validate()
        with self.assertRaises(UserError):
            line.write({"tripletex_validated": True})
        view = self.env.ref("hr_timesheet.hr_timesheet_line_tree")
        arch = line.get_view(view.id, "list")["arch"]
        self.assertNotIn("action_tripletex_validate", arch)
        menu = self.env.ref("hr_timesheet_tripletex.menu_to_validate")
        self.assertIn(menu.id, self.env["ir.ui.menu"]._load_menus_blacklist())

    def test_hours_are_sent_in_and_rejected_beside_enterprise(self):
        self.company.tripletex_send_in = True
        line = self.seen_by(self.worker, self.log())
        line.action_tripletex_send_in()
        self.assertEqual(line.tripletex_status, "sent_in")
        self.seen_by(self.approver, line)._tripletex_reject("Wrong project")
        self.assertEqual(line.tripletex_status, "rejected")
        line.action_tripletex_send_in()
        self.native(line)
        self.assertEqual(line.tripletex_status, "pending")
        with self.assertRaises(UserError):
            self.seen_by(self.approver, line)._tripletex_reject("Too late")
        views = self.seen_by(self.approver, line).get_views(
            [(self.env.ref("hr_timesheet.hr_timesheet_line_tree").id, "list")],
            {"toolbar": True},
        )
        names = {a["name"] for a in views["views"]["list"]["toolbar"]["action"]}
        self.assertIn("Reject Hours", names)
        self.assertNotIn("Validate Hours", names)

    def test_enterprise_button_refuses_lines_with_problems(self):
        line = self.log(project_id=self.unlinked_project().id)
        with (
            self.assertRaisesRegex(UserError, "not linked"),
            self.env.cr.savepoint(),
        ):
            self.native(line)
        self.assertFalse(line.validated)

    def test_validated_line_without_project_deletes_its_entry(self):
        """Enterprise lets approvers remove the project of a validated line."""
        line = self.native(self.log())
        self.send()
        self.seen_by(self.approver, line).write({"project_id": False})
        self.send()
        self.assertEqual(self.held(), [])

    def test_approver_corrects_validated_line_and_employee_cannot(self):
        line = self.native(self.log())
        with self.assertRaises(AccessError):
            self.seen_by(self.worker, line).write({"unit_amount": 1})
        # Enterprise lets approvers correct validated lines.
        self.seen_by(self.approver, line).write({"unit_amount": 5})
        self.send()
        self.assertEqual(self.held(), [5.0])

    def split(self, line, *percents):
        accounts = map(str, self.projects[:2].account_id.ids)
        line.analytic_distribution = dict(zip(accounts, percents, strict=False))
        self.env.flush_all()
        self.env.invalidate_all()

    def test_analytic_split_keeps_all_hours_validated_and_in_tripletex(self):
        line = self.native(self.log())
        self.send()
        self.control.clear_calls()
        self.split(self.seen_by(self.approver, line), 50, 50)
        parts = line.search([("company_id", "=", self.company.id)])
        self.assertEqual(parts.mapped("unit_amount"), [3.75, 3.75])
        self.assertTrue(all(parts.mapped("validated")))
        self.assertTrue(all(parts.mapped("tripletex_validated")))
        self.send()
        self.assertEqual((self.held(), self.control.calls()), ([7.5], []))

    def test_analytic_split_by_an_approver_can_correct_the_hours(self):
        """As Enterprise lets approvers correct them by any other field."""
        line = self.native(self.log(4))
        self.send()
        with self.assertRaises(AccessError):
            self.split(self.seen_by(self.worker, line), 200)
        self.split(self.seen_by(self.approver, line), 50, 100)
        self.send()
        self.assertEqual(self.held(), [6.0])

    def test_moved_task_leaves_validated_hours_in_their_project(self):
        task = self.env["project.task"].create(
            {"name": "Task", "project_id": self.project.id}
        )
        line = self.native(self.log(task_id=task.id))
        self.send()
        task.project_id = self.projects[1]
        self.env.flush_all()
        self.assertEqual(line.project_id, self.project)
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_own_flag_follows_enterprise_flag(self):
        line = self.native(self.log())
        self.assertTrue(line.tripletex_validated)
        self.seen_by(self.approver, line).action_invalidate_timesheet()
        self.assertFalse(line.tripletex_validated)
        created = self.log(validated=True)
        self.assertTrue(created.tripletex_validated)

    def test_carry_over_validates_lines_sent_before_installation(self):
        line = self.log()
        self.native(line)
        self.send()
        self.env.flush_all()
        # State after Enterprise is installed: its new column is empty.
        self.env.cr.execute(
            "UPDATE account_analytic_line SET validated = FALSE WHERE id = %s",
            [line.id],
        )
        self.env.invalidate_all()
        self.assertFalse(line.validated)
        self.assertEqual(line.tripletex_state, "sent")
        self.control.clear_calls()
        action = self.env.ref(
            "hr_timesheet_tripletex.account_analytic_line_action_carry_over"
        )
        with self.assertRaises(AccessError):
            self.seen_by(self.approver, action.sudo(False)).run()
        action.run()
        self.assertTrue(line.validated)
        self.send()
        self.assertEqual(self.control.calls(), [])
        self.assertEqual(self.held(), [7.5])
