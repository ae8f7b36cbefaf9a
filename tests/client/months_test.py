"""Months and payslips: what is asked and read, and one employee for each action."""

import datetime

import pytest
from client_case import DAY, SALARY_ROW, envelope, listed, refusal_of, wired
from reading_test import query_of

import tools

FEBRUARY, MAY = datetime.date(2026, 2, 28), datetime.date(2026, 5, 1)
LIST, OLD = "byMonthNumberList", "byMonthNumber"
UNKNOWN = [
    (404, envelope(404, 6000, "Object not found")),
    (404, b"<html></html>"),
    (405, b""),
    (400, envelope(400, 4000, "HTTP 405 Method Not Allowed")),
    (422, envelope(422, 21000, "Wrong data format! Expected number.")),
]
ACTIONS = {
    "complete": lambda client, who: client.complete_month(who, DAY),
    "reopen": lambda client, who: client.reopen_month(who, DAY),
    "approve": lambda client, who: client.approve_month(who, DAY, DAY),
}
EACH_ACTION = pytest.mark.parametrize("action", ACTIONS)


def month(employee=11, **values):
    return {"id": 83, "employee": {"id": employee}, "monthYear": "2026-03", **values}


def slip(year, month):
    ids = {"id": year * 100 + month, "employee": {"id": 11}}
    return {**ids, "number": 7, "year": year, "month": month}


def called(request):
    return request.url.partition("?")[0].rpartition("/")[2]


# -- status --------------------------------------------------------------------------


def test_several_months_are_asked_for_at_once():
    one, wire = wired(lambda r: (200, listed(month())))
    one.list_month_status([12, 11], iter([MAY, DAY, FEBRUARY, DAY]))
    (request,) = wire.sent
    assert called(request) == LIST
    assert query_of(request)["employeeIds"] == "11,12"
    assert query_of(request)["monthYearList"] == "2026-02,2026-03,2026-05"


def test_no_month_asks_nothing():
    one, wire = wired(lambda r: (200, listed()))
    assert one.list_month_status([11], []) == []
    assert not wire.sent


def test_month_status_of_300_people_takes_two_calls():
    one, wire = wired(lambda r: (200, listed()))
    one.list_month_status(range(18_600_001, 18_600_301), [FEBRUARY, DAY, MAY])
    assert len(wire.sent) == 2


def test_sum_stands_beside_the_state():
    summary = {"sumHours": 31.41, "hoursWithPay": 31, "chargeableHours": 3}
    approved = {"approvedBy": {"id": 5, "displayName": "Kari"}, "hoursPayout": 2}
    one, _wire = wired(lambda r: (200, listed(month(hourSummary=summary, **approved))))
    (row,) = one.list_month_status([11], [DAY])
    assert row["sumHours"] == 31.41
    assert row["approvedBy"] == {"id": 5, "displayName": "Kari"}
    assert not {"hourSummary", "hoursWithPay", "hoursPayout"} & row.keys()


def test_hidden_sum_and_approver_are_none():
    one, _wire = wired(lambda r: (200, listed(month(hourSummary=None))))
    (row,) = one.list_month_status([11], [DAY])
    assert (row["sumHours"], row["approvedBy"]) == (None, None)


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_unknown_list_of_months_is_replaced_for_good(unknown):
    one, wire = wired(
        lambda r: unknown if called(r) == LIST else (200, listed(month()))
    )
    assert len(one.list_month_status([11], [DAY, MAY])) == 2
    assert [called(request) for request in wire.sent] == [LIST, OLD, OLD]
    asked = [query_of(request)["monthYear"] for request in wire.sent[1:]]
    assert asked == ["2026-03", "2026-05"]
    one.list_month_status([11], [DAY])
    assert [called(request) for request in wire.sent[3:]] == [OLD]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((403, envelope(403, 9000)), tools.RightsMissing),
        ((422, envelope(422, 18000)), tools.Refused),
        ((500, b""), tools.ServerTrouble),
        ((200, b"<html></html>"), tools.BrokenAnswer),
    ],
)
def test_another_refusal_is_no_reason_for_the_older_call(answer, kind):
    one, wire = wired(lambda r: answer)
    error = refusal_of(lambda: one.list_month_status([11], [DAY]))
    assert type(error) is kind
    assert {called(request) for request in wire.sent} == {LIST}


def test_unknown_employee_does_not_make_the_list_of_months_unknown():
    one, wire = wired(lambda r: UNKNOWN[0])
    for _turn in range(2):
        error = refusal_of(lambda: one.list_month_status([7], [DAY]))
        assert type(error) is tools.NotFound
    assert [called(request) for request in wire.sent] == [LIST, OLD] * 2


# -- actions -------------------------------------------------------------------------


@EACH_ACTION
def test_action_names_exactly_one_employee_and_the_month(action):
    one, wire = wired(lambda r: (200, listed(month(completed=True))))
    row = ACTIONS[action](one, 11)
    (request,) = wire.sent
    until = {"approvedUntilDate": "2026-03-20"} if action == "approve" else {}
    assert query_of(request) == {"employeeIds": "11", "monthYear": "2026-03", **until}
    assert (request.method, called(request)) == ("PUT", f":{action}")
    assert not request.body
    assert row["completed"] is True


@EACH_ACTION
@pytest.mark.parametrize(
    "who", [None, 0, -1, "", [], [11], [11, 12], "11,12", False, True, 11.5]
)
def test_action_on_nobody_or_several_is_never_sent(action, who):
    one, wire = wired(lambda r: (200, listed(month())))
    with pytest.raises(ValueError, match="exactly one"):
        ACTIONS[action](one, who)
    assert not wire.sent


@pytest.mark.parametrize("until", [FEBRUARY, MAY])
def test_approval_until_another_month_is_never_sent(until):
    one, wire = wired(lambda r: (200, listed(month())))
    with pytest.raises(ValueError, match="day of the month"):
        one.approve_month(11, DAY, until)
    assert not wire.sent


@EACH_ACTION
@pytest.mark.parametrize(
    "rows", [[], [month(12)], [month(monthYear="2026-02")], [month(monthYear=None)]]
)
def test_answer_without_the_row_gives_none(action, rows):
    one, _wire = wired(lambda r: (200, listed(*rows)))
    assert ACTIONS[action](one, 11) is None


@EACH_ACTION
@pytest.mark.parametrize("body", [b"", b"{}", {"value": month()}, listed("row")])
def test_unreadable_answer_to_an_action_is_unclear(action, body):
    one, wire = wired(lambda r: (200, body))
    error = refusal_of(lambda: ACTIONS[action](one, 11))
    assert type(error) is tools.BrokenAnswer and error.unclear
    assert len(wire.sent) == 1


# -- payslips ------------------------------------------------------------------------


def test_payslips_are_asked_for_year_by_year():
    one, wire = wired(lambda r: (200, listed()))
    one.list_payslips([12, 11], datetime.date(2024, 11, 30), datetime.date(2026, 2, 1))
    asked = [query_of(request) for request in wire.sent]
    names = ("yearFrom", "yearTo", "monthFrom", "monthTo")
    assert [[query.get(name) for name in names] for query in asked] == [
        ["2024", "2025", "11", None],
        ["2025", "2026", "1", None],
        ["2026", "2027", "1", "3"],
    ]
    assert {query["employeeId"] for query in asked} == {"11,12"}


def test_drafts_and_other_months_are_left_out():
    rows = [slip(2026, 2), slip(2026, 3), slip(2026, 4), slip(2026, 5)]
    rows += [slip(2027, 3), {**slip(2026, 3), "id": 1, "number": 0}]
    rows.append({**slip(2026, 3), "id": 2, "year": None})
    one, _wire = wired(lambda r: (200, listed(*rows)))
    found = one.list_payslips([11], DAY, datetime.date(2026, 4, 1))
    assert [(row["year"], row["month"]) for row in found] == [(2026, 3), (2026, 4)]
    assert set(found[0]) == {"id", "number", "year", "month", "employee"}


def test_payslips_of_nobody_ask_nothing():
    one, wire = wired(lambda r: (200, listed()))
    assert one.list_payslips([], DAY, DAY) == []
    assert not wire.sent


def test_missing_wage_rights_are_told():
    one, _wire = wired(lambda r: (403, envelope(403, 9000)))
    error = refusal_of(lambda: one.list_payslips([11], DAY, DAY))
    assert type(error) is tools.RightsMissing


# -- paycode rows of many people -----------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "filtered", "found"),
    [((), None, [11, 12]), ([11], "11", [11]), ([11, 13], None, [11])],
)
def test_paycode_rows_of_several_are_read_from_all(ids, filtered, found):
    rows = [{**SALARY_ROW, "id": n, "employee": {"id": n}} for n in (11, 12)]
    one, wire = wired(lambda r: (200, listed(*rows)))
    shown = one.search_salary_rows(DAY, DAY, ids)
    assert [row["employee"]["id"] for row in shown] == found
    assert query_of(wire.sent[0]).get("employeeId") == filtered
    assert len(wire.sent) == 1
