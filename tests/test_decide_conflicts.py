from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MONDAY
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestDecideConflicts(ValidateCase):
    """The dialog shows the figure that Tripletex will hold after each decision."""

    def conflict(self, theirs=3.0, ours=5.0, employee=0):
        """Return the conflict with hours registered in Tripletex by a person."""
        link = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employees[employee].id)]
        )
        project = self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        )
        self.control.person_creates_entry(
            int(link.tripletex_id),
            str(MONDAY),
            theirs,
            int(self.connection.default_activity_id.tripletex_id),
            int(project.tripletex_id),
        )
        line = self.validated(ours, employee_id=self.employees[employee].id)
        self.send()
        return self.entries_of(line)

    def dialog(self, entries):
        action = entries.action_decide()
        return self.env[action["res_model"]].with_context(**action["context"])

    def test_tripletex_holds_the_figure_shown_for_each_decision(self):
        for decision, result in (("keep", 3.0), ("replace", 5.0), ("add", 8.0)):
            with self.subTest(decision):
                self.sandbox.reset()
                entry = self.conflict()
                dialog = self.dialog(entry).create({"decision": decision})
                self.assertEqual((dialog.ours, dialog.theirs), (5.0, 3.0))
                self.assertEqual((dialog.result, dialog.count), (result, 1))
                self.assertIn(f"{result:.2f}", dialog.summary)
                dialog.action_confirm()
                self.send()
                self.assertEqual((self.held(), entry.state), ([result], "sent"))
                entry.share_ids.line_id.action_tripletex_invalidate()
                entry.exists().unlink()

    def test_decision_applies_to_all_selected_conflicts_only(self):
        entries = self.conflict() | self.conflict(1.5, 2.0, employee=1)
        sent = self.validated(1, employee_id=self.employees[2].id)
        self.send()
        dialog = self.dialog(entries | self.entries_of(sent)).create(
            {"decision": "add"}
        )
        self.assertEqual((dialog.count, dialog.result), (2, 11.5))
        dialog.action_confirm()
        self.send()
        self.assertEqual(self.held(), [1.0, 3.5, 8.0])

    def test_entry_without_conflict_cannot_be_decided(self):
        line = self.validated(1)
        with self.assertRaisesRegex(UserError, "is a conflict"):
            self.entries_of(line).action_decide()

    def test_conflict_resolved_meanwhile_is_refused(self):
        entry = self.conflict()
        dialog = self.dialog(entry).create({"decision": "replace"})
        entry.action_keep()
        with self.assertRaisesRegex(UserError, "meanwhile"):
            dialog.action_confirm()
        self.send()
        self.assertEqual(self.held(), [3.0])

    def test_system_administrator_cannot_decide(self):
        entry = self.conflict()
        for decide in ("action_keep", "action_replace", "action_add", "action_retry"):
            with self.assertRaisesRegex(AccessError, "Only timesheet approvers"):
                getattr(self.seen_by(self.system, entry), decide)()
        self.seen_by(self.manager, entry).action_replace()
        self.send()
        self.assertEqual(self.held(), [5.0])
