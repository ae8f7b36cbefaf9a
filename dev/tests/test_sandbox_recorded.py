"""The stand-in against answers recorded from Tripletex, where they are at hand.

They lie beside the repository in the project's own workshop, not in it: without them
these tests are skipped. Compared are statuses, codes, names and kinds of fields.
"""

import json
from pathlib import Path

import pytest
from sandbox_api import LIST, Api, refusal

from dev.sandbox import SandboxServer

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "tripletex" / "recorded"

pytestmark = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="no recorded answers of Tripletex beside the project"
)


@pytest.fixture(scope="module")
def api():
    with SandboxServer(rate_limit=0, activities=4) as server, Api(server) as caller:
        yield caller


def recorded(name):
    """The recorded response: status and body."""
    text = (RECORDED / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text)["response"]


def kind(value):
    """The JSON kind of a value, numbers alike; references by their keys."""
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, dict):
        return tuple(value)
    return type(value).__name__


def differences(ours, theirs):
    """Names of fields whose kinds differ; null on either side fits everything."""
    assert list(ours) == list(theirs)
    pairs = {name: (kind(ours[name]), kind(theirs[name])) for name in ours}
    return {
        name: pair
        for name, pair in pairs.items()
        if pair[0] != pair[1] and "NoneType" not in pair
    }


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/project", "project_list_200"),
        ("/employee", "employee_list_200"),
        ("/activity", "activity_list_200"),
        ("/salary/type", "salary_type_list_200"),
        ("/employee/entitlement", "employee_entitlement_list_200"),
    ],
)
def test_lists(api, path, name):
    answer = api.get(path).json()
    body = recorded(name)["body"]
    assert list(answer) == list(body)
    assert answer["versionDigest"] == body["versionDigest"]
    assert differences(answer["values"][0], body["values"][0]) == {}


def test_who_am_i(api):
    ours = api.value("/token/session/>whoAmI")
    assert differences(ours, recorded("whoami_200")["body"]["value"]) == {}


def test_session(api):
    ours = api.create_session().json()["value"]
    theirs = recorded("token_session_create_put_200")["body"]["value"]
    assert differences(ours, theirs) == {}


def test_settings_flags(api):
    ours = api.value("/timesheet/settings")
    theirs = recorded("timesheet_settings_200_partial")["body"]["value"]
    assert {name: ours[name] for name in theirs} == theirs


def test_entries_and_month(api):
    api.sandbox.reset()
    api.http.auth = None
    ours = api.post_entry()
    theirs = recorded("timesheet_entry_post_201_project_chargeable")["body"]["value"]
    assert differences(ours, theirs) == {}
    internal = {"id": api.activity("Administrasjon")}
    ours = api.create(api.entry(project=None, activity=internal)).json()
    theirs = recorded("timesheet_entry_list_post_201")["body"]
    assert differences(ours, theirs) == {}
    assert differences(ours["values"][0], theirs["values"][0]) == {}
    query = {"dateFrom": "2026-01-01", "dateTo": "2027-01-01"}
    ours = api.get("/timesheet/entry", **query).json()
    theirs = recorded("timesheet_entry_list_get_200")["body"]
    assert list(ours) == list(theirs)
    query = {"employeeIds": api.employee(), "monthYear": "2026-03"}
    ours = api.get("/timesheet/month/byMonthNumber", **query).json()
    theirs = recorded("timesheet_month_by_month_number_200")["body"]
    assert differences(ours, theirs) == {}
    assert differences(ours["values"][0], theirs["values"][0]) == {}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("error_422_timesheet_required_fields", None),
        ("error_422_timesheet_activity_not_usable", {"activity": "Ferie"}),
        ("error_422_timesheet_before_project_start", {"date": "2001-01-01"}),
        ("error_422_unknown_field", {"description": "x"}),
        ("error_422_employee_id_wrong_type", {"employee": {"id": "x"}}),
        (
            "error_422_timesheet_project_chargeable_hours_over_24",
            {"projectChargeableHours": 34},
        ),
        ("error_404_timesheet_entry_unknown_id", {"project": {"id": 7}}),
        ("error_409_timesheet_entry_exists", {}),
        ("error_422_body_missing", "nothing"),
    ],
)
def test_refused_entries(api, name, change):
    if change == "nothing":
        body = None
    elif change is None:
        body = {}
    else:
        body = api.entry(**{"date": "2026-05-04", **change})
        if isinstance(body["activity"], str):
            body["activity"] = {"id": api.activity(body["activity"])}
    if change == "nothing":
        compare(api.post(LIST, None), recorded(name))
        return
    if change == {}:
        api.create(body)
    theirs = recorded(name)
    same(api.refused(body, theirs["status"], theirs["body"]["code"]), theirs["body"])


def test_refused_batch(api):
    items = [api.entry("2001-01-01"), api.entry("2026-05-05")]
    name = "error_422_timesheet_entry_list_item_before_project_start"
    compare(api.post("/timesheet/entry/list", items), recorded(name))


def test_other_refusals(api):
    path = "/timesheet/salaryTypeSpecification"
    compare(api.get(f"{path}/7"), recorded("error_404_object_not_found"))
    compare(api.get(f"{path}/forTimeSheet"), recorded("error_422_path_without_gt_sign"))
    theirs = recorded("error_400_unknown_field_in_fields")
    compare(api.get("/project", fields="project"), theirs)
    theirs = recorded("error_422_missing_query_dates")
    compare(api.get("/timesheet/entry"), theirs)
    theirs = recorded("error_400_method_not_allowed")
    compare(api.post("/project", {}), theirs)
    theirs = recorded("error_422_session_expiration_date_missing")
    compare(api.create_session(expires=None), theirs)
    theirs = recorded("error_422_consumer_token_invalid")
    compare(api.create_session(consumerToken="x"), theirs)
    control = api.sandbox.control
    control.fault("500_json")
    compare(api.get("/activity"), recorded("error_500_internal"))
    control.fault("403")
    compare(api.get("/activity"), recorded("error_403_no_permission"))
    control.fault("409")
    compare(api.get("/activity"), recorded("error_409_revision"))
    control.fault("401")
    compare(api.get("/activity"), recorded("error_401_session_rejected"))


def compare(answer, theirs):
    """Everything of the envelope but ids, links and names within messages."""
    body = theirs["body"]
    same(refusal(answer, theirs["status"], body["code"]), body)


def same(ours, body):
    """The same but for ids, links and names within messages."""
    assert ours["message"] == body["message"]
    assert ours["developerMessage"] == body["developerMessage"]
    messages = [ours["validationMessages"], body["validationMessages"]]
    if None in messages:
        assert messages == [None, None]
        return
    places = [[(m["field"], m["path"]) for m in side] for side in messages]
    # A field's name is the sender's own in these two.
    if body["code"] != 16000:
        assert places[0] == places[1]
    starts = [[m["message"][:20] for m in side] for side in messages]
    assert starts[0] == starts[1]
