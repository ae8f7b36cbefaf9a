"""Sessions, who am I, and an accountant's client companies."""

from . import bodies, errors
from .clock import parse_date
from .query import answer_list, answer_one
from .router import route

SESSION = "token/session"


def _expiry(text):
    if not text:
        raise errors.missing("expirationDate")
    try:
        return parse_date(text)
    except ValueError:
        raise errors.out_of_range("expirationDate", "wrong_type") from None


def _create(call, values, status):
    expires = _expiry(values.get("expirationDate"))
    absent = [n for n in ("consumerToken", "employeeToken") if not values.get(n)]
    if absent:
        raise errors.missing(*absent)
    call.spend(call.state.key_for(values["consumerToken"], values["employeeToken"]))
    session = call.state.open_session(call.key, expires)
    row = {
        "id": session.id,
        "version": 1,
        "consumerToken": 1_754,
        "employeeToken": session.key.id,
        "expirationDate": expires.isoformat(),
        "token": session.token,
        "encryptionKey": None,
    }
    # No company and no employee in this answer (MEASURED): whoAmI tells them.
    return answer_one(call, row, "SessionToken", status)


@route("POST", "/token/session/:create", resource=SESSION, open=True)
def create(call):
    """The preferred form, tokens in the body; 201 (DOCUMENTED)."""
    values = bodies.to_row(bodies.parse(call), "PostSessionTokenBody")
    return _create(call, values, 201)


@route("PUT", "/token/session/:create", resource=SESSION, open=True)
def create_by_query(call):
    """The deprecated form, tokens in the query; 200 (MEASURED)."""
    return _create(call, call.query, 200)


@route("DELETE", "/token/session/{token}", resource=SESSION)
def delete(call, token):
    """End a session: 204, empty (MEASURED, 2017)."""
    session = call.state.sessions.get(token)
    if session is None or session.key is not call.key:
        raise errors.not_found()
    del call.state.sessions[token]
    return 204, None


@route("GET", "/token/session/>whoAmI", resource=SESSION)
def who_am_i(call):
    """The key's person and company; the company is only a reference (MEASURED)."""
    owner = call.key.company.owner
    row = {
        "employeeId": owner["employee"],
        "actualEmployeeId": owner["actual"],
        "employee": owner["employee"],
        "companyId": call.company.id,
        "company": call.company.id,
        "language": call.state.language,
        "loggedInWithConnect": False,
        "employeeIsProxy": call.company is not call.key.company,
    }
    return answer_one(call, row, "LoggedInUserInfo")


@route("GET", "/company/>withLoginAccess", resource="company")
def with_login_access(call):
    """Companies the key may log into, as Client rows.

    That the own company is listed, and that ``id`` and ``customerCompanyId`` both are
    the number to log in with, is ASSUMED.
    """
    rows = [
        {
            "id": company.id,
            "version": 0,
            "name": company.name,
            "displayName": company.name,
            "startDate": "2020-01-01",
            "endDate": None,
            "organizationNumber": company.organization_number,
            "email": "",
            "phoneNumber": "",
            "phoneNumberMobile": "",
            "faxNumber": "",
            "address": None,
            "type": "NONE",
            "currency": 1,
            "accountantOrSimilar": call.key.accountant,
            "companyMigration": "NONE",
            "invoiceShowDeliveryDate": False,
            "customerCompanyId": company.id,
        }
        for company in call.state.clients_of(call.key)
    ]
    return answer_list(call, rows, "Client")
