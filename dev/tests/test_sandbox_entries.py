"""The stand-in's hour entries (section 4 of the facts)."""

import json

import pytest
from sandbox_api import LIST, problems, refusal

from dev.sandbox.company import ENTRY
from dev.sandbox.query import to_row

PATH = "/timesheet/entry"
MARCH = {"dateFrom": "2026-03-01", "dateTo": "2026-04-01"}


SANDBOX = {"activities": 10}


def test_create(api):
    # 4.1
    value = api.post_entry(hours=5)
    assert list(value) == [
        "id",
        "version",
        "url",
        "project",
        "activity",
        "date",
        "hours",
        "chargeableHours",
        "employee",
        "timeClocks",
        "comment",
        "locked",
        "chargeable",
        "invoice",
        "hourlyRate",
        "hourlyCost",
        "hourlyCostPercentage",
        "projectChargeableHours",
    ]
    assert (value["version"], value["hours"], value["locked"]) == (0, 5.0, False)
    assert set(value["employee"]) == {"id", "url"}
    assert value["id"] > 2**40


def test_required_fields(api):
    # 4.2
    body = api.refused({}, 422, 18000)
    assert problems(body) == [
        ("activity", "Kan ikke være null.", "null.activity"),
        ("date", "Kan ikke være null.", "null.date"),
        ("employee", "Kan ikke være null.", "null.employee"),
    ]


def test_internal_time_has_no_project(api):
    # 4.2
    internal = {"id": api.activity("Administrasjon")}
    value = api.post_entry(project=None, activity=internal)
    assert value["project"] is None
    assert value["chargeableHours"] == 0
    # MEASURED: there is nothing to charge, so the field is not there.
    assert "projectChargeableHours" not in value
    project, activity = {"id": api.project()}, {"id": api.activity()}
    changed = api.updated(value["id"], project=project, activity=activity)
    assert changed["projectChargeableHours"] == 7.5


def test_read_only_fields_are_ignored(api):
    # 4.3
    value = api.post_entry(hourlyRate=1850, chargeable=False, locked=True)
    assert (value["hourlyRate"], value["locked"]) == (0.0, False)
    assert value["chargeable"] is True


def test_unknown_fields_are_refused(api):
    # 4.3
    body = api.refused(api.entry(description="x"), 422, 16000)
    assert body["message"] == "Request mapping failed"
    told = [("description", "Feltet eksisterer ikke i objektet.", None)]
    assert problems(body) == told
    entry = api.entry()
    entry["employee"]["nonsense"] = 1
    body = api.refused(entry, 422, 16000)
    assert problems(body)[0][0] == "employee.nonsense"


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        ("employee", {"id": "x"}, "employee.id"),
        ("employee", {"id": True}, "employee.id"),
        ("employee", 5, "employee"),
        ("hours", "7.5", "hours"),
        ("date", "02.03.2026", "date"),
        ("date", "20260302", "date"),
        ("comment", 5, "comment"),
    ],
)
def test_wrong_types(api, column, value, field):
    # Measured for employee.id; numbers as texts are ASSUMED to be refused.
    body = api.refused(api.entry(**{column: value}), 422, 16000)
    told = [(field, "Verdien er ikke av korrekt type for dette feltet.", field)]
    assert problems(body) == told


def test_body_missing_or_broken(api):
    body = refusal(api.post(LIST, None), 422, 15000)
    assert problems(body) == [("request body", "Kan ikke være null.", None)]
    api.get("/activity")
    address, headers = api.sandbox.base_url + LIST, {"Content-Type": "application/json"}
    for text in (b"{", b"\xff", b'[{"hours": NaN}]', b"[" * 100_000):
        answer = api.http.post(address, data=text, headers=headers, timeout=30)
        refusal(answer, 422, 22000)
    refusal(api.post(LIST, api.entry()), 422, 16000)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 201),
        ("Application/JSON; charset=utf-8", 201),
        ("text/plain", 400),
        ("application/x-www-form-urlencoded", 400),
        ("application/jsonp", 400),
        ("", 400),
        (None, 400),
    ],
)
def test_only_json_is_read(api, kind, status):
    # The answer is ASSUMED to follow that of a wrong method.
    text, address = json.dumps([api.entry()]), api.sandbox.base_url + LIST
    headers = {} if kind is None else {"Content-Type": kind}
    answer = api.http.post(address, data=text.encode(), headers=headers, timeout=30)
    assert answer.status_code == status
    if status == 400:
        assert refusal(answer, 400, 4000)["message"].startswith("HTTP 415")
        assert api.values(PATH, **MARCH) == []


def test_chargeable_follows_the_activity(api):
    # 4.4
    assert api.post_entry()["chargeable"] is True
    activity = {"id": api.activity("Prosjektadministrasjon")}
    assert api.post_entry(activity=activity)["chargeable"] is False


def test_no_cap_on_hours_but_on_chargeable_hours(api):
    # 4.5
    value = api.post_entry(hours=142)
    assert value["projectChargeableHours"] == 142.0
    body = api.refused(api.entry("2026-03-03", projectChargeableHours=34), 422, 18000)
    assert problems(body) == [
        (
            "projectChargeableHours",
            "Kan ikke være over 24",
            "null.projectChargeableHours",
        )
    ]
    value = api.post_entry("2026-03-04", 8, projectChargeableHours=2)
    assert (value["hours"], value["chargeableHours"]) == (8.0, 2.0)


def test_one_entry_per_key(api):
    # 4.6
    api.post_entry()
    body = api.refused(api.entry(hours=1), 409, 7000)
    assert body["message"].startswith("Det er allerede registrert timer")
    assert (body["developerMessage"], body["validationMessages"]) == (None, None)
    for other in ({"date": "2026-03-03"}, {"employee": "2"}, {"project": "2"}):
        api.post_entry(**other)
    api.post_entry(activity={"id": api.activity("Reisetid")})


def test_before_the_projects_start(api):
    # 4.7
    api.sandbox.control.change_project("1", startDate="2026-03-10")
    body = api.refused(api.entry("2026-03-09"), 422, 18000)
    field, message, path = problems(body)[0]
    assert (field, path) == (None, None)
    assert message.startswith("Startdato for prosjektet 1 ")
    assert "er 2026-03-10. Det kan ikke registreres timer før" in message
    assert body["developerMessage"] == "VALIDATION_ERROR"
    api.post_entry("2026-03-10")


@pytest.mark.parametrize("name", ["Administrasjon", "Befaring", "Utgått aktivitet"])
def test_activity_that_cannot_be_used(api, name):
    # 4.8, 6.10: internal, another project's own, disabled
    activity = {"id": api.activity(name)}
    body = api.refused(api.entry(activity=activity), 422, 18000)
    assert problems(body) == [("activity.id", "Aktiviteten kan ikke benyttes.", None)]


def test_linked_activities_only(api):
    # 6.10
    api.post_entry(project="13", activity={"id": api.activity("Befaring")})
    body = api.refused(api.entry(project="13"), 422, 18000)
    assert problems(body)[0][0] == "activity.id"


@pytest.mark.parametrize("column", ["employee", "project", "activity"])
def test_unknown_ids_are_404_without_saying_which(api, column):
    # 4.9
    body = api.refused(api.entry(**{column: {"id": 7}}), 404, 6000)
    assert body["message"] == "Object not found"


def test_participants_only(api):
    # 4.10, 4.12 (the answer is ASSUMED)
    api.post_entry(employee="2", project="2")
    api.refused(api.entry(employee="2", project="11"), 422, 18000)
    api.post_entry(employee="1", project="11")


def test_future_dates_and_weekends(api):
    # 4.11
    for date in ("2031-03-02", "2026-03-01"):
        assert api.post_entry(date)["date"] == date


def test_closed_and_ended_projects(api):
    # 4.12 (the answers are ASSUMED)
    control = api.sandbox.control
    control.close_project("1")
    api.refused(api.entry(), 422, 18000)
    control.close_project("1", closed=False)
    control.change_project("1", endDate="2026-03-02")
    api.post_entry("2026-03-02")
    api.refused(api.entry("2026-03-03"), 422, 18000)


def test_offers_take_no_hours(api):
    # ASSUMED: Tripletex leaves offers out of its time sheets.
    control = api.sandbox.control
    control.change_project("1", isOffer=True)
    body = api.refused(api.entry(), 422, 18000)
    assert "tilbud" in problems(body)[0][1]
    control.change_project("1", isOffer=False)
    api.post_entry()


def test_locked_month(api):
    # 4.13 (the answer is ASSUMED)
    control = api.sandbox.control
    mine, next_month = api.post_entry(), api.post_entry("2026-04-01")
    control.lock_month("2026-03", employee="1")
    assert api.held(mine["id"])["locked"] is True
    api.refused(api.entry("2026-03-05"), 409, 10000)
    refusal(api.update(mine["id"], hours=1), 409, 10000)
    refusal(api.remove(mine["id"]), 409, 10000)
    # Nothing moves into a locked month either.
    refusal(api.update(next_month["id"], date="2026-03-30"), 409, 10000)
    api.post_entry(employee="2")
    control.lock_month("2026-03")
    api.refused(api.entry("2026-03-05", employee="2"), 409, 10000)
    control.unlock_month("2026-03")
    assert api.remove(mine["id"]).status_code == 204


@pytest.mark.parametrize("switch", ["approve_entry", "invoice_entry"])
def test_approved_and_invoiced_entries(api, switch):
    # 4.13 (the answer is ASSUMED)
    entry = api.post_entry()["id"]
    turn = getattr(api.sandbox.control, switch)
    turn(entry)
    shown = api.held(entry)
    assert shown["locked"] is True
    assert (shown["invoice"] is not None) == (switch == "invoice_entry")
    refusal(api.update(entry, hours=1), 409, 10000)
    refusal(api.remove(entry), 409, 10000)
    turn(entry, False)
    assert api.updated(entry, hours=1)["locked"] is False


def test_required_comment(api):
    # 4.14 (the answer is ASSUMED)
    api.sandbox.control.require_comments()
    assert api.value("/timesheet/settings")[
        "requireCommentsOnRegisteredHoursAllProjects"
    ]
    api.refused(api.entry(comment=" "), 422, 18000)
    api.post_entry(comment="Rørlegging")


def test_search(api):
    # 4.15, 2.7: to-date excluded, comma lists, the sum of all rows
    one, two = api.post_entry("2026-03-31"), api.post_entry("2026-03-02", 4)
    api.post_entry("2026-04-01")
    three = api.post_entry(employee="2", project="3", hours=1)
    answer = api.get(PATH, count=1, **MARCH).json()
    assert answer["sumAllHours"] == 12.5
    assert len(answer["values"]) == 1

    def found(**query):
        return {row["id"] for row in api.values(PATH, **MARCH, **query)}

    assert found() == {one["id"], two["id"], three["id"]}
    assert found(employeeId=api.employee("2")) == {three["id"]}
    both = f"{api.employee('1')},{api.employee('2')}"
    assert found(employeeId=both) == found()
    assert found(projectId=api.project("1")) == {one["id"], two["id"]}
    assert found(activityId=api.activity("Reisetid")) == set()
    assert found(id=f"{one['id']},{three['id']}") == {one["id"], three["id"]}


def test_update_keeps_what_is_absent_and_empties_what_is_null(api):
    # 4.16
    entry = api.post_entry()["id"]
    changed = api.updated(entry, hours=3)
    assert (changed["hours"], changed["comment"]) == (3.0, "Montering")
    changed = api.updated(entry, comment=None, hours=0)
    assert (changed["hours"], changed["comment"]) == (0.0, "")
    refusal(api.update(entry, employee=None), 422, 18000)
    body = api.refusal_inside(
        lambda rows: rows.update(entry, to_row({"employee": None}, ENTRY))
    )
    assert problems(body)[0][0] == "employee"


def test_an_update_to_zero_hours_is_what_is_assumed(api):
    # Nobody has seen it: whichever it is, it can be tried.
    entry = api.post_entry()["id"]
    api.sandbox.control.assume(zero_hours="refused")
    refusal(api.update(entry, hours=0), 422, 18000)
    assert api.held(entry)["hours"] == 7.5
    api.sandbox.control.assume(zero_hours="kept")
    assert api.updated(entry, hours=0)["hours"] == 0.0
    # A creation is refused at all times.
    api.refused(api.entry("2026-03-03", hours=0), 422, 18000)


def test_version_is_optional_and_a_stale_one_refused(api):
    # 4.16, 4.17
    entry = api.post_entry()["id"]
    assert api.updated(entry, version=0, hours=7.5)["version"] == 0
    assert api.updated(entry, version=0, hours=7)["version"] == 1
    body = refusal(api.update(entry, version=0, hours=6), 409, 8000)
    assert body["message"] == "RevisionException"
    assert api.updated(entry, hours=6)["version"] == 2
    refusal(api.remove(entry, version=1), 409, 8000)
    assert api.remove(entry, version=2).status_code == 204


def test_id_and_version_in_a_post(api):
    # 4.16 (the answer is ASSUMED)
    for column in ("id", "version"):
        body = api.refused(api.entry(**{column: 1}), 422, 18000)
        assert problems(body)[0][0] == column


def test_update_onto_another_key(api):
    entry = api.post_entry()["id"]
    api.post_entry("2026-03-03")
    refusal(api.update(entry, date="2026-03-03"), 409, 7000)
    assert api.updated(entry, date="2026-03-04")["date"] == "2026-03-04"
    # The old key is free again.
    api.post_entry()


def test_delete(api):
    # 4.18
    entry = api.post_entry()["id"]
    answer = api.remove(entry)
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.held(entry) is None
    refusal(api.update(entry, hours=1), 404, 6000)
    refusal(api.remove(entry), 404, 6000)
    assert api.post_entry()["id"] != entry


def test_nobody_who_may_not_register(api):
    # 6.3 (the answer is ASSUMED)
    control = api.sandbox.control
    control.change_employee("1", allowInformationRegistration=False)
    api.refused(api.entry(), 422, 18000)
