"""What validated lines become: lines → shares → entries."""

import json
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo.tools import SQL, float_compare

from .amounts import sum_parts
from .preflight import Preflight
from .words import PreflightWords

#: Time after which every request that ran beside a change of the connection has ended.
SECOND_LOOK_AFTER = timedelta(minutes=5)


class Queue:
    """Brings shares and entries in line with timesheet lines. Works in bulk as root.

    Two transactions that change the same entry meet at its row lock; Odoo repeats the
    later one with the earlier one's shares in view.
    """

    def __init__(self, env):
        self.env = env(su=True)

    # ------------------------------------------------------------------
    # Entrances
    # ------------------------------------------------------------------

    def put(self, lines, resolutions):
        """Bring the shares of ``lines`` in line with ``resolutions``.

        Lines without a resolution are not validated: their shares are withdrawn.
        Nothing is queued for companies without an active connection.

        :param resolutions: dict of validated line to ``Resolution``
        """
        targets, parts = {}, defaultdict(list)
        # by id, the order in which the comment names the parts
        for line, resolution in sorted(resolutions.items(), key=lambda r: r[0].id):
            for target in resolution.targets:
                place = resolution.connection.id, target.key
                targets[place] = target.values
                parts[place].append((resolution.hours, line.name))
        entry_ids, created = self._get_or_create(targets, parts)
        wanted, reasons = self._wanted_shares(resolutions, entry_ids)
        touched = self._apply_shares(lines, wanted)
        self.refresh((touched - created).union(*reasons), reasons)
        values_by_id = {entry_ids[place]: values for place, values in targets.items()}
        existing = self.env["tripletex.entry"].browse(values_by_id) - created
        self._follow_links(existing, values_by_id)
        if created:
            created._wake_cron()

    def sync(self, lines):
        """Bring the shares in line with the lines as they are, without checks.

        For changes around the lines (links, exclusion, connecting), not of them.
        Hours that have nowhere to go now stay where they were sent to. So do hours
        whose links are unchanged: another activity or way of sending is for hours to
        come.
        """
        lines = lines.sudo()
        resolutions = Preflight(self.env).resolve(lines._tripletex_to_send())
        stay = lines.browse()
        sent = self._sent_as_is(lines.browse().union(*resolutions))
        for line, shares in sent.items():
            resolution = resolutions[line]
            if not (resolution.is_sent and resolution.has_place):
                stay |= line
                del resolutions[line]
            elif shares._are_settled(resolution):
                resolution.targets = shares._targets()
        self.put(lines - stay, resolutions)

    def drop(self, shares):
        """Withdraw the shares of deleted lines from their entries.

        Those of a removed connection stay: nothing is queued for it, and connecting
        again finds them.

        :param shares: ``tripletex.entry.share`` records
        """
        shares = shares.sudo().filtered(
            lambda s: s.connection_id.state != "disconnected"
        )
        entries = shares.entry_id
        shares.unlink()
        self.refresh(entries)

    def refresh(self, entries, problems=None):
        """Recompute what is desired from the shares and queue what became dirty.

        :param problems: dict of entry to the reason why it cannot be sent as it is
            (only where the company does not insist on the pre-flight)
        """
        if not entries:
            return
        entries._lock()
        sums = self._sum_shares(entries)
        self._write_desired(entries, sums)
        connections, needed = entries.connection_id, entries._in_need()
        for entry in entries:
            entry._requeue((problems or {}).get(entry))
        void = entries.filtered(lambda entry: entry.id not in sums and entry._is_void())
        waiting = entries.filtered(lambda entry: entry.state == "pending") - void
        void.unlink()
        if (entries - void)._in_need() != needed:
            connections._notify_responsible()
        if waiting:
            waiting._wake_cron()

    # ------------------------------------------------------------------
    # Shares
    # ------------------------------------------------------------------

    def _wanted_shares(self, resolutions, entry_ids):
        """The lines' shares of entries, and what stops entries.

        :param resolutions: dict of validated line to ``Resolution``
        :param entry_ids: dict of (connection id, key) to entry id
        :return: dict of (line id, entry id) to (hours with six decimals, routing key),
            and dict of entry to its reason, for those that have problems
        """
        wanted, problems = {}, defaultdict(list)
        for line, resolution in resolutions.items():
            part = round(resolution.hours, 6), line._tripletex_routing_key()
            for target in resolution.targets:
                entry_id = entry_ids[resolution.connection.id, target.key]
                wanted[line.id, entry_id] = part
                if resolution.problems:
                    problems[entry_id].extend(resolution.problems)
        entries = self.env["tripletex.entry"]
        summary = PreflightWords(self.env).problem_summary
        return wanted, {
            entries.browse(entry_id): summary(dict.fromkeys(codes))
            for entry_id, codes in problems.items()
        }

    def _apply_shares(self, lines, wanted):
        """Create, change and delete shares so that they are ``wanted``.

        The shares tell which connections are concerned, not the lines' companies: a
        line can have gone to another company. Those of a removed connection stay.

        :param wanted: dict of (line id, entry id) to (hours, routing key)
        :return: entries whose shares were or are concerned
        """
        shares = self.env["tripletex.entry.share"]._of_lines(lines)
        obsolete = shares.browse()
        missing = dict(wanted)
        for share in shares:
            part = missing.pop((share.line_id.id, share.entry_id.id), None)
            if part is None:
                obsolete |= share
            elif (share.hours, share.logged_as) != part:
                share.hours, share.logged_as = part
        touched = shares.entry_id
        touched |= touched.browse(entry_id for _line_id, entry_id in wanted)
        obsolete.unlink()
        if missing:
            shares._insert(missing)
        return touched

    def _sent_as_is(self, lines):
        """Lines that are as they were when Tripletex got their hours.

        Others were changed since, while nothing was queued (no connection).

        :return: dict of line to its shares
        """
        shares = self.env["tripletex.entry.share"]._of_lines(lines)
        sent = shares.filtered("entry_id.tripletex_id").line_id
        changed = shares.filtered(lambda share: not self._matches_line(share))
        as_is = sent - changed.line_id
        return {
            line: parts
            for line, parts in shares.grouped("line_id").items()
            if line in as_is
        }

    def _matches_line(self, share):
        """Whether the line is still as it was when its share was queued."""
        line = share.line_id
        return (
            share.logged_as == line._tripletex_routing_key()
            and float_compare(share.hours, line._tripletex_hours(), precision_digits=6)
            == 0
        )

    # ------------------------------------------------------------------
    # Entries
    # ------------------------------------------------------------------

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
            return {}, self.env["tripletex.entry"]
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
        created = self.env["tripletex.entry"].browse(ids.values())
        if len(ids) < len(targets):
            ids |= self._existing(targets.keys() - ids.keys())
        return ids, created

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

    def _follow_links(self, entries, values_by_id):
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
        for entry in entries:
            values = values_by_id[entry.id]
            for link, name in shown.items():
                if values[link] and entry[name].id != values[name]:
                    outdated[name, values[name]].append(entry.id)
        for (name, record_id), entry_ids in outdated.items():
            entries.browse(entry_ids).write({name: record_id})

    def _write_desired(self, entries, sums):
        """Write hours and comments in one statement: a month has thousands of rows.

        :param sums: as :meth:`_sum_shares` returns them
        """
        nothing = (Decimal(0), None)
        rows = []
        for entry in entries:
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
        entries.invalidate_recordset(["hours", "comment"], flush=False)

    def _sum_shares(self, entries):
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
                tuple(entries.ids),
            )
        )
        parts = defaultdict(list)
        for entry_id, hours, name in rows:
            parts[entry_id].append((hours, name))
        return {entry_id: sum_parts(found) for entry_id, found in parts.items()}
