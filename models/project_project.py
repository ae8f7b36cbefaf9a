from odoo import api, fields, models
from odoo.exceptions import UserError

from ..sending.namesakes import NAMESAKE_CONTEXT, full_name, namesakes, tell_apart


class ProjectProject(models.Model):
    _inherit = "project.project"

    tripletex_excluded = fields.Boolean(
        string="Not Sent to Tripletex",
        tracking=True,
        copy=False,
        help="Hours on this project can be validated freely and are not sent.",
    )
    tripletex_project_ids = fields.One2many(
        "tripletex.project",
        "project_id",
        string="Tripletex Projects",
        groups="hr_timesheet.group_hr_timesheet_approver",
    )

    @api.depends("partner_id")
    @api.depends_context(*NAMESAKE_CONTEXT)
    def _compute_display_name(self):
        result = super()._compute_display_name()
        is_linking = self.env.context.get("tripletex_link")
        for project, (root, link) in namesakes(self, "tripletex.project").items():
            project.display_name = tell_apart(
                project.display_name,
                link.number,
                root.partner_id.name or link.customer_name,
                is_linking and root.company_id.name,
            )
        return result

    def write(self, vals):
        changed = self.browse()
        if "tripletex_excluded" in vals:
            changed = self.filtered(
                lambda p: p.tripletex_excluded != bool(vals["tripletex_excluded"])
            )
        result = super().write(vals)
        if changed:
            changed._tripletex_plan_lookup()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tripletex_validated(self):
        # hr_timesheet refuses for lines that the user can read; these are all lines
        Line = self.env["account.analytic.line"].sudo()
        line = Line.search(
            Line._tripletex_validated_domain()
            & fields.Domain("project_id", "in", self.ids),
            limit=1,
        )
        if line:
            raise UserError(
                self.env._(
                    "%(project)s has validated hours and cannot be deleted. Archive "
                    "the project instead.",
                    project=full_name(line.project_id),
                )
            )

    def tripletex_let_in(self, date):
        """Send hours of these projects again, from a date of work on.

        :param date: first date whose validated hours are sent, too
        :raise AccessError: unless the user may write the projects
        """
        self.check_access("write")
        excluded = self.filtered("tripletex_excluded")
        excluded.with_context(tripletex_let_in_from=date).tripletex_excluded = False

    def _tripletex_plan_lookup(self):
        """Withdraw hours that wait, or queue those from the chosen date on.

        What Tripletex holds stays there: excluding a project is about hours to come.
        """
        let_in = self.filtered(lambda project: not project.tripletex_excluded)
        date = self.env.context.get("tripletex_let_in_from")
        dates = {"date_from": date or fields.Date.context_today(self)}
        for projects, options in ((self - let_in, {}), (let_in, dates)):
            if projects:
                connections = projects._tripletex_connections()
                Lookup = self.env["tripletex.lookup"]
                Lookup._plan(connections, "project_id", projects, **options)

    def _tripletex_connections(self):
        """Active connections of companies that can use these projects."""
        domain = fields.Domain("state", "!=", "disconnected")
        companies = self.sudo().company_id
        if all(project.company_id for project in self.sudo()):
            domain &= fields.Domain("company_id", "parent_of", companies.ids)
        return self.env["tripletex.connection"].sudo().search(domain)
