"""Each request the client can make is one that the contract knows, and no other."""

import json
from urllib.parse import urlsplit

import pytest
from client_calls import CALLS, suitable
from client_case import DAY, SALARY_ROW, VALUES, wired
from contract import CALLS as CONTRACT
from contract_checks import call_of, check_request, path_of

import tools

EVERY = pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)


def requests_of(name, args, kwargs):
    one, wire = wired(suitable)
    getattr(one, name)(*args, **kwargs)
    assert wire.sent, "the call sent nothing"
    return wire.sent


@EVERY
def test_requests_are_those_of_the_contract(name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        check_request(request)


def test_the_contract_has_no_call_that_is_never_made():
    made = {
        call_of(request.method, path_of(request.url))[0]
        for call in CALLS
        for request in requests_of(*call)
    }
    assert made == set(CONTRACT), "client_calls.py lacks a line that makes the call"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda r: setattr(r, "method", "PATCH"), "not in the contract"),
        (lambda r: setattr(r, "url", r.url + "&nonsense=1"), "nonsense"),
        (lambda r: setattr(r, "url", r.url.replace("from=0", "from=x")), "from"),
        (lambda r: setattr(r, "url", r.url.replace("isOffer", "isClosed")), "GET"),
        (lambda r: setattr(r, "url", r.url.replace("customerName", "vat")), "vat"),
        (lambda r: setattr(r, "body", b"{}"), "GET /project"),
        (lambda r: r.headers.pop("Authorization"), "GET /project"),
    ],
)
def test_another_request_is_noticed(change, told):
    (request,) = requests_of("list_projects", (), {})
    change(request)
    with pytest.raises(AssertionError, match=told):
        check_request(request)


@pytest.mark.parametrize(
    "change",
    [{"version": 1}, {"hours": "7.5"}, {"hours": None}, {"employee": {"id": "x"}}],
)
def test_another_body_is_noticed(change):
    (request,) = requests_of("create_entries", ([VALUES],), {})
    (body,) = json.loads(request.body)
    request.body = json.dumps([{**body, **change}])
    with pytest.raises(AssertionError):
        check_request(request)


@EVERY
def test_a_body_says_that_it_is_json(name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        kind = "application/json; charset=utf-8" if request.body else None
        assert request.headers.get("Content-Type") == kind


@EVERY
def test_each_call_says_who_asks(name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        assert request.headers["User-Agent"].startswith("hr_timesheet_tripletex")


def test_every_public_call_is_looked_at():
    public = {
        name
        for name in dir(tools.TripletexClient)
        if not name.startswith("_") and callable(getattr(tools.TripletexClient, name))
    }
    looked_at = {name for name, _args, _kwargs in CALLS}
    assert public - looked_at == {"close"}, "client_calls.py lacks a line for a method"


@EVERY
def test_no_request_has_a_token_where_it_could_be_logged(name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        shown = request.url.partition("/token/session/")[0]
        assert "token" not in shown.lower()
        assert "Token" not in urlsplit(request.url).query


def test_a_paycode_row_names_no_version_that_nobody_knows():
    given = (SALARY_ROW["id"], None, 11, 44, DAY, 2, "Overtid")
    (request,) = requests_of("update_salary_row", given, {})
    body = json.loads(request.body)
    assert body["id"] == SALARY_ROW["id"]
    assert "version" not in body


def test_the_session_must_live_longer_than_today():
    (request,) = requests_of("open_session", (), {})
    expires = json.loads(request.body)["expirationDate"]
    assert expires > tools.today_in_oslo().isoformat()
