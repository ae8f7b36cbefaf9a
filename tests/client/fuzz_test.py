"""Whatever comes back, a call ends with a result or with one of our errors.

FUZZ_EXAMPLES sets how many answers are tried (default 300).
"""

import json
import os

from client_calls import CALLS, suitable
from client_case import FAR, SESSION_TOKEN, Wire, client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import tools

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
KNOWN = [
    *("value", "values", "id", "version", "date", "hours", "count", "employee"),
    *("project", "activity", "salaryType", "token", "expirationDate", "companyId"),
    *("employeeId", "status", "code", "message", "validationMessages", "requestId"),
    *("field", "developerMessage", "number", "name", "startDate", "isOffer"),
]
CODES = [1000, 3000, 6000, 7000, 8000, 9000, 10000, 14000, 18000, 23000]
odd_texts = st.text(st.characters(exclude_categories=()), max_size=12)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([11, 22, 33, 44, 2**41 + 7, 2**63, -1, *CODES]),
    st.floats(),
    odd_texts,
    st.sampled_from(["2026-03-20", "2026-13-45", "20260320", SESSION_TOKEN]),
)
shapes = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from(KNOWN), odd_texts), inner, max_size=6
        ),
    ),
    max_leaves=20,
)
written = shapes.map(lambda value: json.dumps(value).encode())
statuses = st.one_of(
    st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503]),
    st.integers(min_value=100, max_value=999),
)
header_texts = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    st.sampled_from(["Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 99 Oct 99999 07:28:00"]),
)
headers = st.dictionaries(
    st.sampled_from(
        [
            "X-Rate-Limit-Limit",
            "X-Rate-Limit-Remaining",
            "X-Rate-Limit-Reset",
            "Retry-After",
            "x-tlx-request-id",
            "Content-Type",
            "Location",
        ]
    ),
    header_texts,
    max_size=4,
)


@st.composite
def bent(draw):
    """How to bend the good answer: bytes, another shape, or one changed place."""
    way = draw(st.sampled_from(["bytes", "shape", "place", "cut", "good"]))
    if way == "bytes":
        return way, draw(st.binary(max_size=60))
    if way == "shape":
        return way, draw(written)
    if way == "place":
        return way, (draw(st.lists(st.integers(0, 9), max_size=4)), draw(shapes))
    return way, draw(st.integers(0, 200))


def bend(body, way, how):
    if way in ("bytes", "shape"):
        return how
    if way == "place" and not isinstance(body, bytes):
        path, new = how
        return json.dumps(replaced(body, path, new)).encode()
    whole = body if isinstance(body, bytes) else json.dumps(body).encode()
    return whole[:how] if way == "cut" else whole


def replaced(value, path, new):
    """``value`` with the place that ``path`` leads to changed into ``new``."""
    if not path or not isinstance(value, (dict, list)) or not value:
        return new
    keys = list(value) if isinstance(value, dict) else range(len(value))
    copy = value.copy()
    key = keys[path[0] % len(keys)]
    copy[key] = replaced(value[key], path[1:], new)
    return copy


answers = st.tuples(st.none() | statuses, bent(), headers)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.sampled_from(CALLS), st.booleans(), st.lists(answers, min_size=1, max_size=3))
@example(CALLS[1], True, [(200, ("bytes", b"[" * 100_000), {})])
@example(CALLS[1], True, [(200, ("bytes", b'{"value":' + b"9" * 5000 + b"}"), {})])
@example(CALLS[3], True, [(401, ("bytes", b"\xff\xfe\x00"), {})])
@example(CALLS[0], False, [(302, ("bytes", b""), {"Location": "\x80"})])
def test_any_answer_ends_in_a_result_or_our_error(call, session, planned):
    name, args, kwargs = call
    one = client(session_token=SESSION_TOKEN if session else None, session_expires=FAR)
    sent = []

    def answer(request):
        planned_status, (way, how), more = planned[min(len(sent), len(planned) - 1)]
        sent.append(request)
        assert len(sent) < 100, "no end"
        status, body = suitable(request)
        return planned_status or status, bend(body, way, how), more

    Wire(answer, one)
    try:
        getattr(one, name)(*args, **kwargs)
    except tools.TripletexError as error:
        assert type(error) is not tools.NewSession
        text = str(error)
        text.encode("utf-8")
        if one.session_token == SESSION_TOKEN and session:
            assert SESSION_TOKEN not in text + repr(vars(error))
        assert error.__cause__ is None
        if isinstance(error, tools.TryLater):
            assert error.retry_after is None or 0 <= error.retry_after <= 3600
            if name.startswith(("list", "get", "search", "find", "who", "open")):
                assert error.unclear is False
    # At most: a session, the call, a new session, the call again; twice where an older
    # call is tried as well. Searches, also for projects, may narrow the period besides.
    if "search" not in name and "project" not in name:
        assert len(sent) <= (8 if name == "list_month_status" else 4)
