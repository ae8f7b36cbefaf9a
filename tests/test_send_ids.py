from odoo.tests import tagged

from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSendIds(TripletexCase):
    """A row is deleted only where asking for its ID leads to its place."""

    def sent_pair(self, **values):
        """Send 2 and 3 hours of two people; then mix up their IDs, as an answer did."""
        lines = self.env["account.analytic.line"]
        for employee, hours in zip(self.employees[:2], (2, 3), strict=True):
            lines += self.validated(hours, employee_id=employee.id, **values)
        self.send()
        for one, other in zip(*(self.rows_of(line) for line in lines), strict=True):
            ids = one.tripletex_id, other.tripletex_id
            other.tripletex_id, one.tripletex_id = ids
        return lines

    def rows_of(self, line):
        return self.entries_of(line).sorted("kind")

    def withdraw(self, line, path):
        """Withdraw the line's hours while lists mix up IDs."""
        line.action_tripletex_invalidate()
        with self.fault("swapped_ids", times=None, method="GET", path=path):
            self.send()
        self.let_time_pass()

    def test_paycode_row_of_another_person_is_not_deleted(self):
        self.paycode.transfer_as = "paycode"
        lines = self.sent_pair(work_entry_type_id=self.overtime.id)
        self.withdraw(lines[0], "/timesheet/salaryTypeSpecification")
        self.assertIn(3.0, self.held_rows())
        self.assertEqual(self.control.count_calls(method="DELETE"), 0)

    def test_hours_of_another_person_are_not_deleted(self):
        lines = self.sent_pair()
        self.withdraw(lines[0], "/timesheet/entry")
        self.assertIn(3.0, self.held())
