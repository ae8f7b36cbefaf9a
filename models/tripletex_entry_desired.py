import json
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
    def _get_or_create(self, targets, parts):
        """Entries for the given keys, made where they are missing.

        ``ON CONFLICT`` keeps two transactions that queue hours for one key at the
        same time from failing each other: the second waits and shares the row.

        :param targets: dict of (connection id, key) to column values
        :param parts: dict of (connection id, key) to (hours, description) of lines.
            An entry that is new begins with them: to make a row and to change it
            afterwards costs PostgreSQL twice as much as to make it
        :return: dict of (connection id, key) to entry id, and the entries made now:
            they hold what they should, wait to be sent, and need no refreshing
        """
        if not targets:
            return {}, self.browse()
        rows = []
        for place, values in targets.items():
            hours, comment = sum_parts(parts[place])
            rows.append({**values, "key": place[1], "hours": hours, "comment": comment})
        columns = SQL(", ").join(map(SQL.identifier, rows[0]))
        made = self.env.execute_query(
            SQL(
                """
                INSERT INTO tripletex_entry
                       (%(columns)s, state, foreign_hours, sent_hours,
                        create_uid, create_date)
                SELECT %(columns)s, 'pending', 0, 0, %(uid)s, %(now)s
                  FROM json_populate_recordset(NULL::tripletex_entry, %(rows)s)
                ON CONFLICT (connection_id, key) DO NOTHING
             RETURNING connection_id, key, id
                """,
                columns=columns,
                uid=self.env.uid,
                now=self.env.cr.now(),
                rows=json.dumps(rows, default=str),
            )
        )
        ids = {(connection_id, key): entry_id for connection_id, key, entry_id in made}
        born = self.browse(ids.values())
        if len(ids) < len(targets):
            ids |= self._existing(targets.keys() - ids.keys())
        return ids, born

    @api.model
    def _existing(self, places):
        """Ids of the entries with these keys.

        :param places: non-empty set of (connection id, key)
        :return: dict of (connection id, key) to entry id
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT connection_id, key, id FROM tripletex_entry "
                "WHERE connection_id IN %s AND key IN %s",
                tuple({connection_id for connection_id, _key in places}),
                tuple(key for _connection_id, key in places),
            )
        )
        return {(connection_id, key): entry_id for connection_id, key, entry_id in rows}

    def _follow_links(self, values_by_id):
        """Show the Odoo records that are linked to Tripletex's now.

        A link can change while an entry goes on: the next person's hours are shown
        under that person's name.

        :param values_by_id: column values by entry id, of these entries at least
        """
        shown = {
            "tripletex_employee_id": "employee_id",
            "tripletex_project_id": "project_id",
            "tripletex_paycode_id": "work_entry_type_id",
        }
        outdated = defaultdict(list)
        for entry in self:
            values = values_by_id[entry.id]
            for link, name in shown.items():
                if values[link] and entry[name].id != values[name]:
                    outdated[name, values[name]].append(entry.id)
        for (name, record_id), entry_ids in outdated.items():
            self.browse(entry_ids).write({name: record_id})

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
        sums = self._sum_shares()
        self._write_desired(sums)
        connections, in_need = self.connection_id, self._in_need()
        for entry in self:
            entry._requeue((problems or {}).get(entry))
        never_sent = self.filtered(
            lambda entry: entry.id not in sums and entry._is_void()
        )
        waiting = self.filtered(lambda entry: entry.state == "pending") - never_sent
        never_sent.unlink()
        if (self - never_sent)._in_need() != in_need:
            connections._notify_responsible()
        if waiting:
            self._wake_cron()

    def _write_desired(self, sums):
        """Write hours and comments in one statement: a month has thousands of rows.

        :param sums: as :meth:`_sum_shares` returns them
        """
        nothing = (Decimal(0), None)
        rows = []
        for entry in self:
            hours, comment = sums.get(entry.id, nothing)
            if (entry.hours, entry.comment or None) != (float(hours), comment):
                rows.append((entry.id, hours, comment))
        if not rows:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE tripletex_entry entry
                   SET hours = new.hours, comment = new.comment,
                       write_uid = %s, write_date = %s
                  FROM (VALUES %s) AS new (id, hours, comment)
                 WHERE entry.id = new.id
                """,
                self.env.uid,
                self.env.cr.now(),
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )
        self.invalidate_recordset(["hours", "comment"], flush=False)

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

    def _in_need(self):
        """Those of these entries that need a person."""
        return self.filtered(lambda entry: entry.state in ("failed", "conflict"))

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
        # Before any problem: Retry, which ends that, would forget the question, and
        # a figure that a person chose to keep would be overwritten unasked.
        if self.state == "conflict":
            return  # a person decides; the sides shown are up to date
        if self.is_kept and self._is_dirty():
            self.write(self._kept_conflict_values())
        elif problem and self._is_dirty():
            self.write({"state": "failed", "error_message": problem})
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

        :return: dict of entry id to (Decimal hours, comment or None); an entry whose
            shares are gone is not in it
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
        parts = defaultdict(list)
        for entry_id, hours, name in rows:
            parts[entry_id].append((hours, name))
        return {entry_id: sum_parts(found) for entry_id, found in parts.items()}


def sum_parts(parts):
    """What an entry with these parts should hold; each description appears once.

    :param parts: list of (hours as float, description or None)
    :return: (Decimal hours with two decimals, comment or None)
    """
    # numeric columns arrive as floats: back to six decimals, so that the sum is exact
    hours = sum(Decimal(f"{hours:.6f}") for hours, _name in parts)
    names = dict.fromkeys(
        " ".join(name.split())
        for _hours, name in parts
        if name and name.strip() not in ("", "/")
    )
    return round_hours(hours), join_comments(names) or None


def join_comments(names):
    """Join descriptions to one comment, cut to what Tripletex is sure to take."""
    comment = "; ".join(names)
    if len(comment) > COMMENT_MAX_LENGTH:
        comment = comment[: COMMENT_MAX_LENGTH - 1].rstrip() + "…"
    return comment
