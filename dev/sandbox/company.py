"""One Tripletex company held in memory: its tables, locks and settings."""

import contextlib
from operator import itemgetter

ENTRY = "TimesheetEntry"
ROW = "TimesheetSalaryTypeSpecification"
MONTH, SLIP = "MonthlyStatus", "Payslip"
#: The state of a month of which nobody has said anything.
OPEN = {"completed": False, "approved": False}
OPEN |= dict.fromkeys(("approvedDate", "approvedUntilDate", "approvedBy"))


# One hour entry per employee, date, activity and project; one paycode row per employee,
# date and salary type (DOCUMENTED).
UNIQUE_KEYS = {
    ENTRY: itemgetter("employee", "date", "activity", "project"),
    ROW: itemgetter("employee", "date", "salaryType"),
    MONTH: itemgetter("employee", "monthYear"),
    SLIP: itemgetter("employee", "year", "month"),
}


class Company:
    """Tables are dicts by id; rows are replaced on change, never edited in place."""

    def __init__(self, name, organization_number, ids, assumed):
        self.id = ids.next("Company")
        self.name = name
        self.organization_number = organization_number
        self._ids = ids
        self._assumed = assumed
        self._tables = {}
        self._unique = {model: {} for model in UNIQUE_KEYS}
        self._undo = None
        self.settings = {}
        self.approved_entries = set()

    def table(self, model):
        """The rows of ``model`` by id (read only for callers)."""
        return self._tables.setdefault(model, {})

    def new_id(self, model):
        """The next free id; ids are never used twice, in any company."""
        return self._ids.next(model)

    def put(self, model, row):
        """Insert or replace ``row`` and keep the unique index right."""
        self._replace(model, row["id"], row)
        return row

    def drop(self, model, row_id):
        """Remove the row; its id stays used up."""
        self._replace(model, row_id, None)

    def _replace(self, model, row_id, new):
        table, key = self.table(model), UNIQUE_KEYS.get(model)
        old = table.get(row_id)
        if self._undo is not None:
            self._undo.append((model, row_id, old))
        if key and old is not None:
            self._unique[model].pop(key(old), None)
        if new is None:
            del table[row_id]
            return
        table[row_id] = new
        if key:
            self._unique[model][key(new)] = row_id

    def id_of_key(self, model, key):
        """The id of the row that holds the unique ``key``, or None."""
        return self._unique[model].get(key)

    @contextlib.contextmanager
    def all_or_nothing(self):
        """Undo every change of the block when it raises."""
        self._undo = []
        try:
            yield
        except BaseException:
            undo, self._undo = self._undo, None
            for model, row_id, old in reversed(undo):
                self._replace(model, row_id, old)
            raise
        finally:
            self._undo = None

    def month(self, employee_id, month):
        """The state (as OPEN) of an employee's ``month`` (``YYYY-MM``)."""
        row_id = self.id_of_key(MONTH, (employee_id, month))
        return self.table(MONTH).get(row_id, OPEN)

    def is_paid(self, employee_id, month):
        """Whether pay has been run for the employee and ``month`` (``YYYY-MM``)."""
        year, number = map(int, month.split("-"))
        return self.id_of_key(SLIP, (employee_id, year, number)) is not None

    def is_locked(self, employee_id, date):
        """Whether the employee's hours of ``date`` (ISO text) cannot change.

        Hours up to the day of approval and paid hours cannot (DOCUMENTED). That those
        of a finished month cannot is REPORTED, that the days after a partial approval
        can is ASSUMED.
        """
        state = self.month(employee_id, date[:7])
        if self._assumed["paid_locks"] and self.is_paid(employee_id, date[:7]):
            return True
        if state["approved"]:
            return date <= state["approvedUntilDate"]
        return state["completed"] and self._assumed["completed_locks"]

    def row_is_locked(self, row):
        """Invoiced, approved by itself, or of a locked day (DOCUMENTED)."""
        return (
            row.get("invoice") is not None
            or row["id"] in self.approved_entries
            or self.is_locked(row["employee"], row["date"])
        )

    def employ(self, employee, remuneration, since):
        """Pay an employee so from a day on, in the employment that they have."""
        person = self.table("Employee")[employee]
        employments = person["employments"]
        if not employments:
            employments = [self.new_id("Employment")]
            row = {"employee": employee, "startDate": since, "endDate": None}
            row |= {"id": employments[0], "version": 0, "employmentDetails": []}
            self.put("Employment", row)
            self.put("Employee", {**person, "employments": employments})
        row = self.table("Employment")[employments[0]]
        details_id = self.new_id("EmploymentDetails")
        details = {"id": details_id, "version": 0, "employment": row["id"]}
        # Monthly people have an hourly wage, too (MEASURED).
        details |= {
            "date": since,
            "remunerationType": remuneration,
            "hourlyWage": 272.0,
        }
        self.put("EmploymentDetails", details)
        row = {**row, "employmentDetails": [*row["employmentDetails"], details_id]}
        self.put("Employment", row)

    def find(self, model, value, number="number"):
        """The id that a switch's value, an id or a number, stands for, or None."""
        table = self.table(model)
        with contextlib.suppress(TypeError, ValueError):
            if int(value) in table:
                return int(value)
        found = (row["id"] for row in table.values() if row.get(number) == str(value))
        return next(found, None) if value != "" else None


class Ids:
    """Id counters, one per kind, big as those of Tripletex; companies share them."""

    # Hour entries and paycode rows lie above 32 bits on purpose: the description
    # declares 64-bit ids, and code that stores them in 32 bits must fail here.
    STARTS = {
        "Company": 107_900_001,
        "Employee": 18_600_001,
        "Project": 402_000_001,
        "Activity": 5_900_001,
        "SalaryType": 53_700_001,
        "Department": 770_001,
        ENTRY: 2**40 + 175_900_001,
        ROW: 2**41 + 300_001,
    }

    def __init__(self):
        self._next = dict(self.STARTS)

    def next(self, kind):
        found = self._next.get(kind, 1_000_001)
        self._next[kind] = found + 1
        return found
