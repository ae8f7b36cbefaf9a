from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MONDAY
from .validate_common import ValidateCase


@tagged("post_install", "-at_install")
class TestPeopleWeeks(ValidateCase):
    """What the groups of *To Validate* tell of a person's week."""

    def weeks(self, user=None, domain=()):
        self.env.flush_all()
        lines = self.seen_by(user or self.approver, self.env["account.analytic.line"])
        return lines.tripletex_weeks([("employee_id", "=", self.employee.id), *domain])

    def test_week_tells_hours_logged_and_expected(self):
        self.log(7.5)
        self.validated(4, date=MONDAY + timedelta(days=1))
        [week] = self.weeks(domain=[("tripletex_validated", "=", False)])
        self.assertEqual(week["employee_id"], self.employee.id)
        self.assertEqual((week["logged"], week["expected"]), (11.5, 40))
        self.assertEqual(week["problems"], 0)

    def test_week_counts_lines_that_cannot_be_validated(self):
        self.log(7.5)
        self.log(1, project_id=self.unlinked_project().id)
        [week] = self.weeks()
        self.assertEqual(week["problems"], 1)

    def test_nothing_is_expected_of_people_who_work_when_they_like(self):
        self.log(7.5)
        calendar = self.env["resource.calendar"].create(
            {"name": "Free", "flexible_hours": True, "hours_per_day": 8}
        )
        self.employee.resource_calendar_id = calendar
        [week] = self.weeks()
        self.assertIsNone(week["expected"])

    def test_weeks_begin_on_the_day_of_the_readers_language(self):
        self.log(7.5, date=MONDAY)
        lang = self.env["res.lang"].search([("code", "=", self.approver.lang)])
        for day, first in (("1", MONDAY), ("7", MONDAY - timedelta(days=1))):
            lang.week_start = day
            [week] = self.weeks()
            self.assertEqual(week["week"], str(first))

    def test_employees_are_refused(self):
        self.log(7.5)
        with self.assertRaises(AccessError):
            self.weeks(self.worker)

    def test_queries_do_not_grow_with_people_and_weeks(self):
        def count():
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.weeks()
            return self.env.cr.sql_log_count - start

        self.log(1)
        few = count()
        for week in range(1, 6):
            self.log(1, date=MONDAY + timedelta(weeks=week))
        self.assertLessEqual(count(), few)
