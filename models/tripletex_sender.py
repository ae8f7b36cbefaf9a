import logging
import random
import time
import zlib
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..sending.session import close_session
from ..tools import AddressRefused, RateLimited

_logger = logging.getLogger(__name__)

#: First and longest pause after a temporary failure, in seconds.
FIRST_DELAY = 60
LONGEST_DELAY = 4 * 3600
#: Pause after an unexpected fault of our own, in seconds.
OWN_FAULT_DELAY = 900
#: Name space of our PostgreSQL advisory locks (the other half is the connection).
LOCK_SPACE = zlib.crc32(b"hr_timesheet_tripletex") - 2**31
#: The database is gone, full, or in another's hands. Its other errors are about what
#: we asked of it, such as a value that fits no column, and concern one company alone.
DATABASE_TROUBLE = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.InternalError,
)


class StopRun(Exception):
    """Ends the sending of one connection for now; nothing is lost by it."""

    def __init__(self, cause=None):
        super().__init__(str(cause or ""))
        self.cause = cause


@dataclass
class SendingRun:
    """One connection's turn in the cron: its client, counts and notes."""

    connection: object
    client: object
    batch_size: int
    started: float = field(default_factory=time.monotonic)
    sent: int = 0
    failed: int = 0
    postponed: int = 0
    has_written: bool = False  # Tripletex accepted something
    collisions: int = 0  # batches given up because somebody changed their entries
    troubles: int = 0  # server errors in a row
    denied: dict = field(default_factory=dict)  # entry: RightsMissing, undecided yet
    intended: dict = field(default_factory=dict)  # entry: was unclear before
    lists_are_atomic: bool = False  # seen in this run that a refused list kept nothing
    month_status: dict = field(default_factory=dict)  # (employee, month): row


class TripletexSender(models.AbstractModel):
    """The one writer: makes Tripletex equal to what the entries say.

    One run per connection at a time, in the order look, plan, commit the intent,
    send, commit the outcome. A process that dies in between leaves entries in
    ``sending`` with ``is_unclear`` set; the next run looks before it repeats.
    """

    _name = "tripletex.sender"
    _description = "Tripletex Sender"

    # ------------------------------------------------------------------
    # Runs
    # ------------------------------------------------------------------

    @api.model
    def _send_all(self):
        """Give every connection with something due its turn. Commits."""
        now = fields.Datetime.now()
        for connection in self._connections_with_work():
            if connection.next_attempt_at and connection.next_attempt_at > now:
                self._wake_at(connection.next_attempt_at)
            elif connection._is_copy():
                connection = self._in_words_of_the_responsible(connection)
                connection._set_attention("copied", connection._copy_message())
            else:
                self._send_connection(connection)
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _in_words_of_the_responsible(self, connection):
        """The connection, speaking the language of whoever is told about it."""
        return connection.with_context(
            lang=connection.responsible_id.lang or self.env.lang
        )

    @api.model
    def _send_connection(self, connection):
        """One connection's turn, alone: a second worker finds the lock and leaves.

        The advisory lock belongs to the database session, so it lasts over commits
        and goes with the process. Users' transactions never wait for it.
        """
        key = SQL("%s, %s", LOCK_SPACE, connection.id)
        [(locked,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_lock(%s)", key)
        )
        if not locked:
            self._wake_at(fields.Datetime.now() + timedelta(minutes=1))
            return
        try:
            connection = self._in_words_of_the_responsible(connection)
            with connection._client() as client:
                # the entries' chatter is for what people decide, not for each hour
                sender = self.with_context(
                    **connection.env.context, tracking_disable=True
                )
                sender._run(connection, client)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody changed the connection while we worked: begin again soon.
            self.env.cr.rollback()
            self._wake_at(fields.Datetime.now() + timedelta(minutes=1))
        except DATABASE_TROUBLE:
            raise  # for Odoo's cron
        except AddressRefused as error:
            connection._note_error(error)
        except Exception:
            # A fault of ours must not keep other companies' hours waiting.
            _logger.exception(
                "Sending for Tripletex connection %s failed", connection.id
            )
            self.env.cr.rollback()
            connection.next_attempt_at = fields.Datetime.now() + timedelta(
                seconds=OWN_FAULT_DELAY
            )
            self._wake_at(connection.next_attempt_at)
        finally:
            self._unlock(key)

    @api.model
    def _unlock(self, key):
        # a lost database session has given up its locks by itself
        if self.env.cr.closed or self.env.cr._cnx.closed:
            return
        try:
            self.env["ir.cron"]._commit_progress()
        except psycopg2.Error:
            # the session goes back to the pool: with the lock, nobody else would send
            self.env.cr.rollback()
            raise
        finally:
            if not self.env.cr._cnx.closed:
                self.env.cr.execute(SQL("SELECT pg_advisory_unlock(%s)", key))

    @api.model
    def _run(self, connection, client):
        run = SendingRun(connection, client, self._batch_size())
        self._drop_orphans(connection)
        try:
            while entries := self._due_entries(run):
                self._send_batch(run, entries)
                if connection.outages:
                    connection.outages = 0
                if not self.env["ir.cron"]._commit_progress(len(entries)):
                    break
        except StopRun as stop:
            self._note_stop(run, stop.cause)
        if connection.state == "connected":
            connection._look_again()
        self._finish(run)

    @api.model
    def _send_batch(self, run, entries):
        """Send a batch; if we stumble over it ourselves, the others go on without it.

        Entries that were set aside travel in smaller and smaller company, so that
        one that nobody can send stands alone before long.
        """
        try:
            self.env[f"tripletex.sender.{entries[0].kind}"]._send(run, entries)
        except (StopRun, *DATABASE_TROUBLE):
            raise
        except Exception:
            _logger.exception(
                "Sending %s entries of Tripletex connection %s failed",
                len(entries),
                run.connection.id,
            )
            self.env.cr.rollback()
            self.env.invalidate_all()
            run.intended.clear()
            run.denied.clear()
            for entry in entries.exists():
                attempts = entry.attempts + 1
                pause = max(delay_after(attempts), timedelta(seconds=OWN_FAULT_DELAY))
                entry.write(
                    {
                        "attempts": attempts,
                        "next_attempt_at": fields.Datetime.now() + pause,
                        "error_message": self.env._(
                            "Something unexpected happened in Odoo while these hours "
                            "were sent. They are tried again by themselves; the "
                            "server's log says more."
                        ),
                    }
                )

    @api.model
    def _note_stop(self, run, error):
        """The run ends early: say why, and when to go on."""
        connection = run.connection
        if connection.state == "disconnected":
            return  # somebody removed it meanwhile
        if isinstance(error, RateLimited):
            pause = timedelta(seconds=min(error.retry_after, LONGEST_DELAY))
            if run.has_written:
                connection.outages = 0  # a little goes through at a time
            elif connection.outages:
                # The client forgets from run to run how often it was refused.
                pause = max(pause, delay_after(connection.outages))
            connection.outages += 1
            connection.next_attempt_at = fields.Datetime.now() + pause
        elif error is not None and not connection._note_error(error):
            self._postpone_due(connection, error)

    @api.model
    def _postpone_due(self, connection, error):
        """Tripletex is out of reach: everything that is due waits with the batch."""
        connection.outages += 1
        entries = self.env["tripletex.entry"].search(self._due_domain(connection))
        entries.write(
            {
                "next_attempt_at": fields.Datetime.now()
                + delay_after(connection.outages),
                "error_message": connection._explain(error),
            }
        )

    @api.model
    def _finish(self, run):
        """Wake up for what is left, tell people, and leave one line in the log."""
        connection = run.connection
        if connection.state == "disconnected":
            close_session(run.client)  # it was removed during the run
        connection._notify_responsible()
        waiting, wake_at = self._waiting(connection)
        if connection.state == "connected" and waiting:
            self._wake_at(max(filter(None, [wake_at, connection.next_attempt_at])))
        if run.sent:
            connection.last_sent_at = fields.Datetime.now()
        self.env["ir.cron"]._commit_progress()
        _logger.info(
            "Tripletex connection %s: %s sent, %s need a person, %s postponed, "
            "%s waiting, %s calls, %.1f s",
            connection.id,
            run.sent,
            run.failed,
            run.postponed,
            waiting,
            run.client.calls,
            time.monotonic() - run.started,
        )

    @api.model
    def _wake_at(self, moment):
        self.env["tripletex.entry"]._wake_cron(moment)


def delay_after(attempts):
    """Growing pause with jitter, so that many databases do not return at once.

    :param attempts: number of failed attempts, at least 1
    :return: timedelta
    """
    seconds = min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))
