"""The stand-in's bad days, and the control address that brings them about."""

import pytest
import requests
from sandbox_api import refusal

from dev.sandbox import ControlRefused
from dev.sandbox.faults import KINDS, FaultBox

PATH = "/timesheet/entry/list"


@pytest.fixture
def api(api):
    """With a session, so that the call that meets a fault is the test's own."""
    api.get("/activity")
    return api


@pytest.mark.parametrize(
    ("kind", "kept"), [("drop_before", 0), ("drop_after", 1), ("truncated", 1)]
)
def test_lost_connections(api, control, kind, kept):
    body = api.entry()
    control.fault(kind, method="POST", path=PATH)
    with pytest.raises(requests.RequestException):
        api.create(body)
    assert len(control.entries()) == kept
    # Once only.
    assert api.create(body).status_code == (409 if kept else 201)


@pytest.mark.parametrize(
    ("kind", "kept"), [("500_json", 0), ("500_json_after", 1), ("409", 0)]
)
def test_refusals_before_and_after_the_write(api, control, kind, kept):
    # 3.5, 4.21
    body = api.entry()
    control.fault(kind, method="POST")
    answer = api.create(body)
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
    answer = api.create(body)
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
    (value,) = api.create(body).json()["values"]
    statuses = [api.update(value["id"], hours=h).status_code for h in (1, 2, 3)]
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
    assert api.create(api.entry()).status_code == 500
    control.mix({})
    assert api.create(api.entry()).status_code == 201


def test_every_kind_can_be_switched_on(control):
    for kind in KINDS:
        assert control.fault(kind)["kind"] == kind
    assert len(control.faults()["faults"]) == len(KINDS)


def test_senseless_switches_are_refused_with_a_sentence(control):
    for turn, words in (
        (lambda: control.fault("nonsense"), "kind must be one of"),
        (lambda: control.fault("slow", ms=-1), "ms must be"),
        (lambda: control.fault("500_json", times=0), "times must be"),
        (lambda: control.mix({"500_json": 2}), "rates must not"),
        (lambda: control.close_project("no such"), "No such Project"),
        (lambda: control.lock_month("March"), "Invalid isoformat"),
        (lambda: control.close_project("1", closed=1), "closed cannot"),
        (lambda: control.call("lock_month", {"monht": ""}), "Missing: month"),
        (lambda: control.call("reset", {"all": True}), "does not know all"),
        (lambda: control.change_project("1", startDate=5), "startDate cannot"),
        (lambda: control.revoke_key(token="nobody"), "No such key"),
        (lambda: control.set_language("de"), "language must be"),
        (lambda: control.call("nonsense", {}), "No such switch"),
        (lambda: control.call("lock_month", {}), "Missing: month"),
        (lambda: control.call("lock_month", []), "must be a JSON object"),
    ):
        with pytest.raises(ControlRefused, match=words):
            turn()
