"""Whose turn it is, and one connection's turn: what is due, pauses, the report."""

import logging
import time
import zlib
from contextlib import contextmanager
from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..tools import AddressRefused, RateLimited, TripletexError
from . import WAITING
from .attempts import LONGEST_DELAY, LONGEST_PAUSE, Attempts, StopRun, delay_after
from .exchange import Exchange
from .notice import outdated
from .numbers import Numbers
from .queue import Queue
from .refusals import refusal
from .session import DatabaseCopied, close_session

_logger = logging.getLogger(__name__)

#: Pause after an unexpected fault of our own, in seconds.
OWN_FAULT_DELAY = 900
#: Seconds an answer takes on average from which on a connection counts as slow.
SLOW_ANSWER = 10
#: Times a look-up is begun before it is left for the next run.
LOOKUP_TRIES = 5
#: Name space of our PostgreSQL advisory locks (the other half is the connection).
LOCK_SPACE = zlib.crc32(b"hr_timesheet_tripletex") - 2**31
#: The database is gone, full, or in another's hands. Its other errors are about what
#: we asked of it, such as a value that fits no column, and concern one company alone.
DATABASE_TROUBLE = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.InternalError,
)


def send_all(env, is_slow=None):
    """Send what is due, for all connections. Commits.

    :param env: environment of the superuser
    :param is_slow: whether for those alone whose answers are slow, see ``Rotation``
    """
    env["tripletex.connection"]._stop_copies()
    end_wrong_pauses(env)
    look_up_all(env)
    withdraw_left_behind(env)
    Rotation(env, is_slow).serve()
    tell_all(env)
    env["ir.cron"]._commit_progress(remaining=0)


def end_wrong_pauses(env):
    """End pauses longer than any that is ever made: the clock was wrong. Commits."""
    env.flush_all()
    wrong = SQL("next_attempt_at > %s", fields.Datetime.now() + LONGEST_PAUSE)
    rows = env.execute_query(
        SQL(
            "SELECT 'tripletex.connection', id FROM tripletex_connection WHERE %s "
            "UNION ALL SELECT 'tripletex.entry', id FROM tripletex_entry "
            "WHERE state IN %s AND %s",
            wrong,
            WAITING,
            wrong,
        )
    )
    try:
        for name, record_id in rows:
            env[name].browse(record_id).next_attempt_at = False
        if rows:
            env["ir.cron"]._commit_progress()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        env.cr.rollback()  # the next run ends them
        env.invalidate_all()


def tell_all(env):
    """Tell people about hours that wait too long, also where nothing was due."""
    for connection in outdated(env):
        try:
            connection._notify_responsible()
            env["ir.cron"]._commit_progress()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            env.cr.rollback()  # another worker tells them, or the next run
            env.invalidate_all()


def look_up_all(env):
    """Do what committed changes have to look up, each in a transaction of its own.

    A change beside it is met by beginning again, in the next run at the latest.
    """
    env["ir.cron"]._commit_progress()
    for lookup in _lookups(env):
        for _attempt in range(LOOKUP_TRIES):
            try:
                if lookup.exists().try_lock_for_update():  # else another worker's
                    Queue(lookup.env).look_up(lookup)
                env["ir.cron"]._commit_progress()
                break
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                env.cr.rollback()
                env.invalidate_all()
            except DATABASE_TROUBLE:
                raise  # for Odoo's cron
            except Exception:
                _logger.exception("Look-up %s for Tripletex failed", lookup.id)
                env.cr.rollback()
                env.invalidate_all()
                _wake_in(env, seconds=OWN_FAULT_DELAY)
                break
        else:
            _wake_in(env, minutes=1)


def _lookups(env):
    """Look-ups to do, many about single records merged into one. Commits."""
    lookups = env["tripletex.lookup"].search([("is_move", "=", False)])
    try:
        merged = lookups._merged()
        env["ir.cron"]._commit_progress()
        return merged
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        env.cr.rollback()  # another worker is at them: each is tried by itself
        env.invalidate_all()
        return lookups


def withdraw_left_behind(env):
    """Withdraw hours of time off that is not approved any more; no event told us."""
    try:
        Queue(env).withdraw_left_behind()
        env["ir.cron"]._commit_progress()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        env.cr.rollback()
        env.invalidate_all()
        _wake_in(env, minutes=1)


def connections_with_work(env):
    """Return the connected connections with something to do.

    Due entries, hours to move, or shares of lines that the database itself deleted (no
    ORM event told us).

    :return: ``tripletex.connection`` records
    """
    env.flush_all()
    rows = env.execute_query(
        SQL(
            """
            SELECT connection.id
              FROM tripletex_connection connection
             WHERE connection.state = 'connected'
               AND (EXISTS (SELECT FROM tripletex_entry entry
                             WHERE entry.connection_id = connection.id
                               AND entry.state IN %s
                               AND entry.is_held IS NOT TRUE
                               AND (entry.next_attempt_at IS NULL
                                    OR entry.next_attempt_at <= %s))
                    OR EXISTS (SELECT FROM tripletex_entry_share share
                                 JOIN tripletex_entry entry
                                   ON entry.id = share.entry_id
                                WHERE entry.connection_id = connection.id
                                  AND share.line_id IS NULL)
                    OR EXISTS (SELECT FROM tripletex_lookup lookup
                                WHERE lookup.connection_id = connection.id
                                  AND lookup.is_move))
             ORDER BY connection.id
            """,
            WAITING,
            fields.Datetime.now(),
        )
    )
    return env["tripletex.connection"].browse(row[0] for row in rows)


class Rotation:
    """Gives connections a turn of one batch each, so that no backlog delays others.

    Several workers can be at it: an advisory lock leaves a connection to one of them
    for a turn. What is due is asked anew before each turn, so new hours do not wait
    for the end of the others' backlog. A worker waits for each answer, so connections
    whose answers are slow have a cron of their own: at most one worker waits for them.

    :param is_slow: True: for connections whose answers are slow; False: for the
        others, waking that cron; None: for all, those that are slow last
    """

    def __init__(self, env, is_slow=None):
        self.env, self.is_slow = env, is_slow
        self.runs = {}  # by connection id: those that are not finished
        self.turns = {}  # by connection id: the number of the last turn
        self.served = set()  # ids of connections with work that had a turn
        self.left_out = set()  # ids of connections that this worker leaves alone now
        self.has_help = False

    def serve(self):
        """Give turns until nothing is due, or the cron's time is over. Commits."""
        while True:
            ready = self._ready()
            # ends the look: what other workers have done by now is seen from here on
            has_time = self.env["ir.cron"]._commit_progress()
            if self.turns and not has_time:
                if ready:
                    self._wake()
                ready = ready.browse()
            for connection in ready.browse(self.runs.keys() - set(ready.ids)):
                self._finish(connection)
            if not ready:
                return
            if len(ready) > 1 and not self.has_help:
                self.env["tripletex.entry"]._wake_helpers()
                self.has_help = True
            self._give_turn(ready)

    def _wake(self):
        """Let another run begin at once, for connections that had no turn too."""
        entries = self.env["tripletex.entry"]
        if self.is_slow:
            entries._wake_slow()
        else:
            entries._wake_cron()

    def _ready(self):
        """Return the connections that can have a turn now.

        Those that pause are woken at the end of it.
        """
        now, ready = fields.Datetime.now(), self.env["tripletex.connection"]
        working = connections_with_work(self.env)
        working.fetch(["next_attempt_at", "seconds_per_call"])
        for connection in working:
            if connection.id in self.left_out:
                continue
            if connection.next_attempt_at and connection.next_attempt_at > now:
                self.left_out.add(connection.id)
                self.env["tripletex.entry"]._wake_cron(connection.next_attempt_at)
            elif self.is_slow not in (None, is_slow(connection)):
                self.left_out.add(connection.id)
                if not self.is_slow:
                    self.env["tripletex.entry"]._wake_slow()
            else:
                ready += connection
        self.served &= set(ready.ids)
        return ready

    def _give_turn(self, ready):
        """Let one of the connections send a batch: the first that no other worker has.

        Slow ones come last, else who waited longest comes first.
        """
        for connection in ready.sorted(
            lambda c: (is_slow(c), self.turns.get(c.id, 0), c.id)
        ):
            with turn_of(connection) as is_free:
                if is_free:
                    self.turns[connection.id] = max(self.turns.values(), default=0) + 1
                    self.served.add(connection.id)
                    goes_on = False
                    with containing_faults(connection, _wake_in, self._end_after_fault):
                        goes_on = self._run_of(connection).take_turn()
                    if not goes_on:
                        self.left_out.add(connection.id)
                    return
        # other workers serve them all
        self.left_out.update(ready.ids)
        _wake_in(self.env, minutes=1)

    def _finish(self, connection):
        """End the connection's run, unless another worker has a run of it by now."""
        with turn_of(connection) as is_free:
            if is_free:
                with containing_faults(connection, _wake_in, self._end_after_fault):
                    self.runs[connection.id].finish()
        self._close(connection)

    def _close(self, connection):
        if run := self.runs.pop(connection.id, None):
            run.client.close()

    def _end_after_fault(self, connection, moment):
        """End the connection's run until then."""
        connection.next_attempt_at = moment
        self._close(connection)

    def _run_of(self, connection):
        if connection.id not in self.runs:
            connection = connection._in_responsible_lang()
            run = Run(connection, connection._client(), self._is_another_waiting)
            self.runs[connection.id] = run
        return self.runs[connection.id]

    def _is_another_waiting(self):
        """Whether a connection has work and had no turn since."""
        return any(connection.id not in self.served for connection in self._ready())


def is_slow(connection):
    """Whether the connection's answers were so slow that others would notice."""
    return connection.seconds_per_call >= SLOW_ANSWER


@contextmanager
def containing_faults(connection, wake, after_own_fault=None):
    """Do one connection's work in the block; its faults leave the others alone.

    :param wake: function that runs the cron again after a pause (arguments of
        ``timedelta``) and returns when
    :param after_own_fault: function of the connection and that moment
    """
    env = connection.env
    try:
        yield
        env["ir.cron"]._commit_progress()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        # Somebody changed the connection while we worked: begin again soon.
        env.cr.rollback()
        env.invalidate_all()
        wake(env, minutes=1)
    except DATABASE_TROUBLE:
        raise  # for Odoo's cron
    except (AddressRefused, DatabaseCopied) as error:
        connection._note_error(error)
    except Exception:
        _logger.exception("Work for Tripletex connection %s failed", connection.id)
        env.cr.rollback()
        env.invalidate_all()
        moment = wake(env, seconds=OWN_FAULT_DELAY)
        if after_own_fault:
            after_own_fault(connection, moment)


@contextmanager
def turn_of(connection):
    """Hold the connection's lock, which sending and checking months share.

    The advisory lock belongs to the database session, so it lasts over commits and
    goes with the process. Users' transactions never wait for it.

    :return: context manager of False where another worker has the lock
    """
    env = connection.env
    key = SQL("%s, %s", LOCK_SPACE, connection.id)
    [(is_free,)] = env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", key))
    try:
        yield is_free
    finally:
        if is_free:
            unlock(env, key)


def unlock(env, key):
    """Give up an advisory lock. A lost database session has done so by itself.

    :param key: SQL of the lock's two numbers
    """
    if env.cr.closed or env.cr._cnx.closed:
        return
    try:
        env["ir.cron"]._commit_progress()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        env.cr.rollback()  # only notes about the connection: the next run repeats them
        _wake_in(env, minutes=1)
    except psycopg2.Error:
        # the session goes back to the pool: with the lock, nobody else would send
        env.cr.rollback()
        raise
    finally:
        if not env.cr._cnx.closed:
            env.cr.execute(SQL("SELECT pg_advisory_unlock(%s)", key))


def _wake_in(env, **pause):
    """Run the cron again after a pause (arguments of ``timedelta``).

    :return: the moment
    """
    moment = fields.Datetime.now() + timedelta(**pause)
    env["tripletex.entry"]._wake_cron(moment)
    return moment


class Run:
    """One connection's turn in the cron, and what is learnt during it.

    The order of a batch is look, decide, commit the intent, write, commit the outcome:
    see ``Exchange`` and ``Attempts``.

    :param connection: ``tripletex.connection`` record of the superuser, in the language
        of its responsible user
    :param client: ``TripletexClient``
    :param is_another_waiting: function that says whether another connection waits for
        a turn, so that this one ends before its batch does
    """

    def __init__(self, connection, client, is_another_waiting=lambda: False):
        self.connection, self.client = connection, client
        self.is_another_waiting = is_another_waiting
        # the entries' chatter is for what people decide, not for each hour sent
        context = dict(connection.env.context, tracking_disable=True)
        self.env = connection.env(context=context)
        self.attempts = Attempts(self.env)
        self.batch_size = batch_size(self.env)
        self.has_written = False  # Tripletex accepted a write
        self.troubles = 0  # server errors in a row
        self.lists_are_atomic = False  # seen in this run: a refused list kept nothing
        self._month_status = {}
        self._started = time.monotonic()

    def take_turn(self):
        """Send one batch of what is due. Commits.

        :return: whether there was one, and the run can go on
        """
        begun, calls = time.monotonic(), self.client.calls
        has_sent = self._send_next()
        if calls := self.client.calls - calls:
            seconds = int((time.monotonic() - begun) / calls)
            if self.connection.seconds_per_call != seconds:
                self.connection.seconds_per_call = seconds
        return has_sent

    def _send_next(self):
        connection = self.connection
        self._drop_orphans()
        try:
            self._look_up_numbers()
            self._move_hours()
            entries = self.due_entries()
            if entries:
                self.send_batch(entries)
                if connection.outages:
                    connection.outages = 0
                self.env["ir.cron"]._commit_progress(len(entries))
        except StopRun as stop:
            self._note_stop(stop.cause)
            return False
        return bool(entries)

    # ------------------------------------------------------------------
    # What is due
    # ------------------------------------------------------------------

    def _drop_orphans(self):
        """Withdraw shares of lines that the database itself deleted (cascades)."""
        shares = self.env["tripletex.entry.share"].search(
            [("connection_id", "=", self.connection.id), ("line_id", "=", False)]
        )
        Queue(self.env).drop(shares)

    def _look_up_numbers(self):
        """Give a place to hours whose links have numbers only."""
        entries = self.env["tripletex.entry"].search(
            due_domain(self.connection, is_placeless=True)
        )
        if entries:
            Numbers(self).look_up(entries)

    def _move_hours(self):
        """Move sent hours where a person asked for it; links may lack their ids."""
        for lookup in self.env["tripletex.lookup"].search(
            [("connection_id", "=", self.connection.id), ("is_move", "=", True)]
        ):
            queue = Queue(self.env)
            Numbers(self).problems(queue.sent_lines(lookup))
            queue.look_up(lookup)
            self.env["ir.cron"]._commit_progress()

    def due_entries(self):
        """Return the next batch: oldest first, of one kind.

        Entries that failed before travel in smaller batches, so that one row that
        Tripletex stumbles over holds up fewer and fewer others.

        :return: nothing as well when somebody removed the connection meanwhile
        """
        self.env.invalidate_all()
        if self.connection.state != "connected":
            return self.env["tripletex.entry"]
        entries = self.env["tripletex.entry"].search(
            due_domain(self.connection), order="date, id", limit=self.batch_size
        )
        entries = entries.filtered(lambda entry: entry.kind == entries[0].kind)
        fresh = entries.filtered(lambda entry: not entry.attempts)
        if fresh:
            return fresh
        attempts = max(entries.mapped("attempts"), default=0)
        return entries[: max(1, self.batch_size >> min(attempts, 10))]

    def _waiting(self):
        """How many entries wait, and when the first of them is due."""
        [(count, paused, first)] = self.env["tripletex.entry"]._read_group(
            [
                ("connection_id", "=", self.connection.id),
                ("state", "in", WAITING),
                ("is_held", "=", False),
            ],
            aggregates=["__count", "next_attempt_at:count", "next_attempt_at:min"],
        )
        # those without a pause are due at once, whatever the others wait for
        return count, first if first and paused == count else fields.Datetime.now()

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def send_batch(self, entries):
        """Send a batch; after a fault of our own, the others go on without it.

        :param entries: non-empty ``tripletex.entry`` records of one kind
        :raise StopRun: when the connection's turn is over
        """
        try:
            Exchange(self, entries[0].kind).send(entries)
        except (StopRun, *DATABASE_TROUBLE):
            raise
        except Exception:
            _logger.exception(
                "Sending %s entries of Tripletex connection %s failed",
                len(entries),
                self.connection.id,
            )
            self.env.cr.rollback()
            self.env.invalidate_all()
            self.attempts.forget()
            self._postpone_after_own_fault(entries.exists())

    def _postpone_after_own_fault(self, entries):
        for entry in entries:
            attempts = entry.attempts + 1
            pause = max(delay_after(attempts), timedelta(seconds=OWN_FAULT_DELAY))
            entry.write(
                {
                    "attempts": attempts,
                    "next_attempt_at": fields.Datetime.now() + pause,
                    "refusal": refusal("own_fault"),
                }
            )

    def month_status(self, employee_id, day):
        """Return the month's approval in Tripletex, asked once per employee and month.

        Only for words, so a failure of this question is ignored.

        :param employee_id: Tripletex's id
        :param day: a date of the month
        :return: row of the client's ``list_month_status``, or None
        """
        key = employee_id, day.replace(day=1)
        if key not in self._month_status:
            try:
                rows = self.client.list_month_status([employee_id], [key[1]])
            except TripletexError:
                rows = []
            self._month_status[key] = rows[0] if rows else None
        return self._month_status[key]

    # ------------------------------------------------------------------
    # The end of the turn
    # ------------------------------------------------------------------

    def _note_stop(self, error):
        """The run ends early: store why, and when to go on."""
        connection = self.connection
        if connection.state == "disconnected":
            return  # somebody removed it meanwhile
        if isinstance(error, RateLimited):
            pause = timedelta(seconds=min(error.retry_after, LONGEST_DELAY))
            if self.has_written:
                connection.outages = 0  # a little goes through at a time
            elif connection.outages:
                # The client forgets from run to run how often it was refused.
                pause = max(pause, delay_after(connection.outages))
            connection.outages += 1
            connection.next_attempt_at = fields.Datetime.now() + pause
        elif error is not None and not connection._note_error(error):
            self._postpone_due(error)

    def _postpone_due(self, error):
        """Tripletex is out of reach: everything that is due waits with the batch."""
        connection = self.connection
        connection.outages += 1
        entries = self.env["tripletex.entry"].search(due_domain(self.connection))
        entries.write(
            {
                "next_attempt_at": fields.Datetime.now()
                + delay_after(connection.outages),
                "refusal": connection._refusal_of(error),
            }
        )

    def finish(self):
        """Wake up for what is left, tell people, and leave one line in the log."""
        connection, counts = self.connection, self.attempts.counts
        if connection.state == "disconnected":
            close_session(self.client)  # it was removed during the run
        connection._notify_responsible()
        waiting, wake_at = self._waiting()
        if connection.state == "connected" and waiting:
            moment = max(filter(None, [wake_at, connection.next_attempt_at]))
            self.env["tripletex.entry"]._wake_cron(moment)
        if counts["sent"]:
            connection.last_sent_at = fields.Datetime.now()
        self.env["ir.cron"]._commit_progress()
        _logger.info(
            "Tripletex connection %s: %s sent, %s need attention, %s postponed, "
            "%s waiting, %s calls, %.1f s",
            connection.id,
            *counts.values(),
            waiting,
            self.client.calls,
            time.monotonic() - self._started,
        )


def due_domain(connection, is_placeless=False):
    """Return the domain of a connection's entries that are to be sent now.

    :param is_placeless: those instead that wait for a number to be looked up
    """
    return [
        ("connection_id", "=", connection.id),
        ("state", "in", WAITING),
        ("is_held", "=", False),
        ("is_placeless", "=", is_placeless),
        "|",
        ("next_attempt_at", "=", False),
        ("next_attempt_at", "<=", fields.Datetime.now()),
    ]


def batch_size(env):
    """Return rows a call, from the system parameter; 100 where that is no number."""
    parameters = env["ir.config_parameter"].sudo()
    try:
        size = int(parameters.get_param("hr_timesheet_tripletex.batch_size"))
    except (TypeError, ValueError):
        return 100
    return max(1, min(size, 1000))
