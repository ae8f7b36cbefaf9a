from unittest import SkipTest

from odoo.exceptions import UserError
from odoo.tests import tagged

from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestValidateBilled(ValidateCase):
    """Billed lines of ``sale_timesheet`` are validated, locked and sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "timesheet_invoice_id" not in cls.env["account.analytic.line"]._fields:
            raise SkipTest("needs sale_timesheet to be installed")

    def billed(self, line):
        """Mark the line as invoiced; return the invoice."""
        journal = self.env["account.journal"].create(
            {
                "name": "Sales",
                "code": "TTS",
                "type": "sale",
                "company_id": self.company.id,
            }
        )
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": journal.id,
                "company_id": self.company.id,
                "partner_id": self.env["res.partner"].create({"name": "Kunde"}).id,
            }
        )
        line.sudo().timesheet_invoice_id = invoice
        return invoice

    def test_billed_line_is_validated_and_sent(self):
        line = self.log()
        self.billed(line)
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_validated_line_can_be_billed(self):
        line = self.validated()
        self.send()
        self.billed(line)
        self.assertTrue(line.timesheet_invoice_id)
        self.send()
        self.assertEqual(self.held(), [7.5])

    def test_billed_line_can_be_neither_edited_nor_opened(self):
        line = self.validated()
        self.billed(line)
        with self.assertRaisesRegex(UserError, "invoiced"):
            self.seen_by(self.approver, line).action_tripletex_invalidate()
        self.assertTrue(line.tripletex_validated)
        self.assertTrue(line.readonly_timesheet)

    def test_moved_task_leaves_billed_line_in_its_project(self):
        task = self.env["project.task"].create(
            {"name": "Task", "project_id": self.project.id}
        )
        line = self.validated(task_id=task.id)
        self.billed(line)
        self.env.flush_all()
        task.project_id = self.projects[1]
        self.env.flush_all()
        self.assertEqual(line.project_id, self.project)

    def test_validated_line_is_locked_with_sale_timesheet(self):
        line = self.validated()
        with self.assertRaisesRegex(UserError, "validated and locked"):
            self.seen_by(self.manager, line).write({"unit_amount": 1})
