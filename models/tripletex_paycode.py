from odoo import fields, models

#: What of an hour with a paycode is sent.
TRANSFERS = [
    ("hours_and_paycode", "Hours and paycode"),
    ("paycode", "Paycode only"),
    ("hours", "Hours only, on the paycode's own activity"),
]


class TripletexPaycode(models.Model):
    _name = "tripletex.paycode"
    _description = "Tripletex Paycode"
    _inherit = "tripletex.binding"
    _odoo_field = "work_entry_type_id"
    _place_kinds = ("paycode",)
    _place_part = 4

    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type", string="Paycode", ondelete="set null", index=True
    )
    transfer_as = fields.Selection(
        TRANSFERS,
        string="Sent As",
        default="hours_and_paycode",
        required=True,
        help="Hours and paycode: the hour counts as worked and the paycode adds the "
        "supplement. Paycode only: no hours are sent, the paycode pays everything. "
        "Hours only: for companies that use a salary type per activity in Tripletex.",
    )
    show_in_timesheet = fields.Boolean(
        string="Shown in Tripletex's Timesheet",
        default=True,
        help="“Vis i timeliste” on the salary type in Tripletex.",
    )
    activity_id = fields.Many2one(
        "tripletex.activity",
        domain="[('connection_id', '=', connection_id)]",
        ondelete="restrict",
        help="Empty: the project's activity, else the connection's default.",
    )

    _tripletex_id_uniq = models.UniqueIndex(
        "(connection_id, tripletex_id) WHERE tripletex_id IS NOT NULL",
        "This salary type is linked already. Change that link instead.",
    )
    _number_uniq = models.UniqueIndex(
        "(connection_id, number) WHERE number IS NOT NULL",
        "This salary type number is linked already. Change that link instead.",
    )
    _work_entry_type_uniq = models.UniqueIndex(
        "(connection_id, work_entry_type_id) WHERE work_entry_type_id IS NOT NULL",
        "This paycode is linked to another salary type already. Unlink it there first.",
    )
