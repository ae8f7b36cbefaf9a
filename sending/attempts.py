"""What a crash may leave behind, and how results are stored.

An *outcome* is a dict of values for one entry with an additional ``outcome``:
``done``, ``retry``, ``failed``, ``conflict`` or ``release`` (nothing was attempted).
"""

import random
from datetime import timedelta

from odoo import fields
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from .amounts import same_text
from .queue import Queue

#: First and longest pause after a temporary failure, in seconds.
FIRST_DELAY = 60
LONGEST_DELAY = 4 * 3600
#: How much a pause is made longer or shorter at random.
JITTER = 0.2
#: No pause is longer: a later end was stored while the server's clock was wrong.
LONGEST_PAUSE = timedelta(seconds=LONGEST_DELAY * (1 + JITTER))
#: Times a result is written before it is left for the next run to look up.
PERSIST_TRIES = 5
#: Batches in a row that changes by users may spoil before the run ends.
MAX_COLLISIONS = 5


class StopRun(Exception):
    """Ends the sending of one connection for now; nothing is lost by it.

    :param cause: the ``TripletexError`` that ends it, or None
    """

    def __init__(self, cause=None):
        super().__init__(str(cause or ""))
        self.cause = cause


class Attempts:
    """Keeps the promise that a crash loses nothing and sends nothing twice.

    Before the first byte of a write leaves, the entry is committed as ``sending`` with
    ``is_unclear`` set and with what the attempt means to leave (:meth:`intend`). Only
    a known answer (:meth:`store`), or the knowledge that nothing was attempted
    (:meth:`release`), ends that. Whatever dies in between, the next run finds the mark
    and looks before it writes.

    Each open attempt remembers whether the entry was unclear *before* it: a refused
    attempt must not end the doubt about an earlier one.
    """

    def __init__(self, env):
        self.env = env
        self.counts = {"sent": 0, "failed": 0, "postponed": 0}
        self._was_unclear = {}  # entry with an open attempt: unclear before it
        self._collisions = 0

    def intend(self, steps):
        """Commit that the writes of ``steps`` are about to leave.

        What the look found is stored with it: an earlier attempt may have left it
        there, and that attempt is forgotten now.

        :return: False when somebody changed an entry since the look; then nothing may
            be sent, and the next batch looks again
        :raise StopRun: after too many such changes
        """
        was_unclear = {step.entry: step.entry.is_unclear for step in steps}
        try:
            for step in steps:
                entry = step.entry
                if step.is_attempt_found:
                    entry.share_ids._settle(only_attempted=True)
                entry.write(
                    seen(step.remote)
                    | {
                        "state": "sending",
                        "is_unclear": True,
                        "attempt_hours": step.hours,
                        "attempt_comment": step.own_comment,
                    }
                )
            self._settle_for_now([step.entry.id for step in steps])
            self.env["ir.cron"]._commit_progress()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            self.env.invalidate_all()
            self._collisions += 1
            if self._collisions > MAX_COLLISIONS:
                raise StopRun from None
            return False
        self._was_unclear.update(was_unclear)
        return True

    def _settle_for_now(self, entry_ids):
        """From now on Tripletex may hold the shares: links do not move them."""
        if entry_ids:
            self.env["tripletex.entry.share"].flush_model()
            self.env.execute_query(
                SQL(
                    "UPDATE tripletex_entry_share SET settlement = 'attempted' "
                    "WHERE entry_id IN %s AND is_held IS NOT TRUE "
                    "AND (settlement = 'open' OR is_unsent)",
                    tuple(entry_ids),
                )
            )
            self.env["tripletex.entry.share"].invalidate_model(["settlement"])

    def was_unclear(self, entry):
        """Return whether an open attempt's entry was unclear before that attempt."""
        return self._was_unclear.get(entry, False)

    def keep_unclear(self, entries):
        """Let a release leave these unclear: the answer does not tell what was done.

        :param entries: iterable of entries with an open attempt
        """
        self._was_unclear.update(dict.fromkeys(entries, True))

    def reopen(self, entries):
        """Let a release leave these clear: a look has shown that nothing was done.

        :param entries: iterable of entries with an open attempt
        """
        self._was_unclear.update(dict.fromkeys(entries, False))

    def set_aside(self, entry):
        """Take the entry out of a release: a later call stores its outcome."""
        self._was_unclear.pop(entry, None)

    def forget(self):
        """Leave all open attempts as committed: the next run looks them up."""
        self._was_unclear.clear()

    def release(self):
        """Put back the entries for which nothing was attempted."""
        self.store(
            {
                entry: {"outcome": "release", "is_unclear": was_unclear}
                for entry, was_unclear in self._was_unclear.items()
            }
        )

    def store(self, outcomes):
        """Write the outcomes, each compared with what is desired *now*.

        A transaction of its own: hours may have changed during the call. If the
        database keeps refusing, the entries stay ``sending`` and are looked up.

        :param outcomes: dict of entry to outcome
        """
        for entry in outcomes:
            self._was_unclear.pop(entry, None)
        for _attempt in range(PERSIST_TRIES if outcomes else 0):
            try:
                self.env["ir.cron"]._commit_progress()
                self.env.invalidate_all()
                entries = self.env["tripletex.entry"].union(*outcomes).exists()
                entries._lock()
                counted = [self._apply(entry, outcomes[entry]) for entry in entries]
                Queue(self.env).advance(entries.exists())
                self.env["ir.cron"]._commit_progress()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                continue
            for name in counted:
                self.counts[name] += 1
            return

    def _apply(self, entry, outcome):
        """Write one outcome; return the count that it belongs to."""
        values = dict(outcome)
        kind = values.pop("outcome")
        if values.pop("is_written", False):
            entry.share_ids._settle(only_attempted=True)
        is_changed = entry.state == "sending" and not entry._is_as_attempted()
        if kind == "done":
            entry.write(values | {"state": "sent"})
            is_dirty = entry._is_dirty()
            entry.share_ids._settle(only_attempted=is_dirty)
            if is_dirty:
                entry.write({"state": "pending"})
            else:
                entry.share_ids._note_gone()
            return "sent"
        if kind in ("retry", "release") or (kind == "failed" and is_changed):
            # A failure of hours that have changed since says nothing about the new.
            entry.write(values | {"state": "pending"})
            self._reopen_shares(entry)
            return "postponed"
        entry.write(values | {"state": kind})
        if kind == "conflict":
            entry.share_ids._bind()  # the open question stays where it is
        self._reopen_shares(entry)
        if entry._is_void():
            entry.unlink()  # about hours that are no longer validated
            return "postponed"
        return "failed"

    def _reopen_shares(self, entry):
        """A refused attempt left nothing: what it meant to add follows the links.

        What an earlier attempt without answer left is settled since it was found.
        """
        if not entry.is_unclear:
            entry.share_ids._note_refused()


def delay_after(attempts):
    """Return a growing pause with jitter, so that databases do not return at once.

    :param attempts: number of failed attempts, at least 1
    :return: timedelta
    """
    seconds = min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))


def seen(remote):
    """Return values that make ``remote`` (None: no row) the known row of an entry."""
    return {
        "tripletex_id": str(remote.id) if remote else False,
        "sent_hours": remote.hours if remote else 0.0,
    }


def done(step, remote):
    """Return the outcome: Tripletex holds ``remote`` (None: no row) for the entry.

    Where a person's comment stands on the row instead of ours, the version stays that
    of our last comment, so that the next change keeps theirs, too.

    :param step: ``decide.Step`` of the entry
    """
    entry, version = step.entry, remote.version if remote else 0
    if remote and not same_text(step.comment, step.own_comment):
        version = entry.tripletex_version
    return (
        entry._settled_values()
        | seen(remote)
        | {
            "outcome": "done",
            "tripletex_version": version,
            "sent_comment": step.own_comment if remote else False,
            "sent_at": fields.Datetime.now(),
        }
    )


def conflict(remote, refusal):
    """Return the outcome: a person chooses between ours and ``remote`` (None: no row).

    :param refusal: what to tell the person, see ``refusals``
    """
    return {
        "outcome": "conflict",
        "is_unclear": False,
        "next_attempt_at": False,
        "remote_id": str(remote.id) if remote else False,
        "remote_version": remote.version if remote else 0,
        "remote_hours": remote.hours if remote else 0.0,
        "remote_comment": remote.comment if remote else False,
        "remote_place": remote.place if remote else False,
        "refusal": refusal,
        "request_id": False,
    }


def failed(entry, refusal, error=None):
    """Return the outcome: a person has to fix something, then press Retry.

    :param entry: ``tripletex.entry`` record
    :param refusal: what to tell the person, see ``refusals``
    :param error: ``TripletexError`` with the number of the request, or None
    """
    return {
        "outcome": "failed",
        "is_unclear": False,
        "attempts": entry.attempts + 1,
        "next_attempt_at": False,
        "refusal": refusal,
        "request_id": error.request_id if error else False,
    }


def retry(entry, refusal, error=None, unclear=False):
    """Return the outcome: temporary, retried automatically after a growing pause.

    Arguments as of :func:`failed`.

    :param unclear: Tripletex may hold what was sent
    """
    return {
        "outcome": "retry",
        "is_unclear": unclear,
        "attempts": entry.attempts + 1,
        "next_attempt_at": fields.Datetime.now() + delay_after(entry.attempts + 1),
        "refusal": refusal,
        "request_id": error.request_id if error else False,
    }
