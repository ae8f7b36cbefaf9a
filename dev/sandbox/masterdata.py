"""Sessions, and what a set-up reads: projects, employees, salary types and the like."""

import functools

from . import errors
from .api import route
from .clock import parse_date
from .data import blank
from .fields import answer_list, answer_one
from .model import MODELS, described
from .query import (
    body_of,
    boolean,
    date,
    filtered,
    need,
    optional_integer,
    to_row,
)
from .state import RIGHTS

SESSION = "token/session"


@route("POST", "/token/session/:create", resource=SESSION, open=True)
def create_session(call):
    """The preferred form, tokens in the body; 201 (DOCUMENTED)."""
    values = to_row(body_of(call), "PostSessionTokenBody")
    need(values, "expirationDate")
    need(values, "consumerToken", "employeeToken")
    call.spend(call.state.key_for(values["consumerToken"], values["employeeToken"]))
    expires = parse_date(values["expirationDate"])
    session = call.state.open_session(call.key, expires)
    # No company and no employee in this answer (MEASURED): whoAmI tells them.
    row = {
        "id": session.id,
        "version": 1,
        "consumerToken": 1_754,
        "employeeToken": session.key.id,
        "expirationDate": expires.isoformat(),
        "token": session.token,
    }
    return answer_one(call, row, "SessionToken", 201)


@route("DELETE", "/token/session/{token}", resource=SESSION)
def delete_session(call, token):
    """End a session: 204, empty (MEASURED, 2017)."""
    session = call.state.sessions.get(token)
    if session is None or session.key is not call.key:
        raise errors.refusal("not_found")
    del call.state.sessions[token]
    return 204, None


@route("GET", "/token/session/>whoAmI", resource=SESSION)
def who_am_i(call):
    """The key's person and company; the company is only a reference (MEASURED)."""
    owner = call.key.company.owner
    row = blank(
        "LoggedInUserInfo",
        **dict.fromkeys(("employeeId", "employee"), owner["employee"]),
        actualEmployeeId=owner["actual"],
        **dict.fromkeys(("companyId", "company"), call.company.id),
        language=call.state.language,
        employeeIsProxy=call.company is not call.key.company,
    )
    return answer_one(call, row, "LoggedInUserInfo")


@route("GET", "/company/>withLoginAccess", resource="company")
def with_login_access(call):
    """Companies the key may log into; that the own is listed, that ``id`` and
    ``customerCompanyId`` both are the number to log in with, is ASSUMED."""
    rows = [
        blank(
            "Client",
            id=company.id,
            name=company.name,
            displayName=company.name,
            startDate="2020-01-01",
            organizationNumber=company.organization_number,
            type="NONE",
            currency=1,
            accountantOrSimilar=call.key.accountant,
            companyMigration="NONE",
            customerCompanyId=company.id,
        )
        for company in call.state.clients_of(call.key)
    ]
    return answer_list(call, filtered(call.query, rows, ""), "Client")


@route("GET", "/employee/entitlement")
def list_entitlements(call):
    """The rights of the key's hidden user; nobody else has any here (REPORTED)."""
    actual = call.key.company.owner["actual"]
    rows = []
    if optional_integer(call.query, "employeeId") in (None, actual):
        rows = [
            {
                "id": 704_593_400 + RIGHTS[name],
                "version": 0,
                "employee": actual,
                "name": name,
                "entitlementId": RIGHTS[name],
                "customer": call.company.id,
            }
            for name in call.state.rights.names_left()
        ]
    return answer_list(call, filtered(call.query, rows, ""), "Entitlement")


def _list(model, filters, not_built, call):
    rows = list(call.company.table(model).values())
    rows = filtered(call.query, rows, filters, not_built)
    only = boolean(call.query, "onlyContacts")
    if model == "Employee" and (only or not boolean(call.query, "includeContacts")):
        # Contacts are left out unless asked for (DOCUMENTED).
        rows = [row for row in rows if row["isContact"] is only]
    return answer_list(call, rows, model)


for _model, _words in described("lists.txt", r"(\w+)((?:\n  .*)*)"):
    _filters, _, _not_built = _words.partition("!")
    _answer = functools.partial(_list, _model, _filters, _not_built)
    route("GET", f"/{MODELS[_model].path}")(_answer)


@route("GET", "/timesheet/settings")
def get_settings(call):
    return answer_one(call, call.company.settings, "TimesheetSettings")


@route("GET", "/salary/settings/standardTime/byDate", resource="salary/settings")
def company_standard_time(call):
    """The normal day of the company on a date; that none is 404 is ASSUMED."""
    need(call.query, "date")
    row = _standard_time(call, "CompanyStandardTime")
    return answer_one(call, row, "CompanyStandardTime")


@route("GET", "/employee/standardTime/byDate", resource="employee/employment")
def employee_standard_time(call):
    """The normal day of one employee; that none of their own is 404 is ASSUMED."""
    need(call.query, "employeeId", "date")
    employee = optional_integer(call.query, "employeeId")
    row = _standard_time(call, "StandardTime", employee)
    return answer_one(call, row, "StandardTime")


def _standard_time(call, model, employee=None):
    day = date(call.query, "date")
    known = [
        row
        for row in call.company.table(model).values()
        if row["fromDate"] <= day and row.get("employee") == employee
    ]
    if not known:
        raise errors.refusal("not_found")
    return max(known, key=lambda row: row["fromDate"])
