from odoo import fields, models


class TripletexSetupProject(models.TransientModel):
    _name = "tripletex.setup.project"
    _description = "Project Offered by the Tripletex Set-up"
    _inherit = "tripletex.setup.line"
    _transient_max_hours = 0  # rows go with their set-up, never before it

    customer_name = fields.Char(string="Customer", readonly=True)
    start_date = fields.Date(readonly=True)
    end_date = fields.Date(readonly=True)
    is_closed = fields.Boolean(string="Closed", readonly=True)
    is_internal = fields.Boolean(string="Internal", readonly=True)
    project_id = fields.Many2one(
        "project.project",
        string="Link To",
        domain="[('company_id', 'in', (company_id, False)),"
        " ('is_template', '=', False)]",
        help="An existing Odoo project to link. Empty: a new project is made.",
    )
