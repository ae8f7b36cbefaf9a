"""The stand-in's normal working days and internal activities for absence."""

import pytest
from sandbox_api import Api, refusal

from dev.sandbox import SandboxServer

SANDBOX = {"absences": 4}
COMPANY = "/salary/settings/standardTime/byDate"
OWN = "/employee/standardTime/byDate"


def test_company_has_a_normal_day(api):
    assert api.value(COMPANY, date="2026-03-16")["hoursPerDay"] == 7.5
    refusal(api.get(COMPANY, date="2009-12-31"), 404, 6000)
    refusal(api.get(COMPANY), 422, 15000)


def test_employee_has_a_normal_day_of_their_own(api):
    employee = api.employee("1")
    asked = {"employeeId": employee, "date": "2040-01-01"}
    refusal(api.get(OWN, **asked), 404, 6000)
    api.sandbox.control.set_standard_time(6, employee="1")
    value = api.value(OWN, **asked)
    assert (value["hoursPerDay"], value["employee"]["id"]) == (6, employee)


@pytest.mark.parametrize("count", [0, 4])
def test_activities_for_absence(count):
    with SandboxServer(rate_limit=0, absences=count) as server, Api(server) as caller:
        internal = [
            row["name"]
            for row in caller.values("/activity")
            if row["activityType"] == "GENERAL_ACTIVITY"
        ]
    assert len(internal) == 2 + count
    assert ("Egenmelding" in internal) == bool(count)


def test_no_field_says_that_an_activity_is_without_pay(api):
    [unpaid] = [
        row for row in api.values("/activity") if row["name"] == "Sykdom uten lønn"
    ]
    assert not any("pay" in name.lower() for name in unpaid)
