from datetime import timedelta

from odoo.tests import tagged

from .common import MONDAY
from .validate_common import ValidateCase

#: Odoo inserts and updates a hundred rows per statement, and there are three such
#: statements: the lines' flag, the shares and the entries' sums.
ROWS_PER_STATEMENT = 100
STATEMENTS = 3


@tagged("post_install", "-at_install")
class TestValidateQueries(ValidateCase):
    """Validating a month for a whole company does not ask the database per line."""

    def lines(self, count):
        """Lines of the linked employees, each for a key of its own."""
        return self.env["account.analytic.line"].create(
            [
                {
                    "employee_id": self.employees[index % 3].id,
                    "project_id": self.projects[index // 3 % 3].id,
                    "date": MONDAY + timedelta(days=index // 9),
                    "unit_amount": 2,
                    "name": f"Work {index}",
                }
                for index in range(count)
            ]
        )

    def queries_to_validate(self, count):
        """Queries by their text, for so many lines."""
        lines = self.seen_by(self.approver, self.lines(count))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        lines.action_tripletex_validate()
        self.env.flush_all()
        self.assertEqual(set(lines.mapped("tripletex_state")), {"pending"})
        return self.env.cr.sql_log_count - before

    def test_two_thousand_lines(self):
        self.queries_to_validate(9)  # what is read once for all
        few = self.queries_to_validate(200)
        many = self.queries_to_validate(2000)
        self.assertLessEqual(few, 60)
        batches = STATEMENTS * (2000 - 200) // ROWS_PER_STATEMENT
        # reading goes by the thousand
        self.assertLessEqual(many - batches, few + 10)

    def test_what_stops_two_thousand_lines(self):
        counts = []
        for count in (200, 2000):
            lines = self.seen_by(self.approver, self.lines(count))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines.mapped("tripletex_problem")
            lines.mapped("tripletex_status")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[0], 40)
        # reading goes by the thousand
        self.assertLessEqual(counts[1], 2 * counts[0] + 5)
