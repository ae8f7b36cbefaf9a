from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..sending.namesakes import NAMESAKE_CONTEXT, full_name, namesakes, tell_apart

#: Days before the cut-off day on which people are reminded.
REMIND_DAYS = 3


class HrEmployee(models.Model):
    # No field here: one that ordinary users may not read would break their reads.
    _inherit = "hr.employee"

    @api.depends_context(*NAMESAKE_CONTEXT)
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for employee, (root, link) in namesakes(self, "tripletex.employee").items():
            employee.display_name = tell_apart(
                employee.display_name,
                link.number or root.work_email or root.job_title,
                root.department_id.name,
            )
        return result

    def _tripletex_is_on_leave(self):
        """Whether the employee is away now, as far as Time Off is installed."""
        self.ensure_one()
        if "current_leave_state" not in self._fields:
            return False
        return self.sudo().current_leave_state == "validate"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tripletex_validated(self):
        Line = self.env["account.analytic.line"].sudo()
        line = Line.search(
            Line._tripletex_validated_domain()
            & Line._tripletex_timesheet_domain()
            & Domain("employee_id", "in", self.ids),
            limit=1,
        )
        if line:
            raise UserError(
                self.env._(
                    "%(employee)s has validated hours and cannot be deleted. Archive "
                    "the employee instead.",
                    employee=full_name(line.employee_id),
                )
            )

    # ------------------------------------------------------------------
    # Reminders before the cut-off day
    # ------------------------------------------------------------------

    @api.model
    def _cron_remind_hours(self):
        """Remind people, once a month, of hours that they have not sent in.

        Where a company uses sending in and has a cut-off day, from three days before
        it on.
        """
        today = fields.Date.context_today(self)
        companies = self.env["res.company"].search(
            [("tripletex_send_in", "=", True), ("tripletex_cut_off_day", ">", 0)]
        )
        for company in companies:
            cut_off = today.replace(day=company.tripletex_cut_off_day)
            if cut_off < today:
                cut_off += relativedelta(months=1)
            if today >= cut_off - timedelta(days=REMIND_DAYS):
                month = cut_off.replace(day=1) - relativedelta(months=1)
                people = self._tripletex_people_to_remind(company, month)
                self.env["mail.activity"]._tripletex_remind(people, month, cut_off)

    @api.model
    def _tripletex_people_to_remind(self, company, month):
        """Employees with a user whose hours are expected: linked, or logging hours."""
        Line = self.env["account.analytic.line"].sudo()
        groups = Line._read_group(
            Line._tripletex_month_domain(month) & Domain("company_id", "=", company.id),
            ["employee_id"],
        )
        logging = [employee.id for (employee,) in groups]
        links = (
            self.env["tripletex.employee"]
            .sudo()
            .search(
                [
                    ("employee_id.company_id", "=", company.id),
                    ("connection_id.state", "!=", "disconnected"),
                    ("transfer", "!=", "none"),
                ]
            )
        )
        return self.sudo().search(
            [
                ("id", "in", logging + links.employee_id.ids),
                ("company_id", "=", company.id),
                ("user_id.active", "=", True),
            ]
        )

    def _tripletex_missing(self, month):
        """What these employees have left to log and to send in, of days gone by.

        :param month: first day of the month
        :return: dict of employee to (list of dates without hours, lines not sent in)
        """
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Line._tripletex_month_domain(month) & Domain("employee_id", "in", self.ids)
        )
        logged = {(line.employee_id.id, line.date) for line in lines}
        to_send_in = lines._tripletex_open_work().filtered(
            lambda line: (
                line.company_id.tripletex_send_in and not line.tripletex_sent_in
            )
        )
        of_employee = to_send_in.grouped("employee_id")
        days = self._tripletex_days_gone_by(month)
        missing = {
            employee: (
                [day for day in days[employee] if (employee.id, day) not in logged],
                of_employee.get(employee, Line),
            )
            for employee in self
        }
        return {employee: found for employee, found in missing.items() if any(found)}

    def _tripletex_days_gone_by(self, month):
        """Days of the month before today on which each employee was to work.

        People who work when they like have no such days.

        :return: dict of employee to list of dates
        """
        yesterday = fields.Date.context_today(self) - timedelta(days=1)
        last = min(month + relativedelta(months=1, days=-1), yesterday)
        people = self._tripletex_regular() if last >= month else self.browse()
        return dict.fromkeys(self, ()) | people._tripletex_working_days(month, last)

    def _tripletex_regular(self):
        """Those of these employees who do not work when they like."""
        return self.filtered(
            lambda employee: (
                employee.resource_calendar_id
                and not employee.resource_calendar_id.flexible_hours
            )
        )

    def _tripletex_working_days(self, first, last):
        """Days between two dates on which each of these is employed and to work.

        :return: dict of employee to list of dates
        """
        hours = self._tripletex_working_hours(first, last)
        return {employee: list(days) for employee, days in hours.items()}

    def _tripletex_working_hours(self, first, last):
        """Hours that each of these is to work on each day between two dates.

        Odoo's calendar knows time off and public holidays.

        :return: dict of employee to dict of date to float, hours above zero
        """
        worked = self._list_work_time_per_day(
            datetime.combine(first, time.min), datetime.combine(last, time.max)
        )
        return {
            employee: {
                day: hours
                for day, hours in worked.get(employee.id, ())
                if hours
                and (employee.contract_date_start or day) <= day
                and day <= (employee.contract_date_end or day)
            }
            for employee in self
        }
