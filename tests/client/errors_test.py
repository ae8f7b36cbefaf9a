"""Each shape of refusal becomes the error that says what the caller must do."""

import json

import pytest
import requests
import responses
from client_case import (
    BASE,
    CONSUMER_TOKEN,
    EMPLOYEE_TOKEN,
    ENTRIES_URL,
    ENTRY,
    HTML,
    ROW_URL,
    SESSION_TOKEN,
    VALUES,
    client,
    envelope,
    refusal_of,
    refused_creation,
)

import tools

REFUSALS = [
    (400, envelope(400, 4000, "HTTP 405 Method Not Allowed"), tools.Refused),
    (400, envelope(400, 11000, "Illegal field in fields filter"), tools.Refused),
    (401, envelope(401, 9000, "Attempt to read unauthorized"), tools.RightsMissing),
    (403, envelope(403, 9000, "You do not have permission"), tools.RightsMissing),
    (403, envelope(403, 77, "Noe annet"), tools.RightsMissing),
    (404, envelope(404, 6000, "Object not found"), tools.NotFound),
    (409, envelope(409, 7000, "Det er allerede registrert"), tools.AlreadyExists),
    (409, envelope(409, 14000, "Duplicate entry"), tools.AlreadyExists),
    (422, envelope(422, 14000, "Duplicate entry"), tools.AlreadyExists),
    (409, envelope(409, 8000, "RevisionException"), tools.StaleVersion),
    (409, envelope(409, 10000, "Locked Exception"), tools.Locked),
    (409, envelope(409, 77, "Noe annet"), tools.Locked),
    (422, envelope(422, 15000, fields=[("dateTo", "Mangler")]), tools.Refused),
    (422, envelope(422, 16000, "Request mapping failed"), tools.Refused),
    (422, envelope(422, 18000), tools.Refused),
    (422, envelope(422, 21000, "Wrong data format!"), tools.Refused),
    (405, envelope(405, 4000, "Method Not Allowed"), tools.Refused),
    (422, envelope(422, 23000, "Result set too large"), tools.ResultTooLarge),
    (500, envelope(500, 23000, "Result set too large"), tools.ResultTooLarge),
    (500, envelope(500, 1002, None), tools.ServerTrouble),
    (503, envelope(503, 1000, "Maintenance"), tools.ServerTrouble),
]


@pytest.mark.parametrize(
    ("status", "body", "kind"), REFUSALS, ids=lambda value: str(value)[:40]
)
def test_status_and_code_decide(net, status, body, kind):
    net.post(ENTRIES_URL, json=body, status=status)
    error = refused_creation()
    assert type(error) is kind
    assert (error.status, error.code) == (status, body["code"])
    assert error.message == (body["message"] or "")
    assert error.request_id == body["requestId"]
    assert error.call == "POST /timesheet/entry/list"


def test_words_do_not_decide(net):
    locked = "Timene er godkjent og låst, closed, locked, not found"
    net.post(ENTRIES_URL, json=envelope(422, 18000, locked), status=422)
    assert type(refused_creation()) is tools.Refused


def test_fields_and_messages_reach_the_caller(net):
    body = envelope(
        422, 18000, fields=[("activity.id", "Aktiviteten kan ikke benyttes.")]
    )
    net.post(ENTRIES_URL, json=body, status=422)
    error = refused_creation()
    assert error.fields == [("activity.id", "Aktiviteten kan ikke benyttes.")]
    assert "422/18000" in str(error)
    assert "activity.id: Aktiviteten kan ikke benyttes." in str(error)
    assert body["requestId"] in str(error)


@pytest.mark.parametrize(
    ("message", "said"), [(None, "Internal only"), ("Nei.", "Nei.")]
)
def test_the_developers_message_is_shown_when_there_is_no_other(net, message, said):
    body = {**envelope(422, 18000, message), "developerMessage": "Internal only"}
    net.post(ENTRIES_URL, status=422, json=body)
    shown = str(refused_creation())
    assert said in shown
    assert ("Internal only" in shown) is (message is None)


def test_a_field_may_be_null(net):
    body = envelope(422, 18000, fields=[(None, "Startdato for prosjektet")])
    net.post(ENTRIES_URL, json=body, status=422)
    assert refused_creation().fields == [("", "Startdato for prosjektet")]


def test_all_that_is_wrong_is_told_in_one_sentence(net):
    fields = [("hours", "For mange timer"), ("date", "Prosjektet er avsluttet")]
    net.post(ENTRIES_URL, json=envelope(422, 18000, "Feil.", fields=fields), status=422)
    shown = str(refused_creation())
    assert "Feil.; hours: For mange timer; date: Prosjektet er avsluttet" in shown


def test_request_id_of_the_header_counts_when_the_body_has_none(net):
    body = envelope(422, 18000, requestId=None)
    headers = {"x-tlx-request-id": "id-of-the-header"}
    net.post(ENTRIES_URL, json=body, status=422, headers=headers)
    assert refused_creation().request_id == "id-of-the-header"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_html_instead_of_json_on_5xx_is_server_trouble(net, status):
    net.post(ENTRIES_URL, body=HTML, status=status, content_type="text/html")
    error = refused_creation()
    assert type(error) is tools.ServerTrouble
    assert error.unclear
    assert HTML not in str(error)


GARBLED = [
    HTML,
    "",
    "null",
    "[]",
    '"text"',
    json.dumps({"values": [ENTRY]})[:-20],
    "{}",
    '{"value": null}',
    '{"values": null}',
    '{"values": {}}',
    '{"values": []}',
    '{"values": [1]}',
    '{"values": [null]}',
    "[" * 100_000,
    '{"values": [{"id": ' + "9" * 5000 + "}]}",
    json.dumps({"values": [{**ENTRY, "hours": float("nan")}]}),
    json.dumps({"values": [{**ENTRY, "hours": float("inf")}]}),
    json.dumps({"values": [{**ENTRY, "hours": 10**400}]}),
    json.dumps({"values": [{**ENTRY, "hours": "7.5"}]}),
    json.dumps({"values": [{**ENTRY, "id": "7"}]}),
    json.dumps({"values": [{**ENTRY, "id": 2**63}]}),
    json.dumps({"values": [{**ENTRY, "date": "20260320"}]}),
    json.dumps({"values": [{**ENTRY, "employee": None}]}),
    json.dumps({"values": [{**ENTRY, "employee": {"id": 999}}]}),
]


@pytest.mark.parametrize("body", GARBLED, ids=lambda body: body[:30])
@pytest.mark.parametrize("status", [200, 201])
def test_success_that_is_not_tripletexs_is_a_broken_answer(net, status, body):
    net.post(ENTRIES_URL, body=body, status=status)
    error = refused_creation()
    assert type(error) is tools.BrokenAnswer
    assert error.unclear


@pytest.mark.parametrize("status", [204, 301, 302, 304, 400, 401, 403, 404, 409, 422])
@pytest.mark.parametrize("body", ["", HTML, "{}", '{"code": "6000"}', "[1]"])
def test_refusal_without_tripletexs_envelope_is_a_broken_answer(net, status, body):
    headers = {"Location": "https://elsewhere.example/"} if status < 400 else {}
    net.post(ENTRIES_URL, body=body, status=status, headers=headers)
    assert type(refused_creation()) is tools.BrokenAnswer
    assert len(net.calls) == 1


def test_a_code_on_a_redirect_decides_nothing(net):
    net.post(ENTRIES_URL, json=envelope(302, 7000), status=302)
    assert type(refused_creation()) is tools.BrokenAnswer


def test_404_of_a_gateway_is_no_proof_that_the_entry_is_gone(net):
    net.put(ENTRIES_URL, json={"code": 404, "message": "no route"}, status=404)
    error = refusal_of(lambda: client().update_entries([{**VALUES, "id": 7}]))
    assert type(error) is tools.Refused


def test_a_failed_read_is_never_unclear(net):
    net.get(f"{ROW_URL}/7", body=HTML, status=500)
    error = refusal_of(lambda: client().get_salary_row(7))
    assert type(error) is tools.ServerTrouble
    assert error.unclear is False
    net.replace(responses.GET, f"{ROW_URL}/7", body=HTML, status=200)
    assert refusal_of(lambda: client().get_salary_row(7)).unclear is False


def test_a_session_that_could_not_be_made_leaves_the_write_clear(net):
    net.post(f"{BASE}/token/session/:create", body=HTML, status=500)
    net.post(ENTRIES_URL, json={"values": [ENTRY]}, status=201)
    error = refused_creation(session=False)
    assert type(error) is tools.ServerTrouble
    assert error.unclear is False
    assert len(net.calls) == 1


def test_tokens_never_come_back_in_an_error(net):
    secrets = (CONSUMER_TOKEN, EMPLOYEE_TOKEN, SESSION_TOKEN)
    told = " ".join(secrets)
    body = envelope(
        422, 18000, told, fields=[(told, told)], developerMessage=told, requestId=None
    )
    net.post(ENTRIES_URL, json=body, status=422)
    error = refused_creation()
    seen = repr(vars(error)) + str(error) + repr(error)
    assert not [secret for secret in secrets if secret in seen]
    assert error.message == "*** *** ***"


def test_no_text_of_a_library_hangs_on_to_the_error(net):
    url = f"{BASE}/token/session/{SESSION_TOKEN}"
    net.delete(url, body=requests.exceptions.ConnectionError(f"no luck with {url}"))
    error = refusal_of(lambda: client().close_session())
    assert type(error) is tools.NoConnection
    assert error.__cause__ is None and error.__context__ is None
    assert SESSION_TOKEN not in str(error) + repr(vars(error))
    assert error.call == "DELETE /token/session/{token}"


def test_messages_stay_on_one_line_and_storable(net):
    message = "one\r\nERROR two\x00\ud800\x1b[31m"
    net.post(ENTRIES_URL, body=json.dumps(envelope(422, 18000, message)), status=422)
    error = refused_creation()
    assert "\n" not in str(error) and "\x00" not in str(error)
    str(error).encode("utf-8")
