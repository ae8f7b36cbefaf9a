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
    """The queries to validate many lines do not grow per line."""

    def lines(self, count):
        """Return lines of the linked employees, each with its own place."""
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
        """Return the number of queries that validating ``count`` lines takes."""
        lines = self.seen_by(self.approver, self.lines(count))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        lines.action_tripletex_validate()
        self.env.flush_all()
        self.assertEqual(set(lines.mapped("tripletex_state")), {"pending"})
        return self.env.cr.sql_log_count - before

    def test_validation_takes_no_queries_per_line(self):
        self.queries_to_validate(9)  # fills the caches
        few = self.queries_to_validate(200)
        many = self.queries_to_validate(2000)
        self.assertLessEqual(few, 60)
        batches = STATEMENTS * (2000 - 200) // ROWS_PER_STATEMENT
        # Odoo reads a thousand records per query.
        self.assertLessEqual(many - batches, few + 10)

    def test_new_entries_are_not_summed_again(self):
        """They are created with their hours."""
        Entry, locked = self.env.registry["tripletex.entry"], []
        lock = Entry._lock

        def noting(entries):
            locked.extend(entries.ids)
            return lock(entries)

        self.patch(Entry, "_lock", noting)
        self.lines(20).action_tripletex_validate()
        self.assertEqual(locked, [])

    def test_problems_are_read_without_queries_per_line(self):
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
        # Odoo reads a thousand records per query.
        self.assertLessEqual(counts[1], 2 * counts[0] + 5)
