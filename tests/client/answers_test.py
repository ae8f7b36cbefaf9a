"""Answers: nothing is let through that was not asked for or is not believed."""

import datetime
import json
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from client_case import (
    DAY,
    ENTRY,
    SALARY_ROW,
    VALUES,
    envelope,
    listed,
    wired,
)

import tools
from tools import shapes

TOO_LARGE = (422, envelope(422, 23000, "Result set too large. Limit of 10.000"))
ONE_DAY = datetime.timedelta(days=1)


def query_of(request):
    return {k: v[0] for k, v in parse_qs(urlsplit(request.url).query).items()}


def test_nothing_comes_through_that_was_not_asked_for():
    secret = {
        "nationalIdentityNumber": "01017012345",
        "bankAccountNumber": "12345678903",
        "dateOfBirth": "1970-01-01",
    }
    row = {
        **secret,
        "id": 11,
        "email": "kari.testvik@example.com",
        "department": {"id": 3, "name": "Drift", "departmentManager": secret},
    }
    one, wire = wired(lambda r: (200, listed(row)))
    (found,) = one.list_employees()
    assert set(found) == set(shapes.EMPLOYEE.kinds)
    assert found["department"] == {"id": 3, "name": "Drift"}
    asked = query_of(wire.sent[0])["fields"]
    assert not [name for name in secret if name in asked]
    assert "department(id,name)" in asked


def test_an_activity_says_whether_it_is_for_projects():
    rows = [{"id": 1, "name": "Montering", "isProjectActivity": True}]
    one, _wire = wired(lambda request: (200, listed(*rows)))
    found = [row["isProjectActivity"] for row in one.list_activities()]
    assert found == [True]


def test_what_the_key_may_not_see_counts_as_absent():
    one, _wire = wired(lambda r: (200, listed({"id": 11})))
    (found,) = one.list_employees()
    assert found["email"] == "" and found["department"] is None
    assert found["allowInformationRegistration"] is None


def test_offers_are_left_out_even_if_tripletex_sends_them():
    rows = [{"id": 1, "isOffer": True}, {"id": 2, "isOffer": False}, {"id": 3}]
    one, wire = wired(lambda r: (200, listed(*rows)))
    assert [row["id"] for row in one.list_projects()] == [2, 3]
    assert query_of(wire.sent[0])["isOffer"] == "false"
    assert "isClosed" not in query_of(wire.sent[0])
    one.list_projects(closed=False)
    assert query_of(wire.sent[1])["isClosed"] == "false"


def test_inactive_salary_types_are_never_offered():
    # Their rows do not say so: only the filter leaves them out.
    one, wire = wired(lambda r: (200, listed()))
    one.list_salary_types()
    one.find_salary_type_by_number("2005")
    assert [query_of(sent)["isInactive"] for sent in wire.sent] == ["false"] * 2


@pytest.mark.parametrize(
    ("method", "field", "name"),
    [
        ("find_project_by_number", "number", "number"),
        ("find_salary_type_by_number", "number", "number"),
        ("find_employee_by_number", "employeeNumber", "employeeNumber"),
    ],
)
def test_numbers_are_compared_exactly(method, field, name):
    rows = [
        {"id": n, field: text} for n, text in enumerate(["100", "10", "010", " 10"])
    ]
    one, wire = wired(lambda r: (200, listed(*rows)))
    assert [row["id"] for row in getattr(one, method)("10")] == [1, 3]
    assert query_of(wire.sent[0])[name] == "10"
    assert [row["id"] for row in getattr(one, method)(10)] == [1, 3]
    assert getattr(one, method)("") == []


def test_a_number_with_odd_characters_arrives_whole():
    one, wire = wired(lambda r: (200, listed()))
    one.find_project_by_number("Å&1 #2/3?=+%")
    assert query_of(wire.sent[0])["number"] == "Å&1 #2/3?=+%"


def test_characters_that_a_database_refuses_are_dropped():
    one, _wire = wired(lambda r: (200, listed({"id": 1, "name": "A\x00v\ud800d"})))
    assert one.list_activities()[0]["name"] == "Avd"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (7.5, 7.5),
        (Decimal("7.125"), 7.13),
        (Decimal("7.124"), 7.12),
        (1.005, 1.01),
        (0.1 + 0.2, 0.3),
        (8, 8.0),
        (Decimal("0.005"), 0.01),
        (142, 142.0),
    ],
)
def test_hours_are_numbers_with_two_decimals(given, sent):
    one, wire = wired(lambda r: (201, listed(ENTRY)))
    one.create_entries([{**VALUES, "hours": given}])
    assert f'"hours": {sent}'.encode() + b"," in wire.sent[0].body


@pytest.mark.parametrize("hours", ["nan", "inf", "x", None, float("nan"), True])
def test_hours_that_are_no_number_are_refused(hours):
    one, wire = wired(lambda r: (201, listed(ENTRY)))
    with pytest.raises(ValueError):
        one.create_entries([{**VALUES, "hours": hours}])
    assert not wire.sent


def test_lists_come_back_in_the_order_given():
    days = [DAY, DAY + ONE_DAY, DAY + 2 * ONE_DAY]
    rows = [{**ENTRY, "id": n, "date": d.isoformat()} for n, d in enumerate(days, 1)]
    one, _wire = wired(lambda r: (201, listed(*reversed(rows))))
    created = one.create_entries([{**VALUES, "date": d} for d in days])
    assert [row["id"] for row in created] == [1, 2, 3]
    updated = one.update_entries([{**VALUES, "id": n} for n in (2, 3, 1)])
    assert [row["id"] for row in updated] == [2, 3, 1]


@pytest.mark.parametrize("ids", [[], [1], [1, 2, 3], [1, 4], [1, 1]])
def test_a_list_that_answers_other_rows_is_broken_and_unclear(ids):
    rows = [{**ENTRY, "id": n} for n in ids]
    one, _wire = wired(lambda r: (200, listed(*rows)))
    with pytest.raises(tools.BrokenAnswer) as caught:
        one.update_entries([{**VALUES, "id": n} for n in (1, 2)])
    assert caught.value.unclear is True


def test_empty_lists_call_nothing():
    one, wire = wired(lambda r: (500, b""))
    assert one.create_entries([]) == [] and one.update_entries([]) == []
    assert not wire.sent


def test_another_row_than_the_one_asked_for_is_broken():
    one, _wire = wired(lambda r: (200, {"value": SALARY_ROW, "values": [ENTRY]}))
    with pytest.raises(tools.BrokenAnswer):
        one.get_salary_row(SALARY_ROW["id"] + 1)
    with pytest.raises(tools.BrokenAnswer):
        one.update_salary_row(SALARY_ROW["id"] + 1, 1, 11, 44, DAY, 2)
    with pytest.raises(tools.BrokenAnswer):
        one.update_entries([{**VALUES, "id": ENTRY["id"] + 1}])


def test_internal_time_has_no_project():
    internal = {**VALUES, "project_id": None}
    one, wire = wired(lambda r: (200, listed({**ENTRY, "project": None})))
    assert one.create_entries([internal])[0]["project"] is None
    assert "project" not in json.loads(wire.sent[0].body)[0]
    one.update_entries([{**internal, "id": ENTRY["id"], "version": 3}])
    (body,) = json.loads(wire.sent[1].body)
    # A full set: what an update leaves out could be kept or emptied.
    assert body["project"] is None
    assert (body["id"], body["version"]) == (ENTRY["id"], 3)


def test_paycode_rows_must_be_the_ones_sent():
    one, _wire = wired(lambda r: (201, {"value": SALARY_ROW}))
    assert one.create_salary_row(11, 44, DAY, 2)["count"] == 2.0
    with pytest.raises(tools.BrokenAnswer):
        one.create_salary_row(11, 45, DAY, 2)


def test_ids_kept_as_text_are_sent_as_numbers():
    one, wire = wired(lambda r: (201, listed(ENTRY)))
    values = {**VALUES, "employee_id": "11", "project_id": "22"}
    (row,) = one.create_entries([values])
    assert json.loads(wire.sent[0].body)[0]["employee"] == {"id": 11}
    assert row["id"] == 2**41 + 7


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "17"),
        ("id", True),
        ("id", -1),
        ("id", 2**63),
        ("version", "3"),
        ("version", 3.0),
        ("version", 2**31),
        ("date", "2026-3-20"),
        ("date", 20260320),
        ("date", None),
        ("hours", "7.5"),
        ("hours", True),
        ("hours", None),
        ("hours", 10**400),
        ("comment", ["Montering"]),
        ("comment", True),
        ("locked", 0),
        ("locked", "false"),
        ("employee", [11]),
        ("employee", None),
        ("employee", {}),
        ("activity", None),
    ],
)
def test_a_field_of_another_kind_is_not_believed(field, value):
    """A wrong figure taken for a right one would be worse than no answer."""
    one, _wire = wired(lambda r: (200, listed({**ENTRY, field: value})))
    with pytest.raises(tools.BrokenAnswer):
        one.search_entries(DAY, DAY)


def test_the_biggest_id_is_an_id():
    biggest = {**ENTRY, "id": 2**63 - 1, "employee": {"id": 0}}
    one, _wire = wired(lambda r: (200, listed(biggest)))
    (row,) = one.search_entries(DAY, DAY)
    assert (row["id"], row["employee"]) == (2**63 - 1, {"id": 0})


def test_a_number_sent_as_a_number_is_a_text():
    row = {"id": 1, "number": 2005, "name": "Overtid"}
    one, _wire = wired(lambda r: (200, listed(row)))
    assert [one["number"] for one in one.list_salary_types()] == ["2005"]


@pytest.mark.parametrize("values", [{"id": 1}, "rows", None, 1])
def test_a_list_that_is_none_is_not_believed(values):
    one, _wire = wired(lambda r: (200, {"values": values}))
    with pytest.raises(tools.BrokenAnswer):
        one.list_activities()


@pytest.mark.parametrize("name", ["employee", "salaryType"])
def test_a_paycode_row_of_nobody_is_not_believed(name):
    one, _wire = wired(lambda r: (200, listed({**SALARY_ROW, name: None})))
    with pytest.raises(tools.BrokenAnswer):
        one.search_salary_rows(DAY, DAY)
