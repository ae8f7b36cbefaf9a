from odoo import api, fields, models

from .tripletex_setup_suggest import comparable


class TripletexSetupProject(models.TransientModel):
    _name = "tripletex.setup.project"
    _description = "Project Offered by the Tripletex Set-up"
    _inherit = "tripletex.setup.line"
    _transient_max_hours = 0  # rows go with their set-up, never before it

    _link_model = "tripletex.project"
    _odoo_field = "project_id"
    _copied_fields = ("is_closed", "start_date", "end_date", "customer_name")
    _chosen_fields = ("project_id",)

    customer_name = fields.Char(string="Customer", readonly=True)
    start_date = fields.Date(readonly=True)
    end_date = fields.Date(readonly=True)
    is_closed = fields.Boolean(string="Closed", readonly=True)
    project_id = fields.Many2one(
        "project.project",
        string="Link To",
        domain="[('company_id', 'in', (company_id, False)),"
        " ('is_template', '=', False)]",
        help="An existing Odoo project to link. Empty: a new project is created.",
    )

    @api.depends("customer_name")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for line in self.filtered("customer_name"):
            line.display_name = f"{line.display_name} ({line.customer_name})"
        return result

    # -- reading -----------------------------------------------------------------

    @api.model
    def _read_rows(self, client, setup):
        # closed projects are shown only where they are linked
        linked = self.env[self._link_model].search_count(
            [("company_id", "=", setup.company_id.id)], limit=1
        )
        return client.list_projects(closed=bool(linked))

    @api.model
    def _is_offered(self, row, link):
        """Offer open projects with a number, and all that are linked."""
        return link or (row["number"] and not row["isClosed"])

    @api.model
    def _why_left_out(self, row):
        if row["isClosed"]:
            return self.env._("Closed in Tripletex.")
        return super()._why_left_out(row)

    @api.model
    def _row_values(self, row):
        return {
            "customer_name": row["customerName"] or False,
            "start_date": fields.Date.to_date(row["startDate"]) or False,
            "end_date": fields.Date.to_date(row["endDate"]) or False,
            "is_closed": bool(row["isClosed"]),
        }

    @api.model
    def _suggest(self, setup, pairs):
        """Return the Odoo projects that match rows by name."""
        # a project without a number can be meant by its name, too
        rows = [row for row, link in pairs if link or not row["isClosed"]]
        domain = [
            ("company_id", "in", (setup.company_id.id, False)),
            ("is_template", "=", False),
        ]
        suggestions = self._suggestions(setup, rows, domain)
        suggestions.match(
            lambda row: comparable(self._row_name(row)),
            lambda project: {comparable(project.name)},
        )
        return suggestions

    # -- Complete ----------------------------------------------------------------

    @api.model
    def _figures(self, new, linked):
        return self.env._(
            "Projects: %(new)s new, %(linked)s linked", new=new, linked=linked
        )

    def _problems(self):
        return super()._problems() + self._of_other_companies("project_id")

    def _create_records(self):
        company = self.setup_id.company_id
        partners = self._partners_by_name()
        Project = self.env["project.project"].with_company(company)
        return Project.with_context(mail_create_nolog=True).create(
            [
                {
                    "name": line.name or line.number,
                    "company_id": company.id,
                    "allow_timesheets": True,
                    "privacy_visibility": "employees",
                    "partner_id": partners.get(line.customer_name, False),
                }
                | line._period()
                for line in self
            ]
        )

    def _period(self):
        """Return start and end of the project to create, where Odoo can hold them.

        Odoo's form cannot be saved with only one of them, and Odoo refuses an end
        before the start. The link keeps what Tripletex says.
        """
        first, last = self.start_date, self.end_date
        if not (first and last and first <= last):
            return {}
        return {"date_start": first, "date": last}

    def _partners_by_name(self):
        """Return ids of the companies among contacts, by names that only one has."""
        names = list(set(self.mapped("customer_name")) - {False})
        if not names:
            return {}
        groups = self.env["res.partner"]._read_group(
            [
                ("name", "in", names),
                ("is_company", "=", True),
                ("company_id", "in", (self.setup_id.company_id.id, False)),
            ],
            ["name"],
            ["id:recordset"],
        )
        return {name: found.id for name, found in groups if len(found) == 1}

    @api.model
    def _unlinked_projects(self, setup):
        """Return open Odoo projects with timesheets that get no link by Complete.

        The mark on a project that companies share counts for all of them. So a project
        whose hours another company sends is left out.
        """
        active = [("connection_id.state", "!=", "disconnected")]
        linked = self._links(setup) | self.env[self._link_model].search(active)
        linked = linked.project_id | setup.project_line_ids._to_add().project_id
        return self.env["project.project"].search(
            [
                ("company_id", "in", (setup.company_id.id, False)),
                ("allow_timesheets", "=", True),
                ("is_template", "=", False),
                ("tripletex_excluded", "=", False),
                ("id", "not in", linked.ids),
            ]
        )
