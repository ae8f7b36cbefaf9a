"""The stand-in's lists of hour entries: all or nothing (section 4 of the facts)."""

import pytest
from sandbox_api import problems, refusal

PATH = "/timesheet/entry"
MARCH = {"dateFrom": "2026-03-01", "dateTo": "2026-04-01"}


SANDBOX = {"activities": 10}


def test_batch_envelope_and_order(api):
    # 4.19
    items = [
        api.entry(f"2026-03-{day:02d}", employee=e) for day in (9, 3) for e in "12"
    ]
    answer = api.post(f"{PATH}/list", items)
    body = answer.json()
    assert answer.status_code == 201
    assert list(body) == ["fullResultSize", "from", "count", "versionDigest", "values"]
    assert (body["fullResultSize"], body["count"], body["versionDigest"]) == (
        0,
        4,
        None,
    )
    shown = [(v["date"], v["employee"]["id"]) for v in body["values"]]
    assert shown == [(item["date"], item["employee"]["id"]) for item in items]
    items = [{"id": v["id"], "version": 0, "hours": 1} for v in body["values"]]
    answer = api.put(f"{PATH}/list", items)
    assert answer.status_code == 200
    assert {v["version"] for v in answer.json()["values"]} == {1}


@pytest.mark.parametrize(
    ("bad", "status", "code"),
    [
        ({"date": "2001-01-01"}, 422, 18000),
        ({"description": "x"}, 422, 16000),
        ({"employee": {"id": 7}}, 404, 6000),
        ({"hours": 0}, 422, 18000),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_batch_is_all_or_nothing_and_does_not_say_which(api, bad, status, code, place):
    # 4.20
    items = [api.entry(f"2026-03-{day:02d}") for day in (2, 3, 4)]
    items[place] = {**items[place], **bad}
    body = refusal(api.post(f"{PATH}/list", items), status, code)
    for field, _message, path in problems(body) if status == 422 else []:
        assert (field, path) == (None, None)
    assert api.values(PATH, **MARCH) == []
    # The same rows without the bad one go through.
    del items[place]
    assert api.post(f"{PATH}/list", items).status_code == 201


def test_batch_with_the_same_key_twice(api):
    refusal(api.post(f"{PATH}/list", [api.entry(), api.entry()]), 409, 7000)
    assert api.values(PATH, **MARCH) == []


def test_update_batch_is_all_or_nothing(api):
    # 4.20, seen for POST; ASSUMED for PUT
    one, two = api.post_entry(), api.post_entry("2026-03-03")
    items = [
        {"id": one["id"], "version": 0, "hours": 1},
        {"id": two["id"], "version": 5, "hours": 1},
    ]
    refusal(api.put(f"{PATH}/list", items), 409, 8000)
    assert {row["hours"] for row in api.values(PATH, **MARCH)} == {7.5}
    items[1]["version"] = 0
    assert api.put(f"{PATH}/list", items).status_code == 200
    refusal(api.put(f"{PATH}/list", [{"hours": 1}]), 422, 18000)


def test_undone_update_leaves_the_keys_right(api):
    # A row moved within a failed batch must hold its old key afterwards.
    one, two = api.post_entry(), api.post_entry("2026-03-03")
    items = [
        {"id": one["id"], "date": "2026-03-09"},
        {"id": two["id"], "date": "2001-01-01"},
    ]
    refusal(api.put(f"{PATH}/list", items), 422, 18000)
    refusal(api.create(api.entry()), 409, 7000)
    api.post_entry("2026-03-09")


def test_ten_thousand_entries(api):
    days = [
        f"20{y}-{m:02d}-{d:02d}"
        for y in (24, 25)
        for m in range(1, 13)
        for d in range(1, 29)
    ]
    template = api.entry()
    ids = [api.employee(str(number)) for number in range(1, 13)]
    for employee in ids:
        items = [{**template, "employee": {"id": employee}, "date": d} for d in days]
        assert api.post(f"{PATH}/list", items).status_code == 201
    held = api.sandbox.control.state(limit=3)
    assert held["counts"]["entries"] == len(days) * len(ids)
    assert held["sumHours"] == 7.5 * len(days) * len(ids)
    assert len(held["entries"]) == 3
