from odoo import fields, models

from ..models.tripletex_paycode import TRANSFERS


class TripletexSetupPaycode(models.TransientModel):
    _name = "tripletex.setup.paycode"
    _description = "Paycode Offered by the Tripletex Set-up"
    _inherit = "tripletex.setup.line"
    _transient_max_hours = 0  # rows go with their set-up, never before it

    show_in_timesheet = fields.Boolean(
        string="In Tripletex's Timesheet",
        readonly=True,
        help="“Vis i timeliste” on the salary type in Tripletex.",
    )
    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type",
        string="Link To",
        help="An existing work entry type to link. Empty: a new one is made.",
    )
    transfer_as = fields.Selection(
        TRANSFERS,
        string="Sent As",
        default="hours_and_paycode",
        required=True,
    )
