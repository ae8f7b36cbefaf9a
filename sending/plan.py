"""What becomes of the shares of one line: which stay, which leave, and what is new.

Nothing is written here. ``Queue`` carries out the plans of many lines at once; a person
who is about to move sent hours is told by the same plans what that would do.
"""

from dataclasses import replace

from .absences import MOVED
from .kinds import stands_for


class Plan:
    """What becomes of one line's shares.

    ``stay``: dict of share to the hours that it keeps or gets; ``withdrawn``: settled
    shares that go to 0; ``leaving``: settled shares whose hours move; ``obsolete``:
    shares to delete; ``targets``: where new shares go.

    :param line: ``account.analytic.line`` record
    :param shares: all its ``tripletex.entry.share`` records
    :param resolution: ``Resolution``, or None when the line is not validated
    :param move: settled shares go where the links lead now, too
    :param is_completed: the line gets a row that its employee did not send
    """

    def __init__(self, line, shares, resolution, move=False, is_completed=False):
        self.line = line
        self.shares = shares
        self.resolution = resolution
        self.move = move
        self.is_completed = is_completed
        self.key = None  # see ``_tripletex_routing_key``; of a validated line
        self.own = ()  # settled shares of the line as it is now, see ``_own_shares``
        self.stay, self.targets = {}, []
        self.withdrawn, self.leaving, self.obsolete = [], [], []
        self.is_placeless = False
        self.kinds = None  # of all entries that the line was queued for
        self.left_out = None  # kind of entry that its employee did not send
        if resolution is None:
            self._withdraw()
        else:
            self._decide()

    def added(self, gone):
        """Return the targets in addition to the rows that the line has.

        :param gone: shares whose hours leave their rows
        """
        there = {share.entry_id.place for share in self.stay}
        new = [target for target in self.targets if target.place not in there]
        kinds = {share.entry_id.kind for share in gone}
        if len(new) <= len(gone):
            return []
        return [target for target in new if target.kind not in kinds]

    def _withdraw(self):
        for share in self.shares:
            # Tripletex never held what was handled by hand: no place is remembered
            is_new = share.settlement == "open" or share.is_handled
            (self.obsolete if is_new else self.withdrawn).append(share)

    def _decide(self):
        resolution = self.resolution
        self.key = self.line._tripletex_routing_key()
        resolution.hours = self.shares._hours_of(self.line)
        self.left_out = resolution.left_out
        self.targets = self._adjusted_targets()
        self.own = self._own_shares()
        if self.move:
            self._leave_out()
        self.is_placeless = not resolution.has_place
        kinds = resolution.kinds
        if resolution.has_place and kinds is None:
            kinds = {target.kind for target in self.targets}
        self.kinds = self._joined(kinds or ())
        open_here, departing = self._sort()
        departing += self._keep_one_of_a_kind()
        # a line of 0 hours goes nowhere
        goes_on = bool(resolution.hours) and (
            bool(self.targets) or any(share._is_back() for share in self.stay)
        )
        if not self.move:
            departing += self._freeze()
        self._depart(departing, goes_on)
        if self.move:
            self._leave_decided()
        self._follow_links(open_here)

    @staticmethod
    def _joined(kinds):
        return ",".join(sorted(kinds)) or None

    def _sort(self):
        """Let settled shares that keep their hours stay.

        :return: open shares that follow the links, and settled ones that do not stay
        """
        here, hours = self.resolution.connection, self.resolution.hours
        open_here, departing = [], []
        for share in self.shares:
            if share.settlement == "open":
                if share.connection_id == here:
                    open_here.append(share)
                elif not share._takes_part():
                    self.stay[share] = hours  # waits until that one is connected again
                else:
                    self.obsolete.append(share)
            elif self._stays(share):
                self.stay[share] = hours
            else:
                departing.append(share)
        return open_here, departing

    def _let_go(self, shares):
        """Let these shares stay no longer, and return them."""
        for share in shares:
            del self.stay[share]
        return shares

    # ------------------------------------------------------------------
    # Where the hours go
    # ------------------------------------------------------------------

    def _adjusted_targets(self):
        """Where the hours go: those of an adjustment in the month chosen for it."""
        adjusted = {
            None if share.entry_id.is_placeless else share.entry_id.kind: share
            for share in self.shares.filtered("belongs_to")
            if share.settlement == "open" and share.routing_key == self.key
        }
        return [self._adjusted(target, adjusted) for target in self.resolution.targets]

    @staticmethod
    def _adjusted(target, adjusted):
        """Return the target in the month that was chosen for its kind, if one was.

        :param adjusted: dict of kind, or None without a place, to share
        """
        if target.values["is_placeless"]:  # it stands for all rows
            share = next(reversed(adjusted.values()), None)
        else:
            share = adjusted.get(target.kind) or adjusted.get(None)
        if not share:
            return target
        return replace(target.on(share.entry_id.date), belongs_to=share.belongs_to)

    def _follow_links(self, open_here):
        """Open shares go where the links lead."""
        resolution = self.resolution
        here = resolution.connection
        stay = {s.entry_id.place for s in self.stay if s.connection_id == here}
        self.targets = [target for target in self.targets if target.place not in stay]
        places = {target.place for target in self.targets}
        for share in open_here:
            if share.entry_id.place in places:
                self.stay[share] = resolution.hours
            else:
                self.obsolete.append(share)

    # ------------------------------------------------------------------
    # What stays
    # ------------------------------------------------------------------

    def _own_shares(self):
        """Return the settled shares of the line as it is now: what it had before.

        Its row of hours can have served another paycode since, or none, and have that
        one's key: the row of the paycode says that there was one of hours. Where the
        links lead to one, it is that one. Without a connection they lead nowhere yet.
        """
        settled = self.shares.filtered(lambda share: share.settlement != "open")
        own = settled.filtered(lambda share: share.routing_key == self.key)
        kinds = {kind for share in own for kind in share._kinds()}
        kinds -= {target.kind for target in self.targets}
        if self.resolution.connection and "hours" in kinds - stands_for(own):
            without_paycode = self.key.rpartition("|")[0]
            # one that is gone while the row of the paycode stands was never with it
            was_gone = all(own.mapped("is_gone"))
            own |= settled.filtered(
                lambda share: (
                    share.entry_id.kind == "hours"
                    and not (share.entry_id.is_placeless or share.is_leaving)
                    and (was_gone or not share.is_gone)
                    and share.routing_key.rpartition("|")[0] == without_paycode
                )
            )
        return own

    def _stays(self, share):
        """Whether a settled share keeps the hours of its line."""
        resolution = self.resolution
        is_here = share.connection_id == resolution.connection
        is_moved = self.move and is_here and resolution.has_place and self.targets
        if share in self.own and (not is_moved or share._is_decided()):
            return True
        return is_here and (
            any(target.place == share.entry_id.place for target in self.targets)
            or self._is_move_off(share)
        )

    def _is_move_off(self, share):
        """Whether hours that a person moves are not sent where they were to go.

        They are sent hours, whatever became of their project or employee meanwhile. A
        row that their paycode lacks by now goes, as in any move.
        """
        kind = share.entry_id.kind
        if not share.is_leaving or share.routing_key != f"{MOVED}{self.key}":
            return False
        if self.targets and (kind != self.left_out or self.is_placeless):
            return False
        new = self.shares.filtered(lambda s: s.hours and not s.is_leaving)
        same = new.filtered(
            lambda s: s.entry_id.kind == kind or s.entry_id.is_placeless
        )
        if not (same or self.targets):
            same = new  # nothing is to be sent, so every old row of the line stays
        return any(other._is_unwritten() for other in same)

    def _keep_one_of_a_kind(self):
        """Hours stand on one row of each kind.

        That is the row of before, with all rows of overtime; else where they are, else
        the newest.

        :return: shares that stay no longer
        """
        rows = [
            share
            for share in self.stay
            # without a place it stands for rows that are not there
            if not share.entry_id.is_placeless
            and share.connection_id == self.resolution.connection
        ]
        rows.sort(key=lambda s: (s in self.own, bool(s.hours), s.id))
        kept = {share.entry_id.kind: share for share in rows}  # the last of each
        return self._let_go([s for s in rows if s != kept[s.entry_id.kind]])

    def _freeze(self):
        """Add nothing to hours that have their place, but rows they still lack.

        Where overtime has two rows, one can be sent while the other waits. A row that
        such hours do not lack gets none of them, although a link leads to it by now.

        :return: shares that stay no longer
        """
        settled = [s for s in self.own if s in self.stay and s._takes_part()]
        if not settled:
            return []
        linked = self._only_linked()
        kinds = settled[0]._kinds()
        here = stands_for(settled)
        left_out = self.resolution.left_out
        if left_out in kinds - here:
            kinds.remove(left_out)  # it waited, and is withdrawn
        elif self._is_added(settled):
            kinds.add(settled[0].left_out)
        else:
            self.left_out = settled[0].left_out
        self.kinds = self._joined(kinds)
        missing = kinds - here
        self.targets = [
            target
            for target in self.targets
            if missing and (self.is_placeless or target.kind in missing)
        ]
        return self._let_go([s for s in linked if s.entry_id.kind not in missing])

    def _only_linked(self):
        """Return the shares that stay for no other reason than where the links lead."""
        return [
            share
            for share in self.stay
            if share not in self.own
            and share.connection_id == self.resolution.connection
            and not self._is_move_off(share)
        ]

    def _is_added(self, settled):
        """Whether the row that was left out is sent beside the settled one now.

        A person who handles a line by hand handles all of it.
        """
        return (
            self.is_completed
            and settled[0].left_out in {target.kind for target in self.targets}
            and not any(share.is_handled for share in settled)
        )

    # ------------------------------------------------------------------
    # What leaves
    # ------------------------------------------------------------------

    def _depart(self, departing, goes_on):
        """Settled shares whose line goes elsewhere, or nowhere.

        :param departing: these shares
        :param goes_on: the line goes elsewhere
        """
        is_elsewhere = any(self.shares.mapped("hours"))
        for share in departing:
            if not share.entry_id._holds_ours() or share._stays_unsent():
                self.obsolete.append(share)  # nothing of it stands in Tripletex
            elif (
                goes_on
                and share._still_stands()
                and (share.hours or share.is_leaving or not is_elsewhere)
            ):
                self.leaving.append(share)
            elif not self._can_come_back(share):
                self.withdrawn.append(share)

    def _can_come_back(self, share):
        """Whether hours that have left a row return if their new row is refused.

        It is the move of before that goes on: the line has not changed since.
        """
        if not share.is_leaving:
            return False
        others = (self.shares - share).filtered(lambda s: s.routing_key == self.key)
        unanswered = [
            s for s in others if s in self.stay and s.settlement == "attempted"
        ]
        to_come = [s for s in others if s not in self.stay and s.settlement == "open"]
        return bool(unanswered or (to_come and self.targets))

    # ------------------------------------------------------------------
    # A move of sent hours, which a person decided
    # ------------------------------------------------------------------

    def _leave_out(self):
        """Let a move add no row that the line's employee did not send."""
        left_out = set(self.shares.filtered("hours").mapped("left_out")) - {False}
        if left_out:
            self.left_out = left_out.pop()
            self.targets = [t for t in self.targets if t.kind != self.left_out]

    def _leave_decided(self):
        """Let a move add no row to hours that a person decided about.

        But where one of two rows was decided about, the other one moves. Nor does it
        add one to hours that another active connection sent.
        """
        decided = [
            share
            for share in self.stay
            if share._takes_part()
            and (
                share._is_decided()
                or (
                    share.settlement != "open"
                    and share.connection_id != self.resolution.connection
                )
            )
        ]
        if decided:
            self.kinds = decided[0].kinds
            kinds = decided[0]._kinds() - stands_for(decided)
            kinds |= {share.entry_id.kind for share in self.leaving}
            self.targets = [t for t in self.targets if t.kind in kinds]
        if not self.targets:  # nothing goes anywhere, so sent hours stay
            self.stay |= dict.fromkeys(self.leaving, self.resolution.hours)
            self.leaving = []
