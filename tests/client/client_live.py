"""The client and the stand-in together: what the tests of both share."""

import datetime

from contract_checks import watch

import tools
from dev.sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN

DAY = datetime.date(2026, 3, 20)
ONE_DAY = datetime.timedelta(days=1)


def connect(sandbox, **kwargs):
    """A client of the stand-in; ``key`` is the employee token.

    Its requests and the stand-in's answers are held against the contract.
    """
    key = kwargs.pop("key", EMPLOYEE_TOKEN)
    client = tools.TripletexClient(sandbox.base_url, CONSUMER_TOKEN, key, **kwargs)
    return watch(client, answers=True)


def first_values(client, **changed):
    """Values of an entry that the stand-in takes."""
    employee = next(e for e in client.list_employees() if e["employeeNumber"])
    project = next(
        p
        for p in client.list_projects(closed=False)
        if p["startDate"] <= "2026-01-31" and not p["endDate"]
    )
    activity = client.get_timesheet_settings()["defaultProjectActivity"]
    return {
        "employee_id": employee["id"],
        "project_id": project["id"],
        "activity_id": activity["id"],
        "date": DAY,
        "hours": 7.5,
        "comment": "Montering",
        **changed,
    }


def days(values, count):
    """Values of ``count`` entries, one a day from that of ``values``."""
    return [{**values, "date": values["date"] + ONE_DAY * n} for n in range(count)]
