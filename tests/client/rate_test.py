"""The limit of calls: read from the headers, kept clear of, reported as a wait."""

import datetime
from email.utils import format_datetime

import pytest
from client_case import VALUES, envelope, listed, wired

import tools
from tools import rate as rate_module


def headers(remaining, reset=None, limit=100):
    named = {
        "X-Rate-Limit-Limit": limit,
        "X-Rate-Limit-Remaining": remaining,
        "X-Rate-Limit-Reset": reset,
    }
    return {name: str(value) for name, value in named.items() if value is not None}


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test moves it."""

    class Clock:
        now = datetime.datetime(2026, 3, 20, 12, tzinfo=datetime.timezone.utc)

        def forward(self, seconds):
            self.now += datetime.timedelta(seconds=seconds)

    one = Clock()
    monkeypatch.setattr(rate_module, "_now", lambda: one.now)
    return one


def answering(*answers):
    """A client that gets these headers, or a status with headers, one after another."""
    left = list(answers)

    def answer(request):
        following = left.pop(0)
        status, more = following if isinstance(following, tuple) else (200, following)
        return status, listed() if status == 200 else b"", more

    return wired(answer)


def refused(one):
    with pytest.raises(tools.RateLimited) as caught:
        one.list_activities()
    return caught.value


def test_the_headers_are_read(clock):
    one, _wire = answering(headers(98, 3))
    one.list_activities()
    assert (one.rate.limit, one.rate.remaining) == (100, 98)
    assert one.rate.reset_at == clock.now + datetime.timedelta(seconds=3)


def test_without_headers_everything_works(clock):
    one, wire = answering({}, {}, {})
    for _call in range(3):
        one.list_activities()
    assert len(wire.sent) == 3
    assert (one.rate.limit, one.rate.remaining, one.rate.reset_at) == (None,) * 3


def test_a_call_that_would_use_the_reserve_is_not_sent(clock):
    one, wire = answering(headers(6, 7), headers(5, 7), headers(99, 10))
    one.list_activities()
    one.list_activities()
    error = refused(one)
    assert len(wire.sent) == 2
    assert error.retry_after == 7
    assert error.unclear is False
    assert error.status is None
    clock.forward(8)
    one.list_activities()
    assert len(wire.sent) == 3


def test_writes_wait_as_well(clock):
    one, wire = answering(headers(0, 4))
    one.list_activities()
    with pytest.raises(tools.RateLimited) as caught:
        one.create_entries([VALUES])
    assert caught.value.unclear is False
    assert len(wire.sent) == 1


def test_a_small_limit_still_lets_calls_through(clock):
    one, wire = answering(headers(4, 9, limit=5), headers(0, 9, limit=5))
    one.list_activities()
    one.list_activities()
    refused(one)
    assert len(wire.sent) == 2


def test_without_a_reset_header_a_period_is_assumed(clock):
    one, wire = answering(headers(7), headers(3), headers(99))
    one.list_activities()
    clock.forward(4)
    one.list_activities()
    assert refused(one).retry_after == 6
    clock.forward(6)
    one.list_activities()
    assert len(wire.sent) == 3


def test_429_with_reset(clock):
    one, wire = answering((429, headers(0, 8)))
    error = refused(one)
    assert (error.status, error.retry_after, error.unclear) == (429, 8, False)
    clock.forward(5)
    assert refused(one).retry_after == 3
    assert len(wire.sent) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"code": 1}', b"[1]"])
def test_429_is_known_by_its_status_alone(clock, body):
    one, _wire = wired(lambda r: (429, body))
    error = refused(one)
    assert type(error) is tools.RateLimited
    assert error.retry_after == 10


def test_429_in_tripletexs_envelope(clock):
    one, _wire = wired(lambda r: (429, envelope(429, 7, "Too many")))
    assert refused(one).message == "Too many"


def test_429_with_retry_after(clock):
    assert refused(answering((429, {"Retry-After": "17"}))[0]).retry_after == 17
    at = format_datetime(clock.now + datetime.timedelta(seconds=40), usegmt=True)
    assert refused(answering((429, {"Retry-After": at}))[0]).retry_after == 40


def test_429_without_any_word_waits_longer_each_time(clock):
    answers = [(429, {})] * 7 + [{}] + [(429, {})]
    one, wire = answering(*answers)
    waits = []
    for _refusal in range(7):
        waits.append(refused(one).retry_after)
        clock.forward(waits[-1])
    assert waits == [10, 20, 40, 80, 160, 300, 300]
    one.list_activities()
    assert refused(one).retry_after == 10
    assert len(wire.sent) == 9


@pytest.mark.parametrize(
    "value", ["", "soon", "-5", "nan", "inf", "1e400", "0x10", "١٢x", "1 2"]
)
def test_senseless_headers_are_not_believed(clock, value):
    more = {"X-Rate-Limit-Reset": value, "Retry-After": value}
    assert refused(answering((429, more))[0]).retry_after == 10
    senseless = {"X-Rate-Limit-Remaining": value, "X-Rate-Limit-Limit": value}
    one, _wire = answering(senseless, {})
    one.list_activities()
    one.list_activities()


def test_a_time_of_day_is_not_taken_for_seconds(clock):
    one, _wire = answering((429, {"X-Rate-Limit-Reset": "1774008000"}))
    assert refused(one).retry_after == 3600


def test_a_clock_set_back_does_not_stretch_the_wait(clock):
    one, _wire = answering(headers(0, 5))
    one.list_activities()
    clock.forward(-86400)
    assert refused(one).retry_after == 3600


def test_429_is_not_repeated_inside_the_client(clock):
    one, wire = answering((429, {"Retry-After": "1"}))
    refused(one)
    assert len(wire.sent) == 1


def test_a_session_is_deleted_even_when_the_limit_is_near(clock):
    one, wire = answering(headers(0, 5), (204, {}))
    one.list_activities()
    one.close_session()
    assert wire.sent[1].method == "DELETE"
