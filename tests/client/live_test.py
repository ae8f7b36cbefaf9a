"""The whole client against the stand-in Tripletex, over real HTTP."""

import datetime

import pytest
from client_live import DAY, ONE_DAY, connect, days, first_values

import tools
from dev.sandbox import SandboxServer


def test_everything_a_set_up_reads(one, control):
    who = one.who_am_i()
    companies = one.list_client_companies()
    assert who["companyId"] in [company["id"] for company in companies]
    assert all(company["organizationNumber"] for company in companies)
    projects, types = one.list_projects(), one.list_salary_types()
    employees, activities = one.list_employees(), one.list_activities()
    assert projects and types and employees and activities
    assert not [p for p in projects if p["isOffer"]]
    assert len(one.list_projects(closed=False)) <= len(projects)
    settings = one.get_timesheet_settings()
    assert settings["requireCommentsOnRegisteredHoursAllProjects"] is False
    rights = one.list_entitlements(who["actualEmployeeId"])
    assert "AUTH_HOURS_COMPANY" in [right["name"] for right in rights]
    number = next(p["number"] for p in projects if p["number"])
    assert number in [p["number"] for p in one.find_project_by_number(number)]
    number = next(e["employeeNumber"] for e in employees if e["employeeNumber"])
    assert one.find_employee_by_number(number)[0]["employeeNumber"] == number
    found = one.find_salary_type_by_number(types[0]["number"])
    assert [row["id"] for row in found] == [types[0]["id"]]
    sent = control.calls()
    assert all(call["status"] in (200, 201) for call in sent)
    assert one.calls == len(sent)


def test_employments_and_their_details_are_read(one, control):
    people = {row["id"]: row["employments"] for row in one.list_employments()}
    assert [] in people.values()
    person = next(row["id"] for row in one.list_employees() if people[row["id"]])
    (employment,) = people[person]
    control.employ(person, "HOURLY_WAGE", "2026-01-01")
    details = one.list_employment_details([employment["id"]])
    assert [(row["date"], row["remunerationType"]) for row in details] == [
        ("2020-01-01", "MONTHLY_WAGE"),
        ("2026-01-01", "HOURLY_WAGE"),
    ]
    assert {row["employment"]["id"] for row in details} == {employment["id"]}
    control.end_employment(person, "2026-02-28")
    people = {row["id"]: row["employments"] for row in one.list_employments()}
    assert people[person][0]["endDate"] == "2026-02-28"
    control.end_employment(person)
    people = {row["id"]: row["employments"] for row in one.list_employments()}
    assert people[person] == []


def test_employment_details_without_the_right_are_refused(one, control):
    control.revoke_rights("employee/employment/details")
    with pytest.raises(tools.RightsMissing):
        one.list_employment_details([1])
    assert one.list_employees()


def test_an_inactive_paycode_is_not_offered(one, control):
    number = one.list_salary_types()[0]["number"]
    control.retire_salary_type(number)
    assert number not in [row["number"] for row in one.list_salary_types()]
    assert one.find_salary_type_by_number(number) == []


def test_a_big_company_takes_few_calls(control):
    sizes = {"projects": 5200, "salary_types": 300, "employees": 1000}
    with SandboxServer(**sizes) as big, connect(big) as client:
        # Offers are no projects to us, and contacts no employees.
        assert len(client.list_projects()) > 4000
        assert len(client.list_salary_types()) == 300
        assert len(client.list_employees()) > 900
        assert client.calls <= 5
        people = client.list_employments()
        ids = [e["id"] for person in people for e in person["employments"]]
        assert len(client.list_employment_details(ids)) > 900
        assert client.calls <= 7


def test_an_entry_from_creation_to_deletion(one):
    values = first_values(one)
    (made,) = one.create_entries([values])
    assert made["hours"] == 7.5 and made["comment"] == "Montering"
    assert made["id"] > 2**40
    assert one.search_entries(DAY, DAY, ids=[made["id"]]) == [made]
    assert one.search_entries(DAY, DAY, [values["employee_id"]]) == [made]
    update = {**values, "id": made["id"], "version": made["version"]}
    (changed,) = one.update_entries([{**update, "hours": 4}])
    assert changed["hours"] == 4 and changed["version"] > made["version"]
    with pytest.raises(tools.StaleVersion):
        one.update_entries([update])
    with pytest.raises(tools.AlreadyExists):
        one.create_entries([values])
    one.delete_entry(made["id"], changed["version"])
    with pytest.raises(tools.NotFound):
        one.delete_entry(made["id"])
    with pytest.raises(tools.NotFound):
        one.update_entries([update])
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
    (made,) = one.create_entries([values])
    assert made["project"] is None
    (changed,) = one.update_entries([{**values, "id": made["id"], "hours": 2}])
    assert changed["project"] is None and changed["hours"] == 2
    with pytest.raises(tools.Refused) as caught:
        one.create_entries([first_values(one, activity_id=internal["id"])])
    assert caught.value.fields[0][1] == "Aktiviteten kan ikke benyttes."


def test_paycode_rows(one, control):
    values = first_values(one)
    kind = one.list_salary_types()[0]
    control.show_salary_type(kind["id"])
    given = (values["employee_id"], kind["id"], DAY)
    made = one.create_salary_row(*given, 2, "Overtid")
    with pytest.raises(tools.AlreadyExists):
        one.create_salary_row(*given, 2)
    changed = one.update_salary_row(made["id"], made["version"], *given, 3.25)
    assert changed["count"] == 3.25
    assert one.search_salary_rows(DAY, DAY, [values["employee_id"]]) == [changed]
    assert one.search_salary_rows(DAY, DAY) == [changed]
    assert one.get_salary_row(made["id"]) == changed
    one.delete_salary_row(made["id"])
    assert one.search_salary_rows(DAY, DAY) == []
    with pytest.raises(tools.NotFound):
        one.get_salary_row(made["id"])
    with pytest.raises(tools.NotFound):
        one.delete_salary_row(made["id"])


def test_a_hidden_paycode_is_refused(one, control):
    values = first_values(one)
    kind = one.list_salary_types()[0]
    control.show_salary_type(kind["id"], shown=False)
    with pytest.raises(tools.Refused):
        one.create_salary_row(values["employee_id"], kind["id"], DAY, 2)


def test_more_than_ten_thousand_entries_are_read_in_parts(sandbox, one):
    values = first_values(one)
    employees = [e["id"] for e in one.list_employees()]
    company = sandbox.state.company
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
