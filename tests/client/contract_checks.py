"""Holding requests and answers against the contract."""

import base64
import io
import json
import math
import re
from urllib.parse import parse_qsl, urlsplit

from contract import CALLS, REFUSAL, REFUSED_FIELD
from urllib3 import HTTPResponse

WRITTEN = {
    "integer": r"-?\d+",
    "boolean": "true|false",
    "string": "(?s).*",
    "date": r"\d{4}-\d\d-\d\d",
    "month": r"\d{4}-\d\d",
    "integers": r"\d+(,\d+)*",
    "single": r"\d+",
    "months": r"\d{4}-\d\d(,\d{4}-\d\d)*",
}
JSON = {
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float) and math.isfinite(value),
    "boolean": lambda value: type(value) is bool,
    "string": lambda value: type(value) is str,
    "date": lambda value: isinstance(value, str) and matches("date", value),
    "object": lambda value: type(value) is dict,
    "objects": lambda value: type(value) is list,
}


def matches(kind, text):
    """Whether a query parameter's text is of the kind."""
    return re.fullmatch(WRITTEN[kind], text)


def path_of(url):
    """The path after /v2; its values stay quoted, as they may hold slashes."""
    return urlsplit(url).path.replace("%3E", ">").partition("/v2")[2]


def call_of(method, path):
    """The contract's entry (name, Call) of a request; None if it has none."""
    names = [f"{method} {path}"]
    names += [
        name
        for name in CALLS
        if "{" in name
        and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", name), f"{method} {path}")
    ]
    return next(((name, CALLS[name]) for name in names if name in CALLS), None)


def names_of(fields):
    """The names of a ``fields`` filter, ``a,b(c)`` as a, b and b.c."""
    names, above = set(), ""
    for name, sign in re.findall(r"(\w*)([,()]|$)", fields):
        if name:
            names.add(above + name)
        if sign == "(":
            above = f"{name}."
        elif sign == ")":
            above = ""
    return names


def check_request(request):
    """Fail unless a prepared request is one that the contract knows."""
    found = call_of(request.method, path_of(request.url))
    assert found, f"{request.method} {path_of(request.url)} is not in the contract"
    name, call = found
    query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    assert set(query) <= set(call.query), (name, query)
    assert {n for n, fact in call.query.items() if fact.needed} <= set(query), name
    for parameter, text in query.items():
        kind = call.query[parameter].kind
        if kind == "fields":
            choices = call.choices or (set(call.reads),)
            assert names_of(text) in choices, (name, text)
        else:
            assert matches(kind, text), (name, parameter, text)
    assert bool(request.body) == bool(call.body), name
    if call.body:
        body = json.loads(request.body)
        assert isinstance(body, list) == call.many, name
        for item in body if call.many else [body]:
            _check_object(name, item, call.body, exact=True)
    _check_authorization(name, request, call)


def _check_authorization(name, request, call):
    header = request.headers.get("Authorization")
    assert bool(header) != call.open, name
    if header:
        company, _colon, token = (
            base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        )
        assert company.isdigit() and token, name


def check_answer(method, path, status, content, asked=None):
    """Fail unless an answer is one that the contract allows; calls outside it pass.

    ``asked``: the names of the ``fields`` filter sent, None when there was none.
    """
    found = call_of(method, path)
    if found is None:
        return
    name, call = found
    if status >= 400:
        body = json.loads(content)
        _check_object(name, body, REFUSAL)
        assert body["status"] == status, name
        for item in body["validationMessages"] or []:
            _check_object(name, item, REFUSED_FIELD)
        return
    assert status == call.status, (name, status)
    if call.envelope is None:
        assert not content, name
        return
    value = json.loads(content)[call.envelope]
    reads = {n: f for n, f in call.reads.items() if asked is None or n in asked}
    if asked is None:
        # Without a filter a sub-object is its id and address.
        reads = {n: f for n, f in reads.items() if "." not in n or n.endswith(".id")}
    for item in value if call.envelope == "values" else [value]:
        _check_object(name, item, reads)


def _check_object(name, item, facts, exact=False):
    """``exact``: nothing but the facts, and what is needed at least."""
    flat, facts = {}, dict(facts)
    for key in [key for key, fact in facts.items() if fact.kind == "objects"]:
        inner = {n: f for n, f in facts.items() if n.startswith(f"{key}.")}
        facts = {n: f for n, f in facts.items() if n not in inner}
        inner = {n.removeprefix(f"{key}."): f for n, f in inner.items()}
        for part in item[key] or ():
            _check_object(name, part, inner)
    for key, value in item.items():
        flat[key] = value
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": part for inner, part in value.items()}
    if exact:
        assert set(flat) <= set(facts), (name, set(flat) - set(facts))
    for key, fact in facts.items():
        above = key.rpartition(".")[0]
        if above and flat.get(above) is None or exact and key not in flat:
            assert not (fact.needed and not above), (name, key)
            continue
        assert key in flat, (name, key)
        if flat[key] is None:
            assert not fact.needed, (name, key)
        else:
            assert JSON[fact.kind](flat[key]), (name, key, flat[key])


def watch(client, answers=False):
    """Check each request of ``client``; with ``answers`` each answer, too."""
    for pool in (client._transport._reads, client._transport._writes):
        pool.send = _checking(pool.send, answers)
    return client


def _checking(send, answers):
    def checked(request, **kwargs):
        check_request(request)
        response = send(request, **kwargs)
        if answers:
            check_response(response)
            # the product reads for itself, from a body that was not read yet
            body = io.BytesIO(response.content)
            response.raw = HTTPResponse(body, preload_content=False)
        return response

    return checked


def check_response(response):
    """Check an answer of the stand-in; the HTML of a fault is none."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        return
    request = response.request
    query = dict(parse_qsl(urlsplit(request.url).query))
    asked = names_of(query["fields"]) if "fields" in query else None
    path = path_of(request.url)
    check_answer(request.method, path, response.status_code, response.content, asked)
