"""The stand-in's sessions; numbers name the facts about Tripletex they stand for."""

import base64
import json

import pytest
import requests
from sandbox_api import Api, problems, refusal

from dev.sandbox import (
    ACCOUNTANT_TOKEN,
    OTHER_EMPLOYEE_TOKEN,
    SandboxServer,
)
from dev.sandbox.company import ROW


@pytest.fixture
def sandbox():
    with SandboxServer(rate_limit=0) as server:
        yield server


@pytest.fixture
def api(sandbox):
    with Api(sandbox) as caller:
        yield caller


def test_post_create_answers_201_with_a_token_and_no_company(api):
    # 1.2, 1.4
    answer = api.create_session("2099-02-03")
    value = answer.json()["value"]
    assert answer.status_code == 201
    assert list(value) == [
        "id",
        "version",
        "url",
        "consumerToken",
        "employeeToken",
        "expirationDate",
        "token",
        "encryptionKey",
    ]
    assert value["expirationDate"] == "2099-02-03"
    assert value["url"] == f"tripletex.no/v2/token/session/{value['id']}"
    assert set(value["employeeToken"]) == {"id", "url"}


def test_token_is_base64_of_its_id_and_a_uuid(api):
    # 1.5
    value = api.create_session().json()["value"]
    inner = json.loads(base64.b64decode(value["token"]))
    assert inner["tokenId"] == value["id"]
    assert inner["token"].startswith("test-")


@pytest.mark.parametrize(
    ("utc", "expires", "works"),
    [
        # 1.6, 1.7: the session dies at 00:00 in Norway at the start of that date.
        ("2026-03-10T12:00:00", "2026-03-11", True),
        ("2026-03-10T12:00:00", "2026-03-10", False),
        ("2026-03-10T12:00:00", "2026-03-09", False),
        ("2026-03-10T22:59:00", "2026-03-11", True),
        ("2026-03-10T23:01:00", "2026-03-11", False),
        # Summer time.
        ("2026-07-10T21:59:00", "2026-07-11", True),
        ("2026-07-10T22:01:00", "2026-07-11", False),
        # Its last day begins in summer time and ends in winter time.
        ("2026-10-24T22:01:00", "2026-10-25", False),
        ("2026-10-25T22:59:00", "2026-10-26", True),
    ],
)
def test_session_dies_at_midnight_in_norway(api, sandbox, utc, expires, works):
    sandbox.control.set_clock(utc)
    created = api.create_session(expires)
    assert created.status_code == 201
    api.http.auth = ("0", created.json()["value"]["token"])
    answer = api.get("/token/session/>whoAmI")
    if works:
        assert answer.status_code == 200
    else:
        refusal(answer, 401, 3000)


def test_missing_expiration_date(api):
    # 1.6
    body = refusal(api.create_session(expires=None), 422, 15000)
    assert problems(body) == [("expirationDate", "Kan ikke være null.", None)]


def test_wrong_consumer_token_is_422(api):
    # 1.9
    body = refusal(api.create_session(consumerToken="wrong"), 422, 18000)
    assert body["message"] == "Validering feilet."
    assert problems(body) == [
        (
            "arg:consumerToken",
            "The consumer token is invalid or does not exist.",
            "arg:consumerToken",
        )
    ]


def test_wrong_employee_token_is_422(api):
    # 1.10
    body = refusal(api.create_session(employeeToken="wrong"), 422, 18000)
    assert problems(body)[0][0] == "arg:employeeToken"


def test_create_without_body(sandbox):
    # 1.11
    answer = requests.post(f"{sandbox.base_url}/token/session/:create", timeout=30)
    body = refusal(answer, 422, 15000)
    assert problems(body) == [("request body", "Kan ikke være null.", None)]


def test_own_company_by_zero_or_blank(sandbox):
    # 1.12
    for name in ("0", ""):
        with Api(sandbox, user_name=name) as caller:
            value = caller.value("/token/session/>whoAmI")
            assert value["companyId"] == sandbox.state.company.id


def test_a_key_cannot_log_into_another_company(sandbox):
    # The answer is ASSUMED, so that another can be tried.
    with Api(sandbox, user_name=str(sandbox.state.other.id)) as caller:
        refusal(caller.get("/token/session/>whoAmI"), 401, 3000)
        sandbox.control.assume(wrong_company="forbidden")
        refusal(caller.get("/token/session/>whoAmI"), 403, 9000)


def test_accountant_in_its_own_company_may_look_around_only(sandbox):
    # 1.13
    with Api(sandbox, token=ACCOUNTANT_TOKEN) as caller:
        who = caller.value("/token/session/>whoAmI")
        assert who["companyId"] == sandbox.state.accounting.id
        clients = caller.values("/company/>withLoginAccess")
        assert {row["name"] for row in clients} >= {sandbox.state.company.name}
        body = refusal(caller.get("/project"), 403, 9000)
        assert body["message"].startswith("Company owned users(employeeToken)")


def test_accountant_in_a_client_company(sandbox):
    # 1.12
    client = str(sandbox.state.company.id)
    with Api(sandbox, token=ACCOUNTANT_TOKEN, user_name=client) as caller:
        assert caller.value("/token/session/>whoAmI")["companyId"] == int(client)
        assert len(caller.values("/project")) == 20


def test_client_rows_name_the_own_company(sandbox, api):
    rows = api.values("/company/>withLoginAccess", fields="id,name,organizationNumber")
    company = sandbox.state.company
    assert rows == [
        {
            "id": company.id,
            "name": company.name,
            "organizationNumber": company.organization_number,
        }
    ]


def test_missing_and_wrong_session(api, sandbox):
    # 1.14
    address = f"{sandbox.base_url}/project"
    body = refusal(requests.get(address, timeout=30), 401, 3000)
    assert body["developerMessage"].endswith("The Authorization header is missing.")
    body = refusal(requests.get(address, auth=("0", "no"), timeout=30), 401, 3000)
    assert body["message"] == "Unauthorized"
    assert body["developerMessage"].endswith("in Authorization header.")
    headers = {"Authorization": "Basic %%%"}
    refusal(requests.get(address, headers=headers, timeout=30), 401, 3000)


def test_another_companys_object_is_401_with_code_9000(sandbox, api):
    # 1.15
    sandbox.state.other.put(
        ROW, {"id": 7, "employee": 1, "date": "2026-03-02", "salaryType": 1}
    )
    body = refusal(api.get("/timesheet/salaryTypeSpecification/7"), 401, 9000)
    assert body["message"] == "Attempt to read unauthorized object."


def test_who_am_i_and_the_rights_of_the_hidden_user(api, sandbox):
    # 1.16, 9.6
    value = api.value("/token/session/>whoAmI")
    assert list(value) == [
        "employeeId",
        "actualEmployeeId",
        "employee",
        "companyId",
        "company",
        "language",
        "loggedInWithConnect",
        "employeeIsProxy",
    ]
    assert value["actualEmployeeId"] != value["employeeId"]
    assert set(value["company"]) == {"id", "url"}
    refusal(api.get("/token/session/>whoAmI", fields="company(name)"), 400, 11000)
    path = "/employee/entitlement"
    rights = api.values(path, employeeId=value["actualEmployeeId"])
    assert "AUTH_HOURS_COMPANY" in {row["name"] for row in rights}
    assert api.values(path, employeeId=value["employeeId"]) == []
    sandbox.control.revoke_rights("timesheet/entry:write")
    rights = api.values(path, employeeId=value["actualEmployeeId"])
    assert "AUTH_HOURS_COMPANY" not in {row["name"] for row in rights}


def test_delete_session(api):
    # 1.17
    api.get("/token/session/>whoAmI")
    answer = api.delete(f"/token/session/{api.http.auth[1]}")
    assert (answer.status_code, answer.content) == (204, b"")
    refusal(api.get("/project"), 401, 3000)


def test_many_sessions_at_once(api):
    # 1.18
    tokens = {api.create_session().json()["value"]["token"] for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        api.http.auth = ("0", token)
        assert api.get("/activity").status_code == 200


def test_the_other_company_has_its_own_key(sandbox):
    with Api(sandbox, token=OTHER_EMPLOYEE_TOKEN) as caller:
        who = caller.value("/token/session/>whoAmI")
        assert who["companyId"] == sandbox.state.other.id


def test_revoked_key(api, sandbox):
    assert api.get("/activity").status_code == 200
    sandbox.control.revoke_key()
    refusal(api.get("/activity"), 401, 3000)
    refusal(api.create_session(), 422, 18000)
    sandbox.control.revoke_key(False)
    assert api.create_session().status_code == 201
