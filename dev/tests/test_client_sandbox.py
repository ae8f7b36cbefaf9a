"""The whole client against the stand-in Tripletex, over real HTTP."""

import datetime
import logging

import pytest

import tools
from dev.sandbox import (
    ACCOUNTANT_TOKEN,
    CONSUMER_TOKEN,
    EMPLOYEE_TOKEN,
    SandboxServer,
)

DAY = datetime.date(2026, 3, 20)
ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def server():
    with SandboxServer(rate_limit=0) as running:
        yield running


@pytest.fixture
def sandbox(server):
    """The stand-in as new, seen through its switches."""
    server.reset()
    control = server.control
    control.set_rate(limit=0)
    return control


@pytest.fixture
def one(server, sandbox):
    with connect(server) as client:
        yield client


def connect(server, **kwargs):
    key = kwargs.pop("key", EMPLOYEE_TOKEN)
    return tools.TripletexClient(server.base_url, CONSUMER_TOKEN, key, **kwargs)


def first_values(client, **changed):
    """Values of an entry that the stand-in takes."""
    employee = next(e for e in client.list_employees() if e["employeeNumber"])
    project = next(
        p
        for p in client.list_projects(closed=False)
        if p["startDate"] <= "2026-01-31" and not p["endDate"]
    )
    activity = client.get_timesheet_settings()["defaultProjectActivity"]
    return {
        "employee_id": employee["id"],
        "project_id": project["id"],
        "activity_id": activity["id"],
        "date": DAY,
        "hours": 7.5,
        "comment": "Montering",
        **changed,
    }


def days(values, count):
    return [{**values, "date": values["date"] + ONE_DAY * n} for n in range(count)]


def test_everything_a_set_up_reads(one, sandbox):
    who = one.who_am_i()
    companies = one.list_client_companies()
    assert who["companyId"] in [company["id"] for company in companies]
    assert all(company["organizationNumber"] for company in companies)
    projects, types = one.list_projects(), one.list_salary_types()
    employees, activities = one.list_employees(), one.list_activities()
    assert projects and types and employees and activities and one.list_departments()
    assert not [p for p in projects if p["isOffer"]]
    assert len(one.list_projects(closed=False)) <= len(projects)
    settings = one.get_timesheet_settings()
    assert settings["requireCommentsOnRegisteredHoursAllProjects"] is False
    usable = one.list_activities_for_timesheet(
        projects[0]["id"], employees[0]["id"], DAY
    )
    assert {a["id"] for a in usable} <= {a["id"] for a in activities}
    rights = one.list_entitlements(who["actualEmployeeId"])
    assert "AUTH_HOURS_COMPANY" in [right["name"] for right in rights]
    number = next(p["number"] for p in projects if p["number"])
    assert number in [p["number"] for p in one.find_project_by_number(number)]
    number = next(e["employeeNumber"] for e in employees if e["employeeNumber"])
    assert one.find_employee_by_number(number)[0]["employeeNumber"] == number
    found = one.find_salary_type_by_number(types[0]["number"])
    assert [row["id"] for row in found] == [types[0]["id"]]
    sent = sandbox.calls()
    assert all(call["status"] in (200, 201) for call in sent)
    assert one.calls == len(sent)


def test_a_big_company_takes_few_calls(sandbox):
    sizes = {"projects": 5200, "salary_types": 300, "employees": 1000}
    with SandboxServer(**sizes) as big, connect(big) as client:
        # Offers are no projects to us, and contacts no employees.
        assert len(client.list_projects()) > 4000
        assert len(client.list_salary_types()) == 300
        assert len(client.list_employees()) > 900
        assert client.calls <= 5


def test_an_entry_from_creation_to_deletion(one):
    values = first_values(one)
    made = one.create_entry(values)
    assert made["hours"] == 7.5 and made["comment"] == "Montering"
    assert made["id"] > 2**40
    assert one.get_entry(made["id"]) == made
    (found,) = one.search_entries(DAY, DAY, [values["employee_id"]])
    assert found == made
    changed = one.update_entry(
        made["id"], {**values, "hours": 4, "version": made["version"]}
    )
    assert changed["hours"] == 4 and changed["version"] > made["version"]
    with pytest.raises(tools.StaleVersion):
        one.update_entry(made["id"], {**values, "version": made["version"]})
    with pytest.raises(tools.AlreadyExists):
        one.create_entry(values)
    # Activities with hours that day are usable as before.
    open_ones = one.list_activities_for_timesheet(
        values["project_id"], values["employee_id"], DAY
    )
    assert values["activity_id"] in [a["id"] for a in open_ones]
    one.delete_entry(made["id"], changed["version"])
    with pytest.raises(tools.NotFound):
        one.get_entry(made["id"])
    with pytest.raises(tools.NotFound):
        one.delete_entry(made["id"])
    with pytest.raises(tools.NotFound):
        one.update_entry(made["id"], values)
    assert one.search_entries(DAY, DAY) == []


def test_lists_of_entries(one):
    values = days(first_values(one), 5)
    made = one.create_entries(values)
    assert [row["date"] for row in made] == [str(v["date"]) for v in values]
    updates = [
        {**v, "id": row["id"], "version": row["version"], "hours": 1}
        for v, row in zip(values, made, strict=True)
    ]
    changed = one.update_entries(list(reversed(updates)))
    assert [row["id"] for row in changed] == [row["id"] for row in reversed(made)]
    assert {row["hours"] for row in changed} == {1.0}
    found = one.search_entries(DAY, DAY + ONE_DAY, ids=[row["id"] for row in made])
    assert [row["id"] for row in found] == [row["id"] for row in made[:2]]


def test_one_bad_row_keeps_the_whole_list_out(one):
    values = days(first_values(one), 3)
    values[1]["date"] = datetime.date(1990, 1, 1)
    with pytest.raises(tools.Refused) as caught:
        one.create_entries(values)
    assert caught.value.code == 18000 and caught.value.fields[0][1]
    assert one.search_entries(DAY, DAY + 9 * ONE_DAY) == []


def test_internal_time(one):
    internal = next(
        a for a in one.list_activities() if a["activityType"] == "GENERAL_ACTIVITY"
    )
    values = first_values(one, project_id=None, activity_id=internal["id"])
    made = one.create_entry(values)
    assert made["project"] is None
    changed = one.update_entry(made["id"], {**values, "hours": 2})
    assert changed["project"] is None and changed["hours"] == 2
    with pytest.raises(tools.Refused) as caught:
        one.create_entry(first_values(one, activity_id=internal["id"]))
    assert caught.value.fields[0][0] == "activity.id"


def test_paycode_rows(one, sandbox):
    values = first_values(one)
    kind = one.list_salary_types()[0]
    sandbox.show_salary_type(kind["id"])
    given = (values["employee_id"], kind["id"], DAY)
    made = one.create_salary_row(*given, 2, "Overtid")
    with pytest.raises(tools.AlreadyExists):
        one.create_salary_row(*given, 2)
    changed = one.update_salary_row(made["id"], made["version"], *given, 3.25)
    assert changed["count"] == 3.25
    assert one.search_salary_rows(DAY, DAY, values["employee_id"]) == [changed]
    assert one.search_salary_rows(DAY, DAY) == [changed]
    one.delete_salary_row(made["id"])
    assert one.search_salary_rows(DAY, DAY) == []
    with pytest.raises(tools.NotFound):
        one.delete_salary_row(made["id"])


def test_paycode_rows_with_a_project(one, sandbox):
    values = first_values(one)
    kind = one.list_salary_types()[0]
    sandbox.show_salary_type(kind["id"])
    given = (values["employee_id"], kind["id"], DAY)
    place = {name: values[name] for name in ("project_id", "activity_id")}
    made = one.create_project_salary_row(*given, 2, "Overtid", **place)
    assert made["project"] == {"id": values["project_id"]}
    changed = one.update_project_salary_row(
        made["id"], made["version"], *given, 1, **place
    )
    found = one.search_project_salary_rows(DAY, DAY, values["employee_id"], **place)
    assert found == [changed]
    one.delete_project_salary_row(made["id"])
    assert one.search_project_salary_rows(DAY, DAY, values["employee_id"]) == []


def test_a_hidden_paycode_is_refused(one, sandbox):
    values = first_values(one)
    kind = one.list_salary_types()[0]
    sandbox.show_salary_type(kind["id"], shown=False)
    with pytest.raises(tools.Refused):
        one.create_salary_row(values["employee_id"], kind["id"], DAY, 2)


def test_more_than_ten_thousand_entries_are_read_in_parts(server, one):
    values = first_values(one)
    employees = [e["id"] for e in one.list_employees()]
    company = server.state.company
    table = [
        {**values, "employee_id": employee, "date": DAY + ONE_DAY * n}
        for employee in employees
        for n in range(10_400 // len(employees) + 1)
    ]
    for start in range(0, len(table), 2000):
        one.create_entries(table[start : start + 2000])
    last = max(v["date"] for v in table)
    with pytest.raises(tools.ResultTooLarge):
        one._list_for_ids(
            "/timesheet/entry",
            tools.shapes.ENTRY,
            {},
            dateFrom=str(DAY),
            dateTo=str(last + ONE_DAY),
        )
    found = one.search_entries(DAY, last)
    assert len(found) == len(table) > 10_000
    assert len(company.table("TimesheetEntry")) == len(table)


def test_a_dead_session_is_renewed_without_a_word(one, sandbox):
    values = first_values(one)
    old = one.session_token
    sandbox.kill_sessions()
    sandbox.clear_calls()
    one.create_entry(values)
    assert one.session_token != old
    assert [c["status"] for c in sandbox.calls()] == [401, 201, 201]


def test_a_kept_session_is_reused(server, one, sandbox):
    one.who_am_i()
    sandbox.clear_calls()
    with connect(
        server,
        session_token=one.session_token,
        session_expires=one.session_expires,
    ) as later:
        later.who_am_i()
    assert sandbox.count_calls() == 1


def test_closing_a_session_ends_it_in_tripletex(server, one, sandbox):
    one.who_am_i()
    token = one.session_token
    one.close_session()
    assert not server.state.live_session(token)
    one.session_token = token
    one.close_session()
    assert one.session_token is None


def test_a_revoked_key(one, sandbox):
    one.who_am_i()
    sandbox.revoke_key()
    with pytest.raises(tools.KeyRefused):
        one.who_am_i()
    sandbox.revoke_key(False)
    assert one.who_am_i()["companyId"]


def test_wrong_tokens(server, sandbox):
    with pytest.raises(tools.KeyRefused):
        connect(server, key="nonsense").open_session()
    with pytest.raises(tools.ConsumerTokenRefused):
        tools.TripletexClient(server.base_url, "nonsense", EMPLOYEE_TOKEN).who_am_i()


def test_an_accountants_key(server, sandbox):
    with connect(server, key=ACCOUNTANT_TOKEN) as accountant:
        own = accountant.who_am_i()["companyId"]
        clients = [c for c in accountant.list_client_companies() if c["id"] != own]
        assert clients
        with pytest.raises(tools.TripletexError):
            accountant.list_projects()
    with connect(
        server, key=ACCOUNTANT_TOKEN, company_id=str(clients[0]["id"])
    ) as entered:
        assert entered.list_projects()


def test_revoked_rights(one, sandbox):
    values = first_values(one)
    sandbox.revoke_rights("timesheet/entry:write")
    with pytest.raises(tools.RightsMissing) as caught:
        one.create_entry(values)
    assert caught.value.call == "POST /timesheet/entry"
    assert one.search_entries(DAY, DAY) == []
    sandbox.revoke_rights("*")
    with pytest.raises(tools.RightsMissing):
        one.list_projects()


def test_locked_hours(one, sandbox):
    values = first_values(one)
    made = one.create_entry(values)
    sandbox.approve_entry(made["id"])
    assert one.get_entry(made["id"])["locked"] is True
    with pytest.raises((tools.Locked, tools.Refused)):
        one.update_entry(made["id"], {**values, "hours": 1})
    sandbox.approve_entry(made["id"], approved=False)
    sandbox.lock_month("2026-03", values["employee_id"])
    (status,) = one.list_month_status([values["employee_id"]], DAY)
    assert status["approved"] is True and status["monthYear"] == "2026-03"
    with pytest.raises((tools.Locked, tools.Refused)):
        one.create_entry({**values, "date": DAY + ONE_DAY})


def test_an_invoiced_entry_says_so(one, sandbox):
    made = one.create_entry(first_values(one))
    sandbox.invoice_entry(made["id"])
    assert one.get_entry(made["id"])["invoice"]["id"]


def test_a_closed_project(one, sandbox):
    values = first_values(one)
    sandbox.close_project(values["project_id"])
    with pytest.raises(tools.Refused):
        one.create_entry(values)


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
    one, sandbox, fault, kind, kept
):
    values = first_values(one)
    sandbox.clear_calls()
    sandbox.fault(fault, method="POST", path="/timesheet/entry*")
    with pytest.raises(kind) as caught:
        one.create_entries(days(values, 2))
    assert caught.value.unclear is True
    assert sandbox.count_calls() == 1
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
def test_a_refused_write_is_not_unclear(one, sandbox, fault, kind):
    values = first_values(one)
    sandbox.fault(fault, method="POST")
    with pytest.raises(kind) as caught:
        one.create_entry(values)
    assert not getattr(caught.value, "unclear", False)
    assert len(sandbox.state()["entries"]) == 0


def test_a_read_gets_over_lost_connections(one, sandbox):
    one.who_am_i()
    sandbox.fault("drop_before", method="GET", times=2)
    assert one.list_departments()
    sandbox.fault("drop_before", method="GET", times=3)
    with pytest.raises(tools.NoConnection) as caught:
        one.list_departments()
    assert caught.value.unclear is False


def test_a_slow_answer_runs_into_the_timeout(server, one, sandbox):
    values = first_values(one)
    sandbox.fault("slow", method="POST", path="/timesheet/entry", ms=700)
    with connect(
        server,
        session_token=one.session_token,
        session_expires=one.session_expires,
        timeout=(5, 0.2),
    ) as hasty:
        with pytest.raises(tools.NoConnection) as caught:
            hasty.create_entry(values)
    assert caught.value.unclear is True


def test_the_limit_is_never_hit(server, one, sandbox):
    values = days(first_values(one), 60)
    sandbox.set_rate(limit=20, window=600)
    sandbox.clear_calls()
    waits = []
    for entry in values:
        try:
            one.create_entry(entry)
        except tools.RateLimited as error:
            waits.append(error.retry_after)
            sandbox.advance_clock(601)
            # The same as waiting, for this process.
            one.rate.reset_at = datetime.datetime.now(datetime.timezone.utc)
            one.create_entry(entry)
    assert waits and all(0 < wait <= 601 for wait in waits)
    assert not [c for c in sandbox.calls() if c["status"] == 429]
    assert len(sandbox.state()["entries"]) == 60


def test_connections_are_kept(server, one, monkeypatch):
    opened = []
    accept = server._server.get_request

    def counted():
        opened.append(1)
        return accept()

    monkeypatch.setattr(server._server, "get_request", counted)
    values = first_values(one)
    one.create_entry(values)
    one.search_entries(DAY, DAY)
    # One for reads and one for writes, whose repeating differs.
    assert len(opened) == 2


def test_no_log_of_a_whole_life_shows_a_token(server, sandbox, caplog):
    caplog.set_level(logging.DEBUG)
    with connect(server, debug=logging.getLogger("tests.life")) as client:
        client.who_am_i()
        token = client.session_token
        sandbox.kill_sessions()
        client.list_departments()
        tokens = (token, client.session_token, CONSUMER_TOKEN, EMPLOYEE_TOKEN)
        client.close_session()
    assert "DELETE /token/session/{token} -> 204" in caplog.text
    # The library's own line is there as well, without the token.
    assert any(r.name.startswith("urllib3") for r in caplog.records)
    assert not [secret for secret in tokens if secret in caplog.text]


def test_a_random_bad_day_ends_with_every_entry_once(one, sandbox):
    values = days(first_values(one), 60)
    kinds = ("drop_before", "drop_after", "500_html", "500_json_after", "truncated")
    sandbox.mix({kind: 0.08 for kind in kinds}, seed=7)
    for round_number in range(60):
        if round_number % 5 == 0:
            sandbox.kill_sessions()
        try:
            held = {row["date"] for row in one.search_entries(DAY, DAY + 70 * ONE_DAY)}
            missing = [v for v in values if str(v["date"]) not in held]
            if not missing:
                break
            one.create_entries(missing[:10])
        except tools.TryLater:
            continue
    sandbox.clear_faults()
    found = one.search_entries(DAY, DAY + 70 * ONE_DAY)
    assert sorted(row["date"] for row in found) == [str(v["date"]) for v in values]
