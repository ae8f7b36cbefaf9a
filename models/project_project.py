from odoo import api, fields, models
from odoo.exceptions import UserError

from ..sending.queue import Queue
from .namesakes import NAMESAKE_CONTEXT, namesakes, tell_apart


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
        in_setup = self.env.context.get("tripletex_setup")
        for project, (root, number) in namesakes(self, "tripletex.project").items():
            project.display_name = tell_apart(
                project.display_name,
                number,
                root.partner_id.name,
                in_setup and root.company_id.name,
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
            changed._tripletex_resync()
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
                    project=line.project_id.display_name,
                )
            )

    @api.private
    def _tripletex_resync(self):
        """Validated hours join or leave the queue as the project does.

        Hours that Tripletex holds already are left there: excluding a project is
        about hours to come.
        """
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Line._tripletex_validated_domain()
            & fields.Domain("project_id", "in", self.ids)
        )
        shares = self.env["tripletex.entry.share"]._of_lines(lines)
        sent = shares.filtered("entry_id.tripletex_id").line_id
        Queue(self.env).sync(lines - sent)
        let_in = self.filtered(lambda project: not project.tripletex_excluded)
        if let_in:
            domain = fields.Domain("state", "!=", "disconnected")
            if all(project.company_id for project in let_in):
                domain &= fields.Domain("company_id", "in", let_in.company_id.ids)
            connections = self.env["tripletex.connection"].sudo().search(domain)
            connections._plan_second_look()
