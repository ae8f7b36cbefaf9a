from odoo import api, models

from ..tools import (
    AlreadyExists,
    BrokenAnswer,
    ConsumerTokenRefused,
    KeyRefused,
    Locked,
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
from .tripletex_sender_decision import same_text

#: Server errors in a row after which Tripletex counts as out of order. More than the
#: halvings that find one bad row in a batch of 100, so a single bad row never stops
#: the others.
MAX_TROUBLES = 9


class TripletexSenderKind(models.AbstractModel):
    """Look, decide, send: what hour entries and paycode rows have in common."""

    _name = "tripletex.sender.kind"
    _description = "Tripletex Sending by Kind"
    _inherit = ["tripletex.sender.decision", "tripletex.sender.number"]

    @api.model
    def _send(self, run, entries):
        """Make Tripletex equal to what ``entries`` say; commits as it goes.

        :raise StopRun: when the connection's turn is over
        """
        try:
            self._look_and_change(run, entries)
            self._judge_denied(run)
        except StopRun:
            # Only here: after any other exception nobody knows what has left, so the
            # entries stay as they are and are looked up in the next run.
            self._release(run)
            raise
        self._release(run)

    @api.model
    def _look_and_change(self, run, entries):
        entries = self._resolve_numbers(run, entries)
        if not entries:
            return
        found = self._ask(run, self._look, entries)
        steps = [self._decide(run, entry, found) for entry in entries]
        writes = [step for step in steps if step.action]
        if not self._intend(run, writes):
            return
        self._persist(run, {s.entry: s.outcome for s in steps if s.outcome})
        self._change(run, writes)

    @api.model
    def _change(self, run, steps):
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
        run.has_written = True
        outcomes = {
            s.entry: self._written(s, r) for s, r in zip(steps, remotes, strict=True)
        }
        self._persist(run, self._doubted(run, steps) | outcomes)
        return None

    @api.model
    def _doubted(self, run, steps):
        """Entries in whose place a row stood that somebody had moved there.

        The row is gone from there now, but their own, which Tripletex was thought to
        hold, cannot have been there beside it: they are looked at again.

        :return: dict of entry to outcome
        """
        moved = {s.remote.key: s.remote for s in steps if self._is_moved_row(s)}
        doubted = self.env["tripletex.entry"]
        for key, remote in moved.items():
            doubted |= doubted.search(
                [
                    ("connection_id", "=", run.connection.id),
                    ("kind", "=", steps[0].entry.kind),
                    ("date", "=", remote.date),
                    ("state", "=", "sent"),
                    ("tripletex_id", "!=", False),
                    ("is_kept", "=", False),
                ]
            ).filtered(lambda entry, key=key: self._key(entry) == key)
        return {entry: entry._doubt() | {"outcome": "release"} for entry in doubted}

    def _is_moved_row(self, step):
        return step.remote and step.remote.key != self._key(step.entry)

    def _written(self, step, remote):
        entry = step.entry
        if remote and not same_hours(remote.hours, step.values["hours"]):
            return self._failed(entry, self._differs_words(entry, remote)) | {
                "tripletex_id": str(remote.id),
                "tripletex_version": remote.version,
                "sent_hours": remote.hours,
            }
        if not remote:
            return self._done(entry, None, False)
        is_theirs = not same_text(step.values["comment"], entry.attempt_comment)
        return self._done(entry, remote, entry.attempt_comment, is_theirs)

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
        elif isinstance(error, Locked):
            message = self._lock_words(run, entry, step.remote, error)
            outcome = self._failed(entry, message, error)
        else:
            outcome = self._failed(entry, self._refusal_words(error), error)
        self._persist(run, {entry: outcome})

    def _look_again(self, run, entry, error):
        """Tripletex holds something else than we saw: decide anew, send next time."""
        found = self._ask(run, self._look, entry)
        outcome = self._decide(run, entry, found).outcome
        if outcome and outcome["outcome"] == "conflict":
            # this attempt was refused; whether one before it was kept is as before
            outcome |= {"is_unclear": run.intended.get(entry, False)}
        return outcome or self._retry(entry, self._temporary_words(error), error)

    @api.model
    def _is_hopeless(self, run):
        """Whether rights seem lost altogether, so that more calls tell nothing."""
        return len(run.denied) > 1 and not run.has_written

    @api.model
    def _judge_denied(self, run):
        """Rows that the key may not write: theirs alone, or the key's rights lost?

        If Tripletex accepted other rows in this run, the key has its rights and the
        rows need a person. Otherwise the connection does, and the rows wait.
        """
        if not run.denied:
            return
        if run.has_written:
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
