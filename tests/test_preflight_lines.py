from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged
from odoo.tools import format_date

from .common import MONDAY
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestPreflight(ValidateCase):
    """Lines that Tripletex would refuse are refused with line, cause and solution."""

    def refusal(self, lines, user=None):
        """Return the message that refuses validation; assert that nothing changed."""
        seen = self.seen_by(user or self.approver, lines)
        with self.assertRaises(RedirectWarning) as caught:
            seen.action_tripletex_validate()
        self.assertFalse(any(lines.mapped("tripletex_validated")))
        with self.assertRaises(UserError), self.env.cr.savepoint():
            seen.write({"tripletex_validated": True})
        lines.invalidate_recordset()
        self.assertFalse(any(lines.mapped("tripletex_validated")))
        return caught.exception.args[0]

    def binding(self, model, field, record):
        return self.env[f"tripletex.{model}"].search([(field, "=", record.id)])

    def assertCause(self, line, words):
        text = self.refusal(line)
        self.assertIn(words, text)
        for part in (
            line.employee_id.name,
            line.project_id.name,
            format_date(self.env, MONDAY),
        ):
            self.assertIn(part, text)

    def test_unlinked_employee_is_refused(self):
        stranger = self.env["hr.employee"].create(
            {"name": "Ny Ansatt", "company_id": self.company.id}
        )
        self.assertCause(self.log(employee_id=stranger.id), "employee is not linked")

    def test_unlinked_project_is_refused(self):
        project = self.unlinked_project()
        self.assertCause(self.log(project_id=project.id), "project is not linked")

    def test_closed_project_is_refused(self):
        self.binding("project", "project_id", self.project).is_closed = True
        self.assertCause(self.log(), "closed in Tripletex")

    def test_date_before_project_start_is_refused(self):
        self.binding("project", "project_id", self.project).start_date = "2026-03-17"
        self.assertCause(self.log(), "before the project's start")

    def test_date_after_project_end_is_refused(self):
        self.binding("project", "project_id", self.project).end_date = "2026-03-15"
        self.assertCause(self.log(), "after the project's end")

    def test_first_and_last_day_of_project_are_accepted(self):
        binding = self.binding("project", "project_id", self.project)
        binding.write({"start_date": MONDAY, "end_date": MONDAY})
        self.assertTrue(self.validated().tripletex_validated)

    def test_unlinked_paycode_is_refused(self):
        paycode = self.env["hr.work.entry.type"].create({"name": "Nytt", "code": "N"})
        self.assertCause(
            self.log(work_entry_type_id=paycode.id), "paycode is not linked"
        )

    def test_hidden_paycode_is_refused_unless_hours_only_are_sent(self):
        self.paycode.show_in_timesheet = False
        line = self.log(work_entry_type_id=self.overtime.id)
        self.assertCause(line, "Vis i timeliste")
        self.paycode.transfer_as = "hours"
        line.action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_missing_activity_is_refused(self):
        self.connection.default_activity_id = False
        self.assertCause(self.log(), "activity")

    def test_missing_comment_is_refused_where_required(self):
        self.connection.require_comments = True
        self.assertCause(self.log(name="/"), "requires a comment")
        self.assertCause(self.log(name="  "), "requires a comment")
        self.assertTrue(self.validated(name="Done").tripletex_validated)

    def test_line_of_no_hours_is_validated_and_sent_nowhere(self):
        line = self.validated(0)
        self.assertTrue(line.tripletex_validated)
        self.assertFalse(line.tripletex_state)

    def test_negative_hours_without_hours_to_correct_are_refused(self):
        with self.assertRaisesRegex(UserError, "below zero"):
            self.log(-1).action_tripletex_validate()

    def test_line_above_24_hours_is_refused(self):
        self.assertCause(self.log(24.5), "24 hours")
        self.assertTrue(self.validated(24).tripletex_validated)

    def test_day_above_24_hours_is_refused(self):
        self.validated(20)
        self.assertCause(self.log(5), "24 hours")

    def test_unvalidated_hours_do_not_count_towards_24_hours(self):
        self.log(20)
        self.assertTrue(self.validated(5).tripletex_validated)

    def test_message_names_every_line_grouped_by_cause(self):
        project = self.unlinked_project(name="Ukjent prosjekt")
        lines = (
            self.log(project_id=project.id)
            + self.log(2, project_id=project.id, employee_id=self.employees[1].id)
            + self.log(25, date="2026-03-18")
            + self.log(3)
        )
        text = self.refusal(lines)
        self.assertEqual(text.count("project is not linked"), 1)
        self.assertEqual(text.count("Ukjent prosjekt"), 2)
        self.assertIn(self.employees[1].name, text)
        self.assertIn("24 hours", text)
        self.assertIn("The other 1 can be validated now", text)

    def test_button_of_message_validates_the_other_lines(self):
        bad, good = self.log(project_id=self.unlinked_project().id), self.log()
        seen = self.seen_by(self.approver, bad + good)
        with self.assertRaises(RedirectWarning) as caught:
            seen.action_tripletex_validate()
        _message, action, label, context = caught.exception.args
        self.assertEqual(label, "Validate the Others")
        pressed = self.seen_by(self.approver, self.env["ir.actions.server"])
        pressed = pressed.browse(action).with_context(**context)
        action = pressed.run()
        self.assertEqual(action["params"]["next"]["tag"], "soft_reload")
        self.assertTrue(good.tripletex_validated)
        self.assertFalse(bad.tripletex_validated)

    def test_button_of_message_is_refused_to_non_approvers(self):
        user = self.person("logs", "hr_timesheet.group_hr_timesheet_user")
        action = self.env.ref(
            "hr_timesheet_tripletex.tripletex_line_validate_action_others"
        )
        line = self.log(employee_id=self.employees[0].id)
        with self.assertRaises(AccessError):
            action.with_user(user).with_context(default_line_ids=line.ids).run()
        self.assertFalse(line.tripletex_validated)

    def test_message_without_other_lines_offers_to_show_refused_ones(self):
        bad = self.log(project_id=self.unlinked_project().id)
        with self.assertRaises(RedirectWarning) as caught:
            self.seen_by(self.approver, bad).action_tripletex_validate()
        _message, action, label, context = caught.exception.args
        self.assertEqual(label, "Show Them")
        dialog = (
            self.seen_by(self.approver, self.env[action["res_model"]])
            .with_context(**context)
            .create({})
        )
        self.assertEqual(dialog.refused_ids.ids, bad.ids)
        self.assertEqual((dialog.refused_count, dialog.other_count), (1, 0))
        self.assertTrue(dialog.has_project_problem)
        self.assertFalse(dialog.has_employee_problem)
        action = dialog.action_show_refused()
        self.assertEqual(bad.search(action["domain"]), bad)

    def test_dialog_validates_the_other_lines(self):
        bad, good = self.log(project_id=self.unlinked_project().id), self.log()
        Dialog = self.seen_by(self.approver, self.env["tripletex.line.validate"])
        dialog = Dialog.create({"line_ids": [(6, 0, (bad + good).ids)]})
        self.assertEqual((dialog.refused_count, dialog.other_count), (1, 1))
        dialog.action_validate_others()
        self.assertTrue(good.tripletex_validated)
        self.assertFalse(bad.tripletex_validated)

    def test_dialog_opens_as_form(self):
        bad = self.log(project_id=self.unlinked_project().id)
        Dialog = self.seen_by(self.approver, self.env["tripletex.line.validate"])
        form = Form(Dialog.with_context(default_line_ids=bad.ids))
        self.assertEqual(form.refused_count, 1)
        self.assertEqual(form.other_count, 0)

    def test_administrator_opens_the_lists_where_problems_are_fixed(self):
        project = self.unlinked_project()
        bad = self.log(project_id=project.id)
        user = self.person(
            "both", "base.group_system,hr_timesheet.group_timesheet_manager"
        )
        dialog = self.seen_by(user, self.env["tripletex.line.validate"]).create(
            {"line_ids": [(6, 0, bad.ids)]}
        )
        action = dialog.action_open_projects()
        self.assertEqual(action["res_model"], "tripletex.project")
        self.assertEqual(action["context"]["default_project_id"], project.id)
        for name, model in (("employees", "employee"), ("paycodes", "paycode")):
            action = getattr(dialog, f"action_open_{name}")()
            self.assertEqual(action["res_model"], f"tripletex.{model}")

    def test_administrator_opens_update_when_activity_is_missing(self):
        self.connection.default_activity_id = False
        bad = self.log()
        user = self.person(
            "both", "base.group_system,hr_timesheet.group_timesheet_manager"
        )
        dialog = self.seen_by(user, self.env["tripletex.line.validate"]).create(
            {"line_ids": [(6, 0, bad.ids)]}
        )
        action = dialog.action_update_connection()
        self.assertEqual(action["res_model"], "tripletex.connection.setup")
        setup = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(setup.company_id, self.company)

    def test_without_strict_check_the_line_is_validated_and_fails(self):
        self.company.tripletex_strict = False
        line = self.log(project_id=self.unlinked_project().id)
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)
        self.assertEqual(line.tripletex_state, "failed")
        self.assertIn("project is not linked", self.entries_of(line).error_message)

    def test_message_lists_at_most_50_lines(self):
        project = self.unlinked_project()
        lines = self.env["account.analytic.line"].create(
            [
                {
                    "employee_id": self.employee.id,
                    "project_id": project.id,
                    "date": MONDAY,
                    "unit_amount": 0.1,
                }
                for _index in range(120)
            ]
        )
        text = self.refusal(lines)
        self.assertIn("… and 70 more.", text)
        self.assertEqual(text.count("•"), 50)

    def test_validating_makes_no_call_to_tripletex(self):
        with self.fault("500_html", times=None):
            line = self.validated()
        self.assertEqual(line.tripletex_state, "pending")
        self.assertEqual(self.control.calls(), [])
