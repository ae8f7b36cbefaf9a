from odoo import api, fields, models


class TripletexMonthEvidence(models.AbstractModel):
    """The paper that proves a month: what, who, when, and Tripletex's ids."""

    _name = "report.hr_timesheet_tripletex.month_evidence"
    _description = "Evidence of a Month"

    @api.model
    def _get_report_values(self, docids, data=None):
        months = self.env["tripletex.month"].browse(docids)
        months.check_access("read")
        return {
            "doc_ids": months.ids,
            "doc_model": months._name,
            "docs": months,
            "evidence": MonthEvidence(months),
        }


class MonthEvidence:
    """Rows of months for the accountant or auditor, as the reader may see them.

    A few queries for all months, however many rows they have.

    :param months: ``tripletex.month`` records of the reader
    """

    def __init__(self, months):
        self.months, self.env = months, months.env
        self._entries = self._read(self.env["tripletex.entry"])
        self._all = self._read(self.env["tripletex.entry"].sudo())
        # one query for all lines, not one a row
        entries = self.env["tripletex.entry"].sudo().union(*self._all.values())
        entries.share_ids.line_id.tripletex_validated_by.mapped("name")

    def _read(self, Entry):
        """Entries of the months that are or were in Tripletex, by month."""
        if not self.months:
            return {}
        entries = Entry.search(
            [
                ("connection_id", "in", self.months.sudo().connection_id.ids),
                ("employee_id", "in", self.months.employee_id.ids),
                ("date", ">=", min(self.months.mapped("month"))),
                ("date", "<=", max(month._last_day() for month in self.months)),
            ],
            order="date, kind, id",
        )
        return entries.grouped(
            lambda entry: (
                entry.sudo().connection_id.id,
                entry.employee_id.id,
                entry.date.replace(day=1),
            )
        )

    def _of(self, found, month):
        key = (month.sudo().connection_id.id, month.employee_id.id, month.month)
        return found.get(key, self.env["tripletex.entry"])

    def rows(self, month):
        """Rows of one month, by date.

        :return: list of dict: ``entry``, and ``lines`` as list of dict with ``hours``,
            ``by`` (name) and ``at`` (datetime)
        """
        return [
            {"entry": entry, "lines": self._lines(entry)}
            for entry in self._of(self._entries, month)
        ]

    def hidden(self, month):
        """How many rows the reader may not see, such as those of private projects."""
        return len(self._of(self._all, month)) - len(self._of(self._entries, month))

    def _lines(self, entry):
        return [
            {
                "hours": share.hours,
                "by": share.line_id.tripletex_validated_by.name or "",
                "at": share.line_id.tripletex_validated_at,
            }
            for share in entry.sudo().share_ids.filtered("hours")
        ]

    def printed_at(self):
        """When the paper is made, in UTC."""
        return fields.Datetime.now()
