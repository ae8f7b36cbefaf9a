"""What people read about hours that cannot be validated or could not be sent.

Sentences are chosen by the kind of problem or error, never by Tripletex's words (which
follow the language of the key's owner); those are shown beside ours.
"""

from collections import defaultdict

from odoo import fields
from odoo.tools import LazyTranslate, format_date, formatLang

from ..tools import NotFound

_lt = LazyTranslate(__name__)

#: Lines that a message names for one cause; a screen shows the others.
LINES_PER_CAUSE = 50

#: Problem code: what is wrong, and what to do about it.
PROBLEMS = {
    "no_number": (
        _lt("Not a number"),
        _lt("The hours are not a number. Correct or delete the line."),
    ),
    "timer_runs": (
        _lt("Timer still running"),
        _lt("The timer of this line is still running. Stop it, then validate."),
    ),
    "corrected_together": (
        _lt("Corrects other hours"),
        _lt(
            "These hours and the corrections of them are validated together. Solve "
            "the problem of the other line first."
        ),
    ),
    "employee_not_linked": (
        _lt("Employee not linked"),
        _lt(
            "The employee is not linked to Tripletex. Ask an administrator to add the "
            "employee with Update under Settings, Tripletex."
        ),
    ),
    "project_not_linked": (
        _lt("Project not linked"),
        _lt(
            "The project is not linked to Tripletex. Ask an administrator to add it "
            "with Update under Settings, Tripletex, or to mark the project as not "
            "sent to Tripletex."
        ),
    ),
    "project_closed": (
        _lt("Project closed in Tripletex"),
        _lt(
            "The project is closed in Tripletex. Open it there and ask an "
            "administrator to press Update under Settings, Tripletex, or move the "
            "hours to another project."
        ),
    ),
    "project_not_started": (
        _lt("Before the project's start"),
        _lt(
            "The date is before the project's start in Tripletex. Correct the date, "
            "or change the start date there and ask an administrator to press Update "
            "under Settings, Tripletex."
        ),
    ),
    "project_ended": (
        _lt("After the project's end"),
        _lt(
            "The date is after the project's end in Tripletex. Correct the date, or "
            "change the end date there and ask an administrator to press Update under "
            "Settings, Tripletex."
        ),
    ),
    "paycode_not_linked": (
        _lt("Paycode not linked"),
        _lt(
            "The paycode is not linked to Tripletex. Choose another paycode, or ask "
            "an administrator to add it with Update under Settings, Tripletex."
        ),
    ),
    "paycode_hidden": (
        _lt("Paycode not shown in Tripletex's timesheet"),
        _lt(
            "The paycode is not shown in Tripletex's timesheet. Tick \"Vis i "
            'timeliste" on the salary type in Tripletex, then ask an administrator to '
            "press Update under Settings, Tripletex."
        ),
    ),
    "no_activity": (
        _lt("No activity"),
        _lt(
            "No Tripletex activity is chosen. Ask an administrator to choose a "
            "default activity for the connection, or one for the project."
        ),
    ),
    "comment_missing": (
        _lt("Description missing"),
        _lt("Tripletex requires a comment on hours. Write a description."),
    ),
    "over_24_hours": (
        _lt("More than 24 hours on the day"),
        _lt("More than 24 hours on one day. Correct the hours or the date."),
    ),
    "time_off_deleted": (
        _lt("Left by deleted time off"),
        _lt(
            "The time off that made these hours was deleted in Odoo. They are not "
            "work and are not sent to Tripletex. Delete the line."
        ),
    ),
    "not_own_team": (
        _lt("Not your team"),
        _lt(
            "You can validate the hours of your own team only. The employee's "
            "manager, or a timesheet administrator, validates these."
        ),
    ),
}


class PreflightWords:
    """What the pre-flight says to people, in the language of ``env``."""

    def __init__(self, env):
        self.env = env

    def refusal(self, resolutions):
        """One message for all lines, grouped by cause.

        :param resolutions: dict of line to ``Resolution``
        :return: text with one paragraph per cause
        """
        by_problem = defaultdict(list)
        for line, resolution in resolutions.items():
            for code in resolution.problems:
                by_problem[code].append(line)
        parts = [
            self.env._(
                "These hours cannot be validated yet, because Tripletex would refuse "
                "them. Nothing was validated."
            )
        ]
        for code, lines in by_problem.items():
            parts.append("\n".join([self._problem_text(code), *self._listed(lines)]))
        return "\n\n".join(parts)

    def _listed(self, lines):
        """Lines of one cause, as many as a message can hold."""
        rows = sorted(
            (line.employee_id.name or "", line.date, self._describe(line))
            for line in lines
        )
        shown = [f"• {text}" for _name, _date, text in rows[:LINES_PER_CAUSE]]
        if len(rows) > LINES_PER_CAUSE:
            shown.append(
                self.env._("… and %(count)s more.", count=len(rows) - LINES_PER_CAUSE)
            )
        return shown

    def _describe(self, line):
        """Employee, date, project and hours: enough to find the line again."""
        return self.env._(
            "%(employee)s, %(date)s, %(project)s: %(hours)s h",
            employee=line.employee_id.name,
            date=format_date(self.env, line.date),
            project=line.project_id.display_name,
            hours=formatLang(self.env, line._tripletex_hours(), digits=2),
        )

    def odd_dates(self, lines):
        """Ask about dates that are most likely a slip."""
        question = self.env._(
            "These hours are dated more than a year ago or more than a month ahead. "
            "Validate them all the same?"
        )
        return "\n".join([question, *self._listed(lines)])

    def below_zero(self, shares):
        """Say that corrections exceed the hours that they correct.

        :param shares: ``tripletex.entry.share`` records of one entry
        """
        shares = shares.sudo().filtered("hours").sorted(lambda share: share.line_id.id)
        entry, digits = shares.entry_id, {"digits": 2}
        terms = [formatLang(self.env, abs(share.hours), **digits) for share in shares]
        signs = ["−" if share.hours < 0 else "+" for share in shares]
        sum_text = " ".join(
            f"{sign} {term}" for sign, term in zip(signs, terms, strict=True)
        )
        total = sum(shares.mapped("hours"))
        return self.env._(
            "%(employee)s, %(date)s: %(sum)s = %(total)s hours is below zero. Validate "
            "the hours together with their corrections, or correct the lines.",
            employee=entry.employee_id.name,
            date=format_date(self.env, entry.date),
            sum=sum_text.removeprefix("+ "),
            total=f"−{formatLang(self.env, abs(total), **digits)}",
        )

    def problem_title(self, code):
        """The problem in a few words."""
        return str(self.env._(PROBLEMS[code][0]))

    def _problem_text(self, code):
        """Cause and cure of a problem, in words of the wage office."""
        return str(self.env._(PROBLEMS[code][1]))

    def problem_summary(self, problems):
        """The problems of one line, a sentence or two per cause."""
        return " ".join(self._problem_text(code) for code in problems)


class MoveWords:
    """What people read about hours that go from one row to another."""

    def __init__(self, env):
        self.env = env

    def of_line(self, shares):
        """Say where a line's hours stand and where they wait.

        :param shares: ``tripletex.entry.share`` records of one line (sudo)
        :return: list of sentences
        """
        held = shares.filtered("is_held")
        leaving = shares.filtered("is_leaving")
        sentences = [
            self.env._(
                "%(hours)s hours still stand in Tripletex on %(old)s. They wait to be "
                "registered on %(new)s until they have left there.",
                hours=self._hours(old.former_hours),
                old=old.entry_id.display_name,
                new=", ".join(held.entry_id.mapped("display_name")),
            )
            for old in leaving
            if held
        ]
        return sentences + [
            self.env._(
                "Tripletex's figure was kept on %(old)s: these hours were not moved.",
                old=kept.entry_id.display_name,
            )
            for kept in shares.filtered("is_kept")
        ]

    def _hours(self, hours):
        return formatLang(self.env, hours, digits=2)


class SendingWords:
    """What people read about hours that could not be sent, in the language of ``env``.

    The methods for conflicts are called like the ``Step.action`` that they word.
    """

    def __init__(self, env):
        self.env = env

    def foreign(self, step):
        return self.env._(
            "Tripletex already holds %(hours)s hours for this employee, day, project "
            "and activity that did not come from here. Choose whether to keep them, "
            "replace them, or add the validated hours to them.",
            hours=formatLang(self.env, step.remote.hours, digits=2),
        )

    def perhaps_ours(self, step):
        return self.env._(
            "Tripletex's answer about these hours was lost, and it holds %(hours)s "
            "hours here now, which may be ours, changed by somebody. No hours are "
            "validated any more. Keep: they stay there. Replace: they are deleted.",
            hours=formatLang(self.env, step.remote.hours, digits=2),
        )

    def edited(self, step):
        return self.env._(
            "Somebody changed these hours in Tripletex from %(sent)s to "
            "%(there)s. Choose which figure is right.",
            sent=formatLang(self.env, step.entry.sent_hours, digits=2),
            there=formatLang(self.env, step.remote.hours, digits=2),
        )

    def moved(self, step):
        return self.env._(
            "Somebody moved these hours in Tripletex to another date (%(date)s), "
            "employee, project or activity. Keep them there, or replace to move them "
            "back.",
            date=format_date(self.env, step.remote.date),
        )

    def deleted(self, _step):
        return self.env._(
            "Somebody deleted these hours in Tripletex. Keep: they stay deleted. "
            "Replace: they are registered again."
        )

    def _said(self, error):
        """What Tripletex said, in its own words."""
        words = [message for _field, message in error.fields if message]
        words = words or [error.message or error.developer_message or ""]
        return " ".join(filter(None, words)) or self.env._("no explanation")

    def refused(self, error):
        if isinstance(error, NotFound):
            return self.env._(
                "Tripletex no longer knows the employee, the project, the activity or "
                "the paycode of these hours. Check in Tripletex whether it was "
                "deleted, correct the link or the timesheet line, then press Retry."
            )
        return self.env._(
            "Tripletex refused the hours: “%(said)s” Mend this in Tripletex or correct "
            "the timesheet line, then press Retry.",
            said=self._said(error),
        )

    def temporary(self, error):
        return self.env._(
            "Tripletex gave no usable answer (%(said)s). The hours are tried again by "
            "themselves; there is nothing to do.",
            said=self._said(error),
        )

    def denied(self, error):
        return self.env._(
            "The API user key may not register these hours in Tripletex (%(said)s), "
            "although it may register others. Give the key's owner access to this "
            "employee and project in Tripletex, then press Retry.",
            said=self._said(error),
        )

    def differs(self, there, ours):
        return self.env._(
            "Tripletex stored %(there)s hours instead of %(ours)s. Check the hours "
            "in Tripletex, then press Retry.",
            there=formatLang(self.env, there, digits=2),
            ours=formatLang(self.env, ours, digits=2),
        )

    def locked(self, entry, remote, status, error):
        """Which lock stands in the way, as far as Tripletex tells.

        Approved week or month, invoice and pay all lock hours (DOCUMENTED); how a
        refusal names the lock was never recorded, so the facts are asked for.
        """
        employee = entry.employee_id.name
        if remote and remote.is_invoiced:
            return self.env._(
                "These hours of %(employee)s are invoiced in Tripletex and cannot be "
                "changed. Credit the invoice or correct the hours there, then press "
                "Retry.",
                employee=employee,
            )
        if status and (status["approved"] or status["approvedUntilDate"]):
            return self.env._(
                "%(month)s is approved in Tripletex for %(employee)s%(until)s. Remove "
                "the approval of the month there (Månedsoversikt), then press Retry.",
                month=format_date(self.env, entry.date, date_format="MMMM y"),
                employee=employee,
                until=self._until(status),
            )
        return self.env._(
            "These hours of %(employee)s are locked in Tripletex: the week or month is "
            "approved, or they are invoiced or paid%(said)s. Open them there, then "
            "press Retry.",
            employee=employee,
            said=f" (“{self._said(error)}”)" if error else "",
        )

    def _until(self, status):
        if not status["approvedUntilDate"]:
            return ""
        date = fields.Date.to_date(status["approvedUntilDate"])
        return self.env._(" until %(date)s", date=format_date(self.env, date))

    def number(self, link, count):
        if count:
            return self.env._(
                "Tripletex has %(count)s records with the number %(number)s, so it is "
                "not clear which one is meant. Use Update under Settings, Tripletex, "
                "to choose, then press Retry.",
                count=count,
                number=link.number,
            )
        return self.env._(
            "Tripletex has nothing with the number %(number)s (%(record)s). Correct "
            "the number under Timesheets, Configuration, Tripletex, then press Retry.",
            number=link.number,
            record=link[link._odoo_field].display_name,
        )

    def number_taken(self, link, taken):
        """Another link has the id that the number of ``link`` leads to."""
        return self.env._(
            "Number %(number)s is linked twice: also by hand-made link %(other)s. "
            "Remove one of the links, then press Retry.",
            number=link.number,
            other=taken.display_name,
        )


class AbsenceWords(SendingWords):
    """The same for absence: nothing here tells approvers what kind it is."""

    def _said(self, error):
        """Tripletex's own words can name the activity, such as sickness."""
        return self.env._("not shown for absence; see the day in Tripletex")


class PaycodeWords(SendingWords):
    """The same for paycode rows, which have neither project nor activity."""

    def foreign(self, step):
        return self.env._(
            "Tripletex already holds %(hours)s hours for this employee, day and "
            "paycode that did not come from here. Choose whether to keep them, "
            "replace them, or add the validated hours to them.",
            hours=formatLang(self.env, step.remote.hours, digits=2),
        )

    def moved(self, step):
        return self.env._(
            "Somebody moved these hours in Tripletex to another date (%(date)s), "
            "employee or paycode. Keep them there, or replace to move them back.",
            date=format_date(self.env, step.remote.date),
        )
