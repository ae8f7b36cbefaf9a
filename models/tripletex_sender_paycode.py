from contextlib import suppress

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..tools import NotFound
from .tripletex_sender_decision import Found, Remote


class TripletexSenderPaycode(models.AbstractModel):
    """Sends hours on paycodes: one call each, because no list call exists."""

    _name = "tripletex.sender.paycode"
    _description = "Tripletex Sending of Paycodes"
    _inherit = ["tripletex.sender.kind"]

    _binding_finders = {
        "tripletex_employee_id": "find_employee_by_number",
        "tripletex_paycode_id": "find_salary_type_by_number",
    }

    @api.model
    def _look(self, run, entries):
        dates = entries.mapped("date")
        employees = entries.tripletex_employee_id
        # The filter takes one employee. ASSUMED: without it, rows of all come. If
        # not, a row we do not see is refused as existing and looked up by itself.
        rows = self._ask_rows(run, dates, employees if len(employees) == 1 else None)
        # Where an answer was lost, the assumption is not relied on.
        if len(employees) > 1:
            for employee in entries.filtered("is_unclear").tripletex_employee_id:
                rows += self._ask_rows(run, dates, employee)
        rows += self._ask_unseen(run, entries, rows)
        return Found([self._remote(row) for row in rows])

    @api.model
    def _ask_rows(self, run, dates, employee):
        return run.client.search_salary_rows(
            min(dates), max(dates), int(employee.tripletex_id) if employee else None
        )

    @api.model
    def _ask_unseen(self, run, entries, rows):
        """Rows that we sent and do not see: somebody moved or deleted them.

        One call each, as the list cannot be asked for ids (DOCUMENTED); these are
        few. It also finds ours should the list not tell of everybody.
        """
        unseen = {int(e.tripletex_id) for e in entries if e.tripletex_id}
        unseen -= {row["id"] for row in rows}
        found = []
        for row_id in sorted(unseen):
            with suppress(NotFound):
                found.append(run.client.get_salary_row(row_id))
        return found

    @api.model
    def _remote(self, row):
        return Remote(
            id=row["id"],
            version=row["version"],
            hours=row["count"],
            comment=row["description"],
            key=(row["employee"]["id"], row["date"], row["salaryType"]["id"]),
            date=fields.Date.to_date(row["date"]),
        )

    @api.model
    def _key(self, entry):
        return (
            int(entry.tripletex_employee_id.tripletex_id),
            fields.Date.to_string(entry.date),
            int(entry.tripletex_paycode_id.tripletex_id),
        )

    @api.model
    def _values(self, entry, comment):
        employee_id, _date, salary_type_id = self._key(entry)
        return {
            "employee_id": employee_id,
            "salary_type_id": salary_type_id,
            "date": entry.date,
            "hours": self._wanted(entry),
            "comment": comment,
        }

    @api.model
    def _change(self, run, steps):
        calls = {
            "create": self._create_row,
            "update": self._update_row,
            "delete": self._delete_row,
        }
        for step in steps:
            if self._is_hopeless(run):
                break
            call = calls[step.action]
            error = self._attempt(
                run,
                [step],
                lambda steps, call=call: [call(run.client, steps[0])],
            )
            if error:
                self._fail(run, step, error)

    def _create_row(self, client, step):
        values = step.values
        return self._remote(
            client.create_salary_row(
                values["employee_id"],
                values["salary_type_id"],
                values["date"],
                values["hours"],
                values["comment"] or "",
            )
        )

    def _update_row(self, client, step):
        values = step.values
        return self._remote(
            client.update_salary_row(
                step.remote.id,
                step.remote.version,
                values["employee_id"],
                values["salary_type_id"],
                values["date"],
                values["hours"],
                values["comment"] or "",
            )
        )

    def _delete_row(self, client, step):
        client.delete_salary_row(step.remote.id)
        return None

    # ------------------------------------------------------------------
    # Words: a row has neither project nor activity
    # ------------------------------------------------------------------

    @api.model
    def _foreign_words(self, remote):
        return self.env._(
            "Tripletex already holds %(hours)s hours for this employee, day and "
            "paycode that did not come from here. Choose whether to keep them, "
            "replace them, or add the validated hours to them.",
            hours=formatLang(self.env, remote.hours, digits=2),
        )

    @api.model
    def _moved_words(self, remote):
        return self.env._(
            "Somebody moved these hours in Tripletex to another date (%(date)s), "
            "employee or paycode. Keep them there, or replace to move them back.",
            date=format_date(self.env, remote.date),
        )
