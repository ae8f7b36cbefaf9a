from odoo import api, fields, models
from odoo.tools import SQL

from .tripletex_connection_lifecycle import SECOND_LOOK_AFTER


class TripletexSender(models.AbstractModel):
    """What is due, and what travels together."""

    _inherit = "tripletex.sender"

    @api.model
    def _connections_with_work(self):
        """Connected connections that have entries due now, shares of deleted lines
        that no ORM event told us about, or a second look before them."""
        self.env.flush_all()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT connection.id
                  FROM tripletex_connection connection
                 WHERE connection.state = 'connected'
                   AND (EXISTS (SELECT FROM tripletex_entry entry
                                 WHERE entry.connection_id = connection.id
                                   AND entry.state IN ('pending', 'sending')
                                   AND (entry.next_attempt_at IS NULL
                                        OR entry.next_attempt_at <= %s))
                        OR EXISTS (SELECT FROM tripletex_entry_share share
                                     JOIN tripletex_entry entry
                                       ON entry.id = share.entry_id
                                    WHERE entry.connection_id = connection.id
                                      AND share.line_id IS NULL)
                        OR connection.second_look_from <= %s)
                 ORDER BY connection.id
                """,
                now,
                now - SECOND_LOOK_AFTER,
            )
        )
        return self.env["tripletex.connection"].browse(row[0] for row in rows)

    @api.model
    def _due_domain(self, connection):
        return [
            ("connection_id", "=", connection.id),
            ("state", "in", ("pending", "sending")),
            "|",
            ("next_attempt_at", "=", False),
            ("next_attempt_at", "<=", fields.Datetime.now()),
        ]

    @api.model
    def _due_entries(self, run):
        """The next batch: oldest first, of one kind.

        Entries that failed before travel in smaller company, so that one row that
        Tripletex stumbles over holds up fewer and fewer others.

        :return: nothing as well when somebody removed the connection meanwhile
        """
        self.env.invalidate_all()
        if run.connection.state != "connected":
            return self.env["tripletex.entry"]
        entries = self.env["tripletex.entry"].search(
            self._due_domain(run.connection), order="date, id", limit=run.batch_size
        )
        entries = entries.filtered(lambda entry: entry.kind == entries[0].kind)
        fresh = entries.filtered(lambda entry: not entry.attempts)
        if fresh:
            return fresh
        attempts = max(entries.mapped("attempts"), default=0)
        return entries[: max(1, run.batch_size >> min(attempts, 10))]

    @api.model
    def _batch_size(self):
        parameter = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("hr_timesheet_tripletex.batch_size")
        )
        try:
            return max(1, min(int(parameter), 1000))
        except (TypeError, ValueError):
            return 100

    @api.model
    def _drop_orphans(self, connection):
        """Lines can be deleted by the database itself (cascades): catch up."""
        self.env["tripletex.entry.share"].search(
            [("connection_id", "=", connection.id), ("line_id", "=", False)]
        )._drop()

    @api.model
    def _waiting(self, connection):
        """How many entries wait, and when the first of them is due."""
        [(count, paused, first)] = self.env["tripletex.entry"]._read_group(
            [
                ("connection_id", "=", connection.id),
                ("state", "in", ("pending", "sending")),
            ],
            aggregates=["__count", "next_attempt_at:count", "next_attempt_at:min"],
        )
        # those without a pause are due at once, whatever the others wait for
        return count, first if first and paused == count else fields.Datetime.now()
