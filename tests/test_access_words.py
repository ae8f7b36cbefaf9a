from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import MONTH, LedgerSteps
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestAccessWords(LedgerSteps, ValidateCase):
    """Employees read what is the matter with their hours, and that others act."""

    def assert_told(self, line, text):
        line.invalidate_recordset()
        told = self.seen_by(self.worker, line).tripletex_refusal
        care = "Your approver or administrator takes care of it."
        self.assertEqual(told, f"{text} {care}")

    def test_hours_that_somebody_changed_in_tripletex(self):
        line = self.sent(7.5)
        [row] = self.control.entries()
        self.control.person_edits_entry(row["id"], hours=5)
        self.correct(line, unit_amount=6)
        self.settle()
        self.assert_told(line, "Tripletex shows other hours than these.")

    def test_hours_of_a_locked_month(self):
        line = self.sent(7.5)
        self.control.lock_month(MONTH)
        self.correct(line, unit_amount=6)
        self.settle()
        month = f"{MONDAY:%B %Y}"
        self.assert_told(
            line, f"{month} is locked in Tripletex, so these hours are not there yet."
        )

    def test_hours_that_are_invoiced(self):
        line = self.sent(7.5)
        [row] = self.control.entries()
        self.control.invoice_entry(row["id"])
        self.correct(line, unit_amount=6)
        self.settle()
        self.assert_told(line, "These hours are invoiced in Tripletex.")

    def test_hours_whose_project_is_not_linked_any_more(self):
        self.company.tripletex_strict = False
        self.link(self.project).action_empty_link()
        line = self.validated(7.5)
        self.settle()
        self.assert_told(line, "Tripletex has not accepted these hours.")
