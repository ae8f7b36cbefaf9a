from datetime import timedelta

from odoo import fields
from odoo.exceptions import RedirectWarning
from odoo.tests import tagged

from .common import MONDAY
from .ledger_common import LedgerSteps
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestLedgerDates(LedgerSteps, ValidateCase):
    """A date far away is asked about once, and validated all the same if meant."""

    fixed_dates = False

    def days_from_today(self, count):
        return self.log(5, date=fields.Date.today() + timedelta(days=count))

    def question(self, lines):
        """The question that Validate asks about ``lines``."""
        seen = self.seen_by(self.approver, lines)
        with self.assertRaises(RedirectWarning) as caught, self.env.cr.savepoint():
            seen.action_tripletex_validate()
        self.env.invalidate_all()
        self.assertFalse(any(lines.mapped("tripletex_validated")))
        return caught.exception

    def assert_asked_and_sent(self, line):
        question = self.question(line)
        self.assertIn(self.employee.name, question.args[0])
        self.press_button(question, self.approver)
        self.assertTrue(line.tripletex_validated)
        self.settle()
        self.assertEqual(self.held(), [5.0])

    def assert_not_asked(self, line):
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.assertTrue(line.tripletex_validated)

    def test_date_more_than_a_year_back_is_asked_about(self):
        self.assert_asked_and_sent(self.days_from_today(-370))

    def test_date_more_than_a_month_ahead_is_asked_about(self):
        self.assert_asked_and_sent(self.days_from_today(35))

    def test_date_in_another_century_is_asked_about(self):
        self.assert_asked_and_sent(self.log(5, date="2062-03-16"))

    def test_date_eleven_months_back_is_not_asked_about(self):
        self.assert_not_asked(self.days_from_today(-335))

    def test_date_three_weeks_ahead_is_not_asked_about(self):
        self.assert_not_asked(self.days_from_today(21))

    def test_one_line_with_a_far_date_is_asked_about_for_the_whole_group(self):
        near, far = self.log(2), self.log(5, date="2062-03-16")
        question = self.question(near + far)
        self.press_button(question, self.approver)
        self.settle()
        self.assertTrue(near.tripletex_validated)
        self.assertIn(2.0, self.held())

    def test_line_that_cannot_be_validated_is_refused_before_dates_are_asked_about(
        self,
    ):
        line = self.log(5, date="2062-03-16", project_id=self.unlinked_project().id)
        self.assertIn("project is not linked", self.question(line).args[0])


@tagged("post_install", "-at_install")
class TestLedgerInvoiced(LedgerSteps, ValidateCase):
    """Lines that ``sale_timesheet`` has invoiced: editing and opening are one rule."""

    def setUp(self):
        super().setUp()
        if "timesheet_invoice_id" not in self.env["account.analytic.line"]._fields:
            self.skipTest("needs sale_timesheet to be installed")

    def invoiced(self, line):
        """The line as invoicing of delivered hours leaves it."""
        partner = self.env["res.partner"].create({"name": "Kunde"})
        product = self.env["product.product"].create(
            {
                "name": "Hours",
                "type": "service",
                "invoice_policy": "delivery",
                "service_type": "timesheet",
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            }
        )
        sales = [("type", "=", "sale"), ("company_id", "=", self.company.id)]
        journal = self.env["account.journal"].search(sales) or self.env[
            "account.journal"
        ].create(
            {
                "name": "Sales",
                "code": "TTL",
                "type": "sale",
                "company_id": self.company.id,
            }
        )
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": journal.id,
                "company_id": self.company.id,
                "partner_id": partner.id,
            }
        )
        line.sudo().write(
            {"so_line": order.order_line.id, "timesheet_invoice_id": invoice.id}
        )
        self.env.flush_all()

    def test_opening_an_invoiced_line_is_refused_as_editing_it_is(self):
        user = self.person(
            "invoices",
            "hr_timesheet.group_timesheet_manager,account.group_account_invoice",
        )
        line, still_open = self.sent(7.5), self.log(2)
        for invoiced in (line, still_open):
            self.invoiced(invoiced)
        edit = self.seen_by(user, still_open).write
        self.assertIn("invoiced", self.refusal(lambda: edit({"unit_amount": 1})))
        message = self.refusal(self.seen_by(user, line).action_tripletex_invalidate)
        self.assertIn("invoiced", message)
        self.assertTrue(line.tripletex_validated)
        self.settle()
        self.assertEqual(self.held(), [7.5])

    def test_open_invoiced_line_is_validated_and_sent(self):
        line = self.log(7.5)
        self.invoiced(line)
        self.seen_by(self.approver, line).action_tripletex_validate()
        self.settle()
        self.assertEqual(self.held_as("date"), [(str(MONDAY), 7.5)])
