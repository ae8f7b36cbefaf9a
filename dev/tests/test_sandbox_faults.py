"""The stand-in's bad days, and the control address that brings them about."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from sandbox_api import Api, refusal

from dev.sandbox import (
    CONSUMER_TOKEN,
    EMPLOYEE_TOKEN,
    ControlRefused,
    SandboxControl,
    SandboxServer,
)
from dev.sandbox.faults import KINDS, FaultBox

ROOT = Path(__file__).resolve().parents[2]
PATH = "/timesheet/entry"


@pytest.fixture(scope="module")
def sandbox():
    with SandboxServer(rate_limit=0) as server:
        yield server


@pytest.fixture
def api(sandbox):
    sandbox.reset()
    with Api(sandbox) as caller:
        caller.get("/activity")
        yield caller


@pytest.fixture
def control(sandbox):
    # Over HTTP, as another process would.
    return SandboxControl(sandbox.root_url)


@pytest.mark.parametrize(
    ("kind", "kept"), [("drop_before", 0), ("drop_after", 1), ("truncated", 1)]
)
def test_lost_connections(api, control, kind, kept):
    body = api.entry()
    control.fault(kind, method="POST", path=PATH)
    with pytest.raises(requests.RequestException):
        api.post(PATH, body)
    assert len(control.entries()) == kept
    # Once only.
    assert api.post(PATH, body).status_code == (409 if kept else 201)


@pytest.mark.parametrize(
    ("kind", "kept"), [("500_json", 0), ("500_json_after", 1), ("409", 0)]
)
def test_refusals_before_and_after_the_write(api, control, kind, kept):
    # 3.5, 4.21
    body = api.entry()
    control.fault(kind, method="POST")
    answer = api.post(PATH, body)
    if kind == "409":
        refusal(answer, 409, 8000)
    else:
        assert refusal(answer, 500, 1002)["message"] is None
    assert len(control.entries()) == kept


@pytest.mark.parametrize(
    ("kind", "status", "kept"),
    [("500_html", 500, 0), ("500_html_after", 500, 1), ("html_200", 200, 0)],
)
def test_html_instead_of_json(api, control, kind, status, kept):
    # 3.5
    body = api.entry()
    control.fault(kind, method="POST")
    answer = api.post(PATH, body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert len(control.entries()) == kept


def test_429_with_and_without_reset(api, control):
    # 3.3
    control.fault("429")
    answer = api.get("/activity")
    assert answer.status_code == 429
    assert "X-Rate-Limit-Reset" not in answer.headers
    control.fault("429_reset")
    answer = api.get("/activity")
    assert answer.headers["X-Rate-Limit-Reset"] == "3"


def test_401_and_403(api, control):
    control.fault("401")
    refusal(api.get("/activity"), 401, 3000)
    control.fault("403")
    refusal(api.get("/activity"), 403, 9000)
    assert api.get("/activity").status_code == 200


def test_dead_sessions(api, control):
    assert control.kill_sessions() == {"killed": 1}
    refusal(api.get("/activity"), 401, 3000)
    api.http.auth = None
    assert api.get("/activity").status_code == 200


def test_a_slow_answer_outlasts_a_client_that_will_not_wait(api, control):
    control.fault("slow", ms=600_000, path="/activity")
    with pytest.raises(requests.exceptions.ReadTimeout):
        api.http.get(f"{api.sandbox.base_url}/activity", timeout=0.2)
    # Nobody else waits for it.
    assert api.get("/project").status_code == 200
    slow = control.calls(template="/activity")[-1]
    assert (slow["fault"], slow["status"]) == ("slow", None)


def test_filters_and_times(api, control):
    control.fault("500_json", times=2, method="PUT,DELETE", path="timesheet/*")
    body = api.entry()
    value = api.post(PATH, body).json()["value"]
    path = f"{PATH}/{value['id']}"
    statuses = [api.put(path, {"hours": h}).status_code for h in (1, 2, 3)]
    assert statuses == [500, 500, 200]
    control.fault("500_json", times=None, path="/activity")
    assert {api.get("/activity").status_code for _ in range(4)} == {500}
    assert api.get("/project").status_code == 200
    (fault,) = control.faults()["faults"]
    control.clear_faults(fault["id"])
    assert api.get("/activity").status_code == 200
    control.fault("500_json", times=None)
    control.clear_faults()
    assert api.get("/activity").status_code == 200


def test_a_random_mix_is_the_same_for_the_same_seed():
    rates = {"drop_before": 0.1, "500_json": 0.2, "slow": 0.1}

    def drawn(seed):
        box = FaultBox()
        box.mix(rates, seed=seed, ms=7)
        return [box.pick("POST", PATH) for _ in range(400)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    counts = {pair: drawn(1).count(pair) for pair in set(drawn(1))}
    assert set(counts) == {
        (None, 0),
        ("drop_before", 0),
        ("500_json", 0),
        (None, 7),
    }
    # Rates of 10 and 20 per cent in 400 draws of a fixed seed.
    assert 20 <= counts["drop_before", 0] <= 60
    assert 50 <= counts["500_json", 0] <= 110


def test_a_mix_hits_matching_calls_only_and_ends(api, control):
    control.mix({"500_json": 1.0}, method="POST", path="/timesheet/*")
    assert api.get("/activity").status_code == 200
    assert api.post(PATH, api.entry()).status_code == 500
    control.mix({})
    assert api.post(PATH, api.entry()).status_code == 201


def test_every_kind_can_be_switched_on(control):
    for kind in KINDS:
        assert control.fault(kind)["kind"] == kind
    assert len(control.faults()["faults"]) == len(KINDS)


def test_senseless_switches_are_refused_with_a_sentence(control):
    for turn, words in (
        (lambda: control.fault("nonsense"), "Unknown fault"),
        (lambda: control.fault("slow", ms=-1), "ms must be"),
        (lambda: control.fault("500_json", times=0), "times must be"),
        (lambda: control.mix({"500_json": 2}), "rates must not"),
        (lambda: control.close_project("no such"), "No such Project"),
        (lambda: control.lock_month("March"), "Invalid isoformat"),
        (lambda: control.change_project("1", startDate=5), "startDate cannot"),
        (lambda: control.revoke_key(token="nobody"), "No such key"),
        (lambda: control.set_language("de"), "language must be"),
        (lambda: control.call("POST", "nonsense", {}), "No such control call"),
        (lambda: control.call("POST", "month", {}), "Missing: month"),
        (lambda: control.call("POST", "month", []), "must be a JSON object"),
    ):
        with pytest.raises(ControlRefused, match=words):
            turn()


# -- a person works in Tripletex ---------------------------------------------------


def test_a_persons_own_entry(api, control):
    row = control.person_creates_entry(
        "2", "2026-03-02", 4, "Fakturerbart arbeid", "1", comment="Selv ført"
    )
    value = api.value(f"{PATH}/{row}")
    assert (value["hours"], value["comment"]) == (4.0, "Selv ført")
    refusal(api.post(PATH, api.entry(employee="2")), 409, 7000)
    control.person_edits_entry(row, hours=5, project="2", date="2026-03-09")
    value = api.value(f"{PATH}/{row}")
    assert (value["hours"], value["date"]) == (5.0, "2026-03-09")
    assert value["project"]["id"] == api.project("2")
    assert value["version"] == 1
    control.person_deletes_entry(row)
    refusal(api.get(f"{PATH}/{row}"), 404, 6000)


def test_the_rules_hold_for_persons_too(api, control):
    value = api.post_entry()
    with pytest.raises(ControlRefused, match="allerede registrert"):
        control.person_creates_entry("1", "2026-03-02", 1, "Fakturerbart arbeid", "1")
    with pytest.raises(ControlRefused, match="korrekt type"):
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
    row = api.value(f"/project/{project}")
    assert (row["number"], row["displayName"]) == ("77", "77 Omdøpt")
    assert row["version"] == 2
    employee = api.employee("3")
    control.change_employee("3", employeeNumber="303")
    assert api.employee("303") == employee
    control.change_activity("Fakturerbart arbeid", isDisabled=True)
    refusal(api.post(PATH, api.entry()), 422, 18000)


# -- what happened -----------------------------------------------------------------


def test_calls_are_counted_without_secrets(api, control):
    control.clear_calls()
    token = api.http.auth[1]
    api.get("/project", count=1)
    api.get(f"{PATH}/1")
    control.fault("drop_before", path=PATH)
    with pytest.raises(requests.ConnectionError):
        api.post(PATH, {})
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
        ("GET", "/timesheet/entry/1", 404),
        ("POST", "/timesheet/entry", None),
        ("PUT", "/token/session/:create", 422),
        ("DELETE", "/token/session/{token}", 204),
    ]
    assert calls[0]["query"] == {"count": "1"}
    assert calls[2]["fault"] == "drop_before"
    for secret in (token, EMPLOYEE_TOKEN, CONSUMER_TOKEN):
        assert secret not in str(calls)
    assert control.count_calls("GET") == 2
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
    body, statuses = api.entry(), []

    def post():
        address = api.sandbox.base_url + PATH
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


# -- the page and the command line -------------------------------------------------


def test_page_shows_what_is_held_and_escapes_it(api, control):
    api.post_entry(hours=6.75, comment="<script>alert(1)</script>")
    control.fault("drop_after", times=3)
    page = requests.get(api.sandbox.root_url, timeout=30).text
    assert "6.75" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "Fjordbygg Demo AS" in page
    assert "connection lost after the write was kept: 3 more" in page
    for kind in KINDS:
        assert f'<option value="{kind}">' in page


def test_other_web_sites_cannot_press_the_buttons(api):
    address = f"{api.sandbox.root_url}/control/reset"
    for headers in ({"Origin": "https://example.com"}, {"Host": "example.com"}):
        answer = requests.post(address, headers=headers, timeout=30)
        assert answer.status_code == 403
    headers = {"Origin": api.sandbox.root_url}
    assert requests.post(address, headers=headers, timeout=30).status_code == 200


@pytest.fixture
def command():
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "dev.sandbox", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        line = process.stdout.readline()
        assert line.startswith("Tripletex stand-in: http://127.0.0.1:")
        assert line.rstrip().endswith("/v2")
        return line.split()[-1]

    yield start
    for process in started:
        process.terminate()
        assert process.wait(timeout=30) == 0
        process.stdout.close()


def test_command_line(command):
    address = command(
        *("--port", "0", "--projects", "4", "--salary-types", "6", "--employees", "3"),
        *("--activities", "2", "--seed", "9", "--rate-limit", "0", "--plain"),
        *("--fault", "500_json:times=2:method=POST:path=/timesheet/*"),
        *("--mix", "drop_before=0.1,500_html=0.1", "--lock-month", "2026-03:2"),
        *("--close-project", "3", "--show-salary-type", "2001", "--require-comments"),
        *("--revoke-rights", "timesheet/entry:write", "--clock-offset", "3600"),
    )
    control = SandboxControl(address)
    state = control.state()
    counts = state["counts"]
    assert (counts["projects"], counts["salaryTypes"]) == (4, 6)
    assert (counts["employees"], counts["activities"]) == (3, 2)
    assert state["faults"][0]["times"] == 2
    assert state["mix"]["rates"] == {"drop_before": 0.1, "500_html": 0.1}
    assert state["mix"]["seed"] == 9
    assert state["lockedMonths"][0]["month"] == "2026-03"
    assert state["rights"]["revoked"] == ["timesheet/entry:write"]
    assert state["settings"]["requireCommentsOnRegisteredHoursAllProjects"] is True
    assert state["rate"]["limit"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "nonsense"], "Unknown fault"),
        (["--mix", "500_json=much"], "could not convert"),
        (["--close-project", "999"], "No such Project: 999"),
        (["--port", "99999999"], "not free"),
    ],
)
def test_command_line_mistakes_end_with_a_sentence(arguments, words):
    done = subprocess.run(
        [sys.executable, "-m", "dev.sandbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode
    assert words in done.stderr
    assert "Traceback" not in done.stderr
