from odoo import api, models

from ..sending.evidence import MonthEvidence


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
