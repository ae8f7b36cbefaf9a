from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .tripletex_entry import round_hours

#: Longest comment we send. ASSUMED: no limit is documented or recorded; a longer one
#: could be refused, so ours stays within what every text column holds.
COMMENT_MAX_LENGTH = 255


class TripletexEntry(models.Model):
    """What entries should hold: the sum of the shares of timesheet lines."""

    _inherit = "tripletex.entry"

    @api.model
    def _get_or_create(self, targets):
        """Entries for the given keys, made where they are missing.

        ``ON CONFLICT`` keeps two transactions that queue hours for one key at the
        same time from failing each other: the second waits and shares the row.

        :param targets: dict of (connection id, key) to column values
        :return: dict of (connection id, key) to entry id
        """
        if not targets:
            return {}
        columns = [
            "connection_id",
            "company_id",
            "key",
            "kind",
            "date",
            "employee_id",
            "project_id",
            "work_entry_type_id",
            "tripletex_employee_id",
            "tripletex_project_id",
            "tripletex_paycode_id",
            "activity_id",
        ]
        rows = [
            SQL(
                "(%s, 'pending', 0, 0, 0, %s, now() at time zone 'UTC')",
                SQL(", ").join(SQL("%s", value) for value in row),
                self.env.uid,
            )
            for row in (
                [({"key": key} | values)[name] or None for name in columns]
                for (_connection, key), values in targets.items()
            )
        ]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO tripletex_entry
                       (%s, state, hours, foreign_hours, sent_hours,
                        create_uid, create_date)
                VALUES %s
                ON CONFLICT (connection_id, key) DO NOTHING
                RETURNING id
                """,
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(rows),
            )
        )
        entries = self.search(
            [
                ("connection_id", "in", [connection for connection, _key in targets]),
                ("key", "in", [key for _connection, key in targets]),
            ]
        )
        entries.invalidate_recordset()
        return {(entry.connection_id.id, entry.key): entry.id for entry in entries}

    def _refresh(self, problems=None):
        """Recompute what is desired from the shares and queue what became dirty.

        Two transactions that change the same entry meet at its row lock; the later
        one is repeated by Odoo with the earlier one's shares in view.

        :param problems: dict of entry to the reason why it cannot be sent as it is
            (only where the company does not insist on the pre-flight)
        """
        if not self:
            return
        self._lock()
        hours, comments = self._sum_shares()
        dirty = self.browse()
        for entry in self:
            values = {"hours": float(hours[entry.id]), "comment": comments[entry.id]}
            changed = {
                name: value
                for name, value in values.items()
                if (entry[name] or False) != (value or False)
            }
            if changed:
                entry.write(changed)
            entry._requeue((problems or {}).get(entry))
            if entry.state == "pending":
                dirty |= entry
        never_sent = self.filtered(lambda entry: entry._is_void())
        never_sent.unlink()
        if dirty - never_sent:
            self._wake_cron()

    def _lock(self):
        """Lock the rows until the transaction ends, waiting for others.

        A row that somebody changed since our transaction began raises a
        serialisation error, upon which Odoo repeats the request.
        """
        if self:
            self.env.execute_query(
                SQL(
                    "SELECT id FROM tripletex_entry WHERE id IN %s ORDER BY id "
                    "FOR NO KEY UPDATE",
                    tuple(self.ids),
                )
            )
            self.invalidate_recordset()

    def _is_void(self):
        """Nothing desired, nothing sent, nothing under way: no reason to exist."""
        return (
            not self.share_ids
            and not self.tripletex_id
            and not self.is_unclear
            and self.state != "sending"
            and not self.sent_at
        )

    def _requeue(self, problem=None):
        """Set the state that follows from desired, confirmed and ``problem``."""
        self.ensure_one()
        if self.state == "sending":
            return  # the worker compares again when its answer is there
        if problem and self._is_dirty():
            self.write({"state": "failed", "error_message": problem})
        elif self.state == "conflict":
            return  # a person decides; the sides shown are up to date
        elif self.is_kept and self._is_dirty():
            self.write(self._kept_conflict_values())
        elif self._is_dirty():
            if self.state != "pending":
                self.write({"state": "pending"})
                self._reset_attempts()
        elif self.state != "sent":
            self.write({"state": "sent"})
            self._reset_attempts()

    def _kept_conflict_values(self):
        """A kept figure meets new hours: the person is asked again."""
        return {
            "state": "conflict",
            "is_kept": False,
            "remote_id": self.tripletex_id,
            "remote_version": self.tripletex_version,
            "remote_hours": self.sent_hours,
            "remote_comment": self.sent_comment,
            "remote_key": self.known_key,
            "error_message": self.env._(
                "Tripletex's figure was kept earlier, and the validated hours have "
                "changed since. Choose again which figure is right."
            ),
        }

    def _sum_shares(self):
        """Exact sums and joined descriptions of the shares of these entries.

        :return: dict of entry id to Decimal hours, dict of entry id to comment
        """
        self.env["tripletex.entry.share"].flush_model()
        self.env["account.analytic.line"].flush_model(["name"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT share.entry_id, share.hours, line.name
                  FROM tripletex_entry_share share
                  JOIN account_analytic_line line ON line.id = share.line_id
                 WHERE share.entry_id IN %s
                 ORDER BY share.entry_id, line.id
                """,
                tuple(self.ids),
            )
        )
        hours = defaultdict(Decimal)
        names = defaultdict(dict)
        for entry_id, share_hours, name in rows:
            # psycopg2 hands numeric columns over as floats: back to six decimals
            hours[entry_id] += Decimal(f"{share_hours:.6f}")
            if name and name.strip() != "/":
                names[entry_id][" ".join(name.split())] = True
        return (
            {entry.id: round_hours(hours[entry.id]) for entry in self},
            {entry.id: join_comments(names[entry.id]) for entry in self},
        )


def join_comments(names):
    """Join descriptions to one comment, cut to what Tripletex is sure to take."""
    comment = "; ".join(names)
    if len(comment) > COMMENT_MAX_LENGTH:
        comment = comment[: COMMENT_MAX_LENGTH - 1].rstrip() + "…"
    return comment
