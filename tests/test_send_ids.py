from odoo.tests import tagged

from .common import TripletexCase


@tagged("post_install", "-at_install")
class TestSendIds(TripletexCase):
    """A row is deleted only where asking for its ID leads to its place."""

    def mix_up(self, lines):
        """Give the rows of two lines each other's ID, as wrong answers do."""
        first, second = (self.entries_of(line) for line in lines)
        ids = first.tripletex_id, second.tripletex_id
        second.tripletex_id, first.tripletex_id = ids

    def send_mixed_up(self, path):
        """Send while lists mix up the IDs of their first two rows."""
        with self.fault("swapped_ids", times=None, method="GET", path=path):
            self.send()

    def test_paycode_row_of_another_person_is_not_deleted(self):
        self.paycode.transfer_as = "paycode"
        overtime = {"work_entry_type_id": self.overtime.id}
        first, second, third = (employee.id for employee in self.employees)
        lines = self.validated(2, employee_id=first, **overtime)
        lines += self.validated(3, employee_id=second, **overtime)
        self.send()
        self.mix_up(lines)
        lines[0].action_tripletex_invalidate()
        # with two people in one batch the list is asked for everybody
        self.validated(4, employee_id=third, **overtime)
        self.send_mixed_up("/timesheet/salaryTypeSpecification")
        self.assertEqual(self.held_rows(), [2.0, 3.0, 4.0])

    def test_hours_of_another_project_are_not_deleted(self):
        lines = self.validated(2, project_id=self.projects[0].id)
        lines += self.validated(3, project_id=self.projects[1].id)
        self.send()
        self.mix_up(lines)
        lines[0].action_tripletex_invalidate()
        self.send_mixed_up("/timesheet/entry")
        self.assertEqual(self.held(), [2.0, 3.0])
