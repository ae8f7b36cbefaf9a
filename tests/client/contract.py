"""Every call the client makes: what it sends, what it reads, and who says so.

One :class:`Call` for each method and path. A fact about a parameter or field has a
kind, a class and a source. Kinds: ``integer``, ``number``, ``boolean``, ``string``,
``date`` (YYYY-MM-DD), ``month`` (YYYY-MM), ``integers`` and ``months`` (separated by
commas), ``single`` (a list of exactly one integer), ``fields`` (exactly the names in
``reads``, or in one of ``choices``), ``object`` and ``objects`` (a list), whose fields
follow as ``object.field``. ``!``: always sent, or never null in an answer.

Classes: MEASURED (seen in a recorded answer), DOCUMENTED (Tripletex's own text),
REPORTED (another integrator says so), ASSUMED (our inference).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

SPEC = "Tripletex's openapi.json 2.74.00"
LISTS = "lists of test companies, recorded in March 2026"
TEST_2022 = "the former test environment, recorded in 2022"


class Fact(NamedTuple):
    """What is known of one parameter or field."""

    kind: str
    needed: bool
    known: str
    source: str


def _facts(known, source, words):
    pairs = (word.split(":") for word in words.split())
    return {
        name: Fact(kind.rstrip("!"), kind.endswith("!"), known, source)
        for name, kind in pairs
    }


def measured(source, words):
    """Facts seen in recorded answers; ``words``: ``name:kind name:kind!``."""
    return _facts("MEASURED", source, words)


def documented(words, source=SPEC):
    """Facts of Tripletex's own text."""
    return _facts("DOCUMENTED", source, words)


def reported(source, words):
    """Facts that another integrator tells."""
    return _facts("REPORTED", source, words)


@dataclass(frozen=True)
class Call:
    """One call. ``known``: class and source of path, status and envelope.

    ``envelope``: the answer's key that holds one object (``value``) or a list of them
    (``values``), None for an empty answer; ``many``: the body is a list of objects;
    ``open``: sent without a session; ``choices``: the sets of fields that are asked for
    where there are several.
    """

    known: tuple
    status: int = 200
    query: dict = field(default_factory=dict)
    body: dict = field(default_factory=dict)
    envelope: str | None = None
    reads: dict = field(default_factory=dict)
    many: bool = False
    open: bool = False
    choices: tuple = ()


def _list(known, query, *choices):
    paging = documented("from:integer! count:integer! fields:fields!")
    reads = {name: fact for choice in choices for name, fact in choice.items()}
    return Call(
        known,
        query={**query, **paging},
        envelope="values",
        reads=reads,
        choices=tuple(map(set, choices)),
    )


FIELDS = documented("fields:fields!")
IN_SPEC = ("DOCUMENTED", SPEC)
RECORDED = ("MEASURED", LISTS)
RECORDED_2022 = ("MEASURED", TEST_2022)

ENTRY_WORDS = """
    id:integer! version:integer date:date! hours:number! comment:string locked:boolean
    employee:object! employee.id:integer! project:object project.id:integer
    activity:object! activity.id:integer! invoice:object invoice.id:integer
"""
ENTRY_BODY = """
    employee:object! employee.id:integer! activity:object! activity.id:integer!
    date:date! hours:number! comment:string! project:object project.id:integer
"""
ROW_WORDS = """
    id:integer! version:integer date:date! count:number! description:string
    employee:object! employee.id:integer! salaryType:object! salaryType.id:integer!
"""
ROW_BODY = """
    employee:object! employee.id:integer! salaryType:object! salaryType.id:integer!
    date:date! count:number! description:string!
"""
UPDATE = documented("id:integer! version:integer")
PERIOD = documented("dateFrom:date! dateTo:date!")
ENTRY = measured("hour entries, recorded in 2022", ENTRY_WORDS) | documented(
    "project.id:integer invoice.id:integer"
)
ROW = documented(ROW_WORDS)
SALARY_ROW = "/timesheet/salaryTypeSpecification"
MONTH_RECORDED = """
    id:integer employee:object! employee.id:integer! monthYear:string completed:boolean
    approved:boolean hourSummary:object hourSummary.sumHours:number
"""
MONTH = documented(
    MONTH_RECORDED + "approvedDate:date approvedUntilDate:date approvedBy:object "
    "approvedBy.id:integer! approvedBy.displayName:string"
)


def _on_month(more=""):
    query = documented(f"employeeIds:single! monthYear:month! {more}")
    return Call(IN_SPEC, query=query, envelope="values", reads=MONTH)


CALLS = {
    "POST /token/session/:create": Call(
        IN_SPEC,
        201,
        body=documented(
            "consumerToken:string! employeeToken:string! expirationDate:date!"
        ),
        envelope="value",
        reads=documented("token:string! expirationDate:date"),
        open=True,
    ),
    "DELETE /token/session/{token}": Call(
        ("MEASURED", "production, recorded in 2017"), 204
    ),
    "GET /token/session/>whoAmI": Call(
        RECORDED,
        query=FIELDS,
        envelope="value",
        reads=measured(
            LISTS, "employeeId:integer! actualEmployeeId:integer companyId:integer!"
        ),
    ),
    "GET /company/>withLoginAccess": _list(
        IN_SPEC,
        {},
        documented("id:integer! name:string organizationNumber:string"),
    ),
    "GET /employee/entitlement": _list(
        RECORDED,
        # Of the key's hidden user (whoAmI's actualEmployeeId): REPORTED by
        # valuetechdev/tripletex-go.
        documented("employeeId:integer!"),
        measured(LISTS, "id:integer! name:string"),
    ),
    "GET /project": _list(
        RECORDED,
        documented(
            "isOffer:boolean! isClosed:boolean number:string startDateFrom:date "
            "startDateTo:date"
        ),
        measured(
            LISTS,
            "id:integer! number:string name:string displayName:string startDate:date "
            "isClosed:boolean isOffer:boolean customerName:string",
        )
        | documented("endDate:date"),
    ),
    "GET /salary/type": _list(
        RECORDED,
        documented("isInactive:boolean! number:string"),
        measured(
            LISTS,
            "id:integer! number:string name:string showInTimesheet:boolean",
        ),
    ),
    "GET /employee": _list(
        RECORDED,
        documented("employeeNumber:string"),
        measured(
            LISTS,
            "id:integer! firstName:string lastName:string displayName:string "
            "employeeNumber:string email:string department:object "
            "department.id:integer! allowInformationRegistration:boolean",
        )
        | documented("department.name:string"),
        measured(LISTS, "id:integer! employments:objects")
        | documented(
            "employments.id:integer! employments.startDate:date "
            "employments.endDate:date"
        ),
    ),
    "GET /employee/employment/details": _list(
        IN_SPEC,
        documented("employmentId:integers"),
        # Seen as well in logs of test companies, which are not kept here (REPORTED).
        documented(
            "id:integer! date:date remunerationType:string employment:object! "
            "employment.id:integer!"
        ),
    ),
    "GET /activity": _list(
        RECORDED,
        {},
        measured(
            LISTS,
            "id:integer! name:string number:string isProjectActivity:boolean "
            "isChargeable:boolean isDisabled:boolean",
        )
        # Null in some companies: that is why it is no MEASURED fact.
        | reported("bjerkio/tripletexjs, April 2026", "activityType:string"),
    ),
    "GET /timesheet/settings": Call(
        ("MEASURED", "notes of a recorded answer, March 2026"),
        query=FIELDS,
        envelope="value",
        reads=measured(
            LISTS,
            "requireCommentsOnRegisteredHoursAllProjects:boolean",
        )
        | documented(
            "defaultProjectActivity:object defaultProjectActivity.id:integer! "
            "timesheetCompleted:boolean"
        ),
    ),
    # Only the creation of a person's standard time was recorded (HaakenBoom's and
    # others' logs, March 2026); reading it is as the specification says.
    "GET /salary/settings/standardTime/byDate": Call(
        IN_SPEC,
        query=FIELDS | documented("date:date!"),
        envelope="value",
        reads=documented("hoursPerDay:number!"),
    ),
    "GET /employee/standardTime/byDate": Call(
        IN_SPEC,
        query=FIELDS | documented("employeeId:integer! date:date!"),
        envelope="value",
        reads=documented("hoursPerDay:number!"),
    ),
    "GET /timesheet/month/byMonthNumberList": _list(
        IN_SPEC,
        documented("employeeIds:integers! monthYearList:months!"),
        MONTH,
    ),
    # Deprecated (DOCUMENTED); only where the list above is unknown.
    "GET /timesheet/month/byMonthNumber": _list(
        RECORDED_2022,
        documented("employeeIds:integers! monthYear:month!"),
        {**MONTH, **measured(TEST_2022, MONTH_RECORDED)},
    ),
    # Several employees are DOCUMENTED; we name exactly one. Of id, which would make
    # Tripletex ignore the rest, nothing is sent. No answer was ever recorded.
    "PUT /timesheet/month/:complete": _on_month(),
    "PUT /timesheet/month/:reopen": _on_month(),
    "PUT /timesheet/month/:approve": _on_month("approvedUntilDate:date!"),
    "GET /salary/payslip": _list(
        IN_SPEC,
        documented(
            "employeeId:integers! yearFrom:integer! yearTo:integer! monthFrom:integer! "
            "monthTo:integer"
        ),
        documented(
            "id:integer! number:integer year:integer month:integer employee:object! "
            "employee.id:integer!"
        ),
    ),
    "GET /timesheet/entry": _list(
        RECORDED_2022,
        PERIOD | documented("id:integers employeeId:integers"),
        ENTRY,
    ),
    "POST /timesheet/entry/list": Call(
        RECORDED_2022,
        201,
        body=documented(ENTRY_BODY),
        envelope="values",
        reads=ENTRY,
        many=True,
    ),
    "PUT /timesheet/entry/list": Call(
        IN_SPEC,
        body=documented(ENTRY_BODY) | UPDATE,
        envelope="values",
        reads=documented(ENTRY_WORDS),
        many=True,
    ),
    "DELETE /timesheet/entry/{id}": Call(
        IN_SPEC, 204, query=documented("version:integer")
    ),
    f"GET {SALARY_ROW}": _list(IN_SPEC, PERIOD | documented("employeeId:integer"), ROW),
    f"POST {SALARY_ROW}": Call(
        IN_SPEC, 201, body=documented(ROW_BODY), envelope="value", reads=ROW
    ),
    f"GET {SALARY_ROW}/{{id}}": Call(
        IN_SPEC, query=FIELDS, envelope="value", reads=ROW
    ),
    f"PUT {SALARY_ROW}/{{id}}": Call(
        IN_SPEC, body=documented(ROW_BODY) | UPDATE, envelope="value", reads=ROW
    ),
    f"DELETE {SALARY_ROW}/{{id}}": Call(IN_SPEC, 204),
}

# Every refusal in Tripletex's own envelope, whatever the call.
REFUSAL = measured(
    "refusals recorded in March 2026",
    "status:integer! code:integer! message:string developerMessage:string "
    "requestId:string",
)
REFUSED_FIELD = measured("the same", "field:string message:string!")
