"""Odoo's limit of time for crons (``--limit-time-real-cron``) ends a worker at work.

A real server with a worker of its own for crons, which its main process kills.
"""

import contextlib
import signal
import subprocess
import threading
import time
from collections import Counter

import pytest
from life import Life

from dev.sandbox import SandboxServer
from dev.sandbox.api import Api
from dev.setup import postgres, prepare, process, template

#: Seconds that a cron may take; an idle run takes a fraction of one.
LIMIT = 10
#: Seconds after which what should happen counts as never happening.
PATIENCE = 240
WAITING = "SELECT state FROM tripletex_entry WHERE state <> 'sent'"


@pytest.fixture
def life():
    """A database with the addon and hours that wait for Odoo's cron."""
    prepare()
    with contextlib.ExitStack() as stack:
        stack.enter_context(postgres.running())
        database = stack.enter_context(template.copy())
        sandbox = SandboxServer(rate_limit=0, seed=7, oddities=False)
        life = Life(database, stack.enter_context(sandbox))
        life.company = life.job("leave_to_cron")["company"]
        yield life


@pytest.fixture
def answer_held(monkeypatch):
    """The stand-in keeps the first list of hours and holds its answer back."""
    kept, end = threading.Event(), threading.Event()
    handle = Api.handle

    def holding(self, method, target, *rest):
        reply = handle(self, method, target, *rest)
        is_list = method == "POST" and target.startswith("/timesheet/entry/list")
        if is_list and not kept.is_set():
            kept.set()
            end.wait(PATIENCE)
        return reply

    monkeypatch.setattr(Api, "handle", holding)
    yield kept
    end.set()


@contextlib.contextmanager
def odoo_with_crons(life, log):
    """Run Odoo with one worker for crons, whose time is limited."""
    options = ("--workers=1", "--max-cron-threads=1", "--no-http")
    limit = f"--limit-time-real-cron={LIMIT}"
    with open(log, "w", encoding="utf-8") as errors:
        server = subprocess.Popen(
            process.command("-c", life.config, *options, limit),
            stderr=errors,
            **process.options(),
        )
        try:
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE)


def wait_for(life, happened):
    """Wake crons until something happened."""
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, life.sql(WAITING)
        postgres.sql(f"SELECT pg_notify('cron_trigger', '{life.database}')")
        time.sleep(1)


def all_sent(life):
    """Whether nothing waits any more; pauses end at once."""
    life.sql(
        "UPDATE tripletex_entry SET next_attempt_at = NULL "
        "WHERE next_attempt_at IS NOT NULL"
    )
    return not life.sql(WAITING)


def test_worker_killed_by_time_limit_loses_and_doubles_nothing(
    life, answer_held, tmp_path
):
    log = tmp_path / "odoo.log"
    entries = life.sandbox.control.entries
    with odoo_with_crons(life, log):
        wait_for(life, answer_held.is_set)
        assert len(entries()) == 3, "one batch is there, its answer is not"
        assert Counter(life.sql(WAITING)) == {("sending",): 3, ("pending",): 6}
        wait_for(life, lambda: f"timeout after {LIMIT}s" in log.read_text())
        wait_for(life, lambda: all_sent(life))
    rows = Counter((row["employee"], row["date"], row["hours"]) for row in entries())
    assert len(rows) == 9
    assert set(rows.values()) == {1}
    assert {hours for _employee, _day, hours in rows} == {7.5}
