"""What a person does next about a month."""

from odoo import fields
from odoo.tools import format_date, formatLang


class StepWords:
    """What stands in the way of a month's pay, and what to do about it.

    In the language of ``env``. Reads figures that are computed already.
    """

    def __init__(self, env):
        self.env = env

    def next_step(self, month):
        """Return what happened and what to do next, one sentence or more a line."""
        texts = [month.message]
        if not month.asked_action:
            texts.append(self._of_cause(month) or self._of_state(month))
        texts += [self._late(month), self._other(month)]
        return "\n".join(filter(None, texts))

    def _of_cause(self, month):
        """What to do about a difference; None where nothing is to be done."""
        words = {
            "attention": self._attention,
            "changed": self._changed,
            "waiting": self._waiting,
            "unqueued": self._unqueued,
            "unchecked": self._unchecked,
            "by_hand": self._by_hand,
            "kept": self._kept,
            "sent_since": self._sent_since,
            "not_validated": self._not_validated,
        }.get(month.cause)
        return words and words(month)

    def _attention(self, month):
        return self.env._(
            "Rows that need attention: %(count)s. Open Sent Hours and solve the "
            "problems.",
            count=month.attention_count,
        )

    def _changed(self, month):
        if not month.attention_count:
            return self.env._(
                "The figures differ. Press Check Now; if they differ afterwards, "
                "compare the days with Tripletex."
            )
        return self.env._(
            "Hours were changed in Tripletex. Open Sent Hours and choose which figure "
            "is right."
        )

    def _waiting(self, month):
        return self.env._(
            "Rows waiting to be sent: %(count)s. They are sent automatically; there "
            "is nothing to do.",
            count=month.waiting_count,
        )

    def _unqueued(self, month):
        return self.env._(
            "%(hours)s validated hours were not sent to Tripletex. Ask an "
            "administrator to press Update under Settings, Tripletex, and choose the "
            "day from which hours are sent.",
            hours=self._hours(month.hours_unqueued),
        )

    def _unchecked(self, _month):
        return self.env._("Tripletex was not read yet. Press Check Now.")

    def _by_hand(self, month):
        return self.env._(
            "%(hours)s hours are handled by hand. Check in Tripletex that they are "
            "registered.",
            hours=self._hours(month.hours_by_hand),
        )

    def _kept(self, _month):
        return self.env._(
            "Somebody chose to keep Tripletex's figure, which differs from the "
            "validated hours. Correct the timesheet if that was wrong."
        )

    def _sent_since(self, _month):
        return self.env._(
            "Hours were sent after the last check. Press Check Now to read them back."
        )

    def _not_validated(self, month):
        return self.env._(
            "%(hours)s hours are not validated. Validate or reject them.",
            hours=self._hours(month.hours_open),
        )

    def _of_state(self, month):
        """What to do about a month whose figures are right."""
        if month.pay_has_run:
            return self.env._("Pay has been run. There is nothing to do.")
        if month._is_closed():
            return self.env._(
                "Approved until %(date)s. The hours can be paid in Tripletex.",
                date=format_date(self.env, month.approved_until),
            )
        if month.state_there in ("finished", "approved"):
            if month.company_id.tripletex_may_approve:
                return self.env._("The month is finished. Press Approve.")
            return self.env._(
                "The month is finished. Ask the person who approves hours to approve "
                "it in Tripletex (Timeliste, Månedsoversikt)."
            )
        if not month.tripletex_id:
            return self.env._(
                "The employee is not linked to Tripletex any more. Finish the month in "
                "Tripletex."
            )
        if not month.hours_logged and not month.hours_there:
            return self.env._(
                "No hours are logged. Ask the employee whether any are missing."
            )
        return self.env._("All validated hours are in Tripletex. Press Finish Month.")

    def _late(self, month):
        if not month.hours_late or month.pay_has_run:
            return None
        day = month.company_id.tripletex_cut_off_day
        cut_off = fields.Date.add(month._last_day(), days=day)
        return self.env._(
            "%(hours)s hours were validated after the cut-off day, %(date)s: they come "
            "with next month's pay.",
            hours=self._hours(month.hours_late),
            date=format_date(self.env, cut_off),
        )

    def _other(self, month):
        if not month.hours_other:
            return None
        return self.env._(
            "%(hours)s hours in Tripletex were not sent from Odoo. Check that the "
            "same work is not registered twice.",
            hours=self._hours(month.hours_other),
        )

    def _hours(self, hours):
        return formatLang(self.env, hours, digits=2)
