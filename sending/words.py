"""What people read about hours that cannot be validated or could not be sent.

Sentences are chosen by the kind of problem or error, never by Tripletex's words (which
follow the language of the key's owner); those are shown beside ours.
"""

from collections import defaultdict

from odoo.tools import LazyTranslate, format_date, formatLang

from .namesakes import full_name

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


def translated(env, text):
    """Return a text that was declared with ``_lt`` in the environment's language.

    Odoo's own checkers take ``env._`` of anything but a literal for a mistake.
    """
    translate = env._
    return str(translate(text))


class Words:
    """Texts in the language of ``env``; those of ``TEXTS`` are chosen by a code."""

    TEXTS = {}

    def __init__(self, env):
        self.env = env

    def say(self, code, **arguments):
        """Return a text of ``TEXTS`` with its arguments, which their names format.

        :param code: key of ``TEXTS``
        :param arguments: numbers of hours, dates (also as ISO texts), what Tripletex
            said, and texts that are shown as they are
        """
        return translated(self.env, self.TEXTS[code]) % self._shown(code, arguments)

    def _shown(self, _code, arguments):
        shown = dict(arguments)
        for name, value in arguments.items():
            if name in ("hours", "sent", "there", "ours"):
                shown[name] = self._hours(value)
            elif name == "said":
                shown[name] = self._said(value)
            elif name == "request":
                shown[name] = value or "-"
        if "date" in arguments:
            shown["date"] = format_date(self.env, arguments["date"])
            shown["month"] = self._month(arguments["date"])
        return shown

    def _hours(self, hours):
        return formatLang(self.env, hours, digits=2)

    def _month(self, date):
        return format_date(self.env, date, date_format="MMMM y")

    def _said(self, said):
        return said or self.env._("no explanation")


class PreflightWords(Words):
    """What the pre-flight says to people, in the language of ``env``."""

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
                "Somebody else must validate these hours. Nothing was validated."
            )
            if set(by_problem) == {"not_own_team"}
            else self.env._(
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
            (full_name(line.employee_id), line.date, self._describe(line))
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
            "%(employee)s, %(date)s, %(project)s: %(hours)s hours",
            employee=full_name(line.employee_id),
            date=format_date(self.env, line.date),
            project=full_name(line.project_id),
            hours=self._hours(line._tripletex_hours()),
        )

    def odd_dates(self, lines):
        """Ask about dates that are most likely a slip.

        :param lines: ``account.analytic.line`` records (sudo)
        """
        question = self.env._(
            "These hours are dated more than a year ago or more than a month ahead. "
            "Validate them all the same?"
        )
        return "\n".join([question, *self._listed(lines)])

    def below_zero(self, employee, date, parts):
        """Say that corrections exceed the hours that they correct.

        :param employee: name
        :param date: ISO text
        :param parts: list of hours, in the order in which they were logged
        """
        terms = [self._hours(abs(hours)) for hours in parts]
        signs = ["−" if hours < 0 else "+" for hours in parts]
        sum_text = " ".join(
            f"{sign} {term}" for sign, term in zip(signs, terms, strict=True)
        )
        return self.env._(
            "%(employee)s, %(date)s: %(sum)s = %(total)s hours is below zero. Validate "
            "the hours together with their corrections, or correct the lines.",
            employee=employee,
            date=format_date(self.env, date),
            sum=sum_text.removeprefix("+ "),
            total=f"−{self._hours(abs(sum(parts)))}",
        )

    def problem_title(self, code):
        """Return a problem, a code of ``PROBLEMS``, in a few words."""
        return translated(self.env, PROBLEMS[code][0])

    def _problem_text(self, code):
        """Cause and cure of a problem, in words of the wage office."""
        return translated(self.env, PROBLEMS[code][1])

    def problem_summary(self, codes):
        """Return the problems of one line, a sentence or two per code."""
        return " ".join(self._problem_text(code) for code in codes)


class MoveWords(Words):
    """What people read about hours that go from one row to another."""

    #: Why hours of a locked month cannot be sent in a later one.
    TEXTS = {
        "not_adjustable": _lt(
            "%(entry)s: these hours are being sent, or are in conflict. Wait until "
            "they are sent, or resolve the conflict first."
        ),
        "sent_already": _lt(
            "%(entry)s: this changes hours that were sent, so it cannot be sent next "
            "month. Reopen the month in Tripletex and press Retry, or log the "
            "difference on a new timesheet line."
        ),
        "no_place": _lt(
            "%(entry)s: what these hours need in Tripletex is not linked yet. Link "
            "it first; then they can be sent as an adjustment."
        ),
        "not_locked": _lt(
            "%(entry)s: at the last check the month was not locked in Tripletex. "
            "Press Check Now under Timesheets, Months, or press Retry here."
        ),
    }

    def of_line(self, shares):
        """Say where a line's hours stand and where they wait.

        :param shares: ``tripletex.entry.share`` records of one line (sudo)
        :return: list of sentences
        """
        held = shares.filtered("is_held")
        leaving = shares.filtered("is_leaving")
        sentences = [
            self.env._(
                "%(hours)s hours are still in Tripletex on %(old)s. They are "
                "registered on %(new)s when they are removed there.",
                hours=self._hours(old.former_hours),
                old=self._named(old.entry_id),
                new=", ".join(map(self._named, held.entry_id)),
            )
            for old in leaving
            if held
        ]
        sentences += [
            self.env._(
                "These hours belong to %(month)s and are sent as an adjustment on "
                "%(date)s.",
                month=self._month(share.belongs_to),
                date=format_date(self.env, share.entry_id.date),
            )
            for share in shares
            if share.belongs_to and share.hours
        ]
        return sentences + [
            self.env._(
                "Tripletex's figure was kept on %(old)s: these hours were not moved.",
                old=self._named(kept.entry_id),
            )
            for kept in shares.filtered("is_kept")
        ]

    def adjustment(self, shares):
        """Of an entry: which of its hours belong to earlier months.

        :param shares: ``tripletex.entry.share`` records with ``belongs_to``
        """
        return " ".join(
            self.env._(
                "%(hours)s hours belong to %(month)s.",
                hours=self._hours(sum(parts.mapped("hours"))),
                month=self._month(month),
            )
            for month, parts in sorted(shares.grouped("belongs_to").items())
        )

    def adjusted(self, entry):
        """Say, for the history of an entry, that a person sent hours there."""
        return self.env._(
            "Chose to send hours of a locked month here as an adjustment: %(which)s",
            which=entry.adjustment,
        )

    def _named(self, entry):
        """Return an entry's name, without a project that the reader may not see."""
        seen = entry.sudo(False)
        if seen._sees_all() or seen.sudo().project_id.sudo(False).has_access("read"):
            return entry.display_name
        return f"{full_name(entry.employee_id)}, {format_date(self.env, entry.date)}"


class LockWords(Words):
    """What people read about months that lock hours.

    A lock is ``paid``, ``approved`` or ``finished``, see ``lock_on``.
    """

    TEXTS = {
        "paid": _lt(
            "Pay has been run for %(month)s of %(employee)s in Tripletex: these "
            "hours come with the next pay only as an adjustment."
        ),
        "finished": _lt(
            "%(month)s is finished in Tripletex for %(employee)s: these hours can "
            "be sent when the month is reopened."
        ),
        "approved": _lt(
            "%(month)s is approved in Tripletex for %(employee)s until %(date)s: these "
            "hours can be sent when the approval is removed."
        ),
    }

    def hint(self, record, lock, until):
        """Tell before hours are validated or moved that a lock stops them.

        :param record: entry or timesheet line
        :param lock: ``paid``, ``approved`` or ``finished``, see ``locks.lock_on``
        :param until: date until which the month is approved, or None
        """
        return translated(self.env, self.TEXTS[lock]) % {
            "month": self._month(record.date),
            "employee": full_name(record.employee_id),
            "date": until and format_date(self.env, until),
        }


class ConnectionWords(Words):
    """What people read about a connection that cannot send.

    What is wrong is stored as a *refusal*, see ``refusals``: a code of ``TEXTS`` and
    its arguments. So everybody reads it in their own language.
    """

    TEXTS = {
        "copied": _lt(
            "This database is a copy of the one that was connected, or it was moved "
            "to another server. Nothing is sent from here; the hours wait. Only if the "
            "other database no longer sends hours, and this one replaces it, press "
            "This Database Replaces the Old One."
        ),
        "address": _lt(
            "The address of Tripletex cannot be used, so nothing is sent. The "
            "system parameter hr_timesheet_tripletex.base_url can only name this "
            "server itself (for tests): delete it. Another address is set in the "
            "server's configuration (tripletex_base_url), begins with https, and "
            "contains neither a user name nor a question mark. Then press Test "
            "connection."
        ),
        "consumer": _lt(
            "Tripletex refuses the consumer token of this Odoo system. Ask the "
            "person who installed the addon to check it under Settings, Tripletex."
        ),
        "key_unreadable": _lt(
            "The API user key in the database cannot be read: the secret of "
            "this Odoo server (tripletex_secret) is missing or was changed. "
            "Restore it and press Test connection, or enter the key with "
            "Update."
        ),
        "key": _lt(
            "Tripletex refuses the API user key: it was deleted, has expired, or "
            "belongs to the other environment. Create a new key in Tripletex and "
            "enter it with Update."
        ),
        "rights": _lt(
            "The API user key lacks a right in Tripletex (%(call)s). Give its "
            "owner the right in Tripletex, then press Test connection."
        ),
        "unreachable": _lt(
            "Tripletex cannot be reached or is busy. Nothing is lost: the hours "
            "wait and are sent as soon as Tripletex answers."
        ),
        "answered": _lt("Tripletex answered: %(message)s (request %(request)s)"),
    }

    def text(self, refusal):
        """Word a stored refusal.

        :param refusal: dict as ``refusals.refusal`` makes it, or nothing
        :return: text, or False where nothing is wrong
        """
        if not refusal:
            return False
        arguments = dict(refusal)
        code = arguments.pop("code")
        if code == "given":
            return arguments["text"]
        return self.say(code, **arguments)


class SendingWords(ConnectionWords):
    """What people read about hours that could not be sent.

    Codes of conflicts are called like the ``Step.action`` that they word. Hours are
    numbers, dates ISO texts; ``said`` is what Tripletex said, in its own words.
    """

    TEXTS = ConnectionWords.TEXTS | {
        "foreign": _lt(
            "Tripletex already holds %(hours)s hours for this employee, day, project "
            "and activity that were not sent from Odoo. Choose whether to keep "
            "them, replace them, or add the validated hours to them."
        ),
        "perhaps_ours": _lt(
            "Tripletex's answer about these hours was lost. It now holds %(hours)s "
            "hours, perhaps sent from Odoo and changed by somebody. In Odoo these "
            "hours are not validated any more. Keep: they stay in Tripletex. "
            "Replace: they are deleted."
        ),
        "edited": _lt(
            "Somebody changed these hours in Tripletex from %(sent)s to "
            "%(there)s. Choose which figure is right."
        ),
        "moved": _lt(
            "Somebody moved these hours in Tripletex to another date (%(date)s), "
            "employee, project or activity. Keep them there, or replace to move them "
            "back."
        ),
        "deleted": _lt(
            "Somebody deleted these hours in Tripletex. Keep: they stay deleted. "
            "Replace: they are registered again."
        ),
        "kept": _lt(
            "Tripletex's figure was kept earlier, and the validated hours have "
            "changed since. Choose again which figure is right."
        ),
        "unknown": _lt(
            "Tripletex no longer knows the employee, the project, the activity or "
            "the paycode of these hours. Check in Tripletex whether it was "
            "deleted, correct the link or the timesheet line, then press Retry."
        ),
        "refused": _lt(
            "Tripletex refused the hours: “%(said)s” Correct this in Tripletex, or "
            "correct the timesheet line, then press Retry."
        ),
        "temporary": _lt(
            "Tripletex gave no usable answer (%(said)s). Sending is retried "
            "automatically; there is nothing to do."
        ),
        "own_fault": _lt(
            "Something unexpected happened in Odoo while these hours were sent. "
            "Sending is retried automatically. If it goes on, ask your Odoo "
            "administrator to look in the server's log."
        ),
        "denied": _lt(
            "The API user key may not register these hours in Tripletex (%(said)s), "
            "although it may register others. Give the key's owner access to this "
            "employee and project in Tripletex, then press Retry."
        ),
        "differs": _lt(
            "Tripletex stored %(there)s hours instead of %(ours)s. Check the hours "
            "in Tripletex, then press Retry."
        ),
        "invoiced": _lt(
            "These hours of %(employee)s are invoiced in Tripletex and cannot be "
            "changed. Credit the invoice or correct the hours there, then press "
            "Retry."
        ),
        "paid": _lt(
            "Pay has been run for %(month)s of %(employee)s in Tripletex, so these "
            "hours cannot be changed there. Reverse the pay in Tripletex and press "
            "Retry, or send the hours as an adjustment next month."
        ),
        "finished": _lt(
            "%(month)s is marked as finished in Tripletex for %(employee)s. Reopen "
            "it under Timesheets, Months, or in Tripletex (Månedsoversikt), then "
            "press Retry."
        ),
        "approved": _lt(
            "%(month)s is approved in Tripletex for %(employee)s%(until)s. Remove "
            "the approval of the month there (Månedsoversikt), then press Retry."
        ),
        "locked": _lt(
            "These hours of %(employee)s are locked in Tripletex: the week or month is "
            "approved, or they are invoiced or paid%(said)s. Open them there, then "
            "press Retry."
        ),
        "number_twice": _lt(
            "Tripletex has %(count)s records with the number %(number)s, so it is "
            "not clear which one is meant. Use Update under Settings, Tripletex, "
            "to choose, then press Retry."
        ),
        "number_unknown": _lt(
            "Tripletex has nothing with the number %(number)s (%(record)s). Correct "
            "the number under Timesheets, Configuration, Tripletex, then press Retry."
        ),
        "number_taken": _lt(
            "Number %(number)s is linked twice: also by hand-made link %(other)s. "
            "Remove one of the links, then press Retry."
        ),
    }

    def say(self, code, **arguments):
        """Return the text of a code: of ``TEXTS``, or what the pre-flight says."""
        if code == "problems":
            return PreflightWords(self.env).problem_summary(**arguments)
        if code == "below_zero":
            return PreflightWords(self.env).below_zero(**arguments)
        return super().say(code, **arguments)

    def _shown(self, code, arguments):
        shown = super()._shown(code, arguments)
        if code == "locked":
            said = arguments["said"] is not None
            shown["said"] = f" (“{shown['said']}”)" if said else ""
        if "until" in arguments:
            until = arguments["until"]
            shown["until"] = (
                until
                and self.env._(" until %(date)s", date=format_date(self.env, until))
                or ""
            )
        return shown


class EmployeeWords(Words):
    """What employees read about their validated hours: others act, not they."""

    #: Codes of refusals that compare two figures.
    FIGURES = ("foreign", "perhaps_ours", "edited", "moved", "deleted", "kept")
    MONTHS = ("paid", "finished", "approved")

    def text(self, refusal):
        """Word a stored refusal: what is the matter, and who takes care of it.

        :param refusal: dict as ``refusals.refusal`` makes it
        """
        refusal = refusal or {"code": None}
        if refusal["code"] == "given":
            return refusal["text"]
        care = self.env._("Your approver or administrator takes care of it.")
        return f"{self._cause(refusal['code'], refusal)} {care}"

    def _cause(self, code, refusal):
        if code in self.FIGURES:
            return self.env._("Tripletex shows other hours than these.")
        if code in self.MONTHS:
            return self.env._(
                "%(month)s is locked in Tripletex, so these hours are not there yet.",
                month=self._month(refusal["date"]),
            )
        if code == "invoiced":
            return self.env._("These hours are invoiced in Tripletex.")
        if code == "refused" and refusal["said"]:
            return self.env._(
                "Tripletex refused the hours: “%(said)s”", said=refusal["said"]
            )
        return self.env._("Tripletex has not accepted these hours.")


class AbsenceWords(SendingWords):
    """The same for absence: nothing here tells approvers what kind it is."""

    def _said(self, error):
        """Tripletex's own words can name the activity, such as sickness."""
        return self.env._("not shown for absence; see the day in Tripletex")


class PaycodeWords(SendingWords):
    """The same for paycode rows, which have neither project nor activity."""

    TEXTS = SendingWords.TEXTS | {
        "foreign": _lt(
            "Tripletex already holds %(hours)s hours for this employee, day and "
            "paycode that were not sent from Odoo. Choose whether to keep them, "
            "replace them, or add the validated hours to them."
        ),
        "moved": _lt(
            "Somebody moved these hours in Tripletex to another date (%(date)s), "
            "employee or paycode. Keep them there, or replace to move them back."
        ),
    }


class NoticeWords(Words):
    """What people are told about hours that do not reach Tripletex."""

    def summary(self, trouble):
        """Return the subject.

        :param trouble: see ``notice``
        """
        if trouble == "rows":
            return self.env._("Hours for Tripletex need attention")
        if trouble == "waiting":
            return self.env._("Hours have waited long to be sent to Tripletex")
        return self.env._("Sending to Tripletex is stopped")

    def waiting(self, count, hours):
        """Say how many rows wait, and how many hours (text) they have."""
        return self.env._(
            "%(count)s rows with %(hours)s hours wait to be sent.",
            count=count,
            hours=hours,
        )

    def cause(self, text, names, count):
        """Return who is concerned by one cause.

        :param text: the cause in words, or nothing
        :param names: names of employees, or nothing
        :param count: number of rows
        """
        if not text:
            return names
        return self.env._(
            "%(names)s (%(count)s rows): %(cause)s",
            names=names,
            count=count,
            cause=text,
        )

    def rows(self, count):
        """Say how many rows need attention."""
        return self.env._("%(count)s rows need attention.", count=count)

    def link(self, trouble):
        """Return the text of the link to the rows.

        :param trouble: see ``notice``
        """
        if trouble == "rows":
            return self.env._("Open the hours that need attention")
        return self.env._("Open the hours that wait to be sent")
