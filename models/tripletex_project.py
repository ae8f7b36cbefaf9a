from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..sending.namesakes import full_name


class TripletexProject(models.Model):
    _name = "tripletex.project"
    _description = "Tripletex Project"
    _inherit = "tripletex.binding"
    _odoo_field = "project_id"
    _place_kinds = ("hours",)
    _place_part = 4

    project_id = fields.Many2one("project.project", ondelete="set null", index=True)
    is_closed = fields.Boolean(string="Closed in Tripletex")
    is_internal = fields.Boolean(
        string="Internal Time",
        help="Hours are booked in Tripletex without a project, on an internal "
        "activity.",
    )
    customer_name = fields.Char(string="Customer in Tripletex")
    start_date = fields.Date(string="Start in Tripletex")
    end_date = fields.Date(string="End in Tripletex")
    activity_id = fields.Many2one(
        "tripletex.activity",
        domain="[('connection_id', '=', connection_id)]",
        ondelete="restrict",
        help="Empty: the connection's default activity.",
    )

    _tripletex_id_uniq = models.UniqueIndex(
        "(connection_id, tripletex_id) WHERE tripletex_id IS NOT NULL",
        "This Tripletex project is linked already. Change that link instead.",
    )
    _number_uniq = models.UniqueIndex(
        "(connection_id, number) WHERE number IS NOT NULL",
        "This project number is linked already. Change that link instead.",
    )
    _project_uniq = models.UniqueIndex(
        "(connection_id, project_id) WHERE project_id IS NOT NULL",
        "This project is linked to another Tripletex project already. Unlink it there "
        "first.",
    )

    @api.constrains("tripletex_id", "number", "is_internal")
    def _check_identity(self):
        in_tripletex = self.filtered(lambda project: not project.is_internal)
        return super(TripletexProject, in_tripletex)._check_identity()

    @api.constrains("is_internal", "tripletex_id")
    def _check_internal(self):
        for project in self:
            if project.is_internal and (project.tripletex_id or project.number):
                raise ValidationError(
                    self.env._(
                        "%(project)s is internal time: it has no project number in "
                        "Tripletex. Leave number and ID empty.",
                        project=full_name(project.project_id),
                    )
                )
