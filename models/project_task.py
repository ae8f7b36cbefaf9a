from odoo import api, models
from odoo.fields import Domain

from ..sending.queue import Queue


class ProjectTask(models.Model):
    _inherit = "project.task"

    def write(self, vals):
        """Let validated hours follow a task that changes its project.

        The lines' project is recomputed below ``write``. Where our own validation
        locks the lines the move is refused; Enterprise allows it.
        """
        result = super().write(vals)
        Line = self.env["account.analytic.line"].sudo()
        if vals.keys() & {"project_id", "parent_id"} and Line._tripletex_is_native():
            lines = Line.search(
                Line._tripletex_validated_domain()
                & Domain("task_id", "child_of", self.ids)
            )
            Queue(self.env).sync(lines)
        return result

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, *self.env["account.analytic.line"]._tripletex_view_key())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        for lines in arch.xpath("//field[@name='timesheet_ids']"):
            self.env["account.analytic.line"]._tripletex_strip(lines)
        return arch, view
