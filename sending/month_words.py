"""What people read about months, and what they do next about one."""

from odoo import fields
from odoo.tools import LazyTranslate, format_date

from .words import ConnectionWords, Words, translated

_lt = LazyTranslate(__name__)


class MonthWords(Words):
    """What people read about months.

    What the cron stores on a month is a *refusal*, see ``refusals``: a code of
    ``TEXTS`` and its arguments.
    """

    TEXTS = {
        "nothing_finished": _lt(
            "These months cannot be finished yet, because not all validated hours are "
            "in Tripletex. Nothing was finished."
        ),
        "hours_open": _lt("%(month)s: %(hours)s hours are not validated."),
        "hours_unqueued": _lt(
            "%(month)s: %(hours)s validated hours were not sent to Tripletex."
        ),
        "approving_is_off": _lt(
            "Months are not approved from Odoo in this company. Approve in Tripletex "
            "(Timeliste, Månedsoversikt), or ask an administrator to allow it under "
            "Settings, Tripletex."
        ),
        "not_finished": _lt("%(month)s is not finished. Press Finish Month first."),
        "approved_there": _lt(
            "%(month)s is approved in Tripletex. Remove the approval there "
            "(Timeliste, Månedsoversikt), then press Reopen again."
        ),
        "not_ours": _lt(
            "%(month)s was not finished from Odoo. Reopen it in Tripletex."
        ),
        "asked_already": _lt(
            "%(user)s has already pressed another button for %(month)s. Wait until "
            "it is done."
        ),
        "stopped": _lt(
            "%(month)s: the connection to Tripletex does not work or was removed. Ask "
            "an administrator to look at Settings, Tripletex."
        ),
        "not_linked": _lt(
            "%(month)s: the employee is not linked to Tripletex. Ask an administrator "
            "to add the employee with Update under Settings, Tripletex."
        ),
        "only_approvers": _lt(
            "Only timesheet approvers can finish, reopen or approve months. Ask one of "
            "them."
        ),
        "too_old": _lt(
            "This could not be carried out for more than a day and was cancelled. "
            "Press the button again if it is still needed."
        ),
        "tried_again": _lt(
            "Tripletex gave no usable answer (%(said)s). It is retried automatically; "
            "there is nothing to do."
        ),
        "unchanged": _lt(
            "Tripletex accepted the request, but the month is not changed there. Look "
            "at it in Tripletex (Timeliste, Månedsoversikt)."
        ),
        "refused": _lt(
            "Tripletex refused: “%(said)s” Look at the month in Tripletex (Timeliste, "
            "Månedsoversikt), then try again."
        ),
        "denied": _lt(
            "The API user key may not finish or reopen this month. Give its owner the "
            "right in Tripletex, or do it there (Timeliste, Månedsoversikt)."
        ),
        "status_denied": _lt(
            "The API user key may not read whether the month is finished or approved. "
            "Give its owner the right in Tripletex."
        ),
        "hours_hidden": _lt(
            "Tripletex shows no hours of this person, although hours were sent. The "
            "API user key may have lost the right to read them. The figures are from "
            "the check before."
        ),
        "paycodes_hidden": _lt(
            "The API user key may not read the hours on paycodes. The figures on "
            "paycodes are from the check before."
        ),
        "not_ready": _lt(
            "%(month)s: %(waiting)s rows wait to be sent and %(problems)s need "
            "attention. Open Sent Hours, solve the problems and wait until the hours "
            "are sent, then press Finish Month again."
        ),
        "empty_days": _lt("%(month)s: no hours on %(count)s working days: %(days)s"),
        "outside_team": _lt(
            "You can decide about the months of your own team only. These people "
            "are not in it: %(employees)s. Ask their manager, or a timesheet "
            "administrator."
        ),
        "reopened": _lt(
            "This month was reopened. Correct and validate the hours, wait until "
            "they are sent, then press Finish Month again."
        ),
        "asked_finish": _lt("%(user)s pressed Finish Month; waiting for Tripletex."),
        "asked_reopen": _lt("%(user)s pressed Reopen; waiting for Tripletex."),
        "asked_approve": _lt("%(user)s pressed Approve; waiting for Tripletex."),
        "nothing_to_finish": _lt("These months are finished already."),
        "nothing_to_reopen": _lt("These months are open already."),
        "nothing_to_approve": _lt("These months are approved already."),
        "done_finish": _lt("Finished in Tripletex."),
        "done_reopen": _lt("Reopened in Tripletex."),
        "done_approve": _lt("Approved in Tripletex."),
        "approval_denied": _lt(
            "The API user key may not approve this month. Ask a person with that "
            "right to approve it in Tripletex (Timeliste, Månedsoversikt)."
        ),
        "approval_denied_ask": _lt(
            "The API user key may not approve this month. Ask %(name)s to approve it "
            "in Tripletex (Timeliste, Månedsoversikt)."
        ),
        "not_checked": _lt("The last check did not succeed. %(reason)s"),
        "check_paused": _lt(
            "Tripletex asked for a pause, so this month is not checked yet. The check "
            "continues automatically; there is nothing to do."
        ),
    }

    def of(self, month, code, **arguments):
        """Return a text of ``TEXTS`` about one month.

        :param month: ``tripletex.month`` record
        :param code: key of ``TEXTS``
        :param arguments: as of ``say``, beside the month's name and who asked
        """
        name, user = month.display_name, month.asked_by_id.name
        return self.say(code, **{"month": name, "user": user} | arguments)

    def text(self, month, refusal):
        """Word a stored refusal of a month; None for nothing."""
        if not refusal:
            return None
        arguments = dict(refusal)
        code = arguments.pop("code")
        if code == "approval_denied" and arguments["name"]:
            code = "approval_denied_ask"
        if code == "not_checked":
            arguments["reason"] = ConnectionWords(self.env).text(arguments["reason"])
        return self.of(month, code, **arguments)

    def standing(self, month):
        """Say what was asked for and is not done yet, or what to do next.

        :return: text, or None where the month has neither
        """
        if month.asked_action:
            return self.of(month, f"asked_{month.asked_action}")
        if month.reopened_at and month.state_there == "open":
            return self.say("reopened")
        return None

    def not_ready(self, month):
        """Say how many rows of the month wait or need attention."""
        waiting, problems = month.waiting_count, month.attention_count
        return self.of(month, "not_ready", waiting=waiting, problems=problems)

    def empty_days(self, month, days):
        """Say on which working days no hours are logged."""
        shown = (format_date(self.env, day, date_format="d.") for day in days)
        return self.of(month, "empty_days", count=len(days), days=", ".join(shown))

    def outside_team(self):
        """Say that the user decides about others only; ``%(employees)s`` is left."""
        return translated(self.env, self.TEXTS["outside_team"])


class StepWords(Words):
    """What stands in the way of a month's pay, and what to do about it.

    Reads figures that are computed already.
    """

    #: By the cause of a difference, then by the state of a month that is right.
    TEXTS = {
        "attention": _lt(
            "Rows that need attention: %(count)s. Open Sent Hours and solve the "
            "problems."
        ),
        "figures_differ": _lt(
            "The figures differ. Press Check Now; if they differ afterwards, "
            "compare the days with Tripletex."
        ),
        "changed": _lt(
            "Hours were changed in Tripletex. Open Sent Hours and choose which figure "
            "is right."
        ),
        "waiting": _lt(
            "Rows waiting to be sent: %(count)s. They are sent automatically; there "
            "is nothing to do."
        ),
        "unqueued": _lt(
            "%(hours)s validated hours were not sent to Tripletex. Ask an "
            "administrator to press Update under Settings, Tripletex, and choose the "
            "day from which hours are sent."
        ),
        "unchecked": _lt("Tripletex was not read yet. Press Check Now."),
        "by_hand": _lt(
            "%(hours)s hours are handled by hand. Check in Tripletex that they are "
            "registered."
        ),
        "kept": _lt(
            "Somebody chose to keep Tripletex's figure, which differs from the "
            "validated hours. Correct the timesheet if that was wrong."
        ),
        "sent_since": _lt(
            "Hours were sent after the last check. Press Check Now to read them back."
        ),
        "not_validated": _lt(
            "%(hours)s hours are not validated. Validate them, or ask the employee to "
            "correct or delete them."
        ),
        "paid": _lt("Pay has been run. There is nothing to do."),
        "approved": _lt("Approved until %(date)s. The hours can be paid in Tripletex."),
        "to_approve": _lt("The month is finished. Press Approve."),
        "to_approve_there": _lt(
            "The month is finished. Ask the person who approves hours to approve "
            "it in Tripletex (Timeliste, Månedsoversikt)."
        ),
        "not_linked": _lt(
            "The employee is not linked to Tripletex any more. Finish the month in "
            "Tripletex."
        ),
        "no_hours": _lt(
            "No hours are logged. Ask the employee whether any are missing."
        ),
        "to_finish": _lt("All validated hours are in Tripletex. Press Finish Month."),
        "late": _lt(
            "%(hours)s hours were validated after the cut-off day, %(date)s: they come "
            "with next month's pay."
        ),
        "other": _lt(
            "%(hours)s hours in Tripletex were not sent from Odoo. Check that the "
            "same work is not registered twice."
        ),
    }
    #: Hours that the text about a cause names.
    HOURS = {
        "unqueued": "hours_unqueued",
        "by_hand": "hours_by_hand",
        "not_validated": "hours_open",
    }

    def next_step(self, month):
        """Return what happened and what to do next, one sentence or more a line.

        :param month: ``tripletex.month`` record
        """
        texts = [month.message]
        if not month.asked_action:
            texts.append(self._of_cause(month) or self._of_state(month))
        if month.hours_late and not month.pay_has_run:
            day = month.company_id.tripletex_cut_off_day
            cut_off = fields.Date.add(month._last_day(), days=day)
            texts.append(self.say("late", hours=month.hours_late, date=cut_off))
        if month.hours_other:
            texts.append(self.say("other", hours=month.hours_other))
        return "\n".join(filter(None, texts))

    def _of_cause(self, month):
        """What to do about a difference; None where nothing is to be done."""
        cause = month.cause
        if cause == "changed" and not month.attention_count:
            cause = "figures_differ"
        if cause not in self.TEXTS:
            return None
        is_waiting = cause == "waiting"
        count = month.waiting_count if is_waiting else month.attention_count
        hours = month[self.HOURS[cause]] if cause in self.HOURS else 0.0
        return self.say(cause, count=count, hours=hours)

    def _of_state(self, month):
        """What to do about a month whose figures are right."""
        if month.pay_has_run:
            return self.say("paid")
        if month._is_closed():
            return self.say("approved", date=month.approved_until)
        if month.state_there in ("finished", "approved"):
            is_here = month.company_id.tripletex_may_approve
            return self.say("to_approve" if is_here else "to_approve_there")
        if not month.tripletex_id:
            return self.say("not_linked")
        if not month.hours_logged and not month.hours_there:
            return self.say("no_hours")
        return self.say("to_finish")
