from odoo.tests import tagged

from .send_common import ENTRIES, TroubleCase


@tagged("post_install", "-at_install")
class TestSendNumbers(TroubleCase):
    """Links created by hand have a number; the ID is looked up when sending."""

    def by_hand(self, number):
        """Return an employee whose link has a number only."""
        employee = self.env["hr.employee"].create(
            {"name": "Håndlaget", "company_id": self.company.id}
        )
        self.env["tripletex.employee"].create(
            {
                "connection_id": self.connection.id,
                "employee_id": employee.id,
                "number": number,
            }
        )
        return employee

    def assert_told(self, line, *words):
        self.control.clear_calls()
        self.send()
        entry = self.entries_of(line)
        self.assertEqual((entry.state, self.held()), ("failed", []))
        self.assertFalse(entry.request_id, "no write was made")
        for word in words:
            self.assertIn(word, entry.error_message)
        self.assertEqual(self.posts(ENTRIES), 0)

    def test_number_found_once_stores_id_and_name(self):
        taken = self.binding(self.employees[2])
        known = (taken.tripletex_id, taken.name)
        taken.write({"tripletex_id": False, "name": False})
        self.validated(5, employee_id=self.employees[2].id)
        self.send()
        self.assertEqual((taken.tripletex_id, taken.name), known)

    def test_unknown_number_fails_with_number_and_name(self):
        line = self.validated(5, employee_id=self.by_hand("98765").id)
        self.assert_told(line, "98765", "Håndlaget")

    def test_number_found_twice_fails_with_count(self):
        for employee in self.employees[1:]:
            self.control.change_employee(
                int(self.binding(employee).tripletex_id), employeeNumber="777"
            )
        line = self.validated(5, employee_id=self.by_hand("777").id)
        self.assert_told(line, "2 records", "777")

    def test_number_of_linked_employee_fails_as_linked_twice(self):
        """A number changed in Tripletex can lead two links to one employee."""
        taken = self.binding(self.employees[1])
        self.control.change_employee(int(taken.tripletex_id), employeeNumber="777")
        line = self.validated(5, employee_id=self.by_hand("777").id)
        self.assert_told(line, "linked twice", taken.display_name)

    def test_entry_without_place_is_replaced_once_linked(self):
        self.company.tripletex_strict = False
        employee = self.env["hr.employee"].create(
            {"name": "Ny", "company_id": self.company.id}
        )
        line = self.validated(5, employee_id=employee.id)
        placeless = self.entries_of(line)
        self.assertEqual(placeless.state, "failed")
        row = self._rows("list_employees")[10]
        self.env["tripletex.employee"].create(
            {
                "connection_id": self.connection.id,
                "employee_id": employee.id,
                "tripletex_id": str(row["id"]),
                "number": row["employeeNumber"] or "n",
                "name": row["displayName"],
            }
        )
        placeless.exists().action_retry()
        self.send()
        self.assertEqual((self.held(), line.tripletex_state), ([5.0], "sent"))
        self.assertFalse(placeless.exists())
