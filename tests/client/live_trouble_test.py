"""The whole client against the stand-in on its bad days, over real HTTP."""

import datetime
import logging

import pytest
from client_live import DAY, ONE_DAY, connect, days, first_values

import tools
from dev.sandbox import ACCOUNTANT_TOKEN, CONSUMER_TOKEN, EMPLOYEE_TOKEN


def test_a_dead_session_is_renewed_without_a_word(one, control):
    values = first_values(one)
    old = one.session_token
    control.kill_sessions()
    control.clear_calls()
    one.create_entries([values])
    assert one.session_token != old
    assert [c["status"] for c in control.calls()] == [401, 201, 201]


def test_a_kept_session_is_reused(sandbox, one, control):
    one.who_am_i()
    control.clear_calls()
    with connect(
        sandbox,
        session_token=one.session_token,
        session_expires=one.session_expires,
    ) as later:
        later.who_am_i()
    assert control.count_calls() == 1


def test_closing_a_session_ends_it_in_tripletex(sandbox, one, control):
    one.who_am_i()
    token = one.session_token
    one.close_session()
    assert not sandbox.state.live_session(token)
    one.session_token = token
    one.close_session()
    assert one.session_token is None


def test_a_revoked_key(one, control):
    one.who_am_i()
    control.revoke_key()
    with pytest.raises(tools.KeyRefused):
        one.who_am_i()
    control.revoke_key(False)
    assert one.who_am_i()["companyId"]


def test_wrong_tokens(sandbox, control):
    with pytest.raises(tools.KeyRefused):
        connect(sandbox, key="nonsense").open_session()
    with pytest.raises(tools.ConsumerTokenRefused):
        tools.TripletexClient(sandbox.base_url, "nonsense", EMPLOYEE_TOKEN).who_am_i()


def test_an_accountants_key(sandbox, control):
    with connect(sandbox, key=ACCOUNTANT_TOKEN) as accountant:
        own = accountant.who_am_i()["companyId"]
        clients = [c for c in accountant.list_client_companies() if c["id"] != own]
        assert clients
        with pytest.raises(tools.TripletexError):
            accountant.list_projects()
    with connect(
        sandbox, key=ACCOUNTANT_TOKEN, company_id=str(clients[0]["id"])
    ) as entered:
        assert entered.list_projects()


def test_revoked_rights(one, control):
    values = first_values(one)
    control.revoke_rights("timesheet/entry:write")
    with pytest.raises(tools.RightsMissing) as caught:
        one.create_entries([values])
    assert caught.value.call == "POST /timesheet/entry/list"
    assert one.search_entries(DAY, DAY) == []
    control.revoke_rights("*")
    with pytest.raises(tools.RightsMissing):
        one.list_projects()


def test_locked_hours(one, control):
    values = first_values(one)
    (made,) = one.create_entries([values])
    control.approve_entry(made["id"])
    assert one.search_entries(DAY, DAY)[0]["locked"] is True
    with pytest.raises((tools.Locked, tools.Refused)):
        one.update_entries([{**values, "id": made["id"], "hours": 1}])
    control.approve_entry(made["id"], approved=False)
    control.lock_month("2026-03", values["employee_id"])
    (status,) = one.list_month_status([values["employee_id"]], [DAY])
    assert status["approved"] is True and status["monthYear"] == "2026-03"
    with pytest.raises((tools.Locked, tools.Refused)):
        one.create_entries([{**values, "date": DAY + ONE_DAY}])


def test_an_invoiced_entry_says_so(one, control):
    (made,) = one.create_entries([first_values(one)])
    control.invoice_entry(made["id"])
    assert one.search_entries(DAY, DAY)[0]["invoice"]["id"]


def test_a_closed_project(one, control):
    values = first_values(one)
    control.close_project(values["project_id"])
    with pytest.raises(tools.Refused):
        one.create_entries([values])


UNCLEAR = [
    ("drop_before", tools.NoConnection, 0),
    ("drop_after", tools.NoConnection, 1),
    ("500_json", tools.ServerTrouble, 0),
    ("500_html", tools.ServerTrouble, 0),
    ("500_json_after", tools.ServerTrouble, 1),
    ("500_html_after", tools.ServerTrouble, 1),
    ("truncated", tools.BrokenAnswer, 1),
    ("html_200", tools.BrokenAnswer, 0),
]


@pytest.mark.parametrize(("fault", "kind", "kept"), UNCLEAR)
def test_a_write_without_an_answer_is_unclear_and_sent_once(
    one, control, fault, kind, kept
):
    values = first_values(one)
    control.clear_calls()
    control.fault(fault, method="POST", path="/timesheet/entry*")
    with pytest.raises(kind) as caught:
        one.create_entries(days(values, 2))
    assert caught.value.unclear is True
    assert control.count_calls() == 1
    assert len(one.search_entries(DAY, DAY + ONE_DAY)) == 2 * kept


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("429", tools.RateLimited),
        ("429_reset", tools.RateLimited),
        ("403", tools.RightsMissing),
        ("409", tools.StaleVersion),
    ],
)
def test_a_refused_write_is_not_unclear(one, control, fault, kind):
    values = first_values(one)
    control.fault(fault, method="POST")
    with pytest.raises(kind) as caught:
        one.create_entries([values])
    assert not getattr(caught.value, "unclear", False)
    assert len(control.state()["entries"]) == 0


def test_a_read_gets_over_lost_connections(one, control):
    one.who_am_i()
    control.fault("drop_before", method="GET", times=2)
    assert one.list_activities()
    control.fault("drop_before", method="GET", times=3)
    with pytest.raises(tools.NoConnection) as caught:
        one.list_activities()
    assert caught.value.unclear is False


def test_a_slow_answer_runs_into_the_timeout(sandbox, one, control):
    values = first_values(one)
    control.fault("slow", method="POST", path="/timesheet/entry/list", ms=700)
    with connect(
        sandbox,
        session_token=one.session_token,
        session_expires=one.session_expires,
        timeout=(5, 0.2),
    ) as hasty:
        with pytest.raises(tools.NoConnection) as caught:
            hasty.create_entries([values])
    assert caught.value.unclear is True


def test_the_limit_is_never_hit(sandbox, one, control):
    values = days(first_values(one), 60)
    control.set_rate(limit=20, window=600)
    control.clear_calls()
    waits = []
    for entry in values:
        try:
            one.create_entries([entry])
        except tools.RateLimited as error:
            waits.append(error.retry_after)
            control.advance_clock(601)
            # The same as waiting, for this process.
            one.rate.reset_at = datetime.datetime.now(datetime.timezone.utc)
            one.create_entries([entry])
    assert waits and all(0 < wait <= 601 for wait in waits)
    assert not [c for c in control.calls() if c["status"] == 429]
    assert len(control.state()["entries"]) == 60


def test_connections_are_kept(sandbox, one, monkeypatch):
    opened = []
    accept = sandbox._server.get_request

    def counted():
        opened.append(1)
        return accept()

    monkeypatch.setattr(sandbox._server, "get_request", counted)
    values = first_values(one)
    one.create_entries([values])
    one.search_entries(DAY, DAY)
    # One for reads and one for writes, whose repeating differs.
    assert len(opened) == 2


def test_no_log_of_a_whole_life_shows_a_token(sandbox, control, caplog):
    caplog.set_level(logging.DEBUG)
    with connect(sandbox) as client:
        client.who_am_i()
        token = client.session_token
        control.kill_sessions()
        client.list_activities()
        tokens = (token, client.session_token, CONSUMER_TOKEN, EMPLOYEE_TOKEN)
        client.close_session()
    assert "DELETE /token/session/{token} -> 204" in caplog.text
    # The library's own line is there as well, without the token.
    assert any(r.name.startswith("urllib3") for r in caplog.records)
    assert not [secret for secret in tokens if secret in caplog.text]


def test_a_random_bad_day_ends_with_every_entry_once(one, control):
    values = days(first_values(one), 60)
    kinds = ("drop_before", "drop_after", "500_html", "500_json_after", "truncated")
    control.mix({kind: 0.08 for kind in kinds}, seed=7)
    for round_number in range(60):
        if round_number % 5 == 0:
            control.kill_sessions()
        try:
            held = {row["date"] for row in one.search_entries(DAY, DAY + 70 * ONE_DAY)}
            missing = [v for v in values if str(v["date"]) not in held]
            if not missing:
                break
            one.create_entries(missing[:10])
        except tools.TryLater:
            continue
    control.clear_faults()
    found = one.search_entries(DAY, DAY + 70 * ONE_DAY)
    assert sorted(row["date"] for row in found) == [str(v["date"]) for v in values]
