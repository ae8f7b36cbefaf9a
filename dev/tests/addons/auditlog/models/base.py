from odoo import api, models

from .auditlog_log import note


class Base(models.AbstractModel):
    """What a module sees that extends every model."""

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        note(self, "create", vals_list)
        return super().create(vals_list)

    def write(self, vals):
        note(self, "write", vals)
        return super().write(vals)

    def read(self, *args, **kwargs):
        result = super().read(*args, **kwargs)
        note(self, "read", result)
        return result
