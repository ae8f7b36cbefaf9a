"""The stand-in's control address: people at work there, and what happened."""

import threading

import pytest
import requests
from sandbox_api import LIST, Api, refusal

from dev.sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN, ControlRefused, SandboxServer


def test_a_persons_own_entry(api, control):
    row = control.person_creates_entry(
        "2", "2026-03-02", 4, "Fakturerbart arbeid", "1", comment="Selv ført"
    )
    value = api.held(row)
    assert (value["hours"], value["comment"]) == (4.0, "Selv ført")
    refusal(api.create(api.entry(employee="2")), 409, 7000)
    control.person_edits_entry(row, hours=5, project="2", date="2026-03-09")
    value = api.held(row)
    assert (value["hours"], value["date"]) == (5.0, "2026-03-09")
    assert value["project"]["id"] == api.project("2")
    assert value["version"] == 1
    control.person_deletes_entry(row)
    assert api.held(row) is None


def test_the_rules_hold_for_persons_too(api, control):
    value = api.post_entry()
    with pytest.raises(ControlRefused, match="allerede registrert"):
        control.person_creates_entry("1", "2026-03-02", 1, "Fakturerbart arbeid", "1")
    with pytest.raises(ControlRefused, match="hours cannot"):
        control.person_edits_entry(value["id"], hours="many")
    with pytest.raises(ControlRefused, match="not found"):
        control.person_deletes_entry(7)


def test_a_persons_own_paycode_row(api, control):
    path = "/timesheet/salaryTypeSpecification"
    row = control.person_creates_row("1", "2026-03-02", 2, "2007")
    assert api.value(f"{path}/{row}")["count"] == 2.0
    control.person_edits_row(row, count=3)
    assert control.rows()[0]["count"] == 3.0
    control.person_deletes_row(row)
    assert control.rows() == []


def test_changes_of_the_company(api, control):
    project = api.project("3")
    control.change_project("3", number="77", name="Omdøpt", isOffer=True)
    (row,) = api.values("/project", id=project)
    assert (row["number"], row["displayName"]) == ("77", "77 Omdøpt")
    assert row["version"] == 2
    employee = api.employee("3")
    control.change_employee("3", employeeNumber="303")
    assert api.employee("303") == employee
    control.change_activity("Fakturerbart arbeid", isDisabled=True)
    refusal(api.create(api.entry()), 422, 18000)


def test_calls_are_counted_without_secrets(api, control):
    api.get("/project", count=1)  # opens the session
    token = api.http.auth[1]
    control.clear_calls()
    api.get("/project", count=1)
    api.remove(1)
    control.fault("drop_before", path=LIST)
    with pytest.raises(requests.ConnectionError):
        api.create({})
    requests.put(
        f"{api.sandbox.base_url}/token/session/:create",
        params={"consumerToken": CONSUMER_TOKEN, "employeeToken": EMPLOYEE_TOKEN},
        timeout=30,
    )
    api.delete(f"/token/session/{token}")
    calls = control.calls()
    shown = [(c["method"], c["path"], c["status"]) for c in calls]
    assert shown == [
        ("GET", "/project", 200),
        ("DELETE", "/timesheet/entry/1", 404),
        ("POST", "/timesheet/entry/list", None),
        ("PUT", "/token/session/:create", 400),
        ("DELETE", "/token/session/{token}", 204),
    ]
    assert calls[0]["query"] == {"count": "1"}
    assert calls[2]["fault"] == "drop_before"
    for secret in (token, EMPLOYEE_TOKEN, CONSUMER_TOKEN):
        assert secret not in str(calls)
    assert control.count_calls("GET") == 1
    assert control.count_calls("DELETE") == 2
    assert control.count_calls(template="/timesheet/entry/{id}") == 1


def test_state_names_what_is_held(api, control):
    api.post_entry(hours=2.25)
    state = control.state()
    (entry,) = state["entries"]
    assert entry["employeeNumber"] == entry["projectNumber"] == "1"
    assert entry["activityName"] == "Fakturerbart arbeid"
    assert (entry["hours"], state["sumHours"]) == (2.25, 2.25)
    assert state["sums"][0]["hours"] == 2.25
    api.post_entry("2026-03-03", hours=1.5)
    api.post_entry(employee="2", hours=8)
    state = control.state()
    assert [line["hours"] for line in state["sums"]] == [3.75, 8.0]
    assert state["sumHours"] == 11.75
    # Newest first.
    assert [entry["hours"] for entry in state["entries"]] == [8.0, 1.5, 2.25]
    assert (state["sessions"], state["company"]["name"]) == (1, "Fjordbygg Demo AS")


def test_reset(api, control):
    before = api.values("/project")
    api.post_entry()
    control.close_project("1")
    control.fault("500_json", times=None)
    control.revoke_key()
    control.set_clock("2031-01-01T00:00:00")
    control.reset()
    assert control.state()["entries"] == []
    assert control.calls() == []
    refusal(api.get("/activity"), 401, 3000)
    api.http.auth = None
    assert api.values("/project") == before


def test_parallel_posts_of_one_key_leave_one_entry(api, control):
    body, statuses = [api.entry()], []

    def post():
        address = api.sandbox.base_url + LIST
        answer = requests.post(address, json=body, auth=api.http.auth, timeout=30)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 7
    assert len(control.entries()) == 1


def test_stopping_hangs_up_on_kept_connections():
    with SandboxServer(rate_limit=0) as server, Api(server) as caller:
        assert caller.get("/activity").status_code == 200
        server.stop()
        with pytest.raises(requests.ConnectionError):
            caller.get("/activity")
        port = server.port
    # The same port can be taken again at once.
    with SandboxServer(port=port, rate_limit=0) as server, Api(server) as caller:
        assert caller.get("/activity").status_code == 200
