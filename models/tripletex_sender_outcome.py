from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .tripletex_sender import StopRun, delay_after

#: Times a result is written before it is left for the next run to look up.
PERSIST_TRIES = 5
#: Batches in a row that somebody's changes may spoil before the run ends.
MAX_COLLISIONS = 5


class TripletexSenderOutcome(models.AbstractModel):
    """Commits what is about to be sent, and what came of it.

    The only place that writes the entries' progress. An *outcome* is a dict of values
    for one entry with an additional ``outcome``: ``done``, ``retry``, ``failed``,
    ``conflict`` or ``release`` (nothing was attempted).
    """

    _name = "tripletex.sender.outcome"
    _description = "Tripletex Sending Outcome"

    @api.model
    def _intend(self, run, steps):
        """Commit that writes are about to leave, so that a crash is noticed.

        What the look found goes with it: an attempt before this one may have left it
        there, and is forgotten now.

        :return: False when somebody changed an entry since the look; then nothing may
            be sent, and the next batch looks afresh
        """
        was_unclear = {step.entry: step.entry.is_unclear for step in steps}
        try:
            for step in steps:
                entry = step.entry
                entry.write(
                    self._seen(step.remote)
                    | {
                        "state": "sending",
                        "is_unclear": True,
                        "attempt_hours": entry._target_hours(),
                        "attempt_comment": entry.comment,
                    }
                )
            self.env["ir.cron"]._commit_progress()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            self.env.invalidate_all()
            run.collisions += 1
            if run.collisions > MAX_COLLISIONS:
                raise StopRun from None
            return False
        run.intended.update(was_unclear)
        return True

    @api.model
    def _seen(self, remote):
        """What a look found of ours, ``remote`` or nothing, as known from now on."""
        return {
            "tripletex_id": str(remote.id) if remote else False,
            "sent_hours": remote.hours if remote else 0.0,
        }

    @api.model
    def _persist(self, run, outcomes):
        """Write what came of entries, each in the light of what is desired *now*.

        A transaction of its own: hours may have changed while we were talking. If
        the database keeps refusing, the entries stay ``sending`` and are looked up.

        :param outcomes: dict of entry to outcome
        """
        for entry in outcomes:
            run.intended.pop(entry, None)
        for _attempt in range(PERSIST_TRIES if outcomes else 0):
            self.env["ir.cron"]._commit_progress()
            self.env.invalidate_all()
            try:
                entries = self.env["tripletex.entry"].union(*outcomes).exists()
                entries._lock()
                counts = [
                    self._apply(entry, dict(outcomes[entry])) for entry in entries
                ]
                self.env["ir.cron"]._commit_progress()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                continue
            for count in counts:
                setattr(run, count, getattr(run, count) + 1)
            return

    @api.model
    def _apply(self, entry, values):
        """Write one outcome.

        :return: name of the run's counter that it belongs to
        """
        kind = values.pop("outcome")
        changed = entry.state == "sending" and not entry._is_as_attempted()
        if kind == "done":
            entry.write(values | {"state": "sent"})
            if entry._is_dirty():
                entry.write({"state": "pending"})
            return "sent"
        if kind in ("retry", "release") or (kind == "failed" and changed):
            # A failure of hours that have changed since says nothing about the new.
            entry.write(values | {"state": "pending"})
            return "postponed"
        entry.write(values | {"state": kind})
        if entry._is_void():
            entry.unlink()  # about hours that nobody wants any more
            return "postponed"
        return "failed"

    @api.model
    def _release(self, run):
        """Nothing was attempted for what is still intended: put it back."""
        self._persist(
            run,
            {
                entry: {"outcome": "release", "is_unclear": was_unclear}
                for entry, was_unclear in run.intended.items()
            },
        )

    # ------------------------------------------------------------------
    # The outcomes
    # ------------------------------------------------------------------

    @api.model
    def _done(self, entry, remote, comment=None, is_theirs=False):
        """Tripletex holds ``remote`` (None: nothing) for the entry.

        :param comment: the comment we sent; without one, the entry was found as it
            should be or as it was attempted
        :param is_theirs: there stands a person's comment instead. The version stays
            that of our last one, so that the next change leaves theirs alone, too
        """
        if comment is None:
            comment = remote.comment if remote else False
        version = remote.version if remote else 0
        return entry._settled_values() | {
            "outcome": "done",
            "tripletex_id": str(remote.id) if remote else False,
            "tripletex_version": entry.tripletex_version if is_theirs else version,
            "sent_hours": remote.hours if remote else 0.0,
            "sent_comment": comment,
            "sent_at": fields.Datetime.now(),
        }

    @api.model
    def _conflict(self, remote, message):
        """A person has to choose between ours and ``remote`` (None: nothing there)."""
        return {
            "outcome": "conflict",
            "is_unclear": False,
            "next_attempt_at": False,
            "remote_id": str(remote.id) if remote else False,
            "remote_version": remote.version if remote else 0,
            "remote_hours": remote.hours if remote else 0.0,
            "remote_comment": remote.comment if remote else False,
            "remote_key": str(remote.key) if remote else False,
            "error_message": message,
            "request_id": False,
        }

    @api.model
    def _failed(self, entry, message, error=None):
        """A person has to mend something; then Retry."""
        return {
            "outcome": "failed",
            "is_unclear": False,
            "attempts": entry.attempts + 1,
            "next_attempt_at": False,
            "error_message": message,
            "request_id": error.request_id if error else False,
        }

    @api.model
    def _retry(self, entry, message, error=None, unclear=False):
        """Temporary: try again by itself, later and later."""
        return {
            "outcome": "retry",
            "is_unclear": unclear,
            "attempts": entry.attempts + 1,
            "next_attempt_at": fields.Datetime.now() + delay_after(entry.attempts + 1),
            "error_message": message,
            "request_id": error.request_id if error else False,
        }
