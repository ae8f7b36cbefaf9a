"""What people asked for about a month: finish, reopen, approve."""

from datetime import timedelta

from odoo import fields
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..tools import (
    ConsumerTokenRefused,
    KeyRefused,
    RateLimited,
    RightsMissing,
    TripletexError,
    TryLater,
)
from .attempts import StopRun
from .locks import standing
from .month_words import MonthWords
from .refusals import refusal, said

#: What was asked for longer ago is not done any more: the person has gone on, the
#: connection was removed, or the database is an old one that was restored.
TOO_OLD = timedelta(days=1)


class MonthAction:
    """Carries out what a person asked for about one month.

    One person a call, with the employee's id. Tripletex is asked before and afterwards
    how the month stands, so a lost answer is settled by reading: nothing is repeated
    that was done, and an action that left no trace is done again in the next run. That
    a call is about to leave is committed before it does.

    :param check: the connection's ``MonthCheck``
    :param month: ``tripletex.month`` record with ``asked_action``
    """

    def __init__(self, check, month):
        self.check, self.client, self.month = check, check.client, month
        self.env = check.env
        self.words = MonthWords(self.env)

    @property
    def employee_id(self):
        """Tripletex's id of the person, 0 for one who is not linked any more."""
        return int(self.month.tripletex_id or 0)

    def carry_out(self):
        """Do it, or store why it was not done. Commits.

        :raise StopRun: when no further call makes sense now
        """
        try:
            self._carry_out()
            self.env["ir.cron"]._commit_progress()
        except StopRun as stop:
            # sending does not need what the key may not do here
            if not isinstance(stop.cause, RightsMissing):
                raise
            self._refuse("status_denied")
            self.env["ir.cron"]._commit_progress()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # somebody changed the row: the next run looks at it as it is then
            self.env.cr.rollback()
            self.env.invalidate_all()

    def _carry_out(self):
        month = self.month
        if not self.employee_id:
            self._refuse("not_linked")
            return
        status = self._status()
        if self._is_reached(status):
            self._settle(status, is_ours=bool(month.attempted_at))
            return
        if month.asked_at < fields.Datetime.now() - TOO_OLD:
            self._refuse("too_old")
            return
        problem = self._problem(status)
        if problem:
            self._refuse(**problem)
            return
        month.attempted_at = fields.Datetime.now()
        self.env["ir.cron"]._commit_progress()
        error = self._call()
        if isinstance(error, (RateLimited, KeyRefused, ConsumerTokenRefused)):
            raise StopRun(error)  # nothing was done
        status = self._status()
        if self._is_reached(status):
            self._settle(status, is_ours=True)
        elif error is None:
            self._refuse("unchanged")
        elif isinstance(error, TryLater):
            month.action_note = refusal("tried_again", said=said(error))
        elif isinstance(error, RightsMissing):
            is_approval = month.asked_action == "approve"
            self._refuse("approval_denied" if is_approval else "denied", **self._who())
        else:
            self._refuse("refused", said=said(error))

    def _status(self):
        """How the month stands now: row of ``list_month_status``, or None."""
        rows = self.check.ask(
            self.client.list_month_status, [self.employee_id], [self.month.month]
        )
        asked = self.employee_id, f"{self.month.month:%Y-%m}"
        return next(
            (r for r in rows if (r["employee"]["id"], r["monthYear"]) == asked), None
        )

    def _standing(self, status):
        return standing(status, self.month._last_day())

    def _is_reached(self, status):
        """Whether the month is where the action leads."""
        state, until = self._standing(status)
        action = self.month.asked_action
        if action == "finish":
            return state != "open"
        if action == "reopen":
            return state == "open"
        return bool(until and until >= self.month.asked_until)

    def _problem(self, status):
        """Why it cannot be done as things are now: a refusal, or None."""
        month, action = self.month, self.month.asked_action
        state, _until = self._standing(status)
        if action == "finish" and not month._is_ready():
            counts = {"waiting": month.waiting_count}
            return refusal("not_ready", **counts, problems=month.attention_count)
        if action == "reopen" and state == "approved":
            return refusal("approved_there")
        if action == "approve" and not month.company_id.tripletex_may_approve:
            return refusal("approving_is_off")
        return None

    def _call(self):
        """Make the call; return the error when Tripletex did not accept it."""
        month, arguments = self.month, []
        if month.asked_action == "approve":
            arguments = [month.asked_until]
        call = {
            "finish": self.client.complete_month,
            "reopen": self.client.reopen_month,
            "approve": self.client.approve_month,
        }[month.asked_action]
        try:
            call(self.employee_id, month.month, *arguments)
        except TripletexError as error:
            return error
        return None

    def _settle(self, status, is_ours):
        """The month is where it should be: store it, and say so on the month.

        :param is_ours: a call of ours brought it there, not a person in Tripletex
        """
        month, now = self.month, fields.Datetime.now()
        action = month.asked_action
        state, until = self._standing(status)
        values = self._done() | {"state_there": state, "approved_until": until}
        if action == "finish" and is_ours:
            values |= {"finished_by_id": month.asked_by_id.id, "finished_at": now}
            values["reopened_at"] = False
        elif action == "reopen":
            values |= {"finished_by_id": False, "finished_at": False}
            values["reopened_at"] = now
        month.message_post(
            body=self.words.say(f"done_{action}"),
            author_id=month.asked_by_id.partner_id.id,
        )
        month.write(values)
        if action == "reopen":
            self._retry_refused()

    def _retry_refused(self):
        """Hours that the finished month kept out are sent now."""
        entries = self.env["tripletex.entry"].search(
            [
                ("connection_id", "=", self.month.connection_id.id),
                ("employee_id", "=", self.month.employee_id.id),
                ("date", ">=", self.month.month),
                ("date", "<=", self.month._last_day()),
                ("state", "=", "failed"),
            ]
        )
        entries.action_retry()

    def _refuse(self, code, **arguments):
        note = refusal(code, **arguments)
        self.month.write(self._done() | {"action_note": note})

    def _done(self):
        return {
            "asked_action": False,
            "asked_until": False,
            "attempted_at": False,
            "action_note": False,
        }

    def _who(self):
        """Who can approve: who did last in this company, else the employee's manager.

        :return: dict of ``name``, which may be empty
        """
        if self.month.asked_action != "approve":
            return {}
        last = self.month.search(
            [
                ("connection_id", "=", self.month.connection_id.id),
                ("approved_by", "!=", False),
            ],
            order="approved_on desc, id desc",
            limit=1,
        )
        manager = self.month.employee_id.parent_id
        return {"name": last.approved_by or manager.name or ""}
