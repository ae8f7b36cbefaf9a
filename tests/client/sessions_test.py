"""Sessions: made when needed, renewed once, deleted on request, never shown."""

import base64
import datetime
import json
import logging

import pytest
from client_case import (
    CONSUMER_TOKEN,
    DAY,
    EMPLOYEE_TOKEN,
    ENTRY,
    FAR,
    SESSION,
    SESSION_TOKEN,
    VALUES,
    client,
    envelope,
    wired,
)

import tools
from tools import client as client_module

CREATE = "/v2/token/session/:create"
DEAD = (401, envelope(401, 3000, "Unauthorized"))
WHO = {"value": {"employeeId": 5, "actualEmployeeId": 6, "companyId": 7}}


def creates(wire):
    return [r for r in wire.sent if r.path_url == CREATE]


def others(wire):
    return [r for r in wire.sent if r.path_url != CREATE]


def server(request, good=(SESSION_TOKEN,)):
    """Opens sessions, and answers who-am-I to those it calls good."""
    if request.path_url == CREATE:
        return 201, SESSION
    given = base64.b64decode(request.headers["Authorization"][6:]).decode()
    return (200, WHO) if given.partition(":")[2] in good else DEAD


def test_the_first_call_opens_a_session_and_further_ones_reuse_it():
    kept = []
    one, wire = wired(server, session=False, on_session=lambda *s: kept.append(s))
    one.who_am_i()
    one.who_am_i()
    assert len(creates(wire)) == 1 and len(others(wire)) == 2
    assert kept == [(SESSION_TOKEN, one.session_expires)]
    assert one.calls == 3


def test_tokens_travel_in_the_body_only():
    one, wire = wired(server, session=False)
    one.open_session()
    (request,) = wire.sent
    assert request.method == "POST" and "?" not in request.url
    assert "Authorization" not in request.headers
    body = json.loads(request.body)
    assert body["consumerToken"] == CONSUMER_TOKEN
    assert body["employeeToken"] == EMPLOYEE_TOKEN
    assert set(body) == {"consumerToken", "employeeToken", "expirationDate"}


def test_white_space_from_pasting_goes():
    one, wire = wired(server, session=False)
    one = tools.TripletexClient(
        "https://tripletex.no/v2", " con\n sumer ", "\temployee\r\n"
    )
    one._transport._writes.mount("https://", wire)
    one.open_session()
    body = json.loads(wire.sent[0].body)
    assert (body["consumerToken"], body["employeeToken"]) == ("consumer", "employee")


MIDNIGHTS = [
    ("2026-07-14T21:59:00", "2026-07-14"),
    ("2026-07-14T22:00:00", "2026-07-15"),
    ("2026-01-14T22:59:00", "2026-01-14"),
    ("2026-01-14T23:00:00", "2026-01-15"),
]


def set_clock(monkeypatch, utc):
    moment = datetime.datetime.fromisoformat(utc + "+00:00")

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    monkeypatch.setattr(client_module.datetime, "datetime", Clock)


@pytest.mark.parametrize(("utc", "oslo"), MIDNIGHTS)
def test_the_day_is_norways(monkeypatch, utc, oslo):
    set_clock(monkeypatch, utc)
    today = tools.today_in_oslo()
    assert today.isoformat() == oslo
    one, wire = wired(
        lambda r: (201, {"value": {"token": "t", "expirationDate": None}}),
        session=False,
    )
    one.open_session()
    asked = json.loads(wire.sent[0].body)["expirationDate"]
    assert asked == (today + datetime.timedelta(days=2)).isoformat()
    assert one.session_expires.isoformat() == asked


@pytest.mark.parametrize(("utc", "oslo"), MIDNIGHTS)
def test_without_time_zone_data_the_day_is_never_behind(monkeypatch, utc, oslo):
    def missing(name):
        raise client_module.ZoneInfoNotFoundError(name)

    set_clock(monkeypatch, utc)
    monkeypatch.setattr(client_module, "ZoneInfo", missing)
    assert oslo <= tools.today_in_oslo().isoformat() <= "2026-07-15"


@pytest.mark.parametrize(("days", "opened"), [(-1, 1), (0, 1), (1, 0)])
def test_a_session_ends_at_the_start_of_its_date(days, opened):
    expires = tools.today_in_oslo() + datetime.timedelta(days=days)
    one, wire = wired(server, session_expires=expires)
    one.who_am_i()
    assert len(creates(wire)) == opened


def test_a_session_without_known_end_is_tried():
    one, wire = wired(server, session_token=SESSION_TOKEN, session_expires=None)
    one.who_am_i()
    assert not creates(wire)


def test_a_dead_session_is_renewed_once_and_the_call_repeated():
    kept = []
    one, wire = wired(
        server, session_token="dead-session", on_session=lambda *s: kept.append(s)
    )
    assert one.who_am_i()["companyId"] == 7
    assert len(creates(wire)) == 1 and len(others(wire)) == 2
    assert one.session_token == SESSION_TOKEN and len(kept) == 1


def test_a_write_with_a_dead_session_arrives_once():
    def answer(request):
        status, body = server(request)
        return (201, {"values": [ENTRY]}) if body is WHO else (status, body)

    one, wire = wired(answer, session_token="dead-session")
    assert one.create_entries([VALUES])[0]["id"] == ENTRY["id"]
    assert len(creates(wire)) == 1 and len(others(wire)) == 2


def test_a_new_session_that_is_refused_too_means_the_key():
    one, wire = wired(lambda r: server(r, good=()))
    with pytest.raises(tools.KeyRefused) as caught:
        one.who_am_i()
    assert len(creates(wire)) == 1 and len(others(wire)) == 2
    assert (caught.value.status, caught.value.code) == (401, 3000)


def test_401_code_9000_is_a_right_and_no_reason_for_a_new_session():
    one, wire = wired(lambda r: (401, envelope(401, 9000, "Attempt to read")))
    with pytest.raises(tools.RightsMissing) as caught:
        one.list_activities()
    assert caught.value.call == "GET /activity"
    assert len(wire.sent) == 1


def test_an_unknown_401_is_no_reason_for_a_new_session():
    one, wire = wired(lambda r: (401, envelope(401, 4711)))
    with pytest.raises(tools.KeyRefused):
        one.who_am_i()
    assert len(wire.sent) == 1


REFUSED = [
    ([("arg:consumerToken", "The consumer token is invalid")], 18000, "consumer"),
    ([("consumerToken", "The consumer token is invalid")], 18000, "consumer"),
    ([("arg:employeeToken", "The employee token is invalid")], 18000, "key"),
    ([("arg:employeeToken", "The employee token is invalid")], 15000, "key"),
    ([(None, "employee token is invalid or does not exist")], 18000, "key"),
    (None, 18000, "key"),
    ([("expirationDate", "Kan ikke være null.")], 15000, "neither"),
    ([("expirationDate", "Not more than 6 months")], 18000, "neither"),
    ([("arg:expirationDate", "Not more than 6 months")], 18000, "neither"),
    ([("request body", "Kan ikke være null.")], 15000, "neither"),
]


@pytest.mark.parametrize(("fields", "code", "whose"), REFUSED)
def test_wrong_credentials_are_422(fields, code, whose):
    one, wire = wired(
        lambda r: (422, envelope(422, code, fields=fields)), session=False
    )
    with pytest.raises(tools.TripletexError) as caught:
        one.who_am_i()
    kinds = {
        "consumer": tools.ConsumerTokenRefused,
        "key": tools.KeyRefused,
        "neither": tools.Refused,
    }
    assert type(caught.value) is kinds[whose]
    assert len(wire.sent) == 1


def test_a_401_on_opening_a_session_means_the_key():
    one, wire = wired(lambda r: DEAD, session=False)
    with pytest.raises(tools.KeyRefused):
        one.who_am_i()
    assert len(wire.sent) == 1


@pytest.mark.parametrize("company_id", ["0", "4711", 4711, None, ""])
def test_the_company_is_the_user_name(company_id):
    one, wire = wired(server, company_id=company_id)
    one.who_am_i()
    given = base64.b64decode(wire.sent[0].headers["Authorization"][6:]).decode()
    assert given == f"{company_id or 0}:{SESSION_TOKEN}"


@pytest.mark.parametrize("company_id", ["1:2", "abc", "-1", "١"])
def test_a_company_that_is_no_number_is_refused(company_id):
    with pytest.raises(ValueError):
        client(company_id=company_id)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (204, b""),
        (200, b""),
        DEAD,
        (401, envelope(401, 9000)),
        (401, envelope(401, 77)),
        (404, envelope(404, 6000)),
        (404, envelope(404, 4000)),
    ],
)
def test_closing_deletes_the_session(status, body):
    one, wire = wired(lambda r: (status, body), session_token="a/b+c=")
    one.close_session()
    assert wire.sent[0].method == "DELETE"
    assert wire.sent[0].path_url == "/v2/token/session/a%2Fb%2Bc%3D"
    assert one.session_token is None and one.session_expires is None
    one.close_session()
    assert len(wire.sent) == 1


def test_another_refusal_to_delete_a_session_is_reported():
    one, _wire = wired(lambda r: (403, envelope(403, 9000)))
    with pytest.raises(tools.RightsMissing):
        one.close_session()
    assert one.session_token == SESSION_TOKEN


def test_a_session_that_could_not_be_deleted_is_reported():
    one, wire = wired(lambda r: (503, b""))
    with pytest.raises(tools.ServerTrouble) as caught:
        one.close_session()
    assert caught.value.unclear is False
    assert one.session_token == SESSION_TOKEN


@pytest.mark.parametrize("token", [None, "", 7, "with space", "line\nbreak", "tøken"])
def test_a_session_token_that_fits_no_header_is_a_broken_answer(token):
    body = {"value": {"token": token, "expirationDate": "2999-01-01"}}
    one, wire = wired(lambda r: (201, body), session=False)
    with pytest.raises(tools.BrokenAnswer):
        one.who_am_i()
    assert one.session_token is None


def test_the_debug_log_has_one_line_a_call_without_secrets(caplog):
    caplog.set_level(logging.DEBUG)

    def answer(request):
        status, body = server(request)
        headers = {"x-tlx-request-id": "request-id-of-the-test"}
        return (204, b"") if request.method == "DELETE" else (status, body, headers)

    one, wire = wired(answer, session=False)
    one.who_am_i()
    one.close_session()
    lines = [r.getMessage() for r in caplog.records if r.name == "tools.transport"]
    assert len(lines) == 3
    assert lines[1].startswith("GET /token/session/>whoAmI -> 200 in ")
    assert lines[1].endswith("request id request-id-of-the-test")
    assert lines[2].startswith("DELETE /token/session/{token} -> 204")
    for secret in (CONSUMER_TOKEN, EMPLOYEE_TOKEN, SESSION_TOKEN):
        assert secret not in caplog.text


def test_the_debug_log_says_so_when_no_answer_came(caplog):
    caplog.set_level(logging.DEBUG)

    def answer(request):
        raise OSError("gone")

    one, wire = wired(answer)
    with pytest.raises(tools.NoConnection):
        one.search_entries(DAY, DAY, employee_ids=[4711])
    assert "GET /timesheet/entry -> NoConnection" in caplog.text
    assert "4711" not in caplog.text


def test_the_librarys_own_debug_log_shows_no_session_token(caplog):
    caplog.set_level(logging.DEBUG, logger="urllib3.connectionpool")
    logging.getLogger("urllib3.connectionpool").debug(
        '%s://%s:%s "%s %s %s" %s %s',
        *("https", "tripletex.no", 443, "DELETE"),
        f"/v2/token/session/{SESSION_TOKEN}",
        *("HTTP/1.1", 204, None),
    )
    assert "DELETE" in caplog.text
    assert SESSION_TOKEN not in caplog.text


def test_the_librarys_other_messages_are_logged_as_ever(caplog):
    caplog.set_level(logging.DEBUG, logger="urllib3.connectionpool")
    log = logging.getLogger("urllib3.connectionpool")
    log.debug("%(count)s connections", {"count": 3})
    assert "3 connections" in caplog.text


def test_netrc_changes_nothing(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api-test.tripletex.tech login x password y\n")
    monkeypatch.setenv("NETRC", str(netrc))
    one, wire = wired(server, session=False)
    one.who_am_i()
    assert "Authorization" not in creates(wire)[0].headers


def test_the_client_is_a_context_manager():
    with client(session_expires=FAR) as one:
        assert one.session_token == SESSION_TOKEN
