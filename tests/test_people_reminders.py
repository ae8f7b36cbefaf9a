from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .people_common import PeopleCase

#: A month whose working days are known: 22 in March 2026.
MARCH = date(2026, 3, 1)


@tagged("post_install", "-at_install")
class TestPeopleReminders(PeopleCase):
    """Before the cut-off day, people are reminded of hours once, as one activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.tripletex_cut_off_day = 5
        cls.env.flush_all()

    def remind(self, day):
        with freeze_time(f"{day} 08:00:00"):
            self.env["hr.employee"]._cron_remind_hours()
        self.env.invalidate_all()
        return self.tasks_of(self.worker)

    def working_days(self):
        days = [MARCH + timedelta(days=n) for n in range(31)]
        return [day for day in days if day.weekday() < 5]

    def fill(self, except_on=()):
        """Log and send in the month, but for some dates."""
        lines = self.env["account.analytic.line"].create(
            [
                {
                    "employee_id": self.employee.id,
                    "project_id": self.project.id,
                    "date": day,
                    "unit_amount": 7.5,
                }
                for day in self.working_days()
                if day not in except_on
            ]
        )
        lines.action_tripletex_send_in()
        return lines

    def test_reminder_names_days_without_hours(self):
        self.fill(except_on=[date(2026, 3, 10), date(2026, 3, 20)])
        task = self.remind("2026-04-02")
        self.assertEqual(len(task), 1)
        self.assertIn("Tue 10.", task.note)
        self.assertIn("Fri 20.", task.note)
        self.assertNotIn("Mon 9.", task.note)
        self.assertEqual(task.date_deadline, date(2026, 4, 5))

    def test_reminder_names_hours_not_sent_in(self):
        self.fill()
        self.log(2, date=date(2026, 3, 10))
        self.assertIn("1 line (2.00 hours)", self.remind("2026-04-03").note)

    def test_nobody_is_reminded_who_sent_everything_in(self):
        self.fill()
        self.assertFalse(self.remind("2026-04-03"))

    def test_nobody_is_reminded_earlier_or_after_the_cut_off_day(self):
        self.assertFalse(self.remind("2026-04-01"))
        self.assertFalse(self.remind("2026-04-06"))
        self.assertTrue(self.remind("2026-04-05"))

    def test_people_are_reminded_once_even_when_done(self):
        self.remind("2026-04-02").action_done()
        self.assertFalse(self.remind("2026-04-03"))
        self.assertTrue(self.remind("2026-05-03"), "the next month is another matter")

    def test_one_activity_a_person_however_often_it_runs(self):
        for day in (2, 3, 4):
            self.assertEqual(len(self.remind(f"2026-04-0{day}")), 1)

    def test_nobody_is_reminded_where_company_does_not_use_it(self):
        self.company.tripletex_cut_off_day = 0
        self.assertFalse(self.remind("2026-04-03"))
        self.company.write({"tripletex_cut_off_day": 5, "tripletex_send_in": False})
        self.assertFalse(self.remind("2026-04-03"))

    def test_public_holidays_and_time_off_need_no_hours(self):
        away = {
            "calendar_id": self.employee.resource_calendar_id.id,
            "company_id": self.company.id,
            "time_type": "leave",
        }
        self.env["resource.calendar.leaves"].create(
            [
                away
                | {
                    "name": "Public holiday",
                    "date_from": datetime(2026, 3, 10),
                    "date_to": datetime(2026, 3, 10, 23, 59),
                },
                away
                | {
                    "name": "Time off",
                    "resource_id": self.employee.resource_id.id,
                    "date_from": datetime(2026, 3, 19),
                    "date_to": datetime(2026, 3, 20, 23, 59),
                },
            ]
        )
        days = [date(2026, 3, n) for n in (10, 19, 20)]
        self.fill(except_on=days)
        self.assertFalse(self.remind("2026-04-03"))

    def test_days_before_the_contract_need_no_hours(self):
        self.employee.contract_date_start = date(2026, 3, 16)
        self.fill(except_on=[d for d in self.working_days() if d < date(2026, 3, 16)])
        self.assertFalse(self.remind("2026-04-03"))

    def test_people_whose_hours_nobody_expects_are_left_alone(self):
        self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        ).transfer = "none"
        self.assertFalse(self.remind("2026-04-03"))

    def test_reminder_ends_when_nothing_is_left(self):
        self.fill(except_on=[date(2026, 3, 10)])
        self.assertTrue(self.remind("2026-04-02"))
        line = self.own(date=date(2026, 3, 10))
        self.assertTrue(self.tasks_of(self.worker))
        with freeze_time("2026-04-02 09:00:00"):
            line.action_tripletex_send_in()
        self.assertFalse(self.tasks_of(self.worker))

    def test_queries_do_not_grow_with_days_and_lines(self):
        counts = []
        for month, per_day in ((3, 1), (4, 6)):
            for _number in range(per_day):
                for day in range(1, 28):
                    self.log(1, date=date(2026, month, day))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.remind(f"2026-{month + 1:02d}-03")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)
