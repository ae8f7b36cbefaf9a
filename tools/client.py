"""The Tripletex client: its sessions, calls within them page by page, and each call."""

import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import shapes
from .errors import (
    ConsumerTokenRefused,
    KeyRefused,
    NewSession,
    NotFound,
    Refused,
    ResultTooLarge,
    RightsMissing,
    TripletexError,
    TryLater,
)
from .shapes import (
    entry_body,
    entry_key,
    is_id,
    matched,
    own_id,
    row_body,
    row_key,
)
from .transport import Transport

# Rows asked for at a time: half of the 10,000 above which Tripletex refuses
# (REPORTED), so that whole companies take few calls.
PAGE_SIZE = 5000
# A session lives this many days, far below the six months once announced
# (DOCUMENTED and withdrawn), and at least one whole day in Oslo.
SESSION_DAYS = 2
# Longest address sent; id lists that would exceed it are split.
LONGEST_URL = 1900
# Dates between which every project is taken to start, for companies with so many
# projects that they have to be read in parts.
PROJECT_STARTS = (datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))
ENTRY = "/timesheet/entry"
SALARY_ROW = "/timesheet/salaryTypeSpecification"
ONE_ROW = SALARY_ROW + "/{id}"
MONTH = "/timesheet/month/"


def today_in_oslo():
    """Today's date in Norway, where sessions end at midnight (REPORTED)."""
    try:
        zone = ZoneInfo("Europe/Oslo")
    except ZoneInfoNotFoundError:
        # A machine without time zone data: summer time, so never behind Oslo.
        zone = datetime.timezone(datetime.timedelta(hours=2))
    return datetime.datetime.now(zone).date()


class TripletexClient:
    """Everything this product asks of Tripletex.

    :param base_url: address including ``/v2``; https, or http to this machine only
    :param consumer_token: the application's token
    :param employee_token: the API user key
    :param company_id: "0" = the company that owns the key; else the id of a client
        company of an accountant (DOCUMENTED)
    :param session_token: a session kept from earlier, with ``session_expires``, the
        ``datetime.date`` at whose start in Oslo it ends
    :param on_session: called as ``on_session(token, expires)`` for each new session
    :param timeout: seconds to connect, seconds to wait for bytes

    Raises ValueError for an address that would carry tokens unprotected. Calls raise
    subclasses of ``TripletexError`` and nothing else. Rows come back as dicts with
    Tripletex's field names: ids are ints, dates are ISO texts, hours and counts are
    floats, absent texts are ``""``, references are ``{"id": int}`` or None.

    Values of an entry to write: a dict with ``employee_id``, ``project_id`` (None =
    internal time), ``activity_id``, ``date`` (``datetime.date``), ``hours`` (Decimal
    or float, rounded half up to two decimals), ``comment``; for updates also ``id``
    and ``version``. Writes that may have happened without a usable answer raise an
    error whose ``unclear`` is True.

    Reads are repeated by the HTTP library after a lost connection or 502, 503, 504;
    a write is sent once, and once more only if Tripletex rejected its session.
    """

    def __init__(
        self,
        base_url,
        consumer_token,
        employee_token,
        *,
        company_id="0",
        session_token=None,
        session_expires=None,
        on_session=None,
        timeout=(5, 30),
    ):
        self._transport = Transport(base_url, timeout)
        self.rate = self._transport.rate
        # Only white space from pasting goes; the tokens are sent whole.
        self._consumer_token = "".join((consumer_token or "").split())
        self._employee_token = "".join((employee_token or "").split())
        self.company_id = str(company_id or "0").strip()
        if self.company_id != "0" and not is_id(self.company_id):
            raise ValueError("The company's id must be a number.")
        self.session_token = session_token or None
        self.session_expires = session_expires
        self._on_session = on_session
        self._lists_months = True

    @property
    def calls(self):
        """Number of HTTP calls made so far."""
        return self._transport.calls

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        """Close the connections; the session in Tripletex stays open for reuse."""
        self._transport.close()

    # -- sessions ----------------------------------------------------------------

    def open_session(self):
        """Make a new session and return its token.

        Raises ConsumerTokenRefused or KeyRefused: wrong credentials are 422, not 401
        (MEASURED for the consumer token, REPORTED for the key).
        """
        expires = today_in_oslo() + datetime.timedelta(days=SESSION_DAYS)
        body = {
            "consumerToken": self._consumer_token,
            "employeeToken": self._employee_token,
            "expirationDate": expires.isoformat(),
        }
        try:
            value = self._for_session("POST", "/token/session/:create", body=body)
        except Refused as problem:
            refusal = _session_refusal(problem)
        except NewSession as problem:
            refusal = KeyRefused(**vars(problem))
        else:
            self._keep_session(value, expires)
            return self.session_token
        raise refusal

    def _for_session(self, method, path, **kwargs):
        """A call about the session itself: no write of hours hides behind it."""
        try:
            answer = self._transport.send(
                method, path, secrets=self._secrets(), **kwargs
            )
            return answer and answer.value(shapes.SESSION)
        except TryLater as problem:
            problem.unclear = False
            raise

    def _keep_session(self, value, expires):
        self.session_token = value["token"]
        if value["expirationDate"]:
            told = datetime.date.fromisoformat(value["expirationDate"])
            expires = min(told, expires)
        self.session_expires = expires
        if self._on_session is not None:
            self._on_session(self.session_token, expires)

    def close_session(self):
        """Delete the session in Tripletex; one that is gone already is fine."""
        if not self.session_token:
            return
        try:
            self._for_session(
                "DELETE",
                "/token/session/{token}",
                in_path=[self.session_token],
                auth=self._auth(),
                limited=False,
            )
        except (NewSession, KeyRefused, RightsMissing, NotFound, Refused) as problem:
            if problem.status not in (401, 404):
                raise
        self.session_token = self.session_expires = None

    def _auth(self):
        return (self.company_id, self.session_token)

    def _secrets(self):
        return (self._consumer_token, self._employee_token, self.session_token)

    # -- calls -------------------------------------------------------------------

    def _call(self, method, path, **kwargs):
        """One call within a session, which is opened or renewed once if needed."""
        expires = self.session_expires
        if not self.session_token or (expires and expires <= today_in_oslo()):
            self.open_session()
        try:
            return self._in_session(method, path, **kwargs)
        except NewSession:
            self.session_token = self.session_expires = None
        # Tripletex refused the call unread, so it is safe to send it again.
        self.open_session()
        try:
            return self._in_session(method, path, **kwargs)
        except NewSession as problem:
            refusal = KeyRefused(**vars(problem))
        raise refusal

    def _in_session(self, method, path, **kwargs):
        return self._transport.send(
            method, path, auth=self._auth(), secrets=self._secrets(), **kwargs
        )

    def _get(self, path, shape, **query):
        query["fields"] = shape.fields
        return self._call("GET", path, query=query).value(shape)

    def _list(self, path, shape, **query):
        """All rows of a list, page by page until one is not full.

        ``fullResultSize`` is no total (MEASURED) and is not looked at.
        """
        query["fields"] = shape.fields
        rows, seen, start = [], set(), 0
        while True:
            page = {**query, "from": start, "count": PAGE_SIZE}
            answer = self._call("GET", path, query=page)
            values = answer.rows(shape)
            # A row that moved to the next page while we read comes only once.
            new = [row for row in values if not row["id"] or row["id"] not in seen]
            rows += new
            seen.update(row["id"] for row in new)
            if len(values) < PAGE_SIZE:
                return rows
            if not new:
                raise answer.broken("the same page again")
            start += len(values)

    def _list_for_ids(self, path, shape, id_lists, **query):
        """Like :meth:`_list`, for ids by query name; no ids filter nothing."""
        id_lists = {
            name: sorted({int(i) for i in ids}) for name, ids in id_lists.items()
        }
        rows = []
        for part in self._fitting(path, {**query, "fields": shape.fields}, id_lists):
            rows += self._list(path, shape, **query, **part)
        return rows

    def _fitting(self, path, query, id_lists):
        """Split the id lists until each address is of a safe length."""
        joined = {n: ",".join(map(str, ids)) for n, ids in id_lists.items() if ids}
        page = {"from": 10 * PAGE_SIZE, "count": PAGE_SIZE}
        url = self._transport.url(path, query={**query, **joined, **page})
        longest = max(id_lists, key=lambda name: len(id_lists[name]), default=None)
        ids = id_lists.get(longest, ())
        if len(url) <= LONGEST_URL or len(ids) < 2:
            yield joined
            return
        middle = len(ids) // 2
        for half in (ids[:middle], ids[middle:]):
            yield from self._fitting(path, query, {**id_lists, longest: half})

    def _narrowed(self, read, first, end):
        """Read a period, by halves where Tripletex finds more than 10,000 rows.

        A small ``count`` does not help (DOCUMENTED). Raises ResultTooLarge for a day.
        """
        rows, periods = {}, [(first, end)]
        while periods:
            first, end = periods.pop()
            try:
                found = read(first.isoformat(), end.isoformat())
            except ResultTooLarge:
                days = (end - first).days
                if days < 2:
                    raise
                middle = first + datetime.timedelta(days=days // 2)
                periods += [(middle, end), (first, middle)]
            else:
                rows.update((row["id"], row) for row in found)
        return list(rows.values())

    # -- what a set-up reads -----------------------------------------------------

    def who_am_i(self):
        """``employeeId``, ``actualEmployeeId`` (the key's own user), ``companyId``."""
        return self._get("/token/session/>whoAmI", shapes.WHO_AM_I)

    def list_client_companies(self):
        """Companies a key may enter, by the client's ``company_id`` (DOCUMENTED)."""
        return self._list("/company/>withLoginAccess", shapes.CLIENT_COMPANY)

    def list_projects(self, closed=True):
        """Projects that are not offers; without closed ones if ``closed`` is False."""
        return self._projects(**({} if closed else {"isClosed": "false"}))

    def find_project_by_number(self, number):
        """Projects with exactly this number, closed ones too; usually one or none."""
        return _numbered(self._projects(number=number), "number", number)

    def _projects(self, **query):
        def read(**period):
            return self._list(
                "/project", shapes.PROJECT, isOffer="false", **period, **query
            )

        try:
            rows = read()
        except ResultTooLarge:
            rows = self._narrowed(
                lambda first, end: read(startDateFrom=first, startDateTo=end),
                *PROJECT_STARTS,
            )
        return [row for row in rows if not row["isOffer"]]

    def list_salary_types(self, **query):
        """Salary types in use.

        A type that is not shown in time sheets takes no hours (DOCUMENTED). A row does
        not say whether it is inactive (MEASURED), so the filter (DOCUMENTED) does.
        """
        query["isInactive"] = "false"
        return self._list("/salary/type", shapes.SALARY_TYPE, **query)

    def find_salary_type_by_number(self, number):
        """Salary types in use with exactly this number (the filter: containing)."""
        return _numbered(self.list_salary_types(number=number), "number", number)

    def list_employees(self):
        """Employees without contacts. None can mean missing rights (DOCUMENTED)."""
        return self._list("/employee", shapes.EMPLOYEE)

    def find_employee_by_number(self, number):
        """Employees with exactly this employee number."""
        found = self._list("/employee", shapes.EMPLOYEE, employeeNumber=number)
        return _numbered(found, "employeeNumber", number)

    def list_employments(self):
        """Employees' ids, each with its ``employments`` (MEASURED to be in the list).

        ``employments`` is None where the key may not see them: fields are left out
        then (DOCUMENTED).
        """
        return self._list("/employee", shapes.EMPLOYED)

    def list_employment_details(self, employment_ids):
        """What was agreed in these employments, each from its ``date`` on.

        ``remunerationType``: MONTHLY_WAGE, HOURLY_WAGE, COMMISION_PERCENTAGE, FEE,
        PIECEWORK_WAGE or NOT_CHOSEN (DOCUMENTED). ``hourlyWage`` is not asked for: it
        is also set for people with a monthly wage (MEASURED). That the list without
        ids has everybody's is ASSUMED: those that it lacks are asked for by id, which
        takes a call for each 190 or so.
        """
        path, shape = "/employee/employment/details", shapes.EMPLOYMENT_DETAILS
        wanted = {int(i) for i in employment_ids}
        if not wanted:
            return []
        try:
            rows = self._list(path, shape)
        except (Refused, ResultTooLarge):
            rows = []
        rows = [row for row in rows if row["employment"]["id"] in wanted]
        missing = wanted - {row["employment"]["id"] for row in rows}
        if missing:
            rows += self._list_for_ids(path, shape, {"employmentId": missing})
        return rows

    def list_activities(self):
        """All activities, internal ones too; ``activityType`` may be ``""``."""
        return self._list("/activity", shapes.ACTIVITY)

    def get_timesheet_settings(self):
        """The company's time sheet settings; ``defaultProjectActivity`` or None."""
        return self._get("/timesheet/settings", shapes.SETTINGS)

    def get_standard_time(self, day):
        """The company's normal working day: ``hoursPerDay`` on a date (DOCUMENTED).

        Raises NotFound where the company has none, which is ASSUMED.
        """
        path = "/salary/settings/standardTime/byDate"
        return self._get(path, shapes.STANDARD_TIME, date=f"{day:%Y-%m-%d}")

    def get_employee_standard_time(self, employee_id, day):
        """A person's own normal working day: ``hoursPerDay`` on a date (DOCUMENTED).

        One employee a call. Raises NotFound where the person has none, which is
        ASSUMED.
        """
        query = {"employeeId": int(employee_id), "date": f"{day:%Y-%m-%d}"}
        path = "/employee/standardTime/byDate"
        return self._get(path, shapes.STANDARD_TIME, **query)

    def list_entitlements(self, employee_id):
        """Rights of a user; the key's own is ``actualEmployeeId`` (REPORTED)."""
        return self._list(
            "/employee/entitlement", shapes.ENTITLEMENT, employeeId=int(employee_id)
        )

    # -- hour entries ------------------------------------------------------------

    def search_entries(self, date_from, date_to, employee_ids=(), ids=()):
        """Entries from ``date_from`` to ``date_to``, both days included.

        Tripletex excludes the end date (DOCUMENTED), so a day is added. An empty id
        list filters nothing. ``project`` is None for internal time.
        """
        id_lists = {"employeeId": employee_ids, "id": ids}
        return self._search(ENTRY, shapes.ENTRY, date_from, date_to, id_lists)

    def _search(self, path, shape, date_from, date_to, id_lists, **query):
        if date_to < date_from:
            raise ValueError("date_to lies before date_from")

        def read(first, end):
            query.update(dateFrom=first, dateTo=end)
            return self._list_for_ids(path, shape, id_lists, **query)

        # the calendar ends one day before the last that could be asked for
        day = datetime.timedelta(days=1)
        end = min(date_to, datetime.date.max - day) + day
        return self._narrowed(read, date_from, end)

    def delete_entry(self, entry_id, version=None):
        """Delete one entry. Raises NotFound when it is gone already."""
        query = None if version is None else {"version": int(version)}
        self._call("DELETE", ENTRY + "/{id}", in_path=[int(entry_id)], query=query)

    def create_entries(self, values_list):
        """Create many entries in one call; rows come back in the order given.

        Raises AlreadyExists when employee, date, activity and project have one
        (MEASURED). One bad entry fails them all, and Tripletex does not say which
        (MEASURED in one case).
        """
        return self._write_entries("POST", values_list, entry_key)

    def update_entries(self, values_list):
        """Update many entries in one call; each of ``values_list`` has its ``id``.

        What is left out would be emptied (DOCUMENTED), so everything is sent. A given
        ``version`` that is old raises StaleVersion.
        """
        return self._write_entries("PUT", values_list, own_id)

    def _write_entries(self, method, values_list, key):
        if not values_list:
            return []
        body = [entry_body(values, update=method == "PUT") for values in values_list]
        answer = self._call(method, ENTRY + "/list", body=body)
        return matched(answer, answer.rows(shapes.ENTRY), values_list, key)

    # -- months ------------------------------------------------------------------

    def list_month_status(self, employee_ids, months):
        """What Tripletex says of each employee's months.

        :param months: dates; each stands for the month it lies in
        :return: dicts with ``id`` (may be None), ``employee``, ``monthYear``
            (YYYY-MM), ``completed``, ``approved``, ``approvedDate``,
            ``approvedUntilDate`` (hours up to it are locked: DOCUMENTED),
            ``approvedBy`` (``id`` and ``displayName``, or None) and ``sumHours``
            (None where it is hidden). Whether somebody without hours has a row is
            unknown.
        """
        names = sorted({f"{month:%Y-%m}" for month in months})
        if not employee_ids or not names:
            return []
        if self._lists_months:
            try:
                return self._months(
                    "byMonthNumberList", employee_ids, monthYearList=",".join(names)
                )
            except TripletexError as problem:
                if not _is_unknown_path(problem):
                    raise
        # Deprecated since 2025, and the only one before (DOCUMENTED).
        rows = [
            row
            for name in names
            for row in self._months("byMonthNumber", employee_ids, monthYear=name)
        ]
        self._lists_months = False
        return rows

    def _months(self, name, employee_ids, **query):
        ids = {"employeeIds": employee_ids}
        rows = self._list_for_ids(MONTH + name, shapes.MONTH_STATUS, ids, **query)
        return [shapes.flat_month(row) for row in rows]

    def complete_month(self, employee_id, month):
        """Mark one employee's month (of the date ``month``) as finished.

        As for every action on a month no answer was ever recorded. Without an employee
        Tripletex would act on the key owner's own month (DOCUMENTED).

        :return: the month's row as in :meth:`list_month_status`, without the name of
            who approved it; None when the answer does not hold it
        :raise ValueError: ``employee_id`` is not exactly one id
        """
        return self._act_on_month("complete", employee_id, month)

    def reopen_month(self, employee_id, month):
        """Reopen one employee's finished month; like :meth:`complete_month`."""
        return self._act_on_month("reopen", employee_id, month)

    def approve_month(self, employee_id, month, approved_until):
        """Approve one employee's month up to a day; like :meth:`complete_month`.

        The day is always sent: two defaults that contradict each other are DOCUMENTED.

        :raise ValueError: as well for a day that is not in the month
        """
        if f"{approved_until:%Y-%m}" != f"{month:%Y-%m}":
            raise ValueError("approved_until must be a day of the month")
        until = {"approvedUntilDate": approved_until.isoformat()}
        return self._act_on_month("approve", employee_id, month, **until)

    def _act_on_month(self, action, employee_id, month, **query):
        if not is_id(str(employee_id)):
            raise ValueError("exactly one employee's id is needed")
        asked = int(employee_id), f"{month:%Y-%m}"
        query |= dict(zip(("employeeIds", "monthYear"), asked, strict=True))
        answer = self._call("PUT", f"{MONTH}:{action}", query=query)
        for row in answer.rows(shapes.MONTH_STATUS):
            if (row["employee"]["id"], row["monthYear"]) == asked:
                return shapes.flat_month(row)
        return None

    def list_payslips(self, employee_ids, month_from, month_to):
        """Slips of pay that has been run, of the months of two dates and between.

        Drafts have no number and are not found by a search (MEASURED); that those
        found mean that pay has been run is REPORTED. No amounts are read. Raises
        RightsMissing for a key without wage rights; an empty list can mean the same
        (DOCUMENTED).

        :return: dicts with ``id``, ``number``, ``year``, ``month``, ``employee``
        """
        first, last = ((day.year, day.month) for day in (month_from, month_to))
        rows = []
        for year in range(first[0], last[0] + 1) if employee_ids else ():
            query = {"yearFrom": year, "yearTo": year + 1}
            query["monthFrom"] = first[1] if year == first[0] else 1
            # Excluded (DOCUMENTED), so a year's last month needs no end.
            if year == last[0] and last[1] < 12:
                query["monthTo"] = last[1] + 1
            ids = {"employeeId": employee_ids}
            rows += self._list_for_ids("/salary/payslip", shapes.PAYSLIP, ids, **query)
        # Whether the filters of year and month count together is not said.
        return [
            row
            for row in rows
            if row["number"] and first <= (row["year"] or 0, row["month"] or 0) <= last
        ]

    # -- paycode rows ------------------------------------------------------------

    def search_salary_rows(self, date_from, date_to, employee_ids=()):
        """Hours (``count``) per paycode without project, both days included.

        No ids filter nothing. The filter takes one employee (DOCUMENTED), so for
        several the rows of the whole company are read and the others' left out. That
        a search without the filter gives everybody's rows is ASSUMED.
        """
        ids = {int(employee_id) for employee_id in employee_ids}
        query = {"employeeId": min(ids)} if len(ids) == 1 else {}
        rows = self._search(
            SALARY_ROW, shapes.SALARY_ROW, date_from, date_to, {}, **query
        )
        return [row for row in rows if not ids or row["employee"]["id"] in ids]

    def get_salary_row(self, row_id):
        """One paycode row. Raises NotFound when it was deleted in Tripletex."""
        query = {"fields": shapes.SALARY_ROW.fields}
        answer = self._call("GET", ONE_ROW, in_path=[int(row_id)], query=query)
        return self._salary_row(answer, {"id": row_id}, own_id)

    def create_salary_row(
        self, employee_id, salary_type_id, date, count, description=""
    ):
        """Register ``count`` hours; one row per employee, date and type."""
        body = row_body(employee_id, salary_type_id, date, count, description)
        answer = self._call("POST", SALARY_ROW, body=body)
        return self._salary_row(answer, body, row_key)

    def update_salary_row(
        self, row_id, version, employee_id, salary_type_id, date, count, description=""
    ):
        """Replace a paycode row's fields; ``version`` None sends none."""
        body = row_body(employee_id, salary_type_id, date, count, description)
        body["id"] = int(row_id)
        if version is not None:
            body["version"] = int(version)
        answer = self._call("PUT", ONE_ROW, in_path=[int(row_id)], body=body)
        return self._salary_row(answer, body, own_id)

    def _salary_row(self, answer, asked, key):
        return matched(answer, [answer.value(shapes.SALARY_ROW)], [asked], key)[0]

    def delete_salary_row(self, row_id):
        """Delete a paycode row. Raises NotFound when it is gone already."""
        self._call("DELETE", ONE_ROW, in_path=[int(row_id)])


def _session_refusal(problem):
    """Which token a 422 on opening a session is about.

    The consumer token is named as ``arg:consumerToken`` (MEASURED). The body for a
    wrong key is not recorded, so a failed validation that names neither the consumer
    token nor our date is taken to mean the key.
    """
    names = {name.removeprefix("arg:") for name, _text in problem.fields}
    if "consumerToken" in names:
        return ConsumerTokenRefused(**vars(problem))
    ours = "expirationDate" in names
    if "employeeToken" in names or (problem.code == 18000 and not ours):
        return KeyRefused(**vars(problem))
    return problem


def _is_unknown_path(problem):
    """Whether a path may be unknown to Tripletex.

    That is 404 or 405, the latter as 400 with code 4000 (MEASURED), or code 21000: the
    path was taken for ``/timesheet/month/{id}`` (MEASURED for another of that kind).
    """
    return problem.status in (404, 405) or problem.code in (4000, 21000)


def _numbered(rows, field, number):
    """Rows with exactly this number: filters may mean "containing" (DOCUMENTED)."""
    wanted = str(number).strip()
    return [row for row in rows if wanted and row[field].strip() == wanted]
