"""What is asked for and sent, and what an answer must look like to be believed.

A :class:`Shape` is both: its ``fields`` goes into the request, and its ``parse`` lets
through nothing but those fields. So a national id or bank account that Tripletex
sends unasked (it does for a bare sub-object name: MEASURED) goes no further.
"""

import datetime
import math
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

#: Characters of a number that Odoo can link: links are found through an index of
#: PostgreSQL, which holds at most 2,704 bytes a row.
LONGEST_NUMBER = 100
_CENT = Decimal("0.01")


class WrongShape(ValueError):
    """An answer's value is not of the kind its field must have."""


def whole(value):
    """A whole number of at most 32 bits (DOCUMENTED), or None.

    A larger one fits no column, whose error would end the run of all companies.
    """
    if value is not None and type(value) is not int:
        raise WrongShape("not a whole number")
    if value is not None and not -(2**31) <= value < 2**31:
        raise WrongShape("number too large")
    return value


def ident(value):
    """An id: a whole number of at most 64 bits."""
    if type(value) is not int or not 0 <= value < 2**63:
        raise WrongShape("not an id")
    return value


def text(value):
    """Text without what a database refuses (NUL, half surrogates); null is ``""``."""
    if value is None:
        return ""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise WrongShape("not a text")
    return "".join(c for c in value if c != "\0" and not "\ud800" <= c <= "\udfff")


def numeral(value):
    """The number of a thing: a text (MEASURED), without white space around it."""
    return text(value).strip()


def flag(value):
    """True, False, or None where Tripletex says nothing."""
    if value is not None and not isinstance(value, bool):
        raise WrongShape("not true or false")
    return value


def number(value):
    """A finite number as float."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise WrongShape("not a number")
    try:
        value = float(value)
    except OverflowError:
        raise WrongShape("number too large") from None
    if not math.isfinite(value):
        raise WrongShape("not a finite number")
    return value


def day(value):
    """A date as text, ``YYYY-MM-DD``."""
    try:
        written = datetime.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        written = None
    if written is None or written != value:
        raise WrongShape("not a date")
    return value


def session_token(value):
    """A token that can stand in a header and a path."""
    if not isinstance(value, str) or not re.fullmatch("[!-~]+", value):
        raise WrongShape("not a token")
    return value


def maybe(kind):
    """The same kind, or None."""
    return lambda value: None if value is None else kind(value)


class Shape:
    """The fields of one kind of object.

    Keyword arguments: field name = a function that returns the value as it is handed
    out or raises :class:`WrongShape`, or another Shape for a sub-object.
    ``needed``: sub-objects that must not be null.
    """

    def __init__(self, needed=(), **kinds):
        self.kinds = kinds
        self.needed = needed

    @property
    def fields(self):
        """The ``fields`` parameter; sub-objects always with their own list."""
        return ",".join(
            f"{name}({kind.fields})" if isinstance(kind, Shape) else name
            for name, kind in self.kinds.items()
        )

    def parse(self, value, optional=False):
        """A dict of exactly this shape's fields; None only if ``optional``.

        Absent fields count as null: what the key may not see is left out (DOCUMENTED).
        """
        if value is None and optional:
            return None
        if not isinstance(value, dict):
            raise WrongShape("not an object")
        row = {}
        for name, kind in self.kinds.items():
            try:
                part = value.get(name)
                row[name] = (
                    kind.parse(part, optional=name not in self.needed)
                    if isinstance(kind, Shape)
                    else kind(part)
                )
            except WrongShape as problem:
                raise WrongShape(f"{name}: {problem}") from None
        return row


class Rows(Shape):
    """A list of objects, each with these fields."""

    def parse(self, value, optional=False):
        """A list of dicts; None only if ``optional``."""
        if value is None and optional:
            return None
        if not isinstance(value, list):
            raise WrongShape("not a list")
        return [super(Rows, self).parse(item) for item in value]


REF = Shape(id=ident)
SESSION = Shape(token=session_token, expirationDate=maybe(day))
WHO_AM_I = Shape(employeeId=ident, actualEmployeeId=maybe(ident), companyId=ident)
CLIENT_COMPANY = Shape(id=ident, name=text, organizationNumber=text)
PROJECT = Shape(
    id=ident,
    number=numeral,
    name=text,
    displayName=text,
    startDate=maybe(day),
    endDate=maybe(day),
    isClosed=flag,
    isOffer=flag,
    customerName=text,
)
SALARY_TYPE = Shape(id=ident, number=numeral, name=text, showInTimesheet=flag)
EMPLOYEE = Shape(
    id=ident,
    firstName=text,
    lastName=text,
    displayName=text,
    employeeNumber=numeral,
    email=text,
    department=Shape(id=ident, name=text),
    allowInformationRegistration=flag,
)
EMPLOYED = Shape(
    id=ident,
    employments=Rows(id=ident, startDate=maybe(day), endDate=maybe(day)),
)
EMPLOYMENT_DETAILS = Shape(
    needed=("employment",),
    id=ident,
    date=maybe(day),
    remunerationType=text,
    employment=REF,
)
# activityType can be null (REPORTED), so it is a text like any other.
ACTIVITY = Shape(
    id=ident,
    name=text,
    number=text,
    activityType=text,
    isProjectActivity=flag,
    isChargeable=flag,
    isDisabled=flag,
)
SETTINGS = Shape(
    requireCommentsOnRegisteredHoursAllProjects=flag,
    defaultProjectActivity=REF,
    timesheetCompleted=flag,
)
STANDARD_TIME = Shape(hoursPerDay=number)
MONTH_STATUS = Shape(
    needed=("employee",),
    id=maybe(ident),
    employee=REF,
    monthYear=text,
    completed=flag,
    approved=flag,
    approvedDate=maybe(day),
    approvedUntilDate=maybe(day),
    approvedBy=Shape(id=ident, displayName=text),
    hourSummary=Shape(sumHours=maybe(number)),
)
# Never what somebody earns: only that pay has been run.
PAYSLIP = Shape(
    needed=("employee",), id=ident, number=whole, year=whole, month=whole, employee=REF
)
ENTITLEMENT = Shape(id=ident, name=text)
ENTRY = Shape(
    needed=("employee", "activity"),
    id=ident,
    version=whole,
    date=day,
    hours=number,
    comment=text,
    locked=flag,
    employee=REF,
    project=REF,
    activity=REF,
    invoice=REF,
)
SALARY_ROW = Shape(
    needed=("employee", "salaryType"),
    id=ident,
    version=whole,
    date=day,
    count=number,
    description=text,
    employee=REF,
    salaryType=REF,
)


def flat_month(row):
    """A month's status with its sum beside the rest, None where it is hidden."""
    row = dict(row)
    return row | (row.pop("hourSummary") or {"sumHours": None})


# -- numbers of things: texts, of any characters and length --------------------------


def is_id(text):
    """Return whether a text is an id: Tripletex's are 64-bit numbers (DOCUMENTED).

    ``str.isdigit`` accepts "²", and ``int`` refuses more than 4,300 digits.
    """
    return bool(re.fullmatch("[0-9]{1,19}", text)) and 0 < int(text) < 2**63


def is_too_long(number):
    """Return whether a number cannot be linked because of its length."""
    return len(number or "") > LONGEST_NUMBER


def natural_key(number):
    """Return a sort key of any number of digits that puts project 9 before 10."""
    return [
        (0, len(digits), digits) if digits else (1, 0, text.lower())
        for zeros, digits, text in re.findall(
            r"(0*(?=[0-9]))([0-9]+)|([^0-9]+)", number or ""
        )
    ]


# -- what is sent, and how an answer's rows are told to be the same ones ---------------


def _hours(value):
    """Hours as a JSON number with two decimals, rounded half up, or a ValueError."""
    try:
        rounded = Decimal(str(value)).quantize(_CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        rounded = Decimal("NaN")
    if not rounded.is_finite():
        raise ValueError("Hours must be a finite number.")
    return float(rounded)


def _ref(value):
    return {"id": int(value)}


def entry_body(values, update=False):
    """The full set of writable fields; id and version only in updates (MEASURED)."""
    body = {
        "employee": _ref(values["employee_id"]),
        "activity": _ref(values["activity_id"]),
        "date": values["date"].isoformat(),
        "hours": _hours(values["hours"]),
        "comment": values.get("comment") or "",
    }
    if values.get("project_id") is not None:
        body["project"] = _ref(values["project_id"])
    elif update:
        body["project"] = None
    if update:
        body["id"] = int(values["id"])
        if values.get("version") is not None:
            body["version"] = int(values["version"])
    return body


def row_body(employee_id, salary_type_id, date, count, description):
    """A paycode row's writable fields; ``count`` in hours."""
    return {
        "employee": _ref(employee_id),
        "salaryType": _ref(salary_type_id),
        "date": date.isoformat(),
        "count": _hours(count),
        "description": description or "",
    }


def own_id(row):
    """The row's id, from an answer or from values to send."""
    return int(row["id"])


def entry_key(row):
    """What makes an entry unique, from an answer's row or from values to send."""
    if "employee_id" in row:
        row = entry_body(row)
    project = row.get("project")
    return (
        row["employee"]["id"],
        row["date"],
        row["activity"]["id"],
        project["id"] if project else None,
    )


def row_key(row):
    """What a paycode row is about, from an answer's row or from a body to send."""
    return (row["employee"]["id"], row["date"], row["salaryType"]["id"])


def matched(answer, rows, sent, key):
    """The answered rows in the order of ``sent``: Tripletex's order is ASSUMED only."""
    by_key = {key(row): row for row in rows}
    found = [by_key.pop(key(values), None) for values in sent]
    if by_key or None in found or len(found) != len(rows):
        raise answer.broken("other rows than those sent")
    return found
