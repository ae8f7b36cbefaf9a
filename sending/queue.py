"""What validated lines become: lines → shares → entries."""

import json
from collections import defaultdict
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .absences import MOVED, PREFIXES, AbsenceShares
from .amounts import sum_parts
from .kinds import KINDS
from .moves import Moves
from .plan import Plan
from .preflight import Preflight
from .refusals import of_sum, refusal
from .words import SendingWords

#: Smallest negative sum that is one; hours have six decimals.
BELOW_ZERO = -0.000001


class Queue:
    """Brings shares and entries in line with timesheet lines. Works in bulk as root.

    A settled share stays where it is: only its own line changes it. Open shares follow
    the links. Two transactions that change the same entry meet at its row lock; Odoo
    repeats the later one with the earlier one's shares in view.
    """

    def __init__(self, env):
        self.env = env(su=True)
        self.moves = Moves(self.env)

    # ------------------------------------------------------------------
    # Entrances
    # ------------------------------------------------------------------

    def put(self, lines, resolutions, move=False, refuse=True, completing=()):
        """Bring the shares of ``lines`` in line with ``resolutions``.

        Lines without a resolution are not validated: their shares are withdrawn.

        :param resolutions: dict of validated line to ``Resolution``
        :param move: settled shares go where the links lead now, too
        :param refuse: raise where hours would fall below zero (else the entry fails)
        :param completing: lines that get the row which their employee did not send
        :raise UserError: with the arithmetic, where negative lines exceed the hours
            that they correct
        """
        absences = [line for line, found in resolutions.items() if found.is_absence]
        if absences:
            AbsenceShares(self.env).hand_over(lines.browse().union(*absences))
            # nobody who approves time off is stopped by hours in Tripletex
            refuse = refuse and len(absences) < len(resolutions)
        shares = self._shares(lines)
        if not shares and not resolutions:
            return
        by_line = shares.grouped("line_id")
        none = shares.browse()
        plans = {
            line: Plan(
                line,
                by_line.get(line, none),
                resolutions.get(line),
                move,
                is_completed=line in completing,
            )
            for line in lines
        }
        touched = self._apply_to_shares(plans)
        ready = self._bring_up_to_date(touched)
        # a move is over when its new rows are written: they are there before it goes on
        touched |= self._create_shares(plans, resolutions, by_line)
        self.advance(ready.exists())
        if refuse:
            self._refuse_below_zero(touched)

    def reroute(self, lines):
        """Let waiting hours follow the links as they are now.

        Those of lines that do not count any more are withdrawn.
        """
        lines = lines.sudo()
        self.env["tripletex.gate"]._pass(lines.company_id)
        resolutions = Preflight(self.env).resolve(lines._tripletex_to_send())
        self.put(lines, resolutions, refuse=False)

    def look_up(self, lookup):
        """Do what a committed change has to look up, see ``tripletex.lookup``.

        A line that changed since this transaction began raises a serialisation error.
        """
        self.env["tripletex.gate"]._change(lookup.connection_id.company_id)
        if lookup.connection_id.state == "disconnected":
            lookup.unlink()  # nothing leads anywhere; connecting again looks up all
            return
        unqueued = self.env["account.analytic.line"]
        if lookup.is_move:
            lines = self.sent_lines(lookup)
        else:
            if lookup.date_from:
                unqueued = self._unqueued_lines(lookup)
            lines = self._waiting_lines(lookup) | unqueued
        if lines:
            self.env.execute_query(
                SQL(
                    "SELECT id FROM account_analytic_line WHERE id IN %s "
                    "ORDER BY id FOR SHARE",
                    tuple(lines.ids),
                )
            )
            resolutions = Preflight(self.env).resolve(
                lines._tripletex_to_send(),
                moving=lookup.is_move,
                looking_back=bool(lookup.date_from and not lookup.is_move),
            )
            self.put(
                lines,
                resolutions,
                move=lookup.is_move,
                refuse=False,
                completing=unqueued,
            )
        if lookup.is_move or not self._unclear(lookup):
            lookup.unlink()
        else:
            lookup.is_reconnected = False  # what changed meanwhile is queued by now

    def preview_move(self, lookup):
        """Say what a move would do, by the plans that it would carry out.

        :param lookup: ``tripletex.lookup`` record, also an unsaved one
        :return: entries that hours leave, and dict of place to the hours of a row that
            is added beside rows that stay
        """
        lines = self.sent_lines(lookup)
        resolutions = Preflight(self.env).resolve(
            lines._tripletex_to_send(), moving=True
        )
        left, added = [], defaultdict(float)
        for line, shares in self._shares(lines).grouped("line_id").items():
            resolution = resolutions.get(line)
            plan = Plan(line, shares, resolution, move=True)
            if plan.is_placeless:
                continue  # waits for a place, and stays as long
            gone = [s for s in plan.leaving + plan.withdrawn if s.hours]
            left += [share.entry_id for share in gone]
            for target in plan.added(gone):
                added[target.place] += resolution.hours
        return self.env["tripletex.entry"].union(*left), added

    def drop(self, shares, refuse=False):
        """Withdraw the shares of deleted lines from their entries.

        :param shares: ``tripletex.entry.share`` records
        :param refuse: raise where hours would fall below zero
        :raise UserError: with the arithmetic, where corrections exceed what is left
        """
        entries = shares.sudo().entry_id
        shares.sudo().unlink()
        self.refresh(entries)
        if refuse:
            self._refuse_below_zero(entries)

    def let_go(self, connection):
        """End the wait of hours that were to leave rows of a removed connection.

        :param connection: ``tripletex.connection`` record
        """
        domain = [("connection_id", "=", connection.id), ("is_leaving", "=", True)]
        lines = self.env["tripletex.entry.share"].search(domain).line_id
        self.advance(self._shares(lines).entry_id)

    def withdraw_left_behind(self):
        """Withdraw the hours of time off that is not approved any more."""
        lines = AbsenceShares(self.env).left_behind()
        if lines:
            self.reroute(lines)

    def end_moves(self, entries):
        """Let hours stay that were to leave these rows: a person keeps the rows.

        :param entries: ``tripletex.entry`` records
        :return: shares that wait for no old row any more, see :meth:`send_held`
        """
        lost, released = self.moves.keep(entries.sudo())
        self.refresh(entries.sudo() | lost)
        return released

    def send_held(self, shares):
        """Let held shares count in their rows.

        :param shares: as :meth:`end_moves` returns them
        """
        self.moves.send(shares)
        self.refresh(shares.entry_id)

    def handle_by_hand(self, entries):
        """Mark what waits as handled by hand: it is never sent, what was sent stays.

        Moves end, so that hours on an old row are not handled on the new one as well.

        :param entries: ``tripletex.entry`` records that are not being sent
        """
        entries = entries.sudo()
        unclear = entries.filtered("is_unclear")
        lost, released = self.moves.keep(entries | self.moves.old_rows(entries))
        waiting = released | entries.exists().share_ids.filtered(
            lambda share: share._is_unwritten() or share._stays_unsent()
        )
        touched = waiting.entry_id
        # of hours that are withdrawn and were never sent no place is remembered
        withdrawn = waiting.filtered(lambda share: not share.hours)
        withdrawn.unlink()
        (waiting - withdrawn).write(
            {
                "is_handled": True,
                "is_held": False,
                "settlement": "settled",
                "is_unsent": False,
            }
        )
        for entry in entries.exists():
            entry.write(entry._settled_values())
        self.refresh(entries.exists() | touched | lost.exists())
        entries = entries.exists()
        # what became of an attempt is not known: the figure there is the person's
        differing = entries.filtered(lambda e: e._is_dirty() or e in unclear)
        differing._keep_figures()
        (entries.exists() - differing).state = "sent"
        self.moves.finish(entries.exists())

    def adjust(self, shares, first_days):
        """Send hours of locked months in later ones, as a person decided.

        :param shares: shares that were never sent
        :param first_days: dict of share to the date to send it on
        :return: entries that the hours came to
        :raise UserError: where hours would fall below zero there
        """
        here = shares.connection_id.ensure_one().id
        targets = {
            share: share.entry_id._as_target().on(first_days[share]) for share in shares
        }
        entry_ids, _created = self._get_or_create(
            {(here, target.place): target.values for target in targets.values()},
            defaultdict(list),
        )
        left, entries = shares.entry_id, shares.entry_id.browse(entry_ids.values())
        for share, target in targets.items():
            share._adjust_to(entries.browse(entry_ids[here, target.place]))
        self.refresh(left | entries)
        self._refuse_below_zero(entries.exists())
        return entries.exists()

    def advance(self, entries):
        """Take moves from and to these entries one step further.

        A row that refused moving hours stays failed: else they would go there again.
        """
        changed = self.moves.advance(entries.sudo())
        failed = changed.filtered(lambda entry: entry.state == "failed")
        if changed:
            self.refresh(changed, {entry: entry.refusal for entry in failed})

    def failed_partners(self, entries):
        """Return failed entries at the other end of the moves from or to these."""
        lines = self.moves.lines_of(entries)
        shares = self.env["tripletex.entry.share"].search([("line_id", "in", lines)])
        return shares.entry_id.filtered(lambda entry: entry.state == "failed") - entries

    def refresh(self, entries, problems=None):
        """Recompute what is desired from the shares and queue what became dirty.

        :param entries: ``tripletex.entry`` records; those that nothing needs any more
            are deleted
        :param problems: dict of entry to the refusal for which it cannot be sent
        """
        self.advance(self._bring_up_to_date(entries, problems))

    def _bring_up_to_date(self, entries, problems=None):
        """Do what :meth:`refresh` does, and let moves wait.

        :return: the entries from and to which moves can go on
        """
        if not entries:
            return entries
        entries._lock()
        sums = self._sum_shares(entries)
        self._write_desired(entries, sums)
        self._mark_held(entries)
        connections, needed = entries.connection_id, entries._in_need()
        for entry in entries:
            problem = (problems or {}).get(entry)
            if entry.hours < 0 and not entry.is_placeless and not entry._holds_back():
                problem = of_sum(entry.share_ids)
            entry._requeue(problem)
        confirmed = entries.filtered(lambda entry: entry.state == "sent")
        confirmed.share_ids._note_gone()
        void = entries.filtered(lambda entry: entry._is_void())
        waiting = entries.filtered(lambda entry: entry.state == "pending") - void
        void.unlink()
        if (entries - void)._in_need() != needed:
            connections._notify_responsible()
        if waiting:
            waiting._wake_cron()
        return (entries - void).filtered(lambda entry: entry.state != "sending")

    # ------------------------------------------------------------------
    # Which lines
    # ------------------------------------------------------------------

    def _shares(self, lines):
        shares = self.env["tripletex.entry.share"].search(
            [("line_id", "in", lines.ids)]
        )
        shares.entry_id.fetch(["connection_id", "kind", "place", "state"])
        return shares

    def _waiting_lines(self, lookup):
        """Lines whose hours wait and follow the links.

        Validated lines that lack a row as well: of all dates where the connection was
        made again, because they changed while nothing was connected; else from a date
        that a person named, because it still waited when their project was excluded.
        """
        Share = self.env["tripletex.entry.share"]
        here = Domain("connection_id", "=", lookup.connection_id.id)
        here &= Domain("line_id", "!=", False)
        open_shares = Share._search(here & Domain("settlement", "=", "open"))
        domain = Domain("id", "in", open_shares.subselect("line_id"))
        if lookup.is_reconnected:
            domain |= self._lacking_domain(here)
        elif lookup.date_from:
            domain |= self._lacking_domain(here) & lookup._date_domain()
        return self.env["account.analytic.line"].search(
            domain & lookup._record_domain()
        )

    def _lacking_domain(self, here):
        """Validated lines that lack one of the rows for which they were queued.

        :param here: domain of shares
        """
        Share = self.env["tripletex.entry.share"]
        Line = self.env["account.analytic.line"]
        domain = Domain.FALSE
        for kind in KINDS:
            queued = Share._search(here & Domain("kinds", "like", kind))
            counted = (
                here & Share._domain_counted() & Domain("entry_id.kind", "=", kind)
            )
            domain |= Domain("id", "in", queued.subselect("line_id")) & Domain(
                "id", "not in", Share._search(counted).subselect("line_id")
            )
        return Line._tripletex_validated_domain() & domain

    def _unclear(self, lookup):
        """Whether Tripletex may hold hours that follow the links if it does not."""
        lines = self.env["account.analytic.line"]._search(lookup._record_domain())
        return self.env["tripletex.entry.share"].search(
            [
                ("connection_id", "=", lookup.connection_id.id),
                ("settlement", "=", "attempted"),
                ("line_id", "in", lines),
            ],
            limit=1,
        )

    def _unqueued_lines(self, lookup):
        """Validated lines from a date on of which this connection lacks hours."""
        Line = self.env["account.analytic.line"]
        Share = self.env["tripletex.entry.share"]
        companies = lookup.connection_id._companies()
        return Line.search(
            self._counting_domain(lookup.connection_id)
            & lookup._record_domain()
            & lookup._date_domain()
            & Domain("company_id", "in", companies.ids)
            & Share._domain_of_lines_not_queued(lookup.connection_id)
        )

    def _counting_domain(self, connection):
        """Lines whose hours count, as far as they can be sent by ``connection``."""
        domain = self.env["account.analytic.line"]._tripletex_validated_domain()
        Absence = self.env["tripletex.absence"]
        links = Absence.search([("connection_id", "=", connection.id)])
        if links.work_entry_type_id and Absence._is_available():
            kind = "holiday_id.holiday_status_id.work_entry_type_id"
            domain |= Domain("holiday_id.state", "=", "validate") & Domain(
                kind, "in", links.work_entry_type_id.ids
            )
        return domain

    def sent_lines(self, lookup):
        """Return the lines of a look-up whose hours were sent.

        :param lookup: ``tripletex.lookup`` record, also an unsaved one
        """
        shares = self.env["tripletex.entry.share"]._search(
            [
                ("connection_id", "=", lookup.connection_id.id),
                ("line_id", "!=", False),
                ("settlement", "!=", "open"),
                ("hours", "!=", 0),
            ]
        )
        Line = self.env["account.analytic.line"]
        return Line.search(
            lookup._record_domain()
            & lookup._date_domain()
            & Domain("id", "in", shares.subselect("line_id"))
        )

    # ------------------------------------------------------------------
    # Shares
    # ------------------------------------------------------------------

    def _apply_to_shares(self, plans):
        """Carry out the plans as far as they concern shares that exist.

        :return: entries whose shares changed
        """
        obsolete = self.env["tripletex.entry.share"]
        touched = self.env["tripletex.entry"]
        for line, plan in plans.items():
            if not (plan.stay or plan.withdrawn or plan.leaving or plan.obsolete):
                continue
            key, amount = plan.key, line._tripletex_amount()
            for share, hours in plan.stay.items():
                values = {"hours": hours, "amount": amount, "routing_key": key}
                values |= {"is_leaving": False, "former_hours": 0, "is_gone": False}
                values["kinds"] = plan.kinds or share.kinds
                values["left_out"] = plan.left_out or False
                if share.routing_key != key:
                    values["belongs_to"] = False  # the line's own place by now
                is_back = share._is_back()
                if not plan.leaving:
                    values["is_held"] = False
                elif is_back:
                    values["is_held"] = True
                if is_back and share.settlement == "settled" and hours:
                    values["is_unsent"] = True  # hours return to their place
                touched |= share._update(values)
            for share in plan.withdrawn:
                touched |= share._withdraw(is_leaving=False)
            for share in plan.leaving:
                if share.routing_key == key:
                    # moved by a person: it does not return while the line is sent
                    share.routing_key = f"{MOVED}{key}"
                touched |= share._withdraw(keep_hours=plan.is_placeless)
            for share in plan.obsolete:
                obsolete |= share
        touched |= obsolete.entry_id
        obsolete.unlink()
        return touched

    def _create_shares(self, plans, resolutions, by_line):
        """Create the shares that the plans name, and their entries where missing.

        :return: entries concerned
        """
        targets, parts, owners, problems = {}, defaultdict(list), [], defaultdict(list)
        # by id, the order in which the comment names the parts
        for line, plan in sorted(plans.items(), key=lambda item: item[0].id):
            if not plan.targets:
                continue
            resolution = resolutions[line]
            is_held = self._waits_for_others(by_line.get(line))
            for target in plan.targets:
                place = resolution.connection.id, target.place
                targets[place] = target.values
                owners.append((line, resolution, target, is_held, plan))
                if not is_held:
                    text = None if resolution.is_absence else line.name
                    parts[place].append((resolution.hours, text))
                problems[place].extend(resolution.problems)
                if target.values["is_placeless"]:
                    problems[place].extend(resolution.link_problems)
        if not targets:
            return self.env["tripletex.entry"]
        entry_ids, created = self._get_or_create(targets, parts)
        self._insert_shares(owners, entry_ids)
        entries = created.browse(entry_ids.values())
        reasons = self._reasons(entry_ids, problems)
        # those of lines validated for the first time were created with all they need
        moving = [
            entry_ids[resolution.connection.id, target.place]
            for line, resolution, target, _is_held, _plan in owners
            if line in by_line or resolution.hours < 0
        ]
        changed = (entries - created).union(created.browse(moving), *reasons)
        self.refresh(changed, reasons)
        # what they lacked is there now, but for a number that the cron looks up
        entries = entries.exists()
        waiting = entries.filtered(lambda e: e.is_placeless and e.state == "failed")
        for entry in waiting.filtered(lambda e: e not in reasons):
            entry._reset_attempts()
            entry.state = "pending"
        if created:
            created._wake_cron()
        return entries

    def _waits_for_others(self, shares):
        """Whether hours of this line have still to leave another row."""
        if not shares:
            return False
        leaving = shares.exists().filtered("is_leaving")
        return any(
            share.hours or not share.entry_id._is_confirmed() for share in leaving
        )

    def _insert_shares(self, owners, entry_ids):
        self.env["tripletex.entry.share"]._insert(
            [
                {
                    "line_id": line.id,
                    "entry_id": entry_ids[resolution.connection.id, target.place],
                    "hours": round(resolution.hours, 6),
                    "amount": line._tripletex_amount(),
                    "routing_key": plan.key,
                    "kinds": plan.kinds,
                    "left_out": plan.left_out,
                    "is_held": is_held,
                    "belongs_to": target.belongs_to,
                }
                for line, resolution, target, is_held, plan in owners
            ]
        )

    def _reasons(self, entry_ids, problems):
        """Return a dict of entry to its refusal, for places that have problems."""
        entries = self.env["tripletex.entry"]
        return {
            entries.browse(entry_ids[place]): refusal(
                "problems", codes=list(dict.fromkeys(codes))
            )
            for place, codes in problems.items()
            if codes
        }

    def _refuse_below_zero(self, entries):
        """Refuse corrections that exceed what they correct.

        :raise UserError: with the arithmetic of each such place
        """
        if not entries:
            return
        self.env["tripletex.entry.share"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT share.entry_id
                  FROM tripletex_entry_share share
                  JOIN tripletex_entry entry ON entry.id = share.entry_id
                 WHERE share.entry_id IN %s AND entry.is_placeless IS NOT TRUE
                 GROUP BY share.entry_id HAVING sum(share.hours) < %s
                """,
                tuple(entries.ids),
                BELOW_ZERO,
            )
        )
        if rows:
            words = SendingWords(self.env)
            found = entries.browse(entry_id for (entry_id,) in rows)
            raise UserError(
                "\n\n".join(words.text(of_sum(entry.share_ids)) for entry in found)
            )

    # ------------------------------------------------------------------
    # Entries
    # ------------------------------------------------------------------

    def _get_or_create(self, targets, parts):
        """Entries at the given places, created where they are missing.

        ``ON CONFLICT`` keeps two transactions that queue hours for one place at the
        same time from failing each other: the second waits and shares the row.

        :param targets: dict of (connection id, place) to column values
        :param parts: dict of (connection id, place) to (hours, description) of lines.
            An entry that is new begins with them: to create a row and to change it
            afterwards costs PostgreSQL twice as much as to create it
        :return: dict of (connection id, place) to entry id, and the entries created
            now: they hold what they should and wait to be sent
        """
        rows = []
        for place, values in targets.items():
            hours, comment = sum_parts(parts[place])
            row = {"place": place[1], "hours": hours, "full_comment": comment}
            rows.append({**values, **row})
        columns = SQL(", ").join(map(SQL.identifier, rows[0]))
        made = self.env.execute_query(
            SQL(
                """
                INSERT INTO tripletex_entry
                       (%(columns)s, state, foreign_hours, sent_hours,
                        create_uid, create_date)
                SELECT %(columns)s, 'pending', 0, 0, %(uid)s, %(now)s
                  FROM json_populate_recordset(NULL::tripletex_entry, %(rows)s)
                ON CONFLICT (connection_id, place) DO NOTHING
             RETURNING connection_id, place, id
                """,
                columns=columns,
                uid=self.env.uid,
                now=self.env.cr.now(),
                rows=json.dumps(rows, default=str),
            )
        )
        ids = {(connection, place): entry_id for connection, place, entry_id in made}
        created = self.env["tripletex.entry"].browse(ids.values())
        if len(ids) < len(targets):
            ids |= self._existing(targets.keys() - ids.keys())
        return ids, created

    def _existing(self, places):
        """Ids of the entries at these places.

        :param places: non-empty set of (connection id, place)
        :return: dict of (connection id, place) to entry id
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT connection_id, place, id FROM tripletex_entry "
                "WHERE connection_id IN %s AND place IN %s",
                tuple({connection_id for connection_id, _place in places}),
                tuple(place for _connection_id, place in places),
            )
        )
        return {(connection, place): entry_id for connection, place, entry_id in rows}

    def _mark_held(self, entries):
        """Note which entries have nothing to send but hours that wait for a move."""
        for entry in entries:
            is_held = (
                not entry.is_placeless
                and not entry.is_unclear
                and (entry.hours < 0 or not (entry.hours or entry.tripletex_id))
                and entry._holds_back()
            )
            if entry.is_held != is_held:
                entry.is_held = is_held

    def _write_desired(self, entries, sums):
        """Write hours and comments in one statement: a month has thousands of rows.

        :param sums: as :meth:`_sum_shares` returns them
        """
        nothing = (Decimal(0), None)
        rows = []
        for entry in entries:
            hours, comment = sums.get(entry.id, nothing)
            if (entry.hours, entry.full_comment or None) != (float(hours), comment):
                rows.append((entry.id, hours, comment))
        if not rows:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE tripletex_entry entry
                   SET hours = new.hours, full_comment = new.comment,
                       write_uid = %s, write_date = %s
                  FROM (VALUES %s) AS new (id, hours, comment)
                 WHERE entry.id = new.id
                """,
                self.env.uid,
                self.env.cr.now(),
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )
        entries.invalidate_recordset(["hours", "full_comment", "comment"], flush=False)

    def _sum_shares(self, entries):
        """Exact sums and joined descriptions of the shares of these entries.

        :return: dict of entry id to (Decimal hours, comment or None); an entry without
            hours that count is not in it
        """
        self.env["tripletex.entry.share"].flush_model()
        self.env["account.analytic.line"].flush_model(["name"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT share.entry_id, share.hours,
                       concat(CASE WHEN share.routing_key LIKE ANY(%s) THEN NULL
                                   ELSE nullif(line.name, '/') END,
                              to_char(share.belongs_to, ' "("YYYY-MM")"'))
                  FROM tripletex_entry_share share
                  JOIN account_analytic_line line ON line.id = share.line_id
                 WHERE share.entry_id IN %s AND share.hours != 0
                   AND share.is_held IS NOT TRUE AND share.is_handled IS NOT TRUE
                 ORDER BY share.entry_id, line.id
                """,
                [f"{prefix}%" for prefix in PREFIXES],
                tuple(entries.ids),
            )
        )
        parts = defaultdict(list)
        for entry_id, hours, name in rows:
            parts[entry_id].append((hours, name))
        return {entry_id: sum_parts(found) for entry_id, found in parts.items()}
