from dataclasses import dataclass
from datetime import date

from odoo import api, models

from .tripletex_entry import same_hours


@dataclass(frozen=True)
class Remote:
    """A row that Tripletex holds, hour entry or paycode row alike."""

    id: int
    version: int
    hours: float
    comment: str
    key: tuple
    date: date
    is_locked: bool = False
    is_invoiced: bool = False


@dataclass
class Step:
    """What to do about one entry: an outcome at once, or a write."""

    entry: object
    action: str = ""  # create, update, delete
    values: dict = None
    remote: Remote = None
    outcome: dict = None


class Found:
    """What a look brought back, by id and by key."""

    def __init__(self, remotes):
        self.by_id = {remote.id: remote for remote in remotes}
        self.by_key = {remote.key: remote for remote in remotes}

    def of(self, entry):
        """The row that we know as this entry's, or None."""
        return self.by_id.get(int(entry.tripletex_id or 0))


class TripletexSenderDecision(models.AbstractModel):
    """What to do about an entry, given what Tripletex holds. Writes nothing.

    Needs ``_key`` and ``_values`` of the kind.
    """

    _name = "tripletex.sender.decision"
    _description = "Tripletex Sending Decision"
    _inherit = ["tripletex.sender.outcome", "tripletex.sender.words"]

    @api.model
    def _decide(self, run, entry, found):
        """What to do about one entry, given what Tripletex holds.

        Our own attempt whose answer was never seen is recognised by what it meant to
        send; anything else that is not as we left it is for a person.

        :return: :class:`Step`
        """
        ours, there = found.of(entry), found.by_key.get(self._key(entry))
        if ours and not self._is_taken_over(entry, ours):
            return self._decide_known(run, entry, ours, there)
        if there:
            return self._decide_foreign(run, entry, there)
        if not self._wanted(entry):
            return Step(entry, outcome=self._done(entry, None))
        if entry.tripletex_id and not self._is_own_delete(entry):
            return Step(entry, outcome=self._conflict(None, self._deleted_words()))
        return Step(entry, "create", self._values(entry, entry.comment))

    def _is_taken_over(self, entry, ours):
        """Whether our row, moved by somebody, became the row of another entry."""
        if ours.key == self._key(entry):
            return False
        others = entry.search(
            [
                ("connection_id", "=", entry.connection_id.id),
                ("kind", "=", entry.kind),
                ("tripletex_id", "=", entry.tripletex_id),
                ("id", "!=", entry.id),
            ]
        )
        return any(self._key(other) == ours.key for other in others)

    def _decide_known(self, run, entry, ours, there):
        """Tripletex still holds the row that we sent."""
        if ours.key != self._key(entry) and str(ours.key) != entry.known_key:
            return Step(entry, outcome=self._conflict(ours, self._moved_words(ours)))
        as_left = same_hours(ours.hours, entry.sent_hours)
        if as_left or self._is_own_attempt(entry, ours, compare_comment=False):
            return self._decide_change(run, entry, ours, there)
        message = self._edited_words(entry, ours)
        return Step(entry, outcome=self._conflict(ours, message))

    def _decide_foreign(self, run, entry, there):
        """Tripletex holds a row at our key that we do not know as ours."""
        if self._is_own_attempt(entry, there):
            return self._decide_change(run, entry, there)
        if self._wanted(entry):
            outcome = self._conflict(there, self._foreign_words(there))
        elif entry.is_unclear:
            outcome = self._conflict(there, self._perhaps_ours_words(there))
        else:
            return Step(entry, outcome=self._done(entry, None))
        # Our row that somebody changed, or somebody's own: nobody but a person can
        # tell. Unclear it stays, so that the question outlives the lines.
        return Step(entry, outcome=outcome | {"is_unclear": entry.is_unclear})

    def _decide_change(self, run, entry, ours, there=None):
        """The row is ours and as we know it: change, delete or leave it.

        :param there: what stands at the entry's key
        """
        comment = self._comment(entry, ours)
        wanted = self._wanted(entry)
        if (
            wanted
            and ours.key == self._key(entry)
            and same_hours(ours.hours, wanted)
            and same_text(ours.comment, comment)
        ):
            is_theirs = not same_text(comment, entry.comment)
            outcome = self._done(entry, ours, entry.comment, is_theirs)
            return Step(entry, outcome=outcome)
        if ours.is_locked:
            message = self._lock_words(run, entry, ours)
            outcome = self._failed(entry, message) | self._seen(ours)
            return Step(entry, remote=ours, outcome=outcome)
        # Ours is to come back from where somebody moved it, but its place is taken:
        # it goes, and the next look asks about what stands there.
        is_taken = there and there.id != ours.id
        if not wanted or is_taken:
            return Step(entry, "delete", remote=ours)
        values = self._values(entry, comment)
        return Step(entry, "update", values, ours)

    def _wanted(self, entry):
        """Hours that Tripletex should hold."""
        return entry._target_hours()

    def _is_own_attempt(self, entry, remote, compare_comment=True):
        """Whether ``remote`` is what an attempt without answer meant to leave."""
        return (
            entry.is_unclear
            and same_hours(remote.hours, entry.attempt_hours)
            and (
                not compare_comment or same_text(remote.comment, entry.attempt_comment)
            )
        )

    def _is_own_delete(self, entry):
        return entry.is_unclear and same_hours(entry.attempt_hours, 0)

    def _comment(self, entry, ours):
        """Our comment, unless a person has written another one in Tripletex."""
        touched = ours.version != entry.tripletex_version and not entry.is_unclear
        if touched and not same_text(ours.comment, entry.sent_comment):
            return ours.comment
        return entry.comment


def same_text(one, other):
    """Whether two comments say the same, white space aside."""
    return " ".join((one or "").split()) == " ".join((other or "").split())
