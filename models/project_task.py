from odoo import api, models


class ProjectTask(models.Model):
    _inherit = "project.task"

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
