from itertools import count

from odoo import api, fields, models

from ..models.tripletex_paycode import TRANSFERS

#: Prefix of the payroll codes of work entry types that are created here. Codes are
#: unique, and the payroll packages of other countries use bare numbers.
CODE_PREFIX = "TT"


class TripletexSetupPaycode(models.TransientModel):
    _name = "tripletex.setup.paycode"
    _description = "Paycode Offered by the Tripletex Set-up"
    _inherit = "tripletex.setup.line"
    _transient_max_hours = 0  # rows go with their set-up, never before it

    _link_model = "tripletex.paycode"
    _odoo_field = "work_entry_type_id"
    _copied_fields = ("show_in_timesheet",)
    _chosen_fields = ("work_entry_type_id",)
    _is_optional = True

    show_in_timesheet = fields.Boolean(
        string="In Tripletex's Timesheet",
        readonly=True,
        help="“Vis i timeliste” on the salary type in Tripletex.",
    )
    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type",
        string="Link To",
        help="An existing work entry type to link. Empty: a new one is created.",
    )
    transfer_as = fields.Selection(
        TRANSFERS, string="Sent As", default="hours_and_paycode", required=True
    )

    # -- reading -----------------------------------------------------------------

    @api.model
    def _read_rows(self, client, setup):
        return client.list_salary_types()

    @api.model
    def _is_offered(self, row, link):
        return bool(row["number"])

    @api.model
    def _row_values(self, row):
        return {"show_in_timesheet": bool(row["showInTimesheet"])}

    @api.model
    def _sort_key(self, vals):
        """Those of Tripletex's timesheet come first."""
        return not vals["show_in_timesheet"], super()._sort_key(vals)

    @api.model
    def _hindrance(self, row, is_shared):
        text = not row["showInTimesheet"] and self.env._(
            "Tick “Vis i timeliste” on this salary type in Tripletex before hours use "
            "it."
        )
        return text, False

    @api.model
    def _suggest(self, setup, pairs):
        """Return the work entry types whose codes hold the number of a salary type."""
        rows = [row for row, _link in pairs if row["number"]]
        numbers = [row["number"] for row in rows]
        domain = [
            ("country_id", "in", (setup.company_id.country_id.id, False)),
            "|",
            ("external_code", "in", numbers),
            ("code", "in", [f"{CODE_PREFIX}{number}" for number in numbers]),
        ]
        suggestions = self._suggestions(setup, rows, domain)
        suggestions.match(
            lambda row: row["number"],
            lambda kind: {kind.external_code or kind.code.removeprefix(CODE_PREFIX)},
        )
        return suggestions

    # -- Complete ----------------------------------------------------------------

    @api.model
    def _figures(self, new, linked):
        return self.env._(
            "Paycodes: %(new)s new, %(linked)s linked", new=new, linked=linked
        )

    def _link_values(self):
        return super()._link_values() | {"transfer_as": self.transfer_as}

    def _create_records(self):
        country = self.setup_id.company_id.country_id
        return self.env["hr.work.entry.type"].create(
            [
                {
                    "name": line.name or line.number,
                    "code": code,
                    "external_code": line.number,
                    "country_id": country.id,
                }
                for line, code in zip(self, self._free_codes(country), strict=True)
            ]
        )

    def _free_codes(self, country):
        """Return a payroll code for each row: its number, with a suffix where taken."""
        codes = [f"{CODE_PREFIX}{line.number}" for line in self]
        domain = [
            ("code", "=like", f"{CODE_PREFIX}%"),
            ("country_id", "in", (country.id, False)),
        ]
        taken = set(self.env["hr.work.entry.type"].search(domain).mapped("code"))
        for index, code in enumerate(codes):
            copies = count(2)
            while codes[index] in taken:
                codes[index] = f"{code}-{next(copies)}"
            taken.add(codes[index])
        return codes
