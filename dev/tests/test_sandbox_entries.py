"""The stand-in's hour entries (section 4 of the facts)."""

import pytest
from sandbox_api import problems, refusal

PATH = "/timesheet/entry"
MARCH = {"dateFrom": "2026-03-01", "dateTo": "2026-04-01"}


SANDBOX = {"activities": 10}


def test_create(api):
    # 4.1
    answer = api.post(PATH, api.entry(hours=5))
    value = answer.json()["value"]
    assert answer.status_code == 201
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
    body = refusal(api.post(PATH, {}), 422, 18000)
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


def test_read_only_fields_are_ignored(api):
    # 4.3
    value = api.post_entry(hourlyRate=1850, chargeable=False, locked=True)
    assert (value["hourlyRate"], value["locked"]) == (0.0, False)
    assert value["chargeable"] is True


def test_unknown_fields_are_refused(api):
    # 4.3
    body = refusal(api.post(PATH, api.entry(description="x")), 422, 16000)
    assert body["message"] == "Request mapping failed"
    told = [("description", "Feltet eksisterer ikke i objektet.", None)]
    assert problems(body) == told
    entry = api.entry()
    entry["employee"]["nonsense"] = 1
    body = refusal(api.post(PATH, entry), 422, 16000)
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
    body = refusal(api.post(PATH, api.entry(**{column: value})), 422, 16000)
    told = [(field, "Verdien er ikke av korrekt type for dette feltet.", field)]
    assert problems(body) == told


def test_body_missing_or_broken(api):
    body = refusal(api.post(PATH, None), 422, 15000)
    assert problems(body) == [("request body", "Kan ikke være null.", None)]
    api.get("/activity")
    for text in (b"{", b"\xff", b'{"hours": NaN}', b"[" * 100_000):
        answer = api.http.post(api.sandbox.base_url + PATH, data=text, timeout=30)
        refusal(answer, 422, 22000)
    refusal(api.post(PATH, [api.entry()]), 422, 16000)


def test_chargeable_follows_the_activity(api):
    # 4.4
    assert api.post_entry()["chargeable"] is True
    activity = {"id": api.activity("Prosjektadministrasjon")}
    assert api.post_entry(activity=activity)["chargeable"] is False


def test_no_cap_on_hours_but_on_chargeable_hours(api):
    # 4.5
    value = api.post_entry(hours=142)
    assert value["projectChargeableHours"] == 142.0
    body = refusal(
        api.post(PATH, api.entry("2026-03-03", projectChargeableHours=34)), 422, 18000
    )
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
    body = refusal(api.post(PATH, api.entry(hours=1)), 409, 7000)
    assert body["message"].startswith("Det er allerede registrert timer")
    assert (body["developerMessage"], body["validationMessages"]) == (None, None)
    for other in ({"date": "2026-03-03"}, {"employee": "2"}, {"project": "2"}):
        api.post_entry(**other)
    api.post_entry(activity={"id": api.activity("Reisetid")})


def test_before_the_projects_start(api):
    # 4.7
    api.sandbox.control.change_project("1", startDate="2026-03-10")
    body = refusal(api.post(PATH, api.entry("2026-03-09")), 422, 18000)
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
    body = refusal(api.post(PATH, api.entry(activity=activity)), 422, 18000)
    assert problems(body) == [("activity.id", "Aktiviteten kan ikke benyttes.", None)]


def test_linked_activities_only(api):
    # 6.10
    api.post_entry(project="13", activity={"id": api.activity("Befaring")})
    body = refusal(api.post(PATH, api.entry(project="13")), 422, 18000)
    assert problems(body)[0][0] == "activity.id"


@pytest.mark.parametrize("column", ["employee", "project", "activity"])
def test_unknown_ids_are_404_without_saying_which(api, column):
    # 4.9
    body = refusal(api.post(PATH, api.entry(**{column: {"id": 7}})), 404, 6000)
    assert body["message"] == "Object not found"


def test_participants_only(api):
    # 4.10, 4.12 (the answer is ASSUMED)
    api.post_entry(employee="2", project="2")
    refusal(api.post(PATH, api.entry(employee="2", project="11")), 422, 18000)
    api.post_entry(employee="1", project="11")


def test_future_dates_and_weekends(api):
    # 4.11
    api.post_entry("2031-03-02")
    api.post_entry("2026-03-01")


def test_closed_and_ended_projects(api):
    # 4.12 (the answers are ASSUMED)
    control = api.sandbox.control
    control.close_project("1")
    refusal(api.post(PATH, api.entry()), 422, 18000)
    control.close_project("1", closed=False)
    control.change_project("1", endDate="2026-03-02")
    api.post_entry("2026-03-02")
    refusal(api.post(PATH, api.entry("2026-03-03")), 422, 18000)


def test_locked_month(api):
    # 4.13 (the answer is ASSUMED)
    control = api.sandbox.control
    mine, next_month = api.post_entry(), api.post_entry("2026-04-01")
    control.lock_month("2026-03", employee="1")
    path = f"{PATH}/{mine['id']}"
    assert api.value(path)["locked"] is True
    refusal(api.post(PATH, api.entry("2026-03-05")), 409, 10000)
    refusal(api.put(path, {"hours": 1}), 409, 10000)
    refusal(api.delete(path), 409, 10000)
    # Nothing moves into a locked month either.
    moved = api.put(f"{PATH}/{next_month['id']}", {"date": "2026-03-30"})
    refusal(moved, 409, 10000)
    api.post_entry(employee="2")
    control.lock_month("2026-03")
    refusal(api.post(PATH, api.entry("2026-03-05", employee="2")), 409, 10000)
    control.unlock_month("2026-03")
    assert api.delete(path).status_code == 204


@pytest.mark.parametrize("switch", ["approve_entry", "invoice_entry"])
def test_approved_and_invoiced_entries(api, switch):
    # 4.13 (the answer is ASSUMED)
    value = api.post_entry()
    path = f"{PATH}/{value['id']}"
    turn = getattr(api.sandbox.control, switch)
    turn(value["id"])
    shown = api.value(path)
    assert shown["locked"] is True
    assert (shown["invoice"] is not None) == (switch == "invoice_entry")
    refusal(api.put(path, {"hours": 1}), 409, 10000)
    refusal(api.delete(path), 409, 10000)
    turn(value["id"], False)
    assert api.put(path, {"hours": 1}).status_code == 200


def test_required_comment(api):
    # 4.14 (the answer is ASSUMED)
    api.sandbox.control.require_comments()
    assert api.value("/timesheet/settings")[
        "requireCommentsOnRegisteredHoursAllProjects"
    ]
    refusal(api.post(PATH, api.entry(comment=" ")), 422, 18000)
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
    value = api.post_entry()
    path = f"{PATH}/{value['id']}"
    changed = api.put(path, {"hours": 3}).json()["value"]
    assert (changed["hours"], changed["comment"]) == (3.0, "Montering")
    changed = api.put(path, {"comment": None, "hours": 0}).json()["value"]
    assert (changed["hours"], changed["comment"]) == (0.0, "")
    body = refusal(api.put(path, {"employee": None}), 422, 18000)
    assert problems(body)[0][0] == "employee"


def test_version_is_optional_and_a_stale_one_refused(api):
    # 4.16, 4.17
    value = api.post_entry()
    path = f"{PATH}/{value['id']}"
    assert api.put(path, {"version": 0, "hours": 7.5}).json()["value"]["version"] == 0
    assert api.put(path, {"version": 0, "hours": 7}).json()["value"]["version"] == 1
    body = refusal(api.put(path, {"version": 0, "hours": 6}), 409, 8000)
    assert body["message"] == "RevisionException"
    assert api.put(path, {"hours": 6}).json()["value"]["version"] == 2
    refusal(api.delete(path, version=1), 409, 8000)
    assert api.delete(path, version=2).status_code == 204


def test_id_and_version_in_a_post(api):
    # 4.16 (the answer is ASSUMED)
    for column in ("id", "version"):
        body = refusal(api.post(PATH, api.entry(**{column: 1})), 422, 18000)
        assert problems(body)[0][0] == column


def test_update_onto_another_key(api):
    value = api.post_entry()
    api.post_entry("2026-03-03")
    path = f"{PATH}/{value['id']}"
    refusal(api.put(path, {"date": "2026-03-03"}), 409, 7000)
    assert api.put(path, {"date": "2026-03-04"}).status_code == 200
    # The old key is free again.
    api.post_entry()


def test_delete(api):
    # 4.18
    value = api.post_entry()
    path = f"{PATH}/{value['id']}"
    answer = api.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    refusal(api.get(path), 404, 6000)
    refusal(api.put(path, {"hours": 1}), 404, 6000)
    refusal(api.delete(path), 404, 6000)
    assert api.post_entry()["id"] != value["id"]


def test_nobody_who_may_not_register(api):
    # 6.3 (the answer is ASSUMED)
    control = api.sandbox.control
    control.change_employee("1", allowInformationRegistration=False)
    refusal(api.post(PATH, api.entry()), 422, 18000)
