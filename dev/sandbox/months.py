"""Months: finished, approved and paid, and the calls about them.

No answer of an action was ever recorded. That a month goes from open to completed to
approved and back the same way is REPORTED; what is refused, and that the key's owner
approves, is ASSUMED.
"""

import calendar
import datetime
from collections import defaultdict

from . import errors
from .api import route
from .clock import parse_date
from .company import ENTRY, MONTH, OPEN, SLIP
from .data import blank
from .fields import answer_list
from .query import date, filtered, integer, integers, need, optional_integer


def days_of(month):
    """Every day of a month (``YYYY-MM``); raises ValueError for anything else."""
    first = parse_date(f"{month}-01")
    count = calendar.monthrange(first.year, first.month)[1]
    return [first + datetime.timedelta(days=n) for n in range(count)]


class Months:
    """The months of one company; ``month`` is always ``YYYY-MM``.

    Raises 422 for a step that a month's state does not allow.
    """

    def __init__(self, state, company):
        self.company = company
        self.today = state.clock.today().isoformat()

    def put(self, employee, month, **values):
        """Let a month be in any state, whatever it was."""
        row_id = self.row_id(employee, month)
        state = {**self.company.month(employee, month), **values}
        row = {"id": row_id, "version": 0, "employee": employee, "monthYear": month}
        self.company.put(MONTH, {**row, **state})

    def row_id(self, employee, month):
        """The id of a month, which exists whether or not anything was said of it."""
        return employee * 10_000 + int(month[2:4]) * 100 + int(month[5:7])

    def complete(self, employee, month):
        self.put(employee, month, completed=True)

    def reopen(self, employee, month):
        if self.company.month(employee, month)["approved"]:
            raise errors.invalid(None, "month_approved")
        self.put(employee, month, completed=False)

    def approve(self, employee, month, until=None):
        """``until``: last day approved; none is the month's last (DOCUMENTED)."""
        days = [day.isoformat() for day in days_of(month)]
        if not self.company.month(employee, month)["completed"]:
            raise errors.invalid(None, "not_completed")
        if until not in (None, *days):
            raise errors.invalid("approvedUntilDate", "other_month")
        values = {"approved": True, "approvedDate": self.today}
        values |= {"approvedUntilDate": until or days[-1]}
        approver = self.company.owner["employee"]
        self.put(employee, month, **values, approvedBy=approver)

    def pay(self, employee, month, paid=True):
        """Run pay, or reverse it."""
        year, number = map(int, month.split("-"))
        slip = self.company.id_of_key(SLIP, (employee, year, number))
        if not paid and slip is not None:
            self.company.drop(SLIP, slip)
        if paid and slip is None:
            values = {"employee": employee, "year": year, "month": number}
            values |= {"id": self.company.new_id(SLIP), "date": f"{days_of(month)[-1]}"}
            # Invented amounts: a call that asks for too much shows them.
            values |= {"grossAmount": 45_000.0, "amount": 31_000.0}
            count = len(self.company.table(SLIP)) + 1
            self.company.put(SLIP, blank(SLIP, number=count, **values))

    def shown(self, employees, months):
        """The rows of MonthlyStatus, with their sums."""
        entries = defaultdict(list)
        for entry in self.company.table(ENTRY).values():
            entries[entry["employee"], entry["date"][:7]].append(entry)
        return [
            self._shown(employee, month, entries[employee, month])
            for month in months
            for employee in employees
        ]

    def _shown(self, employee, month, entries):
        """Of the sums only that of all hours is built; the others are null."""
        total = round(sum(entry["hours"] for entry in entries), 2)
        return blank(
            MONTH,
            id=self.row_id(employee, month),
            employee=employee,
            timesheetEntries=[entry["id"] for entry in entries],
            monthYear=month,
            hourSummary={**dict.fromkeys(blank("HourSummary")), "sumHours": total},
            **{name: self.company.month(employee, month)[name] for name in OPEN},
        )


# -- calls ---------------------------------------------------------------------------

STATUS = "timesheet/month"


def _list(call, name):
    need(call.query, "employeeIds", name)
    months = call.query[name].split(",")
    return _answer(call, _employees(call), [_month(name, text) for text in months])


def _answer(call, employees, months):
    """fullResultSize and count are 0 all the same (MEASURED)."""
    rows = Months(call.state, call.company).shown(employees, months)
    rows = filtered(call.query, rows, "")
    return answer_list(call, rows, MONTH, fullResultSize=0, count=0)


def _month(name, text):
    try:
        return days_of(text.strip()) and text.strip()
    except ValueError:
        raise errors.out_of_range(name, "wrong_type") from None


def _employees(call):
    """Those of employeeIds; without it the key's owner (DOCUMENTED for actions)."""
    if not call.query.get("employeeIds"):
        return [call.company.owner["employee"]]
    wanted = sorted(integers(call.query, "employeeIds"))
    if not all(employee in call.company.table("Employee") for employee in wanted):
        raise errors.refusal("not_found")
    return wanted


@route("GET", "/timesheet/month/byMonthNumber", resource=STATUS)
def list_month_status(call):
    """One row per employee; deprecated (DOCUMENTED)."""
    return _list(call, "monthYear")


@route("GET", "/timesheet/month/byMonthNumberList", resource=STATUS)
def list_months_status(call):
    """One row per employee and month; ``assumed["month_list"]`` can forget the path."""
    answer = call.state.assumed["month_list"]
    if answer == "not_a_number":
        # So would a path answer that knows only /timesheet/month/{id} (MEASURED for
        # another path of that kind).
        integer("byMonthNumberList")
    elif answer != "known":
        raise errors.refusal(answer)
    return _list(call, "monthYearList")


def _act(call, action, **values):
    """With ``id`` the other parameters are ignored (DOCUMENTED)."""
    row_id = optional_integer(call.query, "id")
    if row_id is None:
        need(call.query, "monthYear")
        month = _month("monthYear", call.query["monthYear"])
        employees = _employees(call)
    else:
        employee, number = divmod(row_id, 10_000)
        if employee not in call.company.table("Employee"):
            raise errors.refusal("not_found")
        month, employees = f"20{number // 100:02}-{number % 100:02}", [employee]
    months = Months(call.state, call.company)
    with call.company.all_or_nothing():
        for employee in employees:
            action(months, employee, month, **values)
    return _answer(call, employees, [month])


@route("PUT", "/timesheet/month/:complete", resource=f"{STATUS}/complete")
def complete_month(call):
    return _act(call, Months.complete)


@route("PUT", "/timesheet/month/:reopen", resource=f"{STATUS}/complete")
def reopen_month(call):
    return _act(call, Months.reopen)


@route("PUT", "/timesheet/month/:approve", resource=f"{STATUS}/approve")
def approve_month(call):
    name = "approvedUntilDate"
    until = date(call.query, name) if call.query.get(name) else None
    return _act(call, Months.approve, until=until)


@route("GET", "/salary/payslip")
def search_payslips(call):
    """Slips of pay that has been run; drafts are left out (MEASURED, REPORTED)."""
    filters = "id:in employeeId:in=employee yearFrom:least=year yearTo:below=year "
    filters += "monthFrom:least=month monthTo:below=month"
    not_built = "wageTransactionId activityId voucherDateFrom voucherDateTo comment"
    rows = call.company.table(SLIP).values()
    rows = filtered(call.query, rows, filters, not_built)
    return answer_list(call, list(rows), SLIP)
