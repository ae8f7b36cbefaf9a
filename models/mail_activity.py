from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..sending.namesakes import full_name

#: Where an employee corrects hours and sends them in.
MY_TIMESHEETS = "/odoo/timesheets"


class MailActivity(models.Model):
    """What employees are asked to do about their hours.

    These activities belong to no record, only to the user: there is none that every
    employee may read. A user has one a week, or month, however many lines it is about.
    """

    _inherit = "mail.activity"

    tripletex_period = fields.Date(
        readonly=True,
        help="First day of the week or month of the hours that it is about.",
        export_string_translation=False,
    )

    @api.model
    def _tripletex_update_rejected(self, weeks):
        """Make the activities about rejected hours equal to what is rejected.

        :param weeks: set of (``res.users`` record, Monday as date)
        """
        for user, monday in weeks:
            lines = self._tripletex_rejected_lines(user, monday)
            texts = {}
            if lines:
                texts = self.with_context(lang=user.lang)._tripletex_rejected_texts(
                    lines.with_context(lang=user.lang), monday
                )
            self._tripletex_keep_one("rejected", user, monday, texts)

    @api.model
    def _tripletex_rejected_lines(self, user, monday):
        lines = self.env["account.analytic.line"].sudo()
        return lines.search(
            [
                ("employee_id.user_id", "=", user.id),
                ("tripletex_rejected", "!=", False),
                ("date", ">=", monday),
                ("date", "<", monday + timedelta(days=7)),
            ],
            order="date, id",
        )

    @api.model
    def _tripletex_rejected_texts(self, lines, monday):
        """Summary and note about one person's rejected hours of a week."""
        rows = [
            self.env._(
                "%(date)s, %(project)s, %(hours)s hours: %(reason)s",
                date=format_date(self.env, line.date, date_format="EEE d. MMM"),
                project=full_name(line.project_id),
                hours=formatLang(self.env, line._tripletex_hours(), digits=2),
                reason=line.tripletex_rejected,
            )
            for line in lines
        ]
        introduction = self.env._(
            "Rejected by %(approver)s. Correct these hours and send them in again:",
            approver=", ".join(sorted(set(lines.tripletex_rejected_by.mapped("name")))),
        )
        return {
            "summary": self.env._(
                "Hours of week %(week)s were rejected",
                week=format_date(self.env, monday, date_format="w"),
            ),
            "note": self._tripletex_note(introduction, rows),
        }

    @api.model
    def _tripletex_remind(self, employees, month, cut_off):
        """Make one activity a person with hours missing, unless there was one before.

        :param month: first day of the month of the hours
        :param cut_off: last date on which they can be sent in to be paid in time
        """
        done_too = self.with_context(active_test=False)
        told = done_too._tripletex_find("hours_missing", employees.user_id, month)
        employees = employees.filtered(lambda e: e.user_id not in told.user_id)
        for employee, found in employees._tripletex_missing(month).items():
            user = employee.user_id
            texts = self.with_context(lang=user.lang)._tripletex_missing_texts(
                month, cut_off, *found
            )
            texts["date_deadline"] = cut_off
            self._tripletex_keep_one("hours_missing", user, month, texts)

    @api.model
    def _tripletex_update_reminders(self, lines):
        """End the reminders of those who have nothing left to log or to send in.

        :param lines: timesheet lines that were just sent in
        """
        employees = lines.sudo().employee_id
        for month in {line.date.replace(day=1) for line in lines}:
            reminders = self._tripletex_find("hours_missing", employees.user_id, month)
            if reminders:
                missing = employees._tripletex_missing(month)
                waiting = employees.browse(e.id for e in missing).user_id
                done = reminders.browse(
                    r.id for r in reminders if r.user_id not in waiting
                )
                done.action_done()

    @api.model
    def _tripletex_find(self, kind, users, period):
        """Activities of one kind about a period.

        :param kind: last word of the activity type's XML ID
        :param period: first day of the week or month
        """
        activity_type = self.env.ref(
            f"hr_timesheet_tripletex.mail_activity_type_{kind}"
        )
        return self.sudo().search(
            [
                ("activity_type_id", "=", activity_type.id),
                ("user_id", "in", users.ids),
                ("tripletex_period", "=", period),
            ]
        )

    @api.model
    def _tripletex_missing_texts(self, month, cut_off, days, lines):
        """Summary and note about one person's missing hours of a month."""
        rows = []
        if days:
            rows.append(
                self.env._(
                    "No hours on: %(days)s",
                    days=", ".join(
                        format_date(self.env, day, date_format="EEE d.") for day in days
                    ),
                )
            )
        if lines:
            figures = lines.with_env(self.env)._tripletex_figures()
            rows.append(self.env._("Not sent in: %(lines)s", lines=figures))
        names = {
            "month": format_date(self.env, month, date_format="MMMM"),
            "date": format_date(self.env, cut_off, date_format="d. MMMM"),
        }
        return {
            "summary": self.env._("Send in your hours of %(month)s", **names),
            "note": self._tripletex_note(
                self.env._(
                    "Hours of %(month)s that are sent in by %(date)s can be paid in "
                    "time.",
                    **names,
                ),
                rows,
            ),
        }

    @api.model
    def _tripletex_note(self, introduction, rows):
        """A sentence, a list, and the way to one's own hours."""
        items = Markup().join(Markup("<li>%s</li>") % row for row in rows)
        link = Markup('<p><a href="%s">%s</a></p>') % (
            MY_TIMESHEETS,
            self.env._("Open My Timesheets"),
        )
        return Markup("<p>%s</p><ul>%s</ul>%s") % (introduction, items, link)

    @api.model
    def _tripletex_keep_one(self, kind, user, period, texts):
        """Have one open activity with these texts, or none where there are none.

        :param kind: last word of the activity type's XML ID
        :param period: first day of the week or month
        """
        found = self._tripletex_find(kind, user, period)
        if not texts:
            found.action_done()
        elif found:
            found.write(texts)
        else:
            name = f"hr_timesheet_tripletex.mail_activity_type_{kind}"
            self.sudo().create(
                {
                    "activity_type_id": self.env.ref(name).id,
                    "user_id": user.id,
                    "tripletex_period": period,
                    "date_deadline": fields.Date.context_today(self),
                    **texts,
                }
            )
