"""The stand-in's months: states, sums, locks, pay (month-absence-pay A, B)."""

import pytest
from sandbox_api import EVER, problems, refusal

from dev.sandbox import ControlRefused

STATUS, SLIPS = "/timesheet/month", "/salary/payslip"
ROWS = "/timesheet/salaryTypeSpecification"
MARCH = {"monthYear": "2026-03"}


def act(api, action, **query):
    """PUT an action on a month; returns the response."""
    return api.call("PUT", f"{STATUS}/:{action}", **query)


def acted(api, action, **query):
    """The only row after an action on March of employee 1."""
    answer = act(api, action, employeeIds=api.employee(), **MARCH, **query)
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["values"]
    return row


def state(row):
    return row["completed"], row["approved"], row["approvedUntilDate"]


def shown(api, number="1", month="2026-03"):
    query = {"employeeIds": api.employee(number), "monthYearList": month}
    (row,) = api.values(f"{STATUS}/byMonthNumberList", **query)
    return row


def test_month_status(api):
    # 6.12, 2.3: fullResultSize and count are 0 with a value
    path = "/timesheet/month/byMonthNumber"
    employee, other = api.employee(), api.employee("2")
    api.post_entry(hours=4)
    query = {"employeeIds": f"{employee},{other}", "monthYear": "2026-03"}
    body = api.get(path, **query).json()
    assert (body["fullResultSize"], body["count"]) == (0, 0)
    mine, theirs = body["values"]
    assert mine["employee"]["id"] == employee
    assert mine["hourSummary"]["sumHours"] == 4.0
    assert mine["hourSummary"]["hoursWithPay"] is None, "not built"
    assert len(mine["timesheetEntries"]) == 1
    assert (mine["approved"], mine["approvedUntilDate"]) == (False, None)
    assert theirs["hourSummary"]["sumHours"] == 0
    api.sandbox.control.lock_month("2026-03", "1")
    mine, theirs = api.values(path, **query)
    assert (mine["approved"], mine["approvedUntilDate"]) == (True, "2026-03-31")
    assert theirs["approved"] is False
    body = refusal(api.get(path), 422, 15000)
    assert {p[0] for p in problems(body)} == {"employeeIds", "monthYear"}
    refusal(api.get(path, employeeIds=employee, monthYear="March"), 422, 15000)
    refusal(api.get(path, employeeIds="7", monthYear="2026-03"), 404, 6000)


def test_list_of_months_answers_each_employee_and_month(api):
    # A1
    ids = f"{api.employee()},{api.employee('2')}"
    query = {"employeeIds": ids, "monthYearList": "2026-02,2026-03"}
    rows = api.values(f"{STATUS}/byMonthNumberList", **query)
    assert [row["monthYear"] for row in rows] == ["2026-02"] * 2 + ["2026-03"] * 2
    assert len({row["id"] for row in rows}) == 4
    wrong = {**query, "monthYearList": "2026-02,March"}
    refusal(api.get(f"{STATUS}/byMonthNumberList", **wrong), 422, 15000)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ("not_found", 404, 6000),
        ("method_not_allowed", 400, 4000),
        ("not_a_number", 422, 21000),
    ],
)
def test_list_of_months_can_be_unknown(api, control, answer, status, code):
    control.assume(month_list=answer)
    query = {"employeeIds": api.employee(), "monthYearList": "2026-03"}
    refusal(api.get(f"{STATUS}/byMonthNumberList", **query), status, code)
    query = {"employeeIds": api.employee(), **MARCH}
    assert len(api.values(f"{STATUS}/byMonthNumber", **query)) == 1


def test_month_goes_from_open_to_finished_to_approved(api):
    # A3.1
    refusal(act(api, "approve", employeeIds=api.employee(), **MARCH), 422, 18000)
    assert state(acted(api, "complete")) == (True, False, None)
    assert state(acted(api, "reopen")) == (False, False, None)
    acted(api, "complete")
    row = acted(api, "approve", approvedUntilDate="2026-03-15")
    assert state(row) == (True, True, "2026-03-15")
    assert row["approvedBy"]["id"] == api.sandbox.state.company.owner["employee"]
    refusal(act(api, "reopen", employeeIds=api.employee(), **MARCH), 422, 18000)
    assert state(acted(api, "approve")) == (True, True, "2026-03-31")
    assert shown(api, "2")["completed"] is False


def test_approval_ends_within_its_month(api):
    acted(api, "complete")
    query = {"employeeIds": api.employee(), **MARCH}
    answer = act(api, "approve", **query, approvedUntilDate="2026-04-01")
    assert problems(refusal(answer, 422, 18000))[0][0] == "approvedUntilDate"


def test_action_without_employee_closes_the_key_owners_month(api):
    # A3.5
    api.call("PUT", f"{STATUS}/:complete", **MARCH)
    (month,) = api.sandbox.control.months()
    assert month["employee"] == api.value("/token/session/>whoAmI")["employeeId"]


def test_id_makes_an_action_ignore_everything_else(api, control):
    # A1
    row_id = shown(api, "3")["id"]
    act(api, "complete", id=row_id, employeeIds=api.employee("2"), monthYear="2026-05")
    (month,) = control.months()
    assert (month["employeeNumber"], month["month"]) == ("3", "2026-03")


def test_action_is_done_for_all_its_employees_or_for_none(api, control):
    control.finish_month("2026-03", "1")
    ids = f"{api.employee()},{api.employee('2')}"
    refusal(act(api, "approve", employeeIds=ids, **MARCH), 422, 18000)
    assert [month["approved"] for month in control.months()] == [False]
    refusal(act(api, "complete", employeeIds=f"{ids},7", **MARCH), 404, 6000)
    refusal(act(api, "complete", employeeIds=ids), 422, 15000)
    act(api, "complete", employeeIds=ids, **MARCH)
    assert {month["employeeNumber"] for month in control.months()} == {"1", "2"}


def is_locked(api, day, number="1"):
    """Whether a new entry of the day is refused as locked; takes it away again."""
    answer = api.create(api.entry(day, employee=number, hours=1))
    if answer.status_code == 201:
        (row,) = answer.json()["values"]
        api.remove(row["id"])
        return False
    refusal(answer, 409, 10000)
    return True


def test_partial_approval_leaves_the_rest_of_the_month_open(api, control):
    # A3.7
    row = control.person_creates_row("1", "2026-03-10", 2, "2007")
    control.lock_month("2026-03", "1", until="2026-03-15")
    assert is_locked(api, "2026-03-15")
    assert not is_locked(api, "2026-03-16")
    assert not is_locked(api, "2026-03-15", "2")
    refusal(api.delete(f"{ROWS}/{row}"), 409, 10000)


def test_finished_month_locks_only_if_assumed(api, control):
    # A3.2: REPORTED against DOCUMENTED
    control.finish_month("2026-03")
    assert is_locked(api, "2026-03-02")
    control.assume(completed_locks=False)
    assert not is_locked(api, "2026-03-02")
    control.assume()
    control.finish_month("2026-03", finished=False)
    assert not is_locked(api, "2026-03-02")


def test_paid_month_is_locked_until_pay_is_reversed(api, control):
    # B, step 7
    control.lock_month("2026-03", "1")
    control.run_pay("2026-03", "1")
    control.unlock_month("2026-03", "1")
    assert is_locked(api, "2026-03-02")
    control.assume(paid_locks=False)
    assert not is_locked(api, "2026-03-02")
    control.assume()
    control.run_pay("2026-03", "1", paid=False)
    assert not is_locked(api, "2026-03-02")


def test_payslips_are_found_by_year_and_month_whose_ends_are_excluded(api, control):
    # A4.2
    for month in ("2026-01", "2026-02", "2026-03"):
        control.run_pay(month, "1")
    control.run_pay("2026-03")
    control.run_pay("2026-03")
    query = {"employeeId": api.employee(), "yearFrom": 2026, "yearTo": 2027}
    found = api.values(SLIPS, **query, monthFrom=2, monthTo=3)
    assert [(row["year"], row["month"]) for row in found] == [(2026, 2)]
    assert len(api.values(SLIPS, **query)) == 3
    assert api.values(SLIPS, yearFrom=2025, yearTo=2026) == []
    numbers = [row["number"] for row in api.values(SLIPS)]
    assert len(numbers) == len(set(numbers)) > 15
    refusal(api.get(SLIPS, comment="bonus"), 422, 15000)


def test_rights_close_finishing_approving_and_payslips_apart(api, control):
    # A3.3, A4.6
    query = {"employeeIds": api.employee(), **MARCH}
    control.revoke_rights("timesheet/month/approve", "salary/payslip")
    acted(api, "complete")
    refusal(act(api, "approve", **query), 403, 9000)
    refusal(api.get(SLIPS), 403, 9000)
    control.revoke_rights("timesheet/month/complete")
    refusal(act(api, "reopen", **query), 403, 9000)
    assert shown(api)["completed"] is True


def test_person_works_in_months_too(api, control):
    control.finish_month("2026-03", "1")
    with pytest.raises(ControlRefused, match="låst"):
        control.person_creates_entry("1", "2026-03-02", 4, "Fakturerbart arbeid", "1")
    control.finish_month("2026-03", "1", finished=False)
    control.person_creates_entry("1", "2026-03-02", 4, "Fakturerbart arbeid", "1")
    control.lock_month("2026-03", until="2026-03-20")
    assert {month["approvedUntilDate"] for month in control.months()} == {"2026-03-20"}
    with pytest.raises(ControlRefused, match="godkjent"):
        control.finish_month("2026-03", finished=False)
    assert len(api.values("/timesheet/entry", **EVER)) == 1
