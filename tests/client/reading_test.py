"""Reading: pages, limits, long id lists, and nothing lost at their edges."""

import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from client_case import DAY, ENTRY, client, envelope, listed, wired

import tools
from tools import client as client_module

TOO_LARGE = (422, envelope(422, 23000, "Result set too large. Limit of 10.000"))
ONE_DAY = datetime.timedelta(days=1)


def query_of(request):
    return {k: v[0] for k, v in parse_qs(urlsplit(request.url).query).items()}


def activity(number):
    return {"id": number, "name": f"Aktivitet {number}", "isDisabled": False}


def paged(rows):
    """Answers a list like Tripletex: from and count, a fullResultSize that lies."""

    def answer(request):
        query = query_of(request)
        start, count = int(query["from"]), int(query["count"])
        return 200, listed(*rows[start : start + count])

    return answer


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(client_module, "PAGE_SIZE", 10)


@pytest.mark.parametrize(("total", "calls"), [(0, 1), (9, 1), (10, 2), (25, 3)])
def test_pages_are_read_until_one_is_not_full(small_pages, total, calls):
    rows = [activity(number) for number in range(1, total + 1)]
    one, wire = wired(paged(rows))
    found = one.list_activities()
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert len(wire.sent) == calls


def details(employment):
    return {"id": employment, "date": "2026-01-01", "employment": {"id": employment}}


def test_details_that_the_whole_list_lacks_are_asked_for_by_id():
    def answer(request):
        ids = query_of(request).get("employmentId")
        found = ids.split(",") if ids else ["1", "2", "77"]
        return 200, listed(*(details(int(i)) for i in found))

    one, wire = wired(answer)
    found = one.list_employment_details(range(1, 1001))
    assert sorted(row["employment"]["id"] for row in found) == list(range(1, 1001))
    assert len(wire.sent) < 10


def test_details_are_asked_for_by_id_where_the_whole_list_is_refused():
    def answer(request):
        ids = query_of(request).get("employmentId")
        if not ids:
            return 422, envelope(422, 15000, "employmentId: Kan ikke være null.")
        return 200, listed(*(details(int(i)) for i in ids.split(",")))

    one, wire = wired(answer)
    assert len(one.list_employment_details([1, 2])) == 2
    assert len(wire.sent) == 2
    assert one.list_employment_details([]) == []
    assert len(wire.sent) == 2


def test_full_result_size_is_not_believed(small_pages):
    rows = [activity(number) for number in range(1, 13)]
    for lie in (0, 1, 10**9, -1, None, "many"):
        one, wire = wired(lambda r, lie=lie: _with_size(paged(rows)(r), lie))
        assert len(one.list_activities()) == 12
        assert len(wire.sent) == 2


def _with_size(answer, size):
    answer[1]["fullResultSize"] = answer[1]["count"] = size
    return answer


def test_a_row_that_moves_between_pages_comes_once(small_pages):
    rows = [activity(number) for number in range(1, 15)]

    def answer(request):
        # Somebody adds a row at the front after the first page.
        if query_of(request)["from"] == "10":
            return paged([activity(99), *rows])(request)
        return paged(rows)(request)

    one, _wire = wired(answer)
    ids = [row["id"] for row in one.list_activities()]
    assert sorted(ids) == list(range(1, 15))


def test_pages_that_never_end_do_end(small_pages):
    rows = [activity(number) for number in range(1, 11)]
    one, wire = wired(lambda r: (200, listed(*rows)))
    with pytest.raises(tools.BrokenAnswer):
        one.list_activities()
    assert len(wire.sent) == 2


def test_a_company_of_thousands_takes_few_calls():
    rows = [activity(number) for number in range(1, 12_001)]
    one, wire = wired(paged(rows))
    assert len(one.list_activities()) == 12_000
    assert len(wire.sent) == 3


def entries_per_day(days, limit=10_000):
    """Answers a search with one entry a day, unless more than ``limit`` match."""

    def answer(request):
        query = query_of(request)
        first = datetime.date.fromisoformat(query["dateFrom"])
        end = datetime.date.fromisoformat(query["dateTo"])
        hits = [d for d in days if first <= d < end]
        if len(hits) > limit:
            return TOO_LARGE
        rows = [
            {**ENTRY, "id": d.toordinal(), "date": d.isoformat()} for d in sorted(hits)
        ]
        return paged(rows)(request)

    return answer


def test_the_last_day_is_included():
    days = [DAY + ONE_DAY * n for n in range(-1, 4)]
    one, wire = wired(entries_per_day(days))
    found = one.search_entries(DAY, DAY + 2 * ONE_DAY)
    assert [row["date"] for row in found] == ["2026-03-20", "2026-03-21", "2026-03-22"]
    query = query_of(wire.sent[0])
    assert (query["dateFrom"], query["dateTo"]) == ("2026-03-20", "2026-03-23")
    assert "employeeId" not in query
    assert len(one.search_entries(DAY, DAY)) == 1


@pytest.mark.parametrize("date", ["20260320", "2026-3-20", "2026-02-30", "", None, 1])
def test_a_date_is_written_in_one_way_only(date):
    one, _wire = wired(lambda r: (200, listed({**ENTRY, "date": date})))
    with pytest.raises(tools.BrokenAnswer):
        one.search_entries(DAY, DAY)


def test_too_many_rows_are_met_by_halving_the_period():
    days = [DAY + ONE_DAY * n for n in range(31)]
    one, wire = wired(entries_per_day(days, limit=8))
    found = one.search_entries(days[0], days[-1])
    assert [row["date"] for row in found] == [d.isoformat() for d in days]
    assert len(wire.sent) < 15


def test_a_single_day_with_too_many_rows_is_an_error():
    one, wire = wired(lambda r: TOO_LARGE)
    with pytest.raises(tools.ResultTooLarge):
        one.search_entries(DAY, DAY + 6 * ONE_DAY)
    assert len(wire.sent) < 5


def test_a_period_that_ends_before_it_begins_is_a_mistake():
    with pytest.raises(ValueError):
        client().search_entries(DAY, DAY - ONE_DAY)


def test_too_many_projects_are_read_by_their_start():
    def answer(request):
        query = query_of(request)
        if "startDateFrom" not in query:
            return TOO_LARGE
        first = datetime.date.fromisoformat(query["startDateFrom"])
        end = datetime.date.fromisoformat(query["startDateTo"])
        starts = [datetime.date(2000 + n, 1, 1) for n in range(26)]
        hits = [d for d in starts if first <= d < end]
        if len(hits) > 5:
            return TOO_LARGE
        return 200, listed(*[{"id": d.year, "startDate": str(d)} for d in hits])

    one, _wire = wired(answer)
    assert [row["id"] for row in one.list_projects()] == list(range(2000, 2026))


def test_long_id_lists_are_split_and_nothing_is_lost():
    employees = [18_600_000 + n for n in range(1000)]
    asked = []

    def answer(request):
        assert len(request.url) < 2000
        ids = [int(i) for i in query_of(request)["employeeId"].split(",")]
        asked.extend(ids)
        rows = [{**ENTRY, "id": i, "employee": {"id": i}} for i in ids]
        return 200, listed(*rows)

    one, wire = wired(answer)
    found = one.search_entries(DAY, DAY, employees)
    assert sorted(asked) == employees
    assert [row["employee"]["id"] for row in found] == employees
    assert len(wire.sent) < 12


def test_several_long_id_lists_ask_for_each_combination_once():
    wanted = {
        "employeeId": list(range(10**6, 10**6 + 300)),
        "id": list(range(2**41, 2**41 + 200)),
    }
    seen = set()

    def answer(request):
        query = query_of(request)
        assert len(request.url) < 2000
        parts = [query[name].split(",") for name in wanted]
        for one in parts[0]:
            for two in parts[1]:
                assert (one, two) not in seen
                seen.add((one, two))
        return 200, listed()

    one, _wire = wired(answer)
    one.search_entries(DAY, DAY, employee_ids=wanted["employeeId"], ids=wanted["id"])
    assert len(seen) == 300 * 200


def test_month_status_without_employees_asks_nothing():
    one, wire = wired(lambda r: (200, listed()))
    assert one.list_month_status([], [DAY]) == []
    assert not wire.sent


def test_month_status_counts_as_nothing_and_may_have_no_id():
    rows = [{"employee": {"id": n}, "completed": True} for n in (11, 12)]
    body = {**listed(*rows), "count": 0}
    one, wire = wired(lambda r: (200, body))
    found = one.list_month_status([12, 11, 11], [DAY])
    assert [row["employee"]["id"] for row in found] == [11, 12]
    assert query_of(wire.sent[0])["monthYearList"] == "2026-03"
    assert query_of(wire.sent[0])["employeeIds"] == "11,12"
