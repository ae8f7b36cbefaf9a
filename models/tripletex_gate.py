from odoo import api, fields, models
from odoo.tools import SQL


class TripletexGate(models.Model):
    """Orders validating hours and changing where hours go: a row per company tree.

    Validating, and every other change of validated lines, takes a share lock on the
    row until its transaction ends. Every change of links, projects or connections
    updates the row. So a request that began before such a change and validates after
    it is repeated by Odoo with the change in view. The other order needs one thing
    more: what a change has to look up is looked up after its commit, see
    ``tripletex.lookup``.
    """

    _name = "tripletex.gate"
    _description = "Order of Validating and Changing Links"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    changes = fields.Integer(default=0)

    _company_uniq = models.Constraint(
        "UNIQUE(company_id)", "There is one row for a company and its branches."
    )

    @api.model
    def _pass(self, companies):
        """Take the share lock of these companies; their lines change now.

        A change since this transaction began raises a serialisation error, upon which
        Odoo repeats the request.

        :param companies: ``res.company`` records
        """
        roots = companies.sudo().root_id
        if not roots:
            return
        query = SQL(
            "SELECT company_id FROM tripletex_gate WHERE company_id IN %s "
            "ORDER BY company_id FOR SHARE",
            tuple(roots.ids),
        )
        known = {company_id for (company_id,) in self.env.execute_query(query)}
        missing = set(roots.ids) - known
        if missing:
            self._insert(missing, SQL("NOTHING"))
            self.env.execute_query(query)

    @api.model
    def _change(self, companies):
        """Note that where hours of these companies go changes now.

        :param companies: ``res.company`` records
        """
        roots = companies.sudo().root_id
        if roots:
            self._insert(
                roots.ids, SQL("UPDATE SET changes = tripletex_gate.changes + 1")
            )

    @api.model
    def _insert(self, company_ids, otherwise):
        self.env.cr.execute(
            SQL(
                "INSERT INTO tripletex_gate (company_id, changes) VALUES %s "
                "ON CONFLICT (company_id) DO %s",
                SQL(", ").join(
                    SQL("(%s, 0)", company) for company in sorted(company_ids)
                ),
                otherwise,
            )
        )
