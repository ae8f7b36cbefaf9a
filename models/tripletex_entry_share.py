import json

from odoo import api, fields, models
from odoo.tools import SQL


class TripletexEntryShare(models.Model):
    """One validated timesheet line's part of an entry.

    Keeping the parts makes merging exact: any line can join, change or leave an entry
    and the entry is the sum of what remains.
    """

    _name = "tripletex.entry.share"
    _description = "Timesheet Line in a Tripletex Entry"
    _order = "entry_id, line_id, id"
    # who and when stand on the line and the entry; a month has thousands of shares
    _log_access = False

    entry_id = fields.Many2one("tripletex.entry", required=True, ondelete="cascade")
    connection_id = fields.Many2one(related="entry_id.connection_id")
    company_id = fields.Many2one(related="entry_id.company_id")
    line_id = fields.Many2one(
        "account.analytic.line",
        string="Timesheet Line",
        ondelete="set null",
        index="btree_not_null",
        help="Empty: the line was deleted; its part leaves the entry.",
    )
    description = fields.Char(related="line_id.name", string="Description")
    hours = fields.Float(
        digits=(16, 6),
        required=True,
        help="Six decimals: the entry is rounded once, after summing.",
    )
    logged_as = fields.Char(
        help="Employee, date, project and paycode of the line when it was queued.",
        export_string_translation=False,
    )

    # also the index of ``entry_id``; rows without a line do not count as equal
    _line_entry_uniq = models.Constraint(
        "UNIQUE(entry_id, line_id)", "The line is part of this entry already."
    )
    # the cron asks at every run whether lines were deleted
    _orphan_idx = models.Index("(entry_id) WHERE line_id IS NULL")

    @api.model
    def _of_lines(self, lines):
        """The parts of ``lines`` that count now.

        Those of a removed connection say nothing about the present one, which may be
        of another Tripletex company; connecting again finds them.

        :return: shares (sudo)
        """
        return self.sudo().search(
            [
                ("line_id", "in", lines.ids),
                ("entry_id.connection_id.state", "!=", "disconnected"),
            ]
        )

    @api.model
    def _insert(self, parts):
        """Make shares in one statement: a month has thousands.

        :param parts: non-empty dict of (line id, entry id) to (hours with six
            decimals, what the line says)
        """
        rows = [
            {
                "line_id": line_id,
                "entry_id": entry_id,
                "hours": hours,
                "logged_as": logged_as,
            }
            for (line_id, entry_id), (hours, logged_as) in parts.items()
        ]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO tripletex_entry_share (line_id, entry_id, hours, logged_as)
                SELECT line_id, entry_id, hours, logged_as
                  FROM json_populate_recordset(NULL::tripletex_entry_share, %s)
                """,
                json.dumps(rows),
            )
        )
        self.env["tripletex.entry"].invalidate_model(["share_ids"], flush=False)

    def _drop(self):
        """Take the shares of deleted lines out of their entries.

        Those of a removed connection stay: nothing is queued for it, and connecting
        again finds them.
        """
        shares = self.filtered(lambda s: s.connection_id.state != "disconnected")
        entries = shares.entry_id
        shares.unlink()
        entries._refresh()
