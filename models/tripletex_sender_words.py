from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..tools import NotFound, TripletexError


class TripletexSenderWords(models.AbstractModel):
    """What a person reads about hours that could not be sent.

    Chosen by the kind of error, never by Tripletex's words (which follow the language
    of the key's owner); those are shown beside ours.
    """

    _name = "tripletex.sender.words"
    _description = "Tripletex Sending Messages"

    @api.model
    def _said(self, error):
        """What Tripletex said, in its own words."""
        words = [message for _field, message in error.fields if message]
        words = words or [error.message or error.developer_message or ""]
        return " ".join(filter(None, words)) or self.env._("no explanation")

    @api.model
    def _refusal_words(self, error):
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

    @api.model
    def _temporary_words(self, error):
        return self.env._(
            "Tripletex gave no usable answer (%(said)s). The hours are tried again by "
            "themselves; there is nothing to do.",
            said=self._said(error),
        )

    @api.model
    def _denied_words(self, error):
        return self.env._(
            "The API user key may not register these hours in Tripletex (%(said)s), "
            "although it may register others. Give the key's owner access to this "
            "employee and project in Tripletex, then press Retry.",
            said=self._said(error),
        )

    @api.model
    def _foreign_words(self, remote):
        return self.env._(
            "Tripletex already holds %(hours)s hours for this employee, day, project "
            "and activity that did not come from here. Choose whether to keep them, "
            "replace them, or add the validated hours to them.",
            hours=formatLang(self.env, remote.hours, digits=2),
        )

    @api.model
    def _perhaps_ours_words(self, remote):
        return self.env._(
            "Tripletex's answer about these hours was lost, and it holds %(hours)s "
            "hours here now, which may be ours, changed by somebody. No hours are "
            "validated any more. Keep: they stay there. Replace: they are deleted.",
            hours=formatLang(self.env, remote.hours, digits=2),
        )

    @api.model
    def _edited_words(self, entry, remote):
        return self.env._(
            "Somebody changed these hours in Tripletex from %(sent)s to "
            "%(there)s. Choose which figure is right.",
            sent=formatLang(self.env, entry.sent_hours, digits=2),
            there=formatLang(self.env, remote.hours, digits=2),
        )

    @api.model
    def _moved_words(self, remote):
        return self.env._(
            "Somebody moved these hours in Tripletex to another date (%(date)s), "
            "employee, project or activity. Keep them there, or replace to move them "
            "back.",
            date=format_date(self.env, remote.date),
        )

    @api.model
    def _deleted_words(self):
        return self.env._(
            "Somebody deleted these hours in Tripletex. Keep: they stay deleted. "
            "Replace: they are registered again."
        )

    @api.model
    def _differs_words(self, entry, remote):
        return self.env._(
            "Tripletex stored %(there)s hours instead of %(ours)s. Check the hours "
            "in Tripletex, then press Retry.",
            there=formatLang(self.env, remote.hours, digits=2),
            ours=formatLang(self.env, entry._target_hours(), digits=2),
        )

    # ------------------------------------------------------------------
    # Locks
    # ------------------------------------------------------------------

    @api.model
    def _lock_words(self, run, entry, remote=None, error=None):
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
        status = self._month_status(run, entry)
        if status and (status["approved"] or status["approvedUntilDate"]):
            return self.env._(
                "%(month)s is approved in Tripletex for %(employee)s%(until)s. Remove "
                "the approval of the month there (Månedsoversikt), then press Retry.",
                month=format_date(self.env, entry.date, date_format="MMMM y"),
                employee=employee,
                until=self._until_words(status),
            )
        return self.env._(
            "These hours of %(employee)s are locked in Tripletex: the week or month is "
            "approved, or they are invoiced or paid%(said)s. Open them there, then "
            "press Retry.",
            employee=employee,
            said=f" (“{self._said(error)}”)" if error else "",
        )

    @api.model
    def _until_words(self, status):
        if not status["approvedUntilDate"]:
            return ""
        date = fields.Date.to_date(status["approvedUntilDate"])
        return self.env._(" until %(date)s", date=format_date(self.env, date))

    @api.model
    def _month_status(self, run, entry):
        """The month's approval, or None where Tripletex does not tell.

        Asked once per employee and month of a run; only for words, so no failure of
        this question matters.
        """
        employee_id = int(entry.tripletex_employee_id.tripletex_id)
        key = (employee_id, entry.date.replace(day=1))
        if key not in run.month_status:
            try:
                rows = run.client.list_month_status([employee_id], key[1])
            except TripletexError:
                rows = []
            run.month_status[key] = rows[0] if rows else None
        return run.month_status[key]
