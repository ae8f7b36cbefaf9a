"""Hours that go from one row of Tripletex to another: never on both, never on none."""

from odoo.fields import Domain
from odoo.tools import SQL

from . import NEEDS_ATTENTION
from .kinds import stands_for


class Moves:
    """Takes moves one step further, as far as Tripletex allows.

    A move is a fact on the shares of one line. The old shares are *leaving* (0 hours,
    and what they had in ``former_hours``), the new ones are *held* (their hours do not
    count yet). All old rows are confirmed without the hours before a new one is
    written; where overtime has two rows, both. If an old row cannot go, or a new one is
    refused, the old rows that have gone come back, and everything waits for a person.
    """

    def __init__(self, env):
        self.env = env

    def lines_of(self, entries):
        """Return the ids of the lines that move from or to ``entries``."""
        if not entries:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT share.line_id
                  FROM tripletex_entry_share share
                 WHERE share.entry_id IN %s
                   AND share.line_id IN (SELECT line_id FROM tripletex_entry_share
                                          WHERE is_leaving)
                """,
                tuple(entries.ids),
            )
        )
        return [line_id for (line_id,) in rows]

    def _shares_of(self, line_ids, also=None):
        """Shares of these lines; those of a connection that is removed take no part.

        :param also: connections that take part though removed: a person decides about
            them, or an answer came for them
        """
        here = Domain("connection_id.state", "!=", "disconnected")
        if also:
            here |= Domain("connection_id", "in", also.ids)
        return self.env["tripletex.entry.share"].search(
            Domain("line_id", "in", line_ids) & here
        )

    def _moving(self, entries, also=None):
        """Yield the leaving and the new shares of each line that moves from or to here.

        :param entries: ``tripletex.entry`` records
        :param also: see :meth:`_shares_of`
        """
        self.env["tripletex.entry.share"].flush_model()
        shares = self._shares_of(self.lines_of(entries), also)
        for parts in shares.grouped("line_id").values():
            leaving = parts.filtered("is_leaving")
            yield leaving, (parts - leaving).filtered("hours")

    def advance(self, entries):
        """Take the moves from and to ``entries`` one step further.

        Of a removed connection nothing goes on, but a move that an answer completes
        after the removal is over.

        :return: entries whose shares changed
        """
        changed = self.env["tripletex.entry"]
        for leaving, new in self._moving(entries):
            changed |= self._advance_line(leaving, new)
        removed = entries.filtered(lambda e: e.connection_id.state == "disconnected")
        for leaving, new in self._moving(removed, also=removed.connection_id):
            if all(leaving.mapped("is_gone")) and not any(new.mapped("is_held")):
                self._forget(leaving, new)
        return changed

    def finish(self, entries):
        """Forget the old rows of moves that are complete by what a person decided.

        :param entries: ``tripletex.entry`` records
        """
        for leaving, new in self._moving(entries):
            if not any(leaving.mapped("hours")):
                self._forget(leaving, new)

    def _advance_line(self, leaving, new):
        # a row that the hours have left is about other lines by now
        standing = leaving.filtered(lambda share: share._still_stands())
        if self._is_stuck(standing.entry_id, new.entry_id):
            return self._come_back(leaving, new)
        if standing.filtered("hours"):
            if any(new.entry_id.mapped("is_placeless")):
                return leaving.entry_id.browse()
            leaving.hours = 0
            return leaving.entry_id
        if not standing:
            return self._release(leaving, new)
        return leaving.entry_id.browse()

    @staticmethod
    def _is_stuck(old, new):
        """Whether an old row cannot be changed, or a new one is refused.

        An old row cannot be changed while only a correction would remain on it: its
        hours would be below zero until hours of another line arrive there.

        :param old: ``tripletex.entry`` records that the hours still have to leave
        :param new: ``tripletex.entry`` records that the hours go to
        """
        return any(entry.state in NEEDS_ATTENTION for entry in old | new) or any(
            entry.hours < 0 for entry in old
        )

    def _release(self, leaving, new):
        """The old rows are gone: write the new ones, and forget the old when done."""
        held = new.filtered("is_held")
        self.send(held)
        if not held:
            self._forget(leaving, new)
        return held.entry_id

    def send(self, held):
        """Let held hours count in their row.

        They are open also where they were before: that row does not hold them now. A
        person who kept its figure is asked again.

        :param held: ``tripletex.entry.share`` records
        """
        held.write({"is_held": False, "settlement": "open", "is_unsent": False})
        kept = held.filtered("entry_id.is_kept")
        kept.write({"settlement": "settled", "is_unsent": True})

    def _forget(self, leaving, new):
        # hours that come to nothing with others are confirmed without being sent
        if all(s.settlement == "settled" or s.entry_id._is_confirmed() for s in new):
            new._settle()
            leaving.write({"is_leaving": False, "former_hours": 0})

    def _come_back(self, leaving, new):
        """Put hours back on old rows that are gone while their new row is not written.

        A row that still stands, because it cannot go, is left to its state. Where no
        new row is written yet, none is to be: also not the one that just waits. A
        correction comes back only to a row that has the hours which it corrects.
        """
        unwritten = new.filtered(lambda share: share._is_unwritten())
        is_whole = len(unwritten) == len(new)
        refused = unwritten.filtered(
            lambda s: (
                not s.is_held and (is_whole or s.entry_id.state in NEEDS_ATTENTION)
            )
        )
        refused.is_held = True
        kinds = set(unwritten.filtered("is_held").mapped("entry_id.kind"))
        if is_whole:
            kinds |= set(leaving.mapped("entry_id.kind"))
        gone = leaving.filtered(
            lambda share: (
                not share.hours
                and share.former_hours
                and share.entry_id.kind in kinds
                and share.entry_id.state not in NEEDS_ATTENTION
                and min(share.former_hours, 0) + share.entry_id.hours >= 0
            )
        )
        for share in gone:
            share.write({"hours": share.former_hours, "is_gone": False})
        return (gone + refused).entry_id

    def old_rows(self, entries):
        """Return the rows that hours which wait in ``entries`` have still to leave."""
        held = entries.share_ids.filtered("is_held")
        leaving = self._shares_of(held.line_id.ids).filtered("is_leaving")
        return leaving.filtered(lambda share: share._still_stands()).entry_id

    def keep(self, entries):
        """End the moves from ``entries``: a person keeps these old rows.

        The new shares are dropped, and the hours belong to the old rows again, also to
        those that are gone already. What was written on a new row stays there. A row of
        a kind that the hours do not need any more goes, unless it is kept itself.

        :return: entries whose shares changed, and held shares that have no old row any
            more: they are sent, unless a person decides about them as well
        """
        Share = self.env["tripletex.entry.share"]
        leaving = Share.search(
            [("entry_id", "in", entries.ids), ("is_leaving", "=", True)]
        ).filtered(lambda share: not share.is_gone)
        shares = self._shares_of(leaving.line_id.ids, also=entries.connection_id)
        leaving = shares.filtered("is_leaving")
        new = (shares - leaving).filtered(lambda s: s.hours and not s.is_handled)
        held = new.filtered("is_held")
        dropped = held.filtered(lambda s: self._has_old_row(s, leaving | (new - held)))
        for share in leaving:
            dropped |= self._keep_share(share, new, share.entry_id in entries)
        changed = (leaving + dropped).entry_id
        dropped.unlink()
        return changed, held - dropped

    def _keep_share(self, share, new, is_kept):
        """Hours that were to leave stay, unless they are written on a new row.

        :param new: shares of the rows to which they were to go
        :return: those of them that are dropped
        """
        line, kind = share.line_id, share.entry_id.kind
        own = new.filtered(lambda s: s.line_id == line)
        others = own.filtered(lambda s: s.entry_id.kind == kind and not s.is_held)
        if own and not is_kept and kind not in stands_for(own):
            share._withdraw(is_leaving=False)
            return own.browse()
        values = {"is_leaving": False, "former_hours": 0, "is_kept": is_kept}
        is_back = all(other.settlement == "open" for other in others)
        if is_back:
            values |= {
                "hours": (new | share)._hours_of(line),
                "amount": line._tripletex_amount(),
                "routing_key": line._tripletex_routing_key(),
                # a new row whose place is not known has no kinds yet
                "kinds": own[:1].kinds or share.kinds,
                "left_out": (own[:1] or share).left_out,
            }
        share.write(values)
        return others if is_back else others.browse()

    def _has_old_row(self, new, standing):
        """Whether a row that stands holds what this share was to bring.

        Overtime that was opened and validated again can have lost one row meanwhile,
        and hours that became overtime have one row to come.

        :param standing: shares that have hours, or get them back
        """
        old = standing.filtered(lambda share: share.line_id == new.line_id)
        here = set(old.entry_id.mapped("kind"))
        before = {kind for share in old for kind in share._kinds()}
        lacks = (new._kinds() if here <= new._kinds() else before) - here
        return not lacks or not (
            new.entry_id.is_placeless or new.entry_id.kind in lacks
        )
