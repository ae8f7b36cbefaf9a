"""The stand-in's projects, employees, salary types and activities (section 6)."""

import pytest
from sandbox_api import Api

from dev.sandbox import SandboxServer

SANDBOX = {"projects": 20, "employees": 30, "activities": 10, "salary_types": 40}


def test_the_wanted_numbers_of_rows(api):
    counts = api.sandbox.control.state()["counts"]
    assert len(api.values("/project")) == counts["projects"] == 20
    assert len(api.values("/employee")) == counts["employees"] == 30
    assert len(api.values("/activity")) == counts["activities"] == 10
    in_use = api.values("/salary/type", isInactive="false")
    assert len(in_use) == counts["salaryTypes"] == 40
    departments = {row["department"]["id"] for row in api.values("/employee")}
    assert len(departments) == counts["departments"] == 3


def test_numbers_are_unique(api):
    for path, column in (
        ("/project", "number"),
        ("/employee", "employeeNumber"),
        ("/salary/type", "number"),
    ):
        numbers = [row[column] for row in api.values(path) if row[column]]
        assert len(set(numbers)) == len(numbers)


def test_the_same_seed_gives_the_same_company(api):
    options = {"rate_limit": 0, "employees": 8, "projects": 4}
    shown = []
    for seed in (5, 5, 6):
        with SandboxServer(seed=seed, **options) as server, Api(server) as caller:
            rows = caller.values("/employee"), caller.values("/project")
            shown.append(rows)
    assert shown[0] == shown[1]
    assert shown[0] != shown[2]


def test_salary_types(api):
    # 6.1, 6.2
    rows = api.values("/salary/type")
    shown = [row["number"] for row in rows if row["showInTimesheet"]]
    assert 0 < len(shown) < len(rows) / 2
    ticked = api.values("/salary/type", showInTimesheet="true")
    assert [row["number"] for row in ticked] == shown
    assert all(isinstance(row["number"], str) for row in rows)
    assert "isInactive" not in rows[0]
    (retired,) = api.values("/salary/type", isInactive="true")
    assert retired in rows and retired["name"] == "Utgått tillegg"
    assert retired not in api.values("/salary/type", isInactive="false")
    api.sandbox.control.retire_salary_type("2007")
    retired = api.values("/salary/type", isInactive="true")
    assert "2007" in {row["number"] for row in retired}
    names = {row["number"]: row["name"] for row in rows}
    assert names["2007"] == "Overtid 50 %"
    assert set(rows[0]["accountNumberDebit"]) == {"id", "url"}


def test_employees(api):
    # 6.3: contacts left out, "" and not null, no active field
    rows = api.values("/employee")
    every = api.values("/employee", includeContacts="true")
    contacts = api.values("/employee", onlyContacts="true")
    assert len(every) == len(rows) + len(contacts) > len(rows)
    assert not any(row["isContact"] for row in rows)
    assert [row for row in rows if row["employeeNumber"] == ""]
    assert [row for row in rows if row["email"] == ""]
    assert not any(row["employeeNumber"] is None for row in rows)
    assert {row["userType"] for row in rows} == {None}
    assert "isActive" not in rows[0]
    barred = api.values("/employee", allowInformationRegistration="false")
    assert len(barred) == 1


def test_employees_hold_personal_data_that_leaks_without_fields(api):
    # 6.4
    row = api.values("/employee")[0]
    assert row["nationalIdentityNumber"]
    assert row["bankAccountNumber"]
    fields = "id,version,firstName,lastName,displayName,employeeNumber,email,"
    fields += "department(id,name),allowInformationRegistration,isContact"
    row = api.values("/employee", fields=fields)[0]
    assert set(row["department"]) == {"id", "name"}
    assert "nationalIdentityNumber" not in row


def test_projects(api):
    # 6.5
    rows = {row["number"]: row for row in api.values("/project")}
    assert all(isinstance(number, str) for number in rows)
    assert all(row["startDate"] for row in rows.values())
    assert [row for row in rows.values() if row["isClosed"]]
    assert [row for row in rows.values() if row["isOffer"]]
    assert [row for row in rows.values() if row["mainProject"]]
    assert "INT-014" in rows
    assert "" in rows
    closed = api.values("/project", isClosed="true")
    assert {row["isClosed"] for row in closed} == {True}
    offers = api.values("/project", isOffer="false")
    assert {row["isOffer"] for row in offers} == {False}
    first = rows["1"]
    assert first["displayName"] == f"1 {first['name']}"
    assert first["accessType"] == "WRITE"
    assert set(first["participants"][0]) == {"id", "url"}


def test_activities(api):
    # 6.7
    rows = {row["name"]: row for row in api.values("/activity")}
    assert rows["Administrasjon"]["activityType"] == "GENERAL_ACTIVITY"
    assert rows["Fakturerbart arbeid"]["isChargeable"] is True
    assert rows["Prosjektadministrasjon"]["isChargeable"] is False
    assert rows["Eldre aktivitet"]["activityType"] is None
    assert rows["Ferie"]["number"] == ""


@pytest.mark.parametrize("count", [1, 2, 4, 12])
def test_few_and_many_activities(count):
    with SandboxServer(rate_limit=0, activities=count) as server, Api(server) as caller:
        rows = caller.values("/activity")
        assert len(rows) == count
        assert "Fakturerbart arbeid" in {row["name"] for row in rows}
        settings = caller.value("/timesheet/settings")
        default = settings["defaultProjectActivity"]["id"]
        assert default == caller.activity("Fakturerbart arbeid")


def test_settings(api):
    # 6.11
    value = api.value("/timesheet/settings", fields="*,defaultProjectActivity(name)")
    assert value["timeClock"] is False
    assert value["requireCommentsOnRegisteredHoursAllProjects"] is False
    assert value["defaultProjectActivity"] == {"name": "Fakturerbart arbeid"}
    api.sandbox.control.set_default_activity(None)
    assert api.value("/timesheet/settings")["defaultProjectActivity"] is None
    api.sandbox.control.set_default_activity("Reisetid")
    value = api.value("/timesheet/settings")
    assert value["defaultProjectActivity"]["id"] == api.activity("Reisetid")


def test_plain_data_has_no_awkward_rows():
    options = {"rate_limit": 0, "projects": 40, "employees": 40, "oddities": False}
    with SandboxServer(**options) as server, Api(server) as caller:
        projects, employees = caller.values("/project"), caller.values("/employee")
        assert not [row for row in projects if row["isClosed"] or not row["number"]]
        assert all(row["employeeNumber"] and row["email"] for row in employees)
        assert len(employees) == 40
