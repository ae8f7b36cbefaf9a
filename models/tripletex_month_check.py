from odoo import fields, models


class TripletexMonthCheck(models.Model):
    """What a check found: kept for years, and never changed.

    A check that finds what the one before it found leaves no record of its own: the
    month says when it was checked last. So a month has as many records as its figures
    had values, at most one a night while hours are added to it.
    """

    _name = "tripletex.month.check"
    _description = "Check of a Month in Tripletex"
    _inherit = "tripletex.technical"
    _order = "checked_at desc, id desc"
    _rec_name = "checked_at"
    # when stands in ``checked_at``, and the cron alone writes
    _log_access = False

    month_id = fields.Many2one(
        "tripletex.month",
        string="Checked Month",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="month_id.company_id")
    employee_id = fields.Many2one(related="month_id.employee_id")
    month = fields.Date(related="month_id.month")
    checked_at = fields.Datetime(string="Checked On", required=True)
    hours_validated = fields.Float(string="Validated", digits=(16, 2))
    hours_there = fields.Float(string="In Tripletex", digits=(16, 2))
    hours_other = fields.Float(string="Not Sent from Odoo", digits=(16, 2))
    paycode_validated = fields.Float(string="Validated on Paycodes", digits=(16, 2))
    paycode_there = fields.Float(string="Paycodes in Tripletex", digits=(16, 2))
    difference = fields.Float(digits=(16, 2))
    is_equal = fields.Boolean(string="Equal")
    cause = fields.Selection(
        lambda self: self.env["tripletex.month"]._fields["cause"].selection
    )
    state_there = fields.Selection(
        lambda self: self.env["tripletex.month"]._fields["state_there"].selection,
        string="State in Tripletex",
    )
    pay_has_run = fields.Boolean()
