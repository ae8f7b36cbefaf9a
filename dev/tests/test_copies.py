"""Copies of a connected database, made by PostgreSQL's own tools, beside the original.

Each step is a process of a real Odoo, as on a customer's server.
"""

import contextlib
import re
import subprocess

import pytest
from life import Life

from dev.sandbox import SandboxServer
from dev.setup import postgres, prepare, template


def create_from_template(original, copy):
    """``createdb -T``."""
    postgres.create(copy, original)


def dump_and_restore(original, copy):
    """``pg_dump`` and ``psql``; the uuid travels along."""
    postgres.create(copy)
    where = {"env": postgres.environment(), "pass_fds": postgres.inherited()}
    dump = subprocess.run(
        ["pg_dump", "--no-owner", original], check=True, capture_output=True, **where
    )
    # what a newer pg_dump sets for its own session, an older server does not know
    script = re.sub(rb"(?m)^SET transaction_timeout.*$", b"", dump.stdout)
    subprocess.run(
        ["psql", "-qb", "-v", "ON_ERROR_STOP=1", copy],
        check=True,
        capture_output=True,
        input=script,
        **where,
    )


@pytest.fixture(params=[create_from_template, dump_and_restore])
def lives(request):
    """A connected database with an hour in Tripletex, and a copy of it."""
    prepare()
    with contextlib.ExitStack() as stack:
        stack.enter_context(postgres.running())
        database = stack.enter_context(template.copy())
        sandbox = stack.enter_context(
            SandboxServer(rate_limit=0, seed=7, oddities=False)
        )
        original = Life(database, sandbox)
        found = original.job("connect", "copies_job")
        assert found["lines"] == [[7.5, "sent"]]
        # its name begins as the original's, and goes with it
        copied = f"{database}-copy"
        request.param(database, copied)
        copy = Life(copied, sandbox)
        stack.callback(copy.config.unlink)
        original.company = copy.company = found["company"]
        sandbox.control.clear_calls()
        yield original, copy


def held(life):
    return sorted(row["hours"] for row in life.sandbox.control.state()["entries"])


def test_copy_asks_tripletex_nothing_and_original_goes_on(lives):
    original, copy = lives
    sessions = original.sandbox.control.state()["sessions"]
    assert copy.job("work", "copies_job") == {
        "company": copy.company,
        "state": "attention",
        "reason": "copied",
        "health": "attention",
        "lines": [[1.0, "pending"], [2.0, "pending"]],
    }
    control = original.sandbox.control
    assert control.calls() == []
    assert control.state()["sessions"] == sessions
    assert held(original) == [7.5]

    found = original.job("work", "copies_job")
    assert (found["state"], found["health"]) == ("connected", "connected")
    assert found["lines"] == [[1.0, "sent"], [2.0, "sent"]]
    assert held(original) == [1.0, 2.0]


def test_moved_database_sends_what_waited_after_one_confirmation(lives):
    original, moved = lives
    moved.job("work", "copies_job")
    found = moved.job("confirm", "copies_job")
    assert (found["state"], found["reason"]) == ("connected", "")
    assert found["lines"] == [[1.0, "sent"], [2.0, "sent"]]
    assert held(original) == [1.0, 2.0]
