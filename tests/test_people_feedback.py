from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..sending.refusals import refusal
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestPeopleFeedback(ValidateCase):
    """Every button says what it did, and undoing says what leaves Tripletex."""

    def message(self, action):
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]["message"]

    def test_validating_says_how_much_is_being_sent(self):
        lines = self.log() + self.log(project_id=self.projects[1].id)
        action = self.seen_by(self.approver, lines).action_tripletex_validate()
        self.assertEqual(
            self.message(action), "2 lines (15.00 hours) validated, being sent."
        )

    def test_validating_does_not_promise_sending_where_nothing_is_sent(self):
        self.connection.state = "disconnected"
        self.assertEqual(
            self.message(self.log().action_tripletex_validate()),
            "1 line (7.50 hours) validated.",
        )

    def test_validating_says_that_sending_is_stopped(self):
        self.connection._set_attention("key", refusal("key"))
        self.assertIn("stopped", self.message(self.log().action_tripletex_validate()))

    def test_validating_again_says_that_there_is_nothing_to_do(self):
        line = self.validated()
        self.assertIn("already", self.message(line.action_tripletex_validate()))

    def test_retry_says_how_many_and_keeps_the_rows(self):
        entry = self.entries_of(self.validated())
        entry.write({"state": "failed"})
        action = self.seen_by(self.approver, entry).action_retry()
        self.assertIn("1", self.message(action))
        self.assertTrue(action["params"]["next"]["infos"]["noReload"])

    def test_retry_promises_no_sending_while_it_is_stopped(self):
        entry = self.entries_of(self.validated())
        for state in ("attention", "disconnected"):
            entry.state = "failed"
            self.connection.state = state
            told = self.message(entry.action_retry())
            self.assertIn("stopped", told, state)

    # -- undoing -----------------------------------------------------------------

    def undo(self, lines):
        action = self.seen_by(self.approver, lines).action_tripletex_ask_invalidate()
        dialogs = self.env[action["res_model"]].with_user(self.approver)
        return dialogs.with_context(**action["context"]).create({})

    def test_undoing_asks_and_says_what_leaves_tripletex(self):
        sent = self.validated()
        self.send()
        waiting = self.validated(4, project_id=self.projects[1].id)
        dialog = self.undo(sent + waiting)
        self.assertIn("2 lines (11.50 hours)", dialog.summary)
        self.assertIn("7.50 hours of them are removed from Tripletex", dialog.summary)
        self.assertTrue(sent.tripletex_validated)
        self.message(dialog.action_invalidate())
        self.assertFalse(sent.tripletex_validated or waiting.tripletex_validated)

    def test_undoing_what_was_not_sent_says_so(self):
        dialog = self.undo(self.validated())
        self.assertIn("None of these hours are in Tripletex", dialog.summary)

    def test_undoing_needs_validated_hours(self):
        with self.assertRaises(UserError):
            self.undo(self.log())

    def test_employee_cannot_undo(self):
        line = self.validated()
        dialogs = self.env["tripletex.line.invalidate"].with_user(self.worker)
        with self.assertRaises(AccessError):
            dialogs.create({"line_ids": line.ids})

    def test_undoing_is_not_beside_validating(self):
        view = "hr_timesheet_tripletex.account_analytic_line_view_list_to_validate"
        lines = self.seen_by(self.approver, self.env["account.analytic.line"])
        arch = lines.get_view(self.env.ref(view).id, "list")["arch"]
        self.assertIn("action_tripletex_validate", arch)
        self.assertNotIn("action_tripletex_ask_invalidate", arch)
