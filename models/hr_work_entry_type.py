from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class HrWorkEntryType(models.Model):
    _inherit = "hr.work.entry.type"

    tripletex_company_ids = fields.Many2many(
        "res.company",
        string="Linked to Tripletex for",
        compute="_compute_tripletex_company_ids",
        search="_search_tripletex_company_ids",
        compute_sudo=True,
        help="Companies whose timesheets can use this paycode.",
    )

    def _compute_tripletex_company_ids(self):
        companies = dict(
            self.env["tripletex.paycode"]._read_group(
                [
                    ("work_entry_type_id", "in", self.ids),
                    ("connection_id.state", "!=", "disconnected"),
                ],
                ["work_entry_type_id"],
                ["company_id:recordset"],
            )
        )
        for work_entry_type in self:
            work_entry_type.tripletex_company_ids = companies.get(work_entry_type)

    def _search_tripletex_company_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        paycodes = (
            self.env["tripletex.paycode"]
            .sudo()
            .search(
                [
                    ("company_id", "in", list(value)),
                    ("connection_id.state", "!=", "disconnected"),
                ]
            )
        )
        return Domain("id", "in", paycodes.work_entry_type_id.ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_timesheets(self):
        line = (
            self.env["account.analytic.line"]
            .sudo()
            .search([("work_entry_type_id", "in", self.ids)], limit=1)
        )
        if line:
            raise UserError(
                self.env._(
                    "%(paycode)s is used on timesheets and cannot be deleted. Archive "
                    "it instead.",
                    paycode=line.work_entry_type_id.name,
                )
            )
