"""The stand-in's lists, fields filter, caching, rate limit and envelopes."""

import contextlib
import datetime
import http.client

import pytest
from sandbox_api import Api, problems, refusal

from dev.sandbox import OTHER_EMPLOYEE_TOKEN, SandboxServer

SANDBOX = {"projects": 120}


def test_count_is_1000_by_default_and_10000_at_most():
    # 2.1
    with SandboxServer(rate_limit=0, projects=1100, oddities=False) as sandbox:
        with Api(sandbox) as caller:
            assert len(caller.values("/project", fields="id")) == 1000
            rows = caller.values("/project", fields="id", count=10_000)
            assert len(rows) == 1100
            refusal(caller.get("/project", count=10_001), 422, 15000)


def test_more_than_10000_rows_fail_even_with_a_small_count(api):
    # 2.2
    state = api.sandbox.state
    template = api.post_entry(date="2019-01-01", project="1", hours=1)
    row = dict(state.company.table("TimesheetEntry")[template["id"]])
    first = datetime.date(2020, 1, 1)
    for number in range(10_000):
        date = first + datetime.timedelta(days=number)
        entry = {**row, "id": state.company.new_id("TimesheetEntry"), "date": str(date)}
        state.company.put("TimesheetEntry", entry)
    query = {"dateFrom": "2019-01-01", "dateTo": "2100-01-01", "count": 1}
    body = refusal(api.get("/timesheet/entry", **query), 422, 23000)
    assert body["message"] == "Result set too large. Limit of 10.000 reached."
    query["dateFrom"] = "2019-01-02"
    assert len(api.values("/timesheet/entry", **query)) == 1


@pytest.mark.parametrize(
    ("start", "count", "told"), [(0, 50, 51), (50, 50, 101), (0, 1, 2), (100, 50, 120)]
)
def test_full_result_size_is_no_total(api, start, count, told):
    # 2.3
    body = api.get("/project", from_=start, count=count).json()
    assert (body["from"], body["fullResultSize"]) == (start, told)
    assert body["count"] == len(body["values"])


def test_fields_filter(api):
    # 2.4
    path = "/project"
    row = api.values(path, fields="id,name,projectManager(id,email)", count=1)[0]
    assert list(row) == ["id", "name", "projectManager"]
    assert list(row["projectManager"]) == ["id", "email"]
    row = api.values(path, fields="*", count=1)[0]
    assert set(row["projectManager"]) == {"id", "url"}
    assert row == api.values(path, count=1)[0]
    row = api.values(path, fields="*,projectManager(firstName)", count=1)[0]
    assert set(row["projectManager"]) == {"firstName"}
    assert row["isClosed"] is False


@pytest.mark.parametrize(
    "fields", ["nonsense", "id,nonsense", "projectManager(nonsense)", "name(id)", "id("]
)
def test_unknown_field_in_fields(api, fields):
    # 2.4
    body = refusal(api.get("/project", fields=fields), 400, 11000)
    assert body["message"].startswith("Illegal field in fields filter: ")
    assert body["message"].endswith("DTO")


def test_a_bare_sub_object_leaks_the_whole_object(api):
    # 2.5
    row = api.values("/project", fields="id,projectManager", count=1)[0]
    assert row["projectManager"]["nationalIdentityNumber"]
    assert row["projectManager"]["bankAccountNumber"]
    assert set(row["projectManager"]["department"]) == {"id", "url"}


def test_urls_have_no_scheme(api):
    # 2.6
    row = api.values("/employee", count=1)[0]
    assert row["url"] == f"tripletex.no/v2/employee/{row['id']}"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/project", "customerAccountManagerId employeeInProjectId"),
        ("/project", "externalAccountsNumber includeRecentlyClosed sorting"),
        ("/employee", "onlyProjectManagers assignableProjectManagers periodStart"),
        ("/employee", "periodEnd hasSystemAccess onlyEmployeeTokens sorting"),
        ("/salary/type", "employeeIds sorting"),
        ("/activity", "sorting"),
        ("/employee/entitlement", "sorting"),
        ("/company/>withLoginAccess", "sorting"),
    ],
)
def test_a_documented_parameter_that_is_not_built_is_refused(api, path, names):
    # Ignored, it would answer rows that Tripletex leaves out.
    for name in names.split():
        body = refusal(api.get(path, **{name: "1"}), 422, 15000)
        assert problems(body)[0][0] == name


def test_doubled_slashes_count_as_one(api):
    assert api.values("//project") == api.values("/project")
    assert api.values("//salary//type") == api.values("/salary/type")


def test_filters(api):
    rows = api.values("/project", count=500)
    for query, keeps in (
        ({"isClosed": "true"}, lambda r: r["isClosed"]),
        ({"id": f"{rows[0]['id']},{rows[5]['id']}"}, lambda r: r in (rows[0], rows[5])),
        ({"name": rows[3]["name"][2:]}, lambda r: rows[3]["name"][2:] in r["name"]),
        ({"startDateFrom": "2021-01-01"}, lambda r: r["startDate"] >= "2021-01-01"),
        ({"startDateTo": "2021-01-01"}, lambda r: r["startDate"] < "2021-01-01"),
        ({"endDateTo": "2999-01-01"}, lambda r: r["endDate"]),
    ):
        found = api.values("/project", count=500, **query)
        assert found == [row for row in rows if keeps(row)] != rows


def test_containing_filters_find_more_than_asked_for(api):
    # 2.7
    numbers = {row["number"] for row in api.values("/salary/type", number="200")}
    assert {"2001", "2007"} <= numbers
    mail = api.values("/employee", number="1", count=1)[0]["email"]
    found = api.values("/employee", email=mail[2:8].upper())
    assert mail in {row["email"] for row in found}
    # These two are "Equals".
    assert [r["number"] for r in api.values("/project", number="1")] == ["1"]
    rows = api.values("/employee", employeeNumber="1")
    assert [row["employeeNumber"] for row in rows] == ["1"]


def test_version_digest(api):
    # 2.9
    silent = "'If-None-Match' header not specified"
    for path in ("/project", "/activity"):
        assert api.get(path).json()["versionDigest"] == silent
    entries = {"dateFrom": "2026-01-01", "dateTo": "2026-02-01"}
    answer = api.get("/timesheet/entry", **entries).json()
    assert answer["versionDigest"] == silent
    told = api.get("/employee").json()["versionDigest"]
    assert told == "Checksum not yet supported for this endpoint"
    assert api.get("/salary/type").json()["versionDigest"] is None


# -- rate limit (section 3) --------------------------------------------------------


@pytest.fixture
def limited():
    # A window that no test outlasts.
    with SandboxServer(rate_limit=5, rate_window=1000) as server, Api(server) as caller:
        yield caller


def test_rate_limit_headers_count_down(limited):
    # 3.1, 3.2: creating the session counts as well
    answer = limited.create_session()
    assert answer.headers["X-Rate-Limit-Limit"] == "5"
    assert answer.headers["X-Rate-Limit-Remaining"] == "4"
    assert 0 < int(answer.headers["X-Rate-Limit-Reset"]) <= 1001
    limited.http.auth = ("0", answer.json()["value"]["token"])
    left = limited.get("/activity").headers["X-Rate-Limit-Remaining"]
    assert left == "3"


def test_no_headers_without_credentials(limited):
    # 3.2
    limited.http.auth = ("0", "nobody")
    answer = limited.get("/activity")
    assert answer.status_code == 401
    assert not [name for name in answer.headers if name.startswith("X-Rate")]


def test_over_the_limit_429_until_the_window_ends(limited):
    # 3.1, 3.3: without the reset header
    control = limited.sandbox.control
    statuses = [limited.get("/activity").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    answer = limited.get("/activity")
    refusal(answer, 429, 429)
    assert answer.headers["X-Rate-Limit-Remaining"] == "0"
    assert "X-Rate-Limit-Reset" not in answer.headers
    control.advance_clock(1001)
    assert limited.get("/activity").status_code == 200


def test_the_reset_header_on_429_can_be_had(limited):
    limited.sandbox.control.set_rate(limit=1, reset_on_429=True)
    limited.get("/activity")
    answer = limited.get("/activity")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["X-Rate-Limit-Reset"]) <= 1001


def test_each_key_has_its_own_limit(limited):
    # 3.1
    limited.sandbox.control.set_rate(limit=2)
    limited.get("/activity")
    assert limited.get("/activity").status_code == 429
    with Api(limited.sandbox, token=OTHER_EMPLOYEE_TOKEN) as other:
        assert other.get("/activity").status_code == 200


def test_rate_limit_off(limited):
    limited.sandbox.control.set_rate(limit=0)
    answers = [limited.get("/activity") for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert "X-Rate-Limit-Limit" not in answers[-1].headers


# -- envelopes (section 10) --------------------------------------------------------


def test_wrong_method_is_400_with_code_4000(api):
    body = refusal(api.post("/project", {}), 400, 4000)
    assert body["message"] == "HTTP 405 Method Not Allowed"


def test_unknown_path_and_id(api):
    refusal(api.get("/nonsense"), 404, 6000)
    body = refusal(api.get("/timesheet/salaryTypeSpecification/1"), 404, 6000)
    assert body["message"] == "Object not found"
    assert body["validationMessages"] is None


def test_a_path_value_that_is_no_number(api):
    # 6.8
    path = "/timesheet/salaryTypeSpecification"
    body = refusal(api.get(f"{path}/nonsense"), 422, 21000)
    assert body["message"].endswith('For input string: "nonsense"')


def test_a_list_parameter_that_is_no_number(api):
    query = {"dateFrom": "2026-01-01", "dateTo": "2026-02-01", "employeeId": "1,x"}
    refusal(api.get("/timesheet/entry", **query), 422, 12000)


def test_missing_query_parameters(api):
    # 4.15
    body = refusal(api.get("/timesheet/entry"), 422, 15000)
    assert body["message"] == "Validation failed"
    assert problems(body) == [
        ("dateFrom", "Kan ikke være null.", None),
        ("dateTo", "Kan ikke være null.", None),
    ]


def test_unknown_query_parameters_are_ignored(api):
    # 6.8
    every = api.values("/activity")
    assert api.values("/activity", projectId=api.project(), nonsense="1") == every


def test_rights(api):
    # 9.3, 9.4
    control = api.sandbox.control
    control.revoke_rights("timesheet/entry:write")
    body = refusal(api.create({}), 403, 9000)
    assert body["message"] == "You do not have permission to access this feature."
    query = {"dateFrom": "2026-01-01", "dateTo": "2026-02-01"}
    assert api.values("/timesheet/entry", **query) == []
    control.revoke_rights("*")
    refusal(api.get("/project"), 403, 9000)
    assert api.get("/token/session/>whoAmI").status_code == 200
    control.revoke_rights("employee", hide=True)
    assert api.values("/employee") == []
    control.revoke_rights("timesheet/settings", hide=True)
    refusal(api.get("/timesheet/settings"), 403, 9000)
    control.revoke_rights()
    assert api.values("/employee") != []


def test_messages_follow_the_language_of_the_user(api):
    # Section 10
    body = refusal(api.create({}), 422, 18000)
    assert body["message"] == "Validering feilet."
    api.sandbox.control.set_language("en")
    body = refusal(api.create({}), 422, 18000)
    assert body["message"] == "Validation failed."
    assert problems(body)[0][1] == "Cannot be null."
    assert api.value("/token/session/>whoAmI")["language"] == "en"


def test_kept_connections(api):
    # Many calls on one connection that is never opened again, refusals included.
    connection = http.client.HTTPConnection("127.0.0.1", api.sandbox.port, timeout=30)
    with contextlib.closing(connection):
        connection.connect()
        connection.auto_open = False
        for path in ("/v2/activity", "/v2/nonsense", "/v2/activity", "/"):
            connection.request("GET", path)
            assert connection.getresponse().read()
