"""The contract's table against Tripletex's own document and recorded answers.

Both lie beside the repository where the project is worked on, not in it: without them
these tests are skipped.
"""

import json
import re
from pathlib import Path

import pytest
from contract import CALLS, REFUSAL, REFUSED_FIELD
from contract_checks import JSON, call_of, check_answer

FACTS = Path(__file__).resolve().parents[3] / "shared" / "tripletex"
DOCUMENT = FACTS / "openapi-subset.json"
RECORDED = FACTS / "recorded"
OF_DOCUMENT = {
    "integer": {"integer"},
    "number": {"number"},
    "boolean": {"boolean"},
    "object": {"object"},
    "objects": {"array"},
    "string": {"string"},
    "date": {"string"},
    "month": {"string"},
    # Lists in a query are one text (DOCUMENTED).
    "integers": {"string"},
    "months": {"string"},
    "single": {"string"},
    "fields": {"string"},
}
KNOWN = ("MEASURED", "DOCUMENTED", "REPORTED", "ASSUMED")

needs_document = pytest.mark.skipif(
    not DOCUMENT.exists(), reason="no OpenAPI subset beside the repository"
)
needs_recordings = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="no recorded answers beside the repository"
)


@pytest.fixture(scope="module")
def document():
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


def resolved(document, schema):
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def schema_of(document, schema, name):
    """The schema of ``name`` (``a`` or ``a.b``) within an object's."""
    for part in name.split("."):
        schema = resolved(document, schema).get("items", schema)
        properties = resolved(document, schema)["properties"]
        assert part in properties, f"{name} is not documented"
        schema = properties[part]
    return resolved(document, schema)


def check_facts(document, schema, facts, writes=False):
    for name, fact in facts.items():
        found = schema_of(document, schema, name)
        kind = found.get("type") or ("properties" in found and "object")
        assert kind in OF_DOCUMENT[fact.kind], (name, kind, fact.kind)
        assert not (writes and found.get("readOnly")), f"{name} is read-only"


def test_every_fact_has_a_class_and_a_source():
    tables = [REFUSAL, REFUSED_FIELD]
    for name, call in CALLS.items():
        assert call.known[0] in KNOWN and call.known[1], name
        tables += [call.query, call.body, call.reads]
    for table in tables:
        for name, fact in table.items():
            assert fact.known in KNOWN and fact.source, name


ROW = {
    "id": 1,
    "version": 0,
    "date": "2026-03-20",
    "count": 2.0,
    "description": None,
    "employee": {"id": 11},
    "salaryType": {"id": 44},
}
REFUSED = {
    "status": 404,
    "code": 6000,
    "message": "Object not found",
    "developerMessage": None,
    "validationMessages": None,
    "requestId": "1",
}


def answer(http=200, asked=None, **changed):
    """Check an answer to reading a paycode row."""
    body = {**REFUSED, **changed} if http >= 400 else {"value": {**ROW, **changed}}
    path = "/timesheet/salaryTypeSpecification/1"
    check_answer("GET", path, http, json.dumps(body), asked)


def test_answers_of_the_contract_pass():
    answer()
    answer(asked={"id", "date"}, count=None)
    answer(404)
    answer(404, validationMessages=[{"field": None, "message": "No"}])


@pytest.mark.parametrize(
    ("status", "changed"),
    [
        (201, {}),
        (200, {"id": None}),
        (200, {"id": "1"}),
        (200, {"count": "2"}),
        (200, {"count": True}),
        (200, {"date": "20.03.2026"}),
        (200, {"employee": None}),
        (200, {"employee": {"id": "11"}}),
        (404, {"status": 422}),
        (404, {"code": None}),
        (404, {"validationMessages": [{"field": "id", "message": None}]}),
    ],
)
def test_another_answer_is_noticed(status, changed):
    with pytest.raises(AssertionError):
        answer(status, **changed)


#: Calls of the whole document that are not in every part of it.
NOT_IN_PART = {"/salary/settings/standardTime/byDate"}


@needs_document
@pytest.mark.parametrize("name", CALLS)
def test_calls_are_documented(document, name):
    call = CALLS[name]
    method, path = name.split(" ")
    if path in NOT_IN_PART and path not in document["paths"]:
        pytest.skip("the part of the document that is here has no such call")
    documented = document["paths"][path][method.lower()]
    (status,) = documented["responses"]
    assert int(status) == call.status
    declared = {p["name"]: p for p in documented.get("parameters", ())}
    for parameter, fact in call.query.items():
        assert declared[parameter]["in"] == "query", parameter
        kind = declared[parameter]["schema"]["type"]
        assert kind in OF_DOCUMENT[fact.kind], parameter
    required = {n for n, p in declared.items() if p.get("required")}
    in_path = set(re.findall(r"\{(\w+)\}", path))
    assert required - in_path <= {n for n, f in call.query.items() if f.needed}
    assert bool(call.body) == ("requestBody" in documented)
    if call.body:
        (content,) = documented["requestBody"]["content"].values()
        schema = resolved(document, content["schema"])
        assert (schema.get("type") == "array") == call.many
        check_facts(document, schema.get("items", schema), call.body, writes=True)
    if call.envelope:
        (content,) = documented["responses"][status]["content"].values()
        schema = schema_of(document, content["schema"], call.envelope)
        check_facts(document, schema.get("items", schema), call.reads)


@needs_document
def test_refusals_are_documented(document):
    schemas = document["components"]["schemas"]
    check_facts(document, schemas["ApiError"], REFUSAL)
    check_facts(document, schemas["ApiValidationMessage"], REFUSED_FIELD)


def recordings():
    """(request, response) of every recorded answer."""
    for file in sorted(RECORDED.glob("*.json")):
        recorded = json.loads(file.read_text(encoding="utf-8"))
        yield recorded["request"], recorded["response"]


def flat(item):
    """The values of an object by name, those of its sub-objects as ``a.b``."""
    values = dict(item)
    for name, part in item.items():
        if isinstance(part, dict):
            values |= {f"{name}.{inner}": value for inner, value in part.items()}
    return values


@needs_recordings
@pytest.mark.parametrize("name", CALLS)
def test_measured_facts_were_recorded(name):
    call, rows, statuses = CALLS[name], [], set()
    for request, response in recordings():
        path = request["path"].partition("?")[0]
        found = call_of(request["method"], path)
        if found and found[0] == name and response["status"] < 400:
            statuses.add(response["status"])
            if call.envelope:
                value = response["body"][call.envelope]
                rows += map(flat, value if call.envelope == "values" else [value])
    assert statuses <= {call.status}
    if call.known[0] == "MEASURED":
        assert statuses
    for field, fact in call.reads.items():
        values = [row[field] for row in rows if row.get(field) is not None]
        assert all(JSON[fact.kind](value) for value in values), field
        if fact.known == "MEASURED":
            seen = [row for row in rows if field in row]
            assert seen, f"{field} was never recorded"
            if fact.needed:
                assert len(values) == len(rows), f"{field} can be null"


@needs_recordings
def test_measured_refusals_were_recorded():
    refused = [r["body"] for _request, r in recordings() if r["status"] >= 400]
    items = [i for body in refused for i in body["validationMessages"] or []]
    for rows, facts in ((refused, REFUSAL), (items, REFUSED_FIELD)):
        assert rows
        for name, fact in facts.items():
            values = [row[name] for row in rows]
            assert all(v is None or JSON[fact.kind](v) for v in values), name
            assert not (fact.needed and None in values), name
