from datetime import timedelta

from odoo.tests import tagged

from .common import MONDAY
from .month_common import MonthCase

PEOPLE, MONTHS = 300, 3
#: Calls a company and month for up to 1,000 rows.
CALLS = 4


@tagged("post_install", "-at_install")
class TestMonthSize(MonthCase):
    """Calls and queries do not grow with people or hours."""

    sandbox_options = {"employees": PEOPLE + 10}

    def rows(self, count):
        """Sent hours of ``count`` people, one day in each of three months."""
        known = self.link_people(count)
        days = [MONDAY, MONDAY + timedelta(31), MONDAY + timedelta(61)]
        lines = self.env["account.analytic.line"].create(
            [
                {
                    "employee_id": employee.id,
                    "project_id": self.project.id,
                    "date": day,
                    "unit_amount": 7.5,
                    "name": "Work",
                }
                for employee in known
                for day in days
            ]
        )
        lines.action_tripletex_validate()
        self.settle()
        # the database does so by itself soon after so many rows
        self.env.cr.execute(
            "ANALYZE account_analytic_line, tripletex_entry, tripletex_entry_share"
        )
        return known

    def link_people(self, count):
        """More linked employees, so that there are ``count``."""
        self.env["tripletex.employee"].search([]).unlink()
        return self.link_employees(count)

    def cost(self):
        """Calls and queries of one check in an open session, with time enough."""
        cron = type(self.env["ir.cron"])
        self.patch(
            cron,
            "_commit_progress",
            lambda cron, *_args, **_kw: cron.env.cr.commit() or 60,
        )
        self.connection._client().open_session()
        self.env.cr.flush()  # as a commit does: the session is stored
        self.control.clear_calls()
        before = self.env.cr.sql_log_count
        self.check()
        return len(self.control.calls()), self.env.cr.sql_log_count - before

    def test_300_people_and_3_months_take_few_calls_and_queries(self):
        people = self.rows(PEOPLE)
        calls, queries = self.cost()
        months = self.env["tripletex.month"].search(
            [("employee_id", "in", people.ids), ("is_equal", "=", True)]
        )
        self.assertGreaterEqual(len(months), PEOPLE * MONTHS)
        self.assertLessEqual(calls, CALLS * MONTHS)
        self.assertLess(queries, 400)
        before = self.env.cr.sql_log_count
        self.env.invalidate_all()
        self.assertEqual(sum(months.mapped("hours_there")), 7.5 * PEOPLE * MONTHS)
        self.assertEqual(sum(months.mapped("hours_validated")), 7.5 * PEOPLE * MONTHS)
        self.assertLess(self.env.cr.sql_log_count - before, 20)
