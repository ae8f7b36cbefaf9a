from dataclasses import dataclass
from datetime import date

from odoo import api, models

from ..tools import (
    AlreadyExists,
    BrokenAnswer,
    ConsumerTokenRefused,
    KeyRefused,
    NoConnection,
    NotFound,
    RateLimited,
    RightsMissing,
    ServerTrouble,
    StaleVersion,
    TripletexError,
)
from .tripletex_entry import same_hours
from .tripletex_sender import StopRun

#: Server errors in a row after which Tripletex counts as out of order. More than the
#: halvings that find one bad row in a batch of 100, so a single bad row never stops
#: the others.
MAX_TROUBLES = 9


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


class TripletexSenderKind(models.AbstractModel):
    """Look, decide, send: what hour entries and paycode rows have in common."""

    _name = "tripletex.sender.kind"
    _description = "Tripletex Sending by Kind"
    _inherit = ["tripletex.sender.outcome", "tripletex.sender.words"]

    #: entry field of each binding that a row needs: client method that finds a number
    _binding_finders = {}

    @api.model
    def _send(self, run, entries):
        """Make Tripletex equal to what ``entries`` say; commits as it goes.

        :raise StopRun: when the connection's turn is over
        """
        try:
            self._look_and_write(run, entries)
            self._judge_denied(run)
        except StopRun:
            # Only here: after any other exception nobody knows what has left, so the
            # entries stay as they are and are looked up in the next run.
            self._release(run)
            raise
        self._release(run)

    @api.model
    def _look_and_write(self, run, entries):
        entries = self._resolve_numbers(run, entries)
        if not entries:
            return
        found = self._ask(run, self._look, entries)
        steps = [self._decide(run, entry, found) for entry in entries]
        writes = [step for step in steps if step.action]
        if not self._intend(run, writes):
            return
        self._persist(run, {s.entry: s.outcome for s in steps if s.outcome})
        self._write(run, writes)

    @api.model
    def _write(self, run, steps):
        """Send the steps' writes and persist their outcomes."""
        raise NotImplementedError

    @api.model
    def _look(self, run, entries):
        """Read what Tripletex holds for the entries' keys and ids.

        :return: :class:`Found`
        """
        raise NotImplementedError

    @api.model
    def _key(self, entry):
        """The entry's key in Tripletex's ids, comparable with ``Remote.key``."""
        raise NotImplementedError

    @api.model
    def _values(self, entry, comment):
        """The full field set to send."""
        raise NotImplementedError

    @api.model
    def _ask(self, run, call, *args):
        """A read whose failure ends the run (nothing was attempted yet)."""
        try:
            return call(run, *args)
        except TripletexError as error:
            raise StopRun(error) from error

    # ------------------------------------------------------------------
    # Links made by hand with a number only
    # ------------------------------------------------------------------

    @api.model
    def _resolve_numbers(self, run, entries):
        """Look up the ids of hand-made links; fail the entries that have none.

        :return: the entries that have a place in Tripletex
        """
        outcomes = {}
        for name, finder in self._binding_finders.items():
            for binding in entries[name].filtered(lambda b: not b.tripletex_id):
                if getattr(binding, "is_internal", False):
                    continue
                problem = self._resolve_number(run, binding, finder)
                if problem:
                    outcomes |= {
                        entry: self._failed(entry, problem)
                        for entry in entries
                        if entry[name] == binding
                    }
        self._persist(run, outcomes)
        return entries.filtered(lambda entry: entry not in outcomes)

    @api.model
    def _resolve_number(self, run, binding, finder):
        """Find a link's id by its number.

        :return: what is wrong, or None
        """
        matches = self._ask(
            run, lambda run: getattr(run.client, finder)(binding.number)
        )
        if len(matches) != 1:
            return self._number_words(binding, len(matches))
        taken = binding.search(
            [
                ("connection_id", "=", binding.connection_id.id),
                ("tripletex_id", "=", str(matches[0]["id"])),
            ]
        )
        if taken:
            return self.env._(
                "Number %(number)s is linked twice: also by hand-made link %(other)s. "
                "Remove one of the links, then press Retry.",
                number=binding.number,
                other=taken.display_name,
            )
        binding.write(
            {
                "tripletex_id": str(matches[0]["id"]),
                "name": matches[0].get("displayName") or matches[0].get("name"),
            }
        )
        return None

    @api.model
    def _number_words(self, binding, count):
        if count:
            return self.env._(
                "Tripletex has %(count)s records with the number %(number)s, so it is "
                "not clear which one is meant. Use Update under Settings, Tripletex, "
                "to choose, then press Retry.",
                count=count,
                number=binding.number,
            )
        return self.env._(
            "Tripletex has nothing with the number %(number)s (%(record)s). Correct "
            "the number under Timesheets, Configuration, Tripletex, then press Retry.",
            number=binding.number,
            record=binding[binding._odoo_field].display_name,
        )

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

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
            message = self._foreign_words(there)
            return Step(entry, outcome=self._conflict(there, message))
        if entry.is_unclear:
            # Our row that somebody changed, or somebody's own: nobody but a person
            # can tell. Unclear it stays, so that the question outlives the lines.
            outcome = self._conflict(there, self._perhaps_ours_words(there))
            return Step(entry, outcome=outcome | {"is_unclear": True})
        return Step(entry, outcome=self._done(entry, None))

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
            return Step(entry, outcome=self._done(entry, ours, entry.comment))
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

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _attempt(self, run, steps, call):
        """One writing call for ``steps``, its outcome persisted.

        :param call: returns one :class:`Remote` per step (None: deleted)
        :return: the error when Tripletex did not accept the call, else None
        :raise StopRun: when no further call makes sense now
        """
        try:
            remotes = call(steps)
        except (RateLimited, KeyRefused, ConsumerTokenRefused) as error:
            raise StopRun(error) from error  # nothing was done: released
        except NoConnection as error:
            if error.unclear:
                self._persist(run, self._unclear(steps, error))
            raise StopRun(error) from error
        except TripletexError as error:
            if getattr(error, "unclear", False) or len(steps) > 1:
                # the run may end before anybody could look what it left behind
                run.intended.update(dict.fromkeys((s.entry for s in steps), True))
            self._count_trouble(run, steps, error)
            return error
        run.troubles = 0
        run.written += len(steps)
        self._persist(
            run,
            {s.entry: self._written(s, r) for s, r in zip(steps, remotes, strict=True)},
        )
        return None

    def _written(self, step, remote):
        entry = step.entry
        if remote and not same_hours(remote.hours, step.values["hours"]):
            return self._failed(entry, self._differs_words(entry, remote)) | {
                "tripletex_id": str(remote.id),
                "tripletex_version": remote.version,
                "sent_hours": remote.hours,
            }
        return self._done(entry, remote, entry.attempt_comment if remote else False)

    def _unclear(self, steps, error):
        return {
            step.entry: self._retry(
                step.entry, self._temporary_words(error), error, unclear=True
            )
            for step in steps
        }

    def _count_trouble(self, run, steps, error):
        """Give up the run when Tripletex itself seems out of order."""
        if not isinstance(error, (ServerTrouble, BrokenAnswer)):
            return
        run.troubles += 1
        if run.troubles > MAX_TROUBLES:
            self._persist(run, self._unclear(steps, error))
            raise StopRun(error) from error

    @api.model
    def _fail(self, run, step, error):
        """The outcome of one row that Tripletex did not accept by itself."""
        entry = step.entry
        if isinstance(error, RightsMissing):
            run.denied[entry] = error
            run.intended.pop(entry, None)
            return
        if isinstance(error, (AlreadyExists, StaleVersion)):
            outcome = self._look_again(run, entry, error)
        elif isinstance(error, NotFound) and step.action == "delete":
            outcome = self._done(entry, None)
        elif isinstance(error, NotFound) and step.action == "update":
            outcome = self._conflict(None, self._deleted_words())
        elif isinstance(error, (ServerTrouble, BrokenAnswer)):
            outcome = self._unclear([step], error)[entry]
        elif self._is_lock(error):
            message = self._lock_words(run, entry, step.remote, error)
            outcome = self._failed(entry, message, error)
        else:
            outcome = self._failed(entry, self._refusal_words(error), error)
        self._persist(run, {entry: outcome})

    def _look_again(self, run, entry, error):
        """Tripletex holds something else than we saw: decide anew, send next time."""
        found = self._ask(run, self._look, entry)
        step = self._decide(run, entry, found)
        return step.outcome or self._retry(entry, self._temporary_words(error), error)

    @api.model
    def _is_hopeless(self, run):
        """Whether rights seem lost altogether, so that more calls tell nothing."""
        return len(run.denied) > 1 and not run.written

    @api.model
    def _judge_denied(self, run):
        """Rows that the key may not write: theirs alone, or the key's rights lost?

        If Tripletex accepted other rows in this run, the key has its rights and the
        rows need a person. Otherwise the connection does, and the rows wait.
        """
        if not run.denied:
            return
        if run.written:
            self._persist(
                run,
                {
                    entry: self._failed(entry, self._denied_words(error), error)
                    for entry, error in run.denied.items()
                },
            )
            run.denied.clear()
            return
        error = next(iter(run.denied.values()))
        run.intended.update(dict.fromkeys(run.denied, False))
        run.denied.clear()
        raise StopRun(error)


def same_text(one, other):
    """Whether two comments say the same, white space aside."""
    return " ".join((one or "").split()) == " ".join((other or "").split())
