from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from .absence_common import AbsenceCase
from .common import MONDAY
from .ledger_common import MONTH, day


@tagged("post_install", "-at_install")
class TestAbsenceProblems(AbsenceCase):
    """Nobody who approves time off is stopped by Tripletex; hours wait with words."""

    def test_unlinked_employee_does_not_stop_approval(self):
        self.link(self.employee).action_empty_link()
        line = self.lines_of(self.leave(MONDAY))
        self.settle()
        self.assertEqual(line.tripletex_state, "failed")
        self.assertIn("not linked to Tripletex", line.tripletex_refusal)
        self.assertFalse(line.tripletex_problem)
        link = self.env["tripletex.employee"].search([("employee_id", "=", False)])
        link.employee_id = self.employee
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_refused_leave_of_an_unlinked_employee_leaves_nothing(self):
        self.link(self.employee).action_empty_link()
        self.leave(MONDAY).action_refuse()
        self.settle()
        self.assertFalse(self.env["tripletex.entry"].search([]))

    def test_locked_month_does_not_stop_approval_or_refusal(self):
        sent = self.leave(MONDAY)
        self.settle()
        self.control.lock_month(MONTH)
        line = self.lines_of(self.leave(day(1)))
        self.settle()
        self.assertEqual(line.tripletex_state, "failed")
        sent.action_refuse()
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))
        self.control.unlock_month(MONTH)
        self.retry()
        self.settle()
        self.assertEqual(self.away(), self.days(day(1)))

    def test_required_comments_do_not_stop_absence(self):
        self.connection.require_comments = True
        self.control.require_comments()
        self.leave(MONDAY)
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))

    def test_activity_of_a_project_cannot_be_linked(self):
        values = {"activity_id": self.connection.default_activity_id.id}
        refusal = self.refusal(lambda: self.sickness_link.write(values))
        self.assertIn("Choose an internal activity", refusal)

    @mute_logger("odoo.sql_db")
    def test_one_link_for_a_kind_of_absence(self):
        taken = self.vacation.work_entry_type_id
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.sickness_link.work_entry_type_id = taken

    def test_two_kinds_on_one_activity_are_one_row(self):
        self.sickness_link.activity_id = self.vacation_link.activity_id
        self.half(MONDAY, "am")
        self.half(MONDAY, "pm", leave_type=self.sickness)
        self.settle()
        self.assertEqual(self.away(), self.days(MONDAY))
