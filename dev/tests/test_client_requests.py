"""Each request the client can make is one that Tripletex's own document knows."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema
import pytest
from client_calls import CALLS, suitable
from client_case import DAY, SALARY_ROW, wired

import tools

DOCUMENT = Path(__file__).resolve().parents[3] / "shared/tripletex/openapi-subset.json"
# Not in the subset, but seen in use: the key's own rights.
OUTSIDE = {("GET", "/employee/entitlement")}
PLAIN = {
    "integer": re.compile(r"-?\d+").fullmatch,
    "boolean": re.compile("true|false").fullmatch,
    "string": re.compile("(?s).*").fullmatch,
}


@pytest.fixture(scope="module")
def document():
    if not DOCUMENT.exists():
        pytest.skip("no OpenAPI subset beside this repository: requests not checked")
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


def requests_of(name, args, kwargs):
    one, wire = wired(suitable)
    getattr(one, name)(*args, **kwargs)
    assert wire.sent, "the call sent nothing"
    return wire.sent


def operation(document, request):
    """The documented pattern and operation of a request; fails if there is none."""
    path = unquote(urlsplit(request.url).path).removeprefix("/v2")
    paths = document["paths"]
    patterns = [path] if path in paths else []
    patterns += [
        pattern
        for pattern in paths
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path)
    ]
    if (request.method, path) in OUTSIDE:
        return None
    assert patterns, f"{path} is not documented"
    assert request.method.lower() in paths[patterns[0]], f"{request.method} {path}"
    return paths[patterns[0]][request.method.lower()]


def resolved(document, schema):
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def writable(document, schema, depth=3):
    """A JSON schema for bodies: no unknown and no read-only field.

    Sub-objects may be null, which the document never says and Tripletex does.
    """
    schema = resolved(document, schema)
    if schema.get("type") == "array":
        return {"type": "array", "items": writable(document, schema["items"], depth)}
    if "properties" not in schema:
        return {key: schema[key] for key in schema if key in ("type", "enum")}
    properties = {
        name: writable(document, part, depth - 1)
        for name, part in schema["properties"].items()
        if depth and not part.get("readOnly")
    }
    kind = "object" if depth == 3 else ["object", "null"]
    return {"type": kind, "properties": properties, "additionalProperties": False}


def check_fields(document, schema, fields):
    """Each name of a ``fields`` filter is documented; sub-objects have a list."""
    properties = resolved(document, schema)["properties"]
    for name, _inner, inner in re.findall(r"(\w+)(\(([^()]*)\))?", fields):
        assert name in properties, f"{name} is not a documented field"
        part = resolved(document, properties[name])
        assert bool(inner) == ("properties" in part), f"{name} needs its own list"
        if inner:
            check_fields(document, part, inner)


def answered(document, documented):
    """The documented schema of the object, or of a list's objects."""
    (answer,) = documented["responses"].values()
    (content,) = answer["content"].values()
    properties = resolved(document, content["schema"])["properties"]
    if "value" in properties:
        return properties["value"]
    return properties["values"]["items"]


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_requests_are_documented(document, name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        documented = operation(document, request)
        if documented is None:
            continue
        declared = {p["name"]: p for p in documented.get("parameters", ())}
        query = dict(parse_qsl(urlsplit(request.url).query))
        for key, value in query.items():
            assert declared[key]["in"] == "query", f"{key} is not documented"
            assert PLAIN[declared[key]["schema"]["type"]](value), (key, value)
        needed = {n for n, p in declared.items() if p.get("required")}
        assert needed <= set(query) | {"id", "token"}
        if "fields" in declared:
            check_fields(document, answered(document, documented), query["fields"])
        assert bool(request.body) == ("requestBody" in documented)
        if request.body:
            (content,) = documented["requestBody"]["content"].values()
            schema = writable(document, content["schema"])
            jsonschema.validate(json.loads(request.body), schema)


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_a_body_says_that_it_is_json(name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        kind = "application/json; charset=utf-8" if request.body else None
        assert request.headers.get("Content-Type") == kind


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_each_call_says_who_asks(name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        assert request.headers["User-Agent"].startswith("hr_timesheet_tripletex")


def test_every_public_call_is_looked_at():
    public = {
        name
        for name in dir(tools.TripletexClient)
        if not name.startswith("_") and callable(getattr(tools.TripletexClient, name))
    }
    assert public - {name for name, _args, _kwargs in CALLS} == {"close"}


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_reads_name_their_fields_and_creations_no_id(name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        if request.method == "GET":
            assert "fields=" in request.url and "fields=*" not in request.url
        if request.method == "POST" and "session" not in request.url:
            bodies = json.loads(request.body)
            for body in bodies if isinstance(bodies, list) else [bodies]:
                assert not {"id", "version"} & set(body)


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_no_request_has_a_token_where_it_could_be_logged(name, args, kwargs):
    for request in requests_of(name, args, kwargs):
        shown = request.url.partition("/token/session/")[0]
        assert "token" not in shown.lower()
        assert "Token" not in urlsplit(request.url).query


def test_a_paycode_row_names_no_activity_and_no_version_that_nobody_knows():
    given = (SALARY_ROW["id"], None, 11, 44, DAY, 2, "Overtid")
    (request,) = requests_of("update_project_salary_row", given, {"project_id": 22})
    body = json.loads(request.body)
    assert (body["id"], body["project"]) == (SALARY_ROW["id"], {"id": 22})
    assert not {"activity", "version"} & set(body)


def test_the_session_must_live_longer_than_today(document):
    (request,) = requests_of("open_session", (), {})
    assert (
        json.loads(request.body)["expirationDate"] > tools.today_in_oslo().isoformat()
    )
