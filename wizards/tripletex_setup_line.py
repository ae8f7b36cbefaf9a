from odoo import api, fields, models


class TripletexSetupLine(models.AbstractModel):
    """A row of Tripletex that the set-up offers.

    Rows are matched by Tripletex id when a step is entered again, so ticks stay.
    """

    _name = "tripletex.setup.line"
    _description = "Row Offered by the Tripletex Set-up"
    _order = "sequence, id"

    setup_id = fields.Many2one(
        "tripletex.connection.setup", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="setup_id.company_id")
    connection_id = fields.Many2one(related="setup_id.connection_id")
    sequence = fields.Integer()
    selected = fields.Boolean(string="Add")
    selectable = fields.Boolean(default=True, readonly=True)
    is_linked = fields.Boolean(
        readonly=True, help="Linked earlier: left alone by this set-up."
    )
    tripletex_id = fields.Char(string="Tripletex ID", required=True, readonly=True)
    number = fields.Char(readonly=True)
    name = fields.Char(readonly=True)
    reason = fields.Char(
        string="Remark",
        readonly=True,
        help="Why the row cannot be ticked, or what to know before ticking it.",
    )
    change = fields.Char(
        string="Changed in Tripletex",
        readonly=True,
        help="How the linked row differs in Tripletex by now.",
    )
    take_over = fields.Boolean(
        help="Take the change over to the link. Otherwise it stays as it is.",
    )

    def write(self, vals):
        if not vals.get("selected"):
            return super().write(vals)
        # rows that cannot be ticked stay unticked, whoever ticks "all"
        selectable = self.filtered("selectable")
        result = super(TripletexSetupLine, selectable).write(vals)
        rest = {name: value for name, value in vals.items() if name != "selected"}
        return super(TripletexSetupLine, self - selectable).write(rest) and result

    @api.depends("number", "name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = " ".join(filter(None, [line.number, line.name]))

    def _is_to_add(self):
        """Whether Complete links this row."""
        self.ensure_one()
        return self.selected and self.selectable
