"""Look, decide, intend, write, store: one batch of entries of one kind."""

from collections import defaultdict

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
from . import attempts as outcomes
from .amounts import same_hours
from .attempts import StopRun
from .decide import Decision, Found
from .kinds import KINDS, place_ids
from .refusals import of_conflict, of_lock, of_row, refusal, said

#: Server errors in a row after which Tripletex counts as out of order. More than the
#: halvings that find one bad row in a batch of 100, so a single bad row never stops
#: the others.
MAX_TROUBLES = 9


class Exchange:
    """Makes Tripletex equal to a batch of entries of one kind; commits as it goes.

    :param run: the connection's ``Run``: its client, attempts and what is known of
        Tripletex in this run
    :param kind: name of the kind, see ``kinds``
    """

    def __init__(self, run, kind):
        self.run, self.env = run, run.env
        self.client, self.attempts = run.client, run.attempts
        self.kind = KINDS[kind]
        self.denied = {}  # entry: RightsMissing, not decided yet

    def send(self, entries):
        """Send the entries.

        :raise StopRun: when the connection's turn is over
        """
        try:
            self._look_and_write(entries)
            self._judge_denied()
        except StopRun:
            # Release only on StopRun: after any other exception a write may have
            # left, so the entries stay as they are and are looked up in the next run.
            self.attempts.release()
            raise
        self.attempts.release()

    def _look_and_write(self, entries):
        steps = self._steps(entries)
        writes = [step for step in steps if step.is_write]
        if not self.attempts.intend(writes):
            return
        self.attempts.store(
            {step.entry: self._outcome(step) for step in steps if not step.is_write}
        )
        self._write(writes)

    # ------------------------------------------------------------------
    # Look and decide
    # ------------------------------------------------------------------

    def _steps(self, entries):
        """Look at Tripletex and return the entries' next steps."""
        found = self._found(entries)
        return [Decision(entry, found).next_step() for entry in entries]

    def _found(self, entries):
        remotes = self._ask(self.kind.look, self.client, entries)
        places = {str(remote.id): remote.place for remote in remotes}
        moved = {
            entry.tripletex_id
            for entry in entries
            if places.get(entry.tripletex_id, "") not in ("", entry.place)
        }
        places_by_id = defaultdict(set)
        if moved:
            # somebody moved these rows, perhaps to the place of another entry
            known = self.env["tripletex.entry"].search(
                [
                    ("connection_id", "=", self.run.connection.id),
                    ("kind", "=", self.kind.name),
                    ("tripletex_id", "in", list(moved)),
                ]
            )
            for entry in known:
                places_by_id[int(entry.tripletex_id)].add(entry.place)
        return Found(remotes, places_by_id)

    def _ask(self, call, *args):
        """A read whose failure ends the run (nothing was attempted yet)."""
        try:
            return call(*args)
        except TripletexError as error:
            raise StopRun(error) from error

    def _outcome(self, step):
        """The outcome of a step that needs no call."""
        entry, remote = step.entry, step.remote
        if step.action == "done":
            return outcomes.done(step, remote)
        if step.action == "locked":
            refused = self._refused_by_lock(entry, remote)
            return (
                outcomes.failed(entry, refused)
                | outcomes.seen(remote)
                | {"is_written": step.is_attempt_found}
            )
        outcome = outcomes.conflict(remote, of_conflict(step))
        outcome["is_foreign"] = step.action == "foreign"
        if step.action in ("foreign", "perhaps_ours"):
            # Our row that somebody changed, or a person's own: only a person can
            # tell. It stays unclear, so that the question outlives the lines.
            outcome["is_unclear"] = entry.is_unclear
        return outcome

    def _refused_by_lock(self, entry, remote=None, error=None):
        lock = until = None
        if not (remote and remote.is_invoiced):
            employee_id = place_ids(entry.place)[0]
            status = self.run.month_status(employee_id, entry.date)
            lock, until = self.env["tripletex.month"]._lock_of(entry, status)
        return of_lock(entry, remote, lock, until, error)

    # ------------------------------------------------------------------
    # Write
    # ------------------------------------------------------------------

    def _write(self, steps):
        """Send the steps' writes and store their outcomes."""
        by_action = {
            action: [step for step in steps if step.action == action]
            for action in ("create", "update", "delete")
        }
        if self.kind.name == "hours":
            self._write_list(by_action["create"], self.kind.create_rows)
            self._write_list(by_action["update"], self.kind.update_rows)
            steps = by_action["delete"]
        others = self._rows_of_others(by_action["delete"])
        for number, step in enumerate(steps):
            if self._is_hopeless() or (number and self.run.is_another_waiting()):
                break  # the rest is released
            if step.entry in others:
                # which row is ours is found out before anything is deleted
                self._fail(step, BrokenAnswer("The ID is another row's"))
                continue
            call = getattr(self.kind, f"{step.action}_rows")
            error = self._attempt([step], call)
            if error:
                self._fail(step, error)

    def _rows_of_others(self, deletions):
        """Entries whose row has another place when it is asked for by its id.

        A deletion names nothing but an id, which came with a list: a list that mixes
        up ids would have the hours of somebody else deleted.
        """
        if not deletions:
            return set()
        ids = {step.remote.id for step in deletions}
        rows = self._ask(self.kind.by_ids, self.client, ids)
        places = {row.id: row.place for row in rows}
        return {
            step.entry
            for step in deletions
            if places.get(step.remote.id, step.remote.place) != step.remote.place
        }

    def _write_list(self, steps, call):
        """Send ``steps`` in one list call; halve it until the guilty stand alone.

        One bad row fails the whole call and Tripletex does not say which (MEASURED).
        """
        steps = sorted(steps, key=self.kind.sort_key)
        groups = [steps] if steps else []
        while groups and not self._is_hopeless():
            group = groups.pop()
            error = self._attempt(group, call)
            if not error:
                continue
            if len(group) == 1:
                self._fail(group[0], error)
                continue
            group = self._read_back(group, error)
            if isinstance(error, RightsMissing) and not self.run.has_written:
                # Most likely the key lost a right: one row is enough to find out.
                half = 1
            else:
                half = (len(group) + 1) // 2
            groups += [part for part in (group[half:], group[:half]) if part]

    def _read_back(self, group, error):
        """Look what a failed list call left behind; return the steps still to do.

        That nothing of a refused list is kept is MEASURED in one case only, so the
        first refusal of a run is checked; once seen to be true it is relied on, and a
        row that was kept all the same shows itself as existing already. An error that
        says nothing about the list (``unclear``) is always followed by a look.
        """
        is_refusal = not getattr(error, "unclear", False)
        if is_refusal and self.run.lists_are_atomic:
            return group
        entries = self.env["tripletex.entry"].union(*(step.entry for step in group))
        again = {step.entry: step for step in self._steps(entries)}
        settled = {
            entry: self._outcome(step)
            for entry, step in again.items()
            if not step.is_write
        }
        self.attempts.store(settled)
        # a row that changed may be what arrived: it stays unclear for the next run
        left = [
            step
            for step in group
            if (step.action, step.remote)
            == (again[step.entry].action, again[step.entry].remote)
        ]
        self.attempts.reopen(step.entry for step in left)
        if is_refusal:
            self.run.lists_are_atomic = left == group
        return left

    def _attempt(self, steps, call):
        """Make one writing call for ``steps`` and store its outcome.

        :param call: method of the kind; returns a ``Remote`` per step (None: deleted)
        :return: the error when Tripletex did not accept the call, else None
        :raise StopRun: when no further call makes sense now
        """
        try:
            remotes = call(self.client, steps)
        except (RateLimited, KeyRefused, ConsumerTokenRefused) as error:
            raise StopRun(error) from error  # nothing was done: released
        except NoConnection as error:
            if error.unclear:
                self.attempts.store(self._unclear(steps, error))
            raise StopRun(error) from error
        except TripletexError as error:
            if getattr(error, "unclear", False) or len(steps) > 1:
                # the run may end before anybody could look what it left behind
                self.attempts.keep_unclear(step.entry for step in steps)
            self._count_trouble(steps, error)
            return error
        self.run.troubles = 0
        self.run.has_written = True
        written = {
            step.entry: self._written(step, remote)
            for step, remote in zip(steps, remotes, strict=True)
        }
        self.attempts.store(self._doubted(steps) | written)
        return None

    def _written(self, step, remote):
        """The outcome of an accepted write."""
        if remote and not same_hours(remote.hours, step.hours):
            refused = refusal("differs", there=remote.hours, ours=step.hours)
            return (
                outcomes.failed(step.entry, refused)
                | outcomes.seen(remote)
                | {"tripletex_version": remote.version, "is_written": True}
            )
        return outcomes.done(step, remote)

    def _doubted(self, steps):
        """Entries at whose place a row stood that somebody had moved there.

        That row is gone from there now, and their own row, which Tripletex was thought
        to hold, cannot have stood beside it: they are looked at again.

        :return: dict of entry to outcome
        """
        moved = {
            step.remote.place: step.remote
            for step in steps
            if step.remote and step.remote.place != step.place
        }
        doubted = self.env["tripletex.entry"]
        for place, remote in moved.items():
            doubted |= doubted.search(
                [
                    ("connection_id", "=", self.run.connection.id),
                    ("kind", "=", self.kind.name),
                    ("date", "=", remote.date),
                    ("state", "=", "sent"),
                    ("tripletex_id", "!=", False),
                    ("is_kept", "=", False),
                ]
            ).filtered(lambda entry, place=place: entry.place == place)
        return {entry: entry._doubt() | {"outcome": "release"} for entry in doubted}

    # ------------------------------------------------------------------
    # What Tripletex did not accept
    # ------------------------------------------------------------------

    def _unclear(self, steps, error):
        refused = refusal("temporary", said=said(error))
        return {
            step.entry: outcomes.retry(step.entry, refused, error, unclear=True)
            for step in steps
        }

    def _count_trouble(self, steps, error):
        """Give up the run when Tripletex itself seems out of order."""
        if not isinstance(error, (ServerTrouble, BrokenAnswer)):
            return
        self.run.troubles += 1
        if self.run.troubles > MAX_TROUBLES:
            self.attempts.store(self._unclear(steps, error))
            raise StopRun(error) from error

    def _fail(self, step, error):
        """Store the outcome of one row that Tripletex did not accept."""
        entry = step.entry
        if isinstance(error, RightsMissing):
            self.denied[entry] = error
            self.attempts.set_aside(entry)
            return
        if isinstance(error, (AlreadyExists, StaleVersion)):
            outcome = self._look_again(entry, error)
        elif isinstance(error, NotFound) and step.action == "delete":
            outcome = outcomes.done(step, None)
        elif isinstance(error, NotFound) and step.action == "update":
            outcome = outcomes.conflict(None, refusal("deleted"))
        elif isinstance(error, (ServerTrouble, BrokenAnswer)):
            outcome = self._unclear([step], error)[entry]
        elif isinstance(error, Locked):
            refused = self._refused_by_lock(entry, step.remote, error)
            outcome = outcomes.failed(entry, refused, error)
        else:
            outcome = outcomes.failed(entry, of_row(error), error)
        self.attempts.store({entry: outcome})

    def _look_again(self, entry, error):
        """Tripletex holds something else than we saw: decide again, send next time."""
        [step] = self._steps(entry)
        if step.is_write:
            refused = refusal("temporary", said=said(error))
            outcome = outcomes.retry(entry, refused, error)
            if step.is_attempt_found:
                outcome |= outcomes.seen(step.remote) | {"is_written": True}
            return outcome
        outcome = self._outcome(step)
        if outcome["outcome"] == "conflict":
            # this attempt was refused; whether one before it was kept is as before
            outcome["is_unclear"] = self.attempts.was_unclear(entry)
        return outcome

    def _is_hopeless(self):
        """Whether rights seem lost altogether, so that more calls tell nothing."""
        return len(self.denied) > 1 and not self.run.has_written

    def _judge_denied(self):
        """Rows that the key may not write: theirs alone, or the key's rights lost?

        If Tripletex accepted other rows in this run, the key has its rights and the
        rows need attention. Otherwise the connection does, and the rows wait.
        """
        if not self.denied:
            return
        if self.run.has_written:
            self.attempts.store(
                {
                    entry: outcomes.failed(
                        entry, refusal("denied", said=said(error)), error
                    )
                    for entry, error in self.denied.items()
                }
            )
            return
        self.attempts.reopen(self.denied)
        raise StopRun(next(iter(self.denied.values())))
