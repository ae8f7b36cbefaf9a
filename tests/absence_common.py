"""Approved time off of real employees, with Time Off and its timesheets installed."""

from datetime import timedelta
from unittest import SkipTest

from odoo.fields import Command

from .common import TripletexCase
from .ledger_common import LedgerSteps


class AbsenceCase(LedgerSteps, TripletexCase):
    """A connected company whose vacation and self-certified sickness are sent."""

    sandbox_options = {"absences": 4}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env["tripletex.absence"]._is_available():
            raise SkipTest("needs project_timesheet_holidays to be installed")
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "37.5 hours", "company_id": cls.company.id, "tz": "Europe/Oslo"}
        )
        cls.calendar.attendance_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "name": "Half a day",
                        "dayofweek": str(weekday),
                        "hour_from": start,
                        "hour_to": end,
                        "day_period": period,
                    }
                )
                for weekday in range(5)
                for start, end, period in ((8, 12, "morning"), (12.5, 16, "afternoon"))
            ),
        ]
        cls.company.resource_calendar_id = cls.calendar
        cls.employees.resource_calendar_id = cls.calendar
        cls.employees.tz = "Europe/Oslo"
        cls.vacation, cls.vacation_link = cls.kind("Vacation", "Ferie")
        cls.sickness, cls.sickness_link = cls.kind("Self-Certified", "Egenmelding")
        cls.env["tripletex.lookup"].sudo().search([]).unlink()

    @classmethod
    def activity(cls, name):
        """The connection's activity of that name."""
        return cls.env["tripletex.activity"].search(
            [("connection_id", "=", cls.connection.id), ("name", "=", name)]
        )

    @classmethod
    def kind(cls, name, activity=None, **values):
        """A type of time off with a work entry type, and its link if it has one."""
        work_entry_type = cls.env["hr.work.entry.type"].create(
            {"name": name, "code": name.upper(), "is_leave": True}
        )
        leave_type = cls.env["hr.leave.type"].create(
            {
                "name": name,
                "requires_allocation": False,
                "leave_validation_type": "hr",
                "request_unit": "half_day",
                "company_id": cls.company.id,
                "work_entry_type_id": work_entry_type.id,
            }
            | values
        )
        link = cls.env["tripletex.absence"]
        if activity:
            link = link.create(
                {
                    "connection_id": cls.connection.id,
                    "work_entry_type_id": work_entry_type.id,
                    "activity_id": cls.activity(activity).id,
                }
            )
        return leave_type, link

    def request(self, first, last=None, leave_type=None, **values):
        """A request for time off that is not approved yet."""
        return self.env["hr.leave"].create(
            {
                "name": "Because of my back",
                "employee_id": self.employee.id,
                "holiday_status_id": (leave_type or self.vacation).id,
                "request_date_from": first,
                "request_date_to": last or first,
            }
            | values
        )

    def leave(self, *args, **values):
        """Approved time off."""
        leave = self.request(*args, **values)
        leave.action_approve()
        self.assertEqual(leave.state, "validate")
        return leave

    def half(self, day, period="am", **values):
        """Approved half a day off."""
        periods = dict.fromkeys(
            ("request_date_from_period", "request_date_to_period"), period
        )
        return self.leave(day, **periods, **values)

    def public_holiday(self, day):
        """A public holiday of the company."""
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Helligdag",
                "company_id": self.company.id,
                "date_from": f"{day - timedelta(1)} 23:00:00",
                "date_to": f"{day} 21:59:59",
            }
        )

    def lines_of(self, leaves):
        """The timesheet lines of requests."""
        return self.env["account.analytic.line"].search(
            [("holiday_id", "in", leaves.ids)], order="date, id"
        )

    def away(self):
        """Absence in Tripletex: day, activity and hours, sorted."""
        return sorted(
            (row["date"], row["activityName"], row["hours"])
            for row in self.control.entries()
            if not row["project"]
        )

    def logged(self):
        """What Odoo has for the approved requests, as :meth:`away` says it."""
        Line = self.env["account.analytic.line"]
        lines = Line.search([("holiday_id.state", "=", "validate")])
        sums = {}
        for line in lines:
            link = self.env["tripletex.absence"].search(
                [("work_entry_type_id", "=", line._tripletex_absence_type().id)]
            )
            if link:
                key = str(line.date), link.activity_id.name
                sums[key] = round(sums.get(key, 0) + line.unit_amount, 2)
        return sorted((*key, hours) for key, hours in sums.items() if hours)

    def days(self, *dates, activity="Ferie", hours=7.5):
        """Whole days, as :meth:`away` says them."""
        return [(str(date), activity, hours) for date in sorted(dates)]
