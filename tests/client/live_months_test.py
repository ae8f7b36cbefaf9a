"""Months, payslips and the client against the stand-in, over real HTTP."""

import pytest
from client_live import DAY, first_values
from live_trouble_test import UNCLEAR

import tools

LAST = DAY.replace(day=31)


@pytest.fixture
def who(one):
    """An employee with hours in March."""
    values = first_values(one)
    one.create_entries([values])
    return values["employee_id"]


def status(one, who):
    (row,) = one.list_month_status([who], [DAY])
    return row["completed"], row["approved"], row["approvedUntilDate"]


def test_month_is_finished_reopened_and_approved(one, who):
    assert status(one, who) == (False, False, None)
    assert one.complete_month(who, DAY)["completed"] is True
    assert one.reopen_month(who, DAY)["completed"] is False
    one.complete_month(who, DAY)
    row = one.approve_month(who, DAY, LAST)
    assert (row["approved"], row["approvedUntilDate"]) == (True, "2026-03-31")
    (row,) = one.list_month_status([who], [DAY])
    assert row["approvedBy"]["displayName"]
    assert row["sumHours"] == 7.5
    with pytest.raises(tools.Refused):
        one.reopen_month(who, DAY)


def test_no_month_but_that_of_the_employee_is_touched(one, who, control):
    other = [e["id"] for e in one.list_employees() if e["id"] != who]
    one.complete_month(other[0], DAY)
    one.approve_month(other[0], DAY, LAST)
    one.reopen_month(other[1], DAY)
    assert {month["employee"] for month in control.months()} == {other[0]}


@pytest.mark.parametrize("answer", ["not_found", "method_not_allowed", "not_a_number"])
def test_older_tripletex_is_asked_month_by_month(one, who, control, answer):
    control.assume(month_list=answer)
    months = [DAY, DAY.replace(month=4)]
    rows = one.list_month_status([who], months)
    assert [row["monthYear"] for row in rows] == ["2026-03", "2026-04"]
    control.clear_calls()
    one.list_month_status([who], months)
    assert control.count_calls("GET", "/timesheet/month/byMonthNumber") == 2
    assert control.count_calls() == 2


@pytest.mark.parametrize(("fault", "kind", "kept"), UNCLEAR)
def test_action_without_an_answer_is_unclear_and_sent_once(
    one, who, control, fault, kind, kept
):
    control.clear_calls()
    control.fault(fault, method="PUT", path="/timesheet/month/*")
    with pytest.raises(kind) as caught:
        one.complete_month(who, DAY)
    assert caught.value.unclear is True
    assert control.count_calls("PUT") == 1
    assert status(one, who)[0] is bool(kept)


def test_rights_to_approve_can_be_missing_alone(one, who, control):
    control.revoke_rights("timesheet/month/approve", "salary/payslip")
    one.complete_month(who, DAY)
    with pytest.raises(tools.RightsMissing) as caught:
        one.approve_month(who, DAY, LAST)
    assert caught.value.call == "PUT /timesheet/month/:approve"
    with pytest.raises(tools.RightsMissing):
        one.list_payslips([who], DAY, DAY)
    assert status(one, who) == (True, False, None)


def test_pay_that_has_been_run_is_found(one, who, control):
    assert one.list_payslips([who], DAY, LAST) == []
    control.run_pay("2026-03")
    control.run_pay("2026-12", who)
    (slip,) = one.list_payslips([who], DAY, LAST)
    assert (slip["employee"]["id"], slip["year"], slip["month"]) == (who, 2026, 3)
    found = one.list_payslips([who], DAY, DAY.replace(month=12))
    assert [slip["month"] for slip in found] == [3, 12]


def test_check_of_a_month_takes_four_calls(one, control):
    people = [e["id"] for e in one.list_employees()]
    control.clear_calls()
    one.search_entries(DAY.replace(day=1), LAST, people)
    one.search_salary_rows(DAY.replace(day=1), LAST, people)
    one.list_month_status(people, [DAY])
    one.list_payslips(people, DAY, DAY)
    assert control.count_calls() == 4
