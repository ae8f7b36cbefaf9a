"""What to do about one entry, given what Tripletex holds.

Values in, a value out: nothing here calls Tripletex, reads the database or writes.
"""

from dataclasses import dataclass
from datetime import date

from .amounts import same_hours, same_text


@dataclass(frozen=True)
class Remote:
    """A row that Tripletex holds, hour entry or paycode row."""

    id: int
    version: int
    hours: float
    comment: str
    place: str  # see kinds.place_text
    date: date
    is_locked: bool = False
    is_invoiced: bool = False


@dataclass(frozen=True)
class Step:
    """The next step for one entry.

    ``create``, ``update`` and ``delete`` are writes of ``hours`` and ``comment`` at
    ``place``. The others need no call: ``done``, ``locked``, or a conflict, whose
    cause is ``foreign``, ``perhaps_ours``, ``moved``, ``edited`` or ``deleted``.
    """

    entry: object
    action: str
    place: str
    hours: float
    own_comment: str  # what the entry says; a person's comment may stand instead
    remote: Remote = None
    comment: str = None
    #: What an attempt without answer was to leave stands there.
    is_attempt_found: bool = False

    @property
    def is_write(self):
        """Whether the step is a call that changes Tripletex."""
        return self.action in ("create", "update", "delete")


class Found:
    """What a look at Tripletex returned, by id and by place.

    :param remotes: list of :class:`Remote`
    :param places_by_id: dict of the ids of moved rows to the places of the entries
        that know a row by this id
    """

    def __init__(self, remotes, places_by_id):
        self.by_id = {remote.id: remote for remote in remotes}
        self.by_place = {remote.place: remote for remote in remotes}
        self.places_by_id = places_by_id

    def known_row(self, entry):
        """The row known as this entry's, or None.

        None as well when somebody moved the row to the place of another entry that is
        known under the same id: it is that entry's row now.
        """
        row = self.by_id.get(int(entry.tripletex_id or 0))
        if row and row.place != entry.place and row.place in self.places_by_id[row.id]:
            return None
        return row


class Decision:
    """Decides the next step for one entry.

    An attempt whose answer was lost is recognised by the hours and comment that it
    would have left. Any other row that is not as we left it is a question for a person.

    :param entry: ``tripletex.entry`` record
    :param found: :class:`Found`
    """

    def __init__(self, entry, found):
        self.entry, self.place = entry, entry.place
        self.known = found.known_row(entry)
        self.there = found.by_place.get(entry.place)
        self.wanted = entry._target_hours()
        self.is_attempt_found = False

    def next_step(self):
        """Return the :class:`Step`."""
        entry = self.entry
        if self.known:
            return self._of_known_row()
        if self.there:
            return self._of_unknown_row()
        if not self.wanted:
            return self._step("done")
        if entry.tripletex_id and not self._is_own_delete():
            return self._step("deleted")
        return self._step("create", comment=entry.full_comment)

    def _step(self, action, remote=None, comment=None):
        return Step(
            entry=self.entry,
            action=action,
            place=self.place,
            hours=self.wanted,
            own_comment=self.entry.full_comment,
            remote=remote,
            comment=comment,
            is_attempt_found=self.is_attempt_found,
        )

    def _of_known_row(self):
        """Tripletex still holds the row that we sent."""
        entry, known = self.entry, self.known
        if known.place not in (self.place, entry.known_place):
            return self._step("moved", known)
        is_unchanged = same_hours(known.hours, entry.sent_hours)
        # a person's figure that is the validated one needs nobody
        is_right = same_hours(known.hours, self.wanted)
        if (
            is_unchanged
            or is_right
            or self._is_own_attempt(known, compare_comment=False)
        ):
            return self._change(known)
        return self._step("edited", known)

    def _of_unknown_row(self):
        """Tripletex holds a row at our place that we did not send."""
        if self._is_own_attempt(self.there):
            return self._change(self.there)
        if self.wanted and same_hours(self.there.hours, self.wanted):
            return self._step("done", self.there, self.there.comment)
        if self.wanted:
            return self._step("foreign", self.there)
        if self.entry.is_unclear:
            return self._step("perhaps_ours", self.there)
        return self._step("done")

    def _change(self, ours):
        """The row is ours and as we left it: update it, delete it or leave it."""
        comment = self._comment(ours)
        self.is_attempt_found = self._is_own_attempt(ours, compare_comment=False)
        is_equal = (
            self.wanted
            and ours.place == self.place
            and same_hours(ours.hours, self.wanted)
            and same_text(ours.comment, comment)
        )
        if is_equal:
            return self._step("done", ours, comment)
        if ours.is_locked:
            return self._step("locked", ours)
        # Our row was moved and another row now has its place: delete ours; the next
        # run reports the conflict.
        is_taken = self.there and self.there.id != ours.id
        if not self.wanted or is_taken:
            return self._step("delete", ours)
        return self._step("update", ours, comment)

    def _comment(self, ours):
        """Our comment, unless a person has written another one in Tripletex."""
        entry = self.entry
        is_touched = ours.version != entry.tripletex_version and not entry.is_unclear
        if is_touched and not same_text(ours.comment, entry.sent_comment):
            return ours.comment
        return entry.full_comment

    def _is_own_attempt(self, remote, compare_comment=True):
        """Whether ``remote`` is what an attempt without answer would have left."""
        entry = self.entry
        return (
            entry.is_unclear
            and same_hours(remote.hours, entry.attempt_hours)
            and (
                not compare_comment or same_text(remote.comment, entry.attempt_comment)
            )
        )

    def _is_own_delete(self):
        return self.entry.is_unclear and same_hours(self.entry.attempt_hours, 0)
