from odoo import fields, models


class TripletexEntryShare(models.Model):
    """One validated timesheet line's part of an entry.

    Keeping the parts makes merging exact: any line can join, change or leave an entry
    and the entry is the sum of what remains.
    """

    _name = "tripletex.entry.share"
    _description = "Timesheet Line in a Tripletex Entry"
    _order = "entry_id, line_id, id"

    entry_id = fields.Many2one(
        "tripletex.entry", required=True, ondelete="cascade", index=True
    )
    connection_id = fields.Many2one(
        related="entry_id.connection_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="entry_id.company_id", store=True, precompute=True
    )
    line_id = fields.Many2one(
        "account.analytic.line",
        string="Timesheet Line",
        ondelete="set null",
        index=True,
        help="Empty: the line was deleted; its part leaves the entry.",
    )
    description = fields.Char(related="line_id.name", string="Description")
    hours = fields.Float(
        digits=(16, 6),
        required=True,
        help="Six decimals: the entry is rounded once, after summing.",
    )

    _line_entry_uniq = models.UniqueIndex(
        "(entry_id, line_id) WHERE line_id IS NOT NULL",
        "The line is part of this entry already.",
    )

    def _drop(self):
        """Take the shares of deleted lines out of their entries.

        Those of a removed connection stay: nothing is queued for it, and connecting
        again finds them.
        """
        shares = self.filtered(lambda s: s.connection_id.state != "disconnected")
        entries = shares.entry_id
        shares.unlink()
        entries._refresh()
