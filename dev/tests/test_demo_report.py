"""The demonstration's table and its verdict, and the reader it stands on."""

import datetime

import pytest
import requests

from dev.demo import reader, report
from dev.sandbox import SandboxServer
from dev.setup.progress import SetupError

KARI = ("Kari Test", "2026-05-04", "1 Byggeplass", "Arbeid")
SUMMARY = {"hours": 9.5, "paycode_hours": 2.0, "problems": []}


def rows(hours=9.5, paycode=2.0):
    return {
        ("hours", 1): (*KARI, hours),
        ("paycode", 1): (*KARI[:2], "", "2007 Overtid 50 %", paycode),
    }


def verdict(before, after, **summary):
    return report.sums(report.arrived(before, after), {**SUMMARY, **summary})


def test_equal_sums():
    lines, equal = verdict({}, rows())
    assert equal
    assert lines[-1] == "Both sides are equal."


@pytest.mark.parametrize(
    ("after", "summary"),
    [
        (rows(hours=9.25), {}),
        (rows(paycode=1), {}),
        ({}, {}),
        (rows(), {"problems": ["Kari: failed"]}),
    ],
)
def test_different_sums(after, summary):
    lines, equal = verdict({}, after, **summary)
    assert not equal
    assert lines[-1] == "The two sides differ."


def test_only_what_came_counts():
    before = {**rows(hours=4), ("hours", 7): (*KARI, 7.5)}
    after = {**before, **rows()}
    found = report.arrived(before, after)
    assert [(kind, row[-1]) for kind, row in found] == [("hours", 5.5)]


MONTH = {"employee": "Kari Test", "logged": 9.5, "validated": 9.5, "there": 9.5}
MONTH |= {"paycodes": 2.0, "state": "finished", "result": "Equal", "next": ""}


def test_board_shows_each_month():
    lines = report.board([MONTH, {**MONTH, "employee": "Ola Test"}])
    assert [line.split()[2:] for line in lines[2:4]] == [
        ["9.50", "9.50", "9.50", "2.00", "finished", "Equal"]
        for _name in ("Kari", "Ola")
    ]
    assert lines[-1] == "2 of 2 months are finished in Tripletex."


def test_board_says_what_to_do_with_a_month_that_is_open():
    other = {**MONTH, "there": 8.5, "state": "open", "next": "Choose a figure."}
    lines = report.board([MONTH, {**other, "employee": "Ola Test"}])
    assert lines[-2:] == [
        "1 of 2 months are finished in Tripletex.",
        "Ola Test: Choose a figure.",
    ]


def test_empty_board_finishes_nothing():
    assert report.board([])[-1] == "0 of 0 months are finished in Tripletex."


def test_table_is_aligned():
    lines = report.table(report.arrived({}, rows()))
    assert len({len(line) for line in lines}) == 1
    assert lines[2].split()[-1] == "9.50"


def test_table_without_rows():
    assert len(report.table([])) == 2


def test_long_table_says_how_many_rows_are_left_out():
    lines = report.table([("hours", (*KARI, 7.5))] * (report.SHOWN_ROWS + 3))
    assert lines[-1] == f"… and 3 more: {report.SHOWN_ROWS + 3} rows in all."


@pytest.fixture
def stand_in():
    with SandboxServer(projects=3, salary_types=10, employees=3, seed=3) as server:
        yield server


def register(server, tripletex, bodies):
    address = f"{server.base_url}/timesheet/entry/list"
    answer = requests.post(
        address, json=bodies, auth=("0", tripletex._token), timeout=30
    )
    assert answer.status_code == 201, answer.text


def ids(server, tripletex, path):
    answer = requests.get(
        server.base_url + path, auth=("0", tripletex._token), timeout=30
    )
    return [row["id"] for row in answer.json()["values"]]


def test_reader_sees_what_the_stand_in_holds(stand_in, monkeypatch):
    # Two rows a page, so that the second page is needed.
    monkeypatch.setattr(reader, "PAGE", 2)
    access = stand_in.base_url, "test-consumer-token", "test-employee-token"
    tripletex = reader.Reader(*access)
    employee = ids(stand_in, tripletex, "/employee")[0]
    project = ids(stand_in, tripletex, "/project?isClosed=false")[0]
    activity = ids(stand_in, tripletex, "/activity?isGeneral=true&isChargeable=true")[0]
    body = {
        "employee": {"id": employee},
        "project": {"id": project},
        "activity": {"id": activity},
        "hours": 7.5,
    }
    days = ("2026-05-04", "2026-05-05", "2026-05-06")
    register(stand_in, tripletex, [{**body, "date": day} for day in days])
    found = tripletex.rows(datetime.date(2026, 5, 4), datetime.date(2026, 5, 6))
    assert [row[-1] for row in found.values()] == [7.5, 7.5, 7.5]
    assert all(row[0] and row[2] and row[3] for row in found.values())
    found = tripletex.rows(datetime.date(2026, 5, 4), datetime.date(2026, 5, 5))
    assert len(found) == 2
    tripletex.close()
    with pytest.raises(SetupError, match="401"):
        tripletex.rows(datetime.date(2026, 5, 4), datetime.date(2026, 5, 6))


def test_reader_with_a_wrong_key(stand_in):
    with pytest.raises(SetupError, match="422") as caught:
        reader.Reader(stand_in.base_url, "test-consumer-token", "wrong-key")
    assert "wrong-key" not in str(caught.value)


def test_reader_without_tripletex():
    with pytest.raises(SetupError, match="does not answer"):
        reader.Reader("http://127.0.0.1:9/v2", "a", "b")
