"""The stand-in's hours per paycode (section 5 of the facts).

Nothing but an empty list was ever recorded here: the refusals are ASSUMED.
"""

from sandbox_api import problems, refusal

PATH = "/timesheet/salaryTypeSpecification"


def row(api, date="2026-03-02", number="2007", employee="1", **values):
    """The body of a paycode row."""
    return {
        "employee": {"id": api.employee(employee)},
        "salaryType": {"id": api.salary_type(number)},
        "date": date,
        "count": 2,
        **values,
    }


def test_empty_list(api):
    # 5.4
    assert api.get(PATH).json() == {
        "fullResultSize": 0,
        "from": 0,
        "count": 0,
        "versionDigest": None,
        "values": [],
    }


def test_create_read_update_delete(api):
    # 5.1: the update may send the count alone
    answer = api.post(PATH, row(api, description="Overtid"))
    value = answer.json()["value"]
    assert answer.status_code == 201
    assert list(value) == [
        "id",
        "version",
        "url",
        "employee",
        "salaryType",
        "description",
        "date",
        "count",
    ]
    path = f"{PATH}/{value['id']}"
    assert api.value(path) == value
    changed = api.put(path, {"count": 10}).json()["value"]
    assert (changed["count"], changed["description"]) == (10.0, "Overtid")
    assert changed["version"] == 1
    refusal(api.put(path, {"count": 3, "version": 0}), 409, 8000)
    assert api.delete(path).status_code == 204
    refusal(api.get(path), 404, 6000)
    refusal(api.delete(path), 404, 6000)


def test_one_row_per_employee_date_and_salary_type(api):
    # 5.1
    assert api.post(PATH, row(api)).status_code == 201
    refusal(api.post(PATH, row(api, count=1)), 409, 7000)
    for other in ({"date": "2026-03-03"}, {"employee": "2"}, {"number": "2008"}):
        assert api.post(PATH, row(api, **other)).status_code == 201
    moved = api.values(PATH, dateFrom="2026-03-03", dateTo="2026-03-04")[0]
    body = {"date": "2026-03-02"}
    refusal(api.put(f"{PATH}/{moved['id']}", body), 409, 7000)


def test_required_and_unknown(api):
    body = refusal(api.post(PATH, {}), 422, 18000)
    fields = [field for field, _message, _path in problems(body)]
    assert fields == ["date", "employee", "salaryType"]
    refusal(api.post(PATH, row(api, project={"id": 1})), 422, 16000)
    refusal(api.post(PATH, row(api, salaryType={"id": 7})), 404, 6000)
    refusal(api.post(PATH, row(api, count=0)), 422, 18000)


def test_salary_type_must_be_shown_in_the_timesheet(api):
    # 5.5
    control = api.sandbox.control
    body = refusal(api.post(PATH, row(api, number="2001")), 422, 18000)
    assert problems(body)[0][0] == "salaryType.id"
    control.show_salary_type("2001")
    assert api.post(PATH, row(api, number="2001")).status_code == 201
    control.show_salary_type("2007", False)
    refusal(api.post(PATH, row(api)), 422, 18000)
    control.show_salary_type("2007")
    control.retire_salary_type("2007")
    refusal(api.post(PATH, row(api)), 422, 18000)


def test_overtime_comes_on_top_of_the_hours(api):
    # 5.6
    api.post_entry(hours=10)
    assert api.post(PATH, row(api)).status_code == 201
    state = api.sandbox.control.state()
    assert (state["sumHours"], state["sumRows"]) == (10.0, 2.0)
    assert state["sums"][0]["paycodes"] == 2.0
    assert state["rows"][0]["salaryTypeName"] == "Overtid 50 %"


def test_search(api):
    # 5.1: dates with the to-date excluded, one employee
    api.post(PATH, row(api))
    api.post(PATH, row(api, date="2026-03-03", employee="2"))

    def found(**query):
        return [v["date"][-2:] for v in api.values(PATH, **query)]

    assert found() == ["02", "03"]
    assert found(dateFrom="2026-03-02", dateTo="2026-03-03") == ["02"]
    assert found(dateFrom="2026-03-03") == ["03"]
    assert found(employeeId=api.employee("2")) == ["03"]


def test_no_list_form(api):
    # 5.3
    refusal(api.post(f"{PATH}/list", [row(api)]), 400, 4000)


def test_locked_month(api):
    value = api.post(PATH, row(api)).json()["value"]
    path = f"{PATH}/{value['id']}"
    api.sandbox.control.lock_month("2026-03")
    refusal(api.post(PATH, row(api, date="2026-03-05")), 409, 10000)
    refusal(api.put(path, {"count": 1}), 409, 10000)
    refusal(api.delete(path), 409, 10000)
