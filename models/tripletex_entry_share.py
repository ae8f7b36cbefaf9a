import json

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..sending.preflight import Target

#: What an entry says about its place, beside its key.
PLACE_FIELDS = (
    "connection_id",
    "company_id",
    "kind",
    "employee_id",
    "date",
    "project_id",
    "work_entry_type_id",
    "tripletex_employee_id",
    "tripletex_project_id",
    "tripletex_paycode_id",
    "activity_id",
)


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
    def _domain_shown(self):
        """The parts by which a line shows how it stands.

        What a removed connection left counts where there is no other part.
        """
        Connection = self.env["tripletex.connection"].sudo()
        removed = Connection.search([("state", "=", "disconnected")])
        if not removed:
            return Domain.TRUE
        present = Domain("entry_id.connection_id", "not in", removed.ids)
        shares = self.sudo()._search(present & Domain("line_id", "!=", False))
        return present | Domain("line_id", "not in", shares.subselect("line_id"))

    def _are_settled(self, resolution):
        """Whether all parts of a line were sent, and through the links of today.

        Activity and way of sending are no links: what they are now is for others.

        :param resolution: ``Resolution`` of the line, which has a place
        """
        project = any(t.values["tripletex_project_id"] for t in resolution.targets)
        for entry in self.entry_id:
            if not (entry.tripletex_id or entry.is_kept):
                return False
            links = {name: entry[name] for name in resolution.links if entry[name]}
            if any(resolution.links[name] != link for name, link in links.items()):
                return False
            if entry.kind == "hours" and not entry.tripletex_project_id and project:
                return False  # internal time that belongs to a project now
        return self.connection_id == resolution.connection

    def _targets(self):
        """The places where the parts are, as a resolution names them.

        :return: list of ``Target``
        """
        targets = []
        for entry in self.entry_id:
            values = entry._read_format(PLACE_FIELDS, load=None)[0]
            values = {name: values[name] or None for name in PLACE_FIELDS}
            targets.append(Target(entry.key, values))
        return targets

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
