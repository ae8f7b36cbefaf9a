"""Months: what Tripletex holds is read back, compared and stored."""

import json
import logging
from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tools import SQL

from ..tools import RateLimited, RightsMissing, TripletexError
from .amounts import same_hours
from .attempts import FIRST_DELAY, LONGEST_DELAY, StopRun
from .figures import figures_sql
from .kinds import KINDS, place_ids
from .locks import month_module, standing
from .month_action import MonthAction
from .refusals import refusal
from .run import Run, containing_faults, end_wrong_pauses, turn_of

_logger = logging.getLogger(__name__)

#: Months back that are read every night while Tripletex has not closed them. Older
#: ones are read when somebody presses Check Now.
MONTHS_BACK = 12
#: People whose ids fit into the address of one call; for more, the whole company's
#: rows are read and those of other people are not looked at.
PEOPLE_PER_CALL = 150
#: Rows of one person that somebody may have deleted without Tripletex giving a sum.
FEW_ROWS = 2
#: Minutes after which a check that Tripletex did not answer is repeated.
TRY_AGAIN = 15


def check_all(env):
    """Check the connections that are due in turn, and do what was asked for. Commits.

    Where none is due, the cron was run by hand: then all are checked, as far as the
    cron's time goes.

    :param env: environment of the superuser
    """
    env["tripletex.connection"]._stop_copies()
    end_wrong_pauses(env)
    env["ir.cron"]._commit_progress()
    connections, due = connections_to_check(env)
    has_time = True
    for connection in due or connections:
        if not has_time:
            if due:
                env["tripletex.month"]._wake_cron()
            break
        check_connection(connection)
        has_time = env["ir.cron"]._commit_progress()
    env["ir.cron"]._commit_progress(remaining=0)


def connections_to_check(env):
    """All connections in their order, and those of them that are due.

    Due are those for which a person asked something since their check began (they come
    first), those that were not begun since the cron's time last came, and those whose
    check is to be repeated. Who waits longest comes first, so that a run which ends
    early, or is killed, leaves the next one to the others.

    :return: two ``tripletex.connection`` recordsets
    """
    env.flush_all()
    rows = env.execute_query(
        SQL(
            """
            SELECT connection.id,
                   asked.at IS NOT NULL
                   OR connection.check_begun_at IS NULL
                   OR connection.check_begun_at < %s
                   OR connection.check_due_at <= %s
              FROM tripletex_connection connection
         LEFT JOIN (SELECT connection_id, MAX(GREATEST(asked_check_at, asked_at)) AS at
                      FROM tripletex_month
                     WHERE asked_check_at IS NOT NULL OR asked_action IS NOT NULL
                  GROUP BY connection_id
                   ) asked
                ON asked.connection_id = connection.id
               AND asked.at >= COALESCE(connection.check_begun_at, '-infinity')
             WHERE connection.state = 'connected'
          ORDER BY asked.at, connection.check_begun_at NULLS FIRST, connection.id
            """,
            _last_time(env),
            fields.Datetime.now(),
        )
    )
    connections = env["tripletex.connection"]
    return (
        connections.browse(row[0] for row in rows),
        connections.browse(row[0] for row in rows if row[1]),
    )


def _last_time(env):
    """When the cron's own time last came, not counting runs that somebody asked for."""
    cron = env.ref("hr_timesheet_tripletex.ir_cron_check")
    if cron.nextcall <= fields.Datetime.now():
        return cron.nextcall  # this is the run
    return cron.nextcall - relativedelta(**{cron.interval_type: cron.interval_number})


def check_connection(connection):
    """Check one connection's months, after its pause or while nothing is sent."""

    def again(_env, **pause):
        return check_again(connection, **pause)

    months = connection.env["tripletex.month"]
    if (
        connection.next_attempt_at
        and connection.next_attempt_at > fields.Datetime.now()
    ):
        months._wake_cron(connection.next_attempt_at)
        return
    with turn_of(connection) as is_free:
        if not is_free:
            months._wake_cron(fields.Datetime.now() + timedelta(minutes=1))
            return
        with containing_faults(connection, again):
            connection = connection._in_responsible_lang()
            with connection._client() as client:
                MonthCheck(connection, client).check()


def check_again(connection, **pause):
    """Check the connection again after a pause (arguments of ``timedelta``).

    :return: the moment
    """
    connection.check_due_at = fields.Datetime.now() + timedelta(**pause)
    connection.env["tripletex.month"]._wake_cron(connection.check_due_at)
    return connection.check_due_at


class MonthCheck:
    """One connection's turn: its months are read back, then actions carried out.

    What Tripletex holds is compared with what Odoo knows. Rows that differ are looked
    at again by ``Exchange``, which makes them conflicts or corrections by its usual
    rules; what is being sent, and what a person decided, is left alone.

    :param connection: ``tripletex.connection`` record of the superuser, in the language
        of its responsible user
    :param client: ``TripletexClient``
    """

    def __init__(self, connection, client):
        self.run = Run(connection, client)
        self.connection, self.client, self.env = connection, client, self.run.env
        self.months = self.env["tripletex.month"]
        self.links = self.env["tripletex.employee"].search(
            [("connection_id", "=", connection.id), ("employee_id", "!=", False)]
        )
        self._link_by_employee = self.links.grouped("employee_id")
        self.companies = connection._companies()
        self._statuses = {}  # (Tripletex employee, YYYY-MM): row
        self._paid = None  # set of (Tripletex employee, year, month), None: not known
        self._is_status_known = True
        self._paycodes_hidden = False
        self._hidden = {}  # month: Tripletex's ids of people, see _hidden_people
        self._left = []  # first days of the months that are still to be read

    def check(self):
        """Check the months that are not closed, and do what was asked for. Commits.

        Where the cron's time is over in between, the next run goes on with the rest.
        """
        connection, now = self.connection, fields.Datetime.now()
        connection.check_begun_at = now
        connection.check_due_at = now + timedelta(minutes=TRY_AGAIN)
        self.env["ir.cron"]._commit_progress()
        try:
            if not self._go_through():
                check_again(connection)
            elif self._asked():
                check_again(connection, minutes=TRY_AGAIN)
            else:
                connection.check_due_at = False
        except StopRun as stop:
            self._note_stop(stop.cause)
        connection._notify_responsible()

    def _go_through(self):
        """Check month after month, then carry out the actions. Commits.

        :return: False when the cron's time is over
        """
        dates = self._left = self._months_to_read()
        people = {date: self._people(date) for date in dates}
        self._read_status(people)
        for number, date in enumerate(dates, 1):
            self._check_month(date, people[date])
            self._left = dates[number:]
            self.connection.check_left = {"months": [str(d) for d in self._left]}
            if not self.env["ir.cron"]._commit_progress():
                return False
        for month in self._asked():
            MonthAction(self, month).carry_out()
            if not self.env["ir.cron"]._commit_progress():
                return False
        self.connection.check_left = False
        return True

    def ask(self, call, *args, **kwargs):
        """Return what a read returns; its failure ends the check.

        :param call: method of the client; its arguments follow
        :raise StopRun: when Tripletex refuses or does not answer
        """
        try:
            return call(*args, **kwargs)
        except TripletexError as error:
            raise StopRun(error) from error

    def _ask_if_allowed(self, call, *args):
        """As :meth:`ask`, for what some keys may not read: None then."""
        try:
            return call(*args)
        except RightsMissing:
            return None
        except TripletexError as error:
            raise StopRun(error) from error

    def _asked(self):
        """Months for which a person asked something."""
        return self.months.search(
            [
                ("connection_id", "=", self.connection.id),
                ("asked_action", "!=", False),
            ],
            order="asked_at, id",
        )

    # ------------------------------------------------------------------
    # Which months, which people
    # ------------------------------------------------------------------

    def _months_to_read(self):
        """First days of the months to read, the oldest first.

        Those that are left of a check that was not finished, else all that are open and
        those with an action; and where somebody pressed *Check Now*.
        """
        asked = self.months.search(
            [
                ("connection_id", "=", self.connection.id),
                ("asked_check_at", "!=", False),
            ]
        )
        if left := self.connection.check_left:
            dates = {fields.Date.to_date(date) for date in left["months"]}
        else:
            dates = self._open_months() | set(self._asked().mapped("month"))
        return sorted(dates | set(asked.mapped("month")))

    def _open_months(self):
        """First days of the months that Tripletex has not closed.

        This month; the one before while hours of it are logged; others with hours that
        Tripletex has neither approved to their last day nor paid.
        """
        today = fields.Date.context_today(self.connection)
        this = today.replace(day=1)
        first = fields.Date.subtract(this, months=MONTHS_BACK)
        dates = {this, *self._months_with_open_entries(first)}
        last = fields.Date.subtract(this, months=1)
        if last not in dates and self._is_logged(last, this):
            dates.add(last)
        return dates

    def _months_with_open_entries(self, first):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT date_trunc('month', entry.date)::date
                  FROM tripletex_entry entry
                 WHERE entry.connection_id = %s AND entry.date >= %s
                   AND NOT EXISTS (
                       SELECT FROM tripletex_month month
                        WHERE month.connection_id = entry.connection_id
                          AND month.employee_id = entry.employee_id
                          AND month.month = date_trunc('month', entry.date)
                          AND (month.pay_has_run
                               OR month.approved_until
                                  >= month.month + interval '1 month - 1 day'))
                """,
                self.connection.id,
                first,
            )
        )
        return {date for (date,) in rows}

    def _is_logged(self, first, end):
        """Whether linked people have logged hours between two dates."""
        return bool(
            self.env["account.analytic.line"].search_count(
                [
                    ("project_id", "!=", False),
                    ("employee_id", "in", self.links.employee_id.ids),
                    ("date", ">=", first),
                    ("date", "<", end),
                ],
                limit=1,
            )
        )

    def _people(self, date):
        """People of a month: all linked ones, and those whose hours were queued.

        A leaver without hours is left out, as is a link whose number was not looked up.

        :return: dict of employee id to set of Tripletex's ids
        """
        people = defaultdict(set)
        for link in self.links.filtered("employee_id.active"):
            ids = {int(link.tripletex_id)} if link.tripletex_id else set()
            people[link.employee_id.id] |= ids
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT employee_id, split_part(place, '|', 2)
                  FROM tripletex_entry
                 WHERE connection_id = %s AND employee_id IS NOT NULL
                   AND is_placeless IS NOT TRUE
                   AND date >= %s AND date < %s::date + interval '1 month'
                """,
                self.connection.id,
                date,
                date,
            )
        )
        for employee_id, tripletex_id in rows:
            people[employee_id].add(int(tripletex_id))
        return people

    # ------------------------------------------------------------------
    # Read
    # ------------------------------------------------------------------

    def _read_status(self, people):
        """Read how all months stand, and which of them are paid.

        A key that may not read one of them shows hours all the same.
        """
        ids = sorted(set().union(*(i for of in people.values() for i in of.values())))
        dates = sorted(people)
        if not ids:
            return
        rows = self._ask_if_allowed(self.client.list_month_status, ids, dates)
        self._is_status_known = rows is not None
        self._statuses = {(r["employee"]["id"], r["monthYear"]): r for r in rows or ()}
        slips = self._ask_if_allowed(
            self.client.list_payslips, ids, dates[0], dates[-1]
        )
        if slips is not None:
            self._paid = {(s["employee"]["id"], s["year"], s["month"]) for s in slips}
        self._read_settings()

    def _read_settings(self):
        """Read whether months are finished in Tripletex, as far as that is in doubt.

        After *Check Now* alone: a check of every night makes no call for it.
        """
        asked = [
            ("connection_id", "=", self.connection.id),
            ("asked_check_at", "!=", False),
        ]
        is_on = self.connection.month_module == "on"
        if is_on or not self.months.search_count(asked, limit=1):
            return
        settings = self._ask_if_allowed(self.client.get_timesheet_settings)
        if settings is None:
            return
        module = month_module(settings)
        if module != self.connection.month_module:
            self.connection.month_module = module

    def _check_month(self, date, people):
        """Read one month's rows, compare, and store what was found."""
        ids = sorted({i for ids in people.values() for i in ids})
        remotes = self._read(date, ids)
        different = self._different(date, remotes)
        if different:
            self._look_again(different)
            if self.run.has_written:
                remotes = self._read(date, ids)
        # so that what people change meanwhile is in view, and seldom in the way
        self.env["ir.cron"]._commit_progress()
        self._store(date, people, remotes)

    def _read(self, date, ids):
        """Rows of these people in one month, by kind.

        :return: dict of kind to list of ``Remote``, or to None where the key may not
            read them: paycodes are not opened for every company (REPORTED)
        """
        if not ids:
            return {kind: [] for kind in KINDS}
        last = fields.Date.end_of(date, "month")
        asked = ids if len(ids) <= PEOPLE_PER_CALL else ()
        search = self.client.search_entries
        found = {
            "hours": self.ask(search, date, last, employee_ids=asked),
            "paycode": self._ask_if_allowed(self.client.search_salary_rows, date, last),
        }
        wanted = set(ids)
        return {
            kind: rows
            and [
                KINDS[kind].remote(row)
                for row in rows
                if row["employee"]["id"] in wanted
            ]
            for kind, rows in found.items()
        }

    def _entries(self, date):
        return self.env["tripletex.entry"].search(
            [
                ("connection_id", "=", self.connection.id),
                ("is_placeless", "=", False),
                ("date", ">=", date),
                ("date", "<=", fields.Date.end_of(date, "month")),
            ]
        )

    # ------------------------------------------------------------------
    # Compare
    # ------------------------------------------------------------------

    def _different(self, date, remotes):
        """Entries that Tripletex does not hold as Odoo knows them.

        Left alone are entries that wait or are being sent, and figures that a person
        kept. An open conflict is looked at where Tripletex's side of it has changed.
        """
        entries = self._entries(date)
        different = entries.browse()
        self._hidden[date] = self._hidden_people(date, entries, remotes["hours"])
        for kind, rows in remotes.items():
            if rows is None:
                continue
            by_id = {row.id: row for row in rows}
            by_place = {row.place: row for row in rows}
            unseen = entries.browse()
            for entry in entries.filtered(lambda entry, kind=kind: entry.kind == kind):
                if entry.is_kept or place_ids(entry.place)[0] in self._hidden[date]:
                    continue
                row = by_id.get(int(entry.remote_id or entry.tripletex_id or 0))
                if entry.state == "conflict":
                    row = row or by_place.get(entry.place)
                    if not self._is_as_found(entry, row):
                        different |= entry
                elif entry.state == "sent" and entry.tripletex_id:
                    if not row:
                        unseen |= entry
                    elif not self._is_as_known(entry, row):
                        different |= entry
            different |= self._really_unseen(kind, unseen)
        return different

    def _hidden_people(self, date, entries, rows):
        """Tripletex's ids of people whose hours the key no longer sees.

        Missing rights can look like an empty list (DOCUMENTED). Where none of a
        person's rows is seen, the sum that Tripletex gives for the month must be 0 to
        conclude that somebody deleted them; where it gives none, a few rows at most.
        """
        seen = {place_ids(row.place)[0] for row in rows}
        expected = defaultdict(int)
        for entry in entries:
            if entry.kind == "hours" and entry.state == "sent" and entry.tripletex_id:
                expected[place_ids(entry.place)[0]] += 1
        hidden = set()
        for person in expected.keys() - seen:
            status = self._statuses.get((person, f"{date:%Y-%m}"))
            total = status and status["sumHours"]
            if total or (total is None and expected[person] > FEW_ROWS):
                hidden.add(person)
        return hidden

    def _is_as_known(self, entry, row):
        places = (entry.place, entry.known_place)
        return row.place in places and same_hours(row.hours, entry.sent_hours)

    def _is_as_found(self, entry, row):
        """Whether the other side of a conflict is still as it was found."""
        if not entry.remote_id:
            return not row
        if not row:
            # one that was moved to another month or person is not seen here
            return entry.remote_place not in (entry.place, entry.known_place)
        return (
            row.id == int(entry.remote_id)
            and same_hours(row.hours, entry.remote_hours)
            and row.place in (entry.remote_place, entry.place)
        )

    def _really_unseen(self, kind, entries):
        """Entries whose rows the list lacks, if the list holds everybody's.

        ASSUMED for paycode rows: asked without an employee, all come. One row that is
        there all the same shows that they do not; then nothing is concluded.
        """
        if kind == "hours" or not entries:
            return entries
        rows = self.ask(KINDS[kind].by_ids, self.client, [int(entries[0].tripletex_id)])
        if rows and rows[0].place == entries[0].place:
            _logger.warning("Tripletex's list of paycode rows is not complete")
            return entries.browse()
        return entries

    def _look_again(self, entries):
        """Let the usual rules decide about rows that are not as Odoo knows them."""
        for entry in entries:
            doubt = entry._doubt() if entry.state == "sent" else {}
            entry.write({"state": "pending", "next_attempt_at": False} | doubt)
        self.env["ir.cron"]._commit_progress()
        for kind in KINDS:
            of_kind = entries.filtered(lambda entry, kind=kind: entry.kind == kind)
            while of_kind:
                self.run.send_batch(of_kind[: self.run.batch_size])
                of_kind = of_kind[self.run.batch_size :].exists()
        self.env.invalidate_all()
        self.env["tripletex.entry"]._wake_cron()  # for what could not be looked at now

    # ------------------------------------------------------------------
    # Store
    # ------------------------------------------------------------------

    def _store(self, date, people, remotes):
        """Write what the month's people have in Tripletex, in a few statements."""
        now = fields.Datetime.now()
        days = self._days(people, self._entries(date), remotes)
        employees = self.env["hr.employee"].browse(sorted(people))
        rows = [
            self._values(employee, people[employee.id], date, days[employee.id], now)
            for employee in employees
        ]
        if not rows:
            return
        self._leave(date, people)
        columns = list(rows[0])
        self.env.execute_query(
            SQL(
                """
                INSERT INTO tripletex_month (%(columns)s, create_uid, create_date,
                                             write_uid, write_date)
                SELECT %(columns)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM json_populate_recordset(NULL::tripletex_month, %(rows)s)
                ON CONFLICT (connection_id, month, employee_id) DO UPDATE
                   SET %(updates)s, write_date = EXCLUDED.write_date
             RETURNING id
                """,
                columns=SQL(", ").join(map(SQL.identifier, columns)),
                uid=self.env.uid,
                now=now,
                rows=json.dumps(rows, default=str),
                updates=SQL(", ").join(
                    SQL(UPDATE_READ if name in READ else UPDATE, n=SQL.identifier(name))
                    for name in columns
                    if name not in KEYS
                ),
            )
        )
        self.env.invalidate_all()
        self._record(date)

    def _leave(self, date, people):
        """Forget the links of people who are no longer part of the month."""
        self.env.execute_query(
            SQL(
                """
                UPDATE tripletex_month SET tripletex_id = NULL, asked_check_at = NULL
                 WHERE connection_id = %s AND month = %s AND employee_id NOT IN %s
             RETURNING id
                """,
                self.connection.id,
                date,
                tuple(people),
            )
        )

    def _values(self, employee, ids, date, days, now):
        """Column values of one person's row; None of READ leaves what stands there."""
        link = self._link_by_employee.get(employee, self.links.browse())
        values = {
            "connection_id": self.connection.id,
            "employee_id": employee.id,
            "month": date,
            "company_id": self._company(employee).id,
            "tripletex_id": link.tripletex_id or None,
            "number": link.number or None,
            "asked_check_at": None,
            "is_pay_known": self._paid is not None,
            "pay_has_run": any(
                (i, date.year, date.month) in (self._paid or ()) for i in ids
            ),
        }
        notes = []
        if ids & self._hidden[date]:
            notes.append(refusal("hours_hidden"))
            values |= dict.fromkeys(READ)
        else:
            values |= self._sums(days) | {"checked_at": now}
        if self._paycodes_hidden:
            notes.append(refusal("paycodes_hidden"))
        if self._is_status_known:
            values |= self._state(link, ids, date)
        else:
            notes.append(refusal("status_denied"))
        values["check_notes"] = notes or None
        return values

    def _sums(self, days):
        """Column values of the hours found, by day and in all."""
        names = {
            "there": "hours_read",
            "other": "hours_other",
            "paycode_there": "paycode_read",
            "paycode_other": "paycode_other",
        }
        sums = {
            column: round(sum(day[name] for day in days.values()), 2)
            for name, column in names.items()
        }
        if self._paycodes_hidden:
            sums |= {"paycode_read": None, "paycode_other": None}
        return sums | {"days_there": {str(day): days[day] for day in sorted(days)}}

    def _state(self, link, ids, date):
        """Column values of how the month stands in Tripletex."""
        key_ids = [int(link.tripletex_id)] if link.tripletex_id else sorted(ids)
        statuses = [self._statuses.get((i, f"{date:%Y-%m}")) for i in key_ids]
        status = next(filter(None, statuses), None)
        state, until = standing(status, fields.Date.end_of(date, "month"))
        by = (status and status["approvedBy"]) or {}
        return {
            "state_there": state,
            "approved_until": until,
            "approved_by": by.get("displayName") or None,
            "approved_on": (status and status["approvedDate"]) or None,
        }

    def _company(self, employee):
        """The employee's company if this connection sends for it."""
        if employee.company_id in self.companies:
            return employee.company_id
        return self.connection.company_id

    def _days(self, people, entries, remotes):
        """Hours by employee and date: those sent from Odoo, and others.

        :return: dict of employee id to dict of date to dict of figures
        """
        days = {employee_id: {} for employee_id in people}
        owner = {i: employee_id for employee_id, ids in people.items() for i in ids}
        ours = {}
        for entry in entries.filtered("employee_id"):
            place = entry.known_place or entry.place
            if entry.tripletex_id:
                ours[entry.kind, int(entry.tripletex_id), place_ids(place)[0]] = entry
            if entry.is_unclear:
                ours[entry.kind, entry.place] = entry
        names = ("there", "other", "paycode_there", "paycode_other")
        self._paycodes_hidden = remotes["paycode"] is None and any(
            entry.kind == "paycode" for entry in entries
        )
        for kind, rows in remotes.items():
            prefix = "" if kind == "hours" else "paycode_"
            for row in rows or ():
                person = place_ids(row.place)[0]
                entry = ours.get((kind, row.id, person)) or ours.get((kind, row.place))
                employee_id = entry.employee_id.id if entry else owner[person]
                day = days[employee_id].setdefault(row.date, dict.fromkeys(names, 0.0))
                foreign = (entry.foreign_hours if entry else row.hours) or 0.0
                day[f"{prefix}there"] = round(
                    day[f"{prefix}there"] + row.hours - foreign, 2
                )
                day[f"{prefix}other"] = round(day[f"{prefix}other"] + foreign, 2)
        return days

    def _record(self, date):
        """Leave a record of the check for each month that is not as before."""
        names = [SQL.identifier(name) for name in RECORDED]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO tripletex_month_check (month_id, checked_at, %(columns)s)
                SELECT month.id, month.checked_at, %(values)s
                  FROM tripletex_month month
            CROSS JOIN LATERAL (%(figures)s) figures
            CROSS JOIN LATERAL (
                       SELECT month.hours_other, month.state_there,
                              month.pay_has_run, figures.*
                       ) found
             LEFT JOIN LATERAL (
                       SELECT last.* FROM tripletex_month_check last
                        WHERE last.month_id = month.id
                     ORDER BY last.checked_at DESC, last.id DESC LIMIT 1
                       ) last ON TRUE
                 WHERE month.connection_id = %(connection)s AND month.month = %(date)s
                   AND (last.id IS NULL OR %(differs)s)
             RETURNING id
                """,
                columns=SQL(", ").join(names),
                values=SQL(", ").join(SQL("found.%s", name) for name in names),
                figures=figures_sql(self.env, SQL.identifier("month")),
                differs=SQL(" OR ").join(
                    SQL("found.%s IS DISTINCT FROM last.%s", name, name)
                    for name in names
                ),
                connection=self.connection.id,
                date=date,
            )
        )

    # ------------------------------------------------------------------
    # Trouble
    # ------------------------------------------------------------------

    def _note_stop(self, error):
        """The check ends early: store when to go on, and why on months not read yet."""
        self.env.cr.rollback()
        self.env.invalidate_all()
        connection = self.connection
        if error is None or connection.state == "disconnected":
            return
        if isinstance(error, RateLimited):
            pause = min(max(error.retry_after or 0, FIRST_DELAY), LONGEST_DELAY)
            moment = fields.Datetime.now() + timedelta(seconds=pause)
            connection.next_attempt_at = moment
            check_again(connection, seconds=pause)
        elif not connection._note_error(error):
            check_again(connection, minutes=TRY_AGAIN)
        if not self._left:
            return  # the figures are as new as they should be
        note = refusal("not_checked", reason=connection._refusal_of(error))
        if isinstance(error, RateLimited):
            note = refusal("check_paused")
        self.env.execute_query(
            SQL(
                """
                UPDATE tripletex_month SET check_notes = %s
                 WHERE connection_id = %s AND month IN %s AND pay_has_run IS NOT TRUE
                   AND (approved_until IS NULL
                        OR approved_until < month + interval '1 month - 1 day')
             RETURNING id
                """,
                json.dumps([note]),
                connection.id,
                tuple(self._left),
            )
        )
        self.months.invalidate_model(["check_notes", "message"])


#: Columns by which a row is found, and that a later check does not change.
KEYS = ("connection_id", "employee_id", "month", "company_id")
#: Columns of what was read: where nothing could be read, they stay as they are.
READ = (
    "hours_read",
    "hours_other",
    "paycode_read",
    "paycode_other",
    "days_there",
    "checked_at",
)
UPDATE = "%(n)s = EXCLUDED.%(n)s"
UPDATE_READ = "%(n)s = COALESCE(EXCLUDED.%(n)s, tripletex_month.%(n)s)"
#: Figures that a record of a check holds.
RECORDED = (
    "hours_validated",
    "hours_there",
    "hours_other",
    "paycode_validated",
    "paycode_there",
    "difference",
    "is_equal",
    "cause",
    "state_there",
    "pay_has_run",
)
