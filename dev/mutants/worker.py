"""A pytest plugin: measures which test reaches which line, then tries mutants.

One worker of several, each in a pytest of its own over the same tests. The plan is a
JSON file, its path in MUTANTS_PLAN::

    {"suite", "files", "keys", "worker", "workers", "reach", "results", "dropdb"…}
"""

import json
import os
import signal
import time
from itertools import accumulate
from pathlib import Path

import coverage
import pytest
from _pytest.runner import runtestprotocol

from ..setup import paths, postgres
from . import live, operators

#: A test gets this many seconds, and this many times what it took unchanged.
PATIENCE = (20, 10)
#: Seconds of tests that a mutant has to survive at first; AGAIN=1 runs all of them.
ENOUGH = 60
#: A test that takes longer comes after all the others.
SLOW = 4
KILLED, SURVIVED, FRUITLESS = range(3)
WORDS = {KILLED: "killed", SURVIVED: "survived", FRUITLESS: "fruitless"}


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Instead of running the tests one after the other."""
    plan = json.loads(Path(os.environ["MUTANTS_PLAN"]).read_text(encoding="utf-8"))
    worker = Worker(session, plan)
    session.config.pluginmanager.register(worker)
    if plan["phase"] == "reach":
        worker.measure_reach()
    else:
        worker.try_mutants()
    return True


class Worker:
    """Runs tests of one pytest session as often as needed."""

    def __init__(self, session, plan):
        self.session, self.plan = session, plan
        self.items = {_name(item): item for item in session.items}
        self.has_failed = False
        self.recent = {}  # scope: tests that killed there, the last one first
        self.is_dirty = False

    def pytest_runtest_logreport(self, report):
        """Failing subtests are reported here only."""
        self.has_failed |= report.failed

    # -- which test reaches what ---------------------------------------------------

    def measure_reach(self):
        """Run the tests once and write for each how long it took and where it was."""
        files = [str(paths.ROOT / name) for name in self.plan["files"]]
        watch = coverage.Coverage(data_file=None, include=files, config_file=False)
        seconds = {}
        watch.start()
        items = list(self.items.items())
        for index, (name, item) in enumerate(items):
            watch.switch_context(name)
            started = time.monotonic()
            following = items[index + 1][1] if index + 1 < len(items) else None
            if self._passes(item, following):
                seconds[name] = round(time.monotonic() - started, 2)
        watch.stop()
        reached = {name: {} for name in seconds}
        data = watch.get_data()
        for file in data.measured_files():
            path = os.path.relpath(file, paths.ROOT)
            for line, names in data.contexts_by_lineno(file).items():
                for name in names:
                    if name in reached:
                        reached[name].setdefault(path, []).append(line)
        result = {
            name: {"seconds": seconds[name], "lines": reached[name]} for name in seconds
        }
        failed = [name for name in self.items if name not in seconds]
        text = json.dumps({"tests": result, "failed": failed})
        Path(self.plan["reach"]).write_text(text, encoding="utf-8")

    def _passes(self, item, following):
        self.has_failed = False
        reports = runtestprotocol(item, nextitem=following, log=False)
        return not self.has_failed and not any(report.failed for report in reports)

    # -- mutants -------------------------------------------------------------------

    def try_mutants(self):
        """Try this worker's share of the mutants, writing a line for each."""
        reach = json.loads(Path(self.plan["reach"]).read_text(encoding="utf-8"))
        self.reach = {n: t for n, t in reach.items() if n in self.items}
        self._warm_up()
        files = [paths.ROOT / name for name in self.plan["files"]]
        functions = live.functions_of(files)
        texts = {
            name: (paths.ROOT / name).read_text("utf-8") for name in self.plan["files"]
        }
        mutants = {
            mutant.key: mutant
            for name, text in texts.items()
            for mutant in operators.mutants_of(name, text)
        }
        keys = self.plan["keys"]
        mine = keys[self.plan["worker"] :: self.plan["workers"]]
        with open(self.plan["results"], "a", encoding="utf-8") as results:
            for key in mine:
                started = time.monotonic()
                outcome, test = self._try(mutants[key], functions)
                took = round(time.monotonic() - started, 2)
                line = {"key": key, "outcome": outcome, "test": test, "took": took}
                print(json.dumps(line), file=results, flush=True)

    def _warm_up(self):
        """Load in this process what every fork would load anew."""
        if not self._has_odoo:
            return
        from odoo.sql_db import close_all

        quickest = min(self.reach, key=lambda name: self.reach[name]["seconds"])
        self._passes(self.items[quickest], None)
        close_all()

    @property
    def _has_odoo(self):
        return bool(self.plan.get("database"))

    def _try(self, mutant, functions):
        """Return (outcome, test that noticed)."""
        names = self._tests_for(mutant)
        if not names:
            return "survived", "no test comes here"
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            code = FRUITLESS
            try:
                code = self._in_child(mutant, functions, names, writing)
            finally:
                os._exit(code)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            told = pipe.read().splitlines()
        _pid, status = os.waitpid(child, 0)
        self._clean_database(told)
        last = told[-1] if told else ""
        if os.WIFSIGNALED(status):
            in_time = os.WTERMSIG(status) != signal.SIGALRM
            return ("killed" if in_time else "timeout"), last
        outcome = WORDS.get(os.WEXITSTATUS(status), "killed")
        if outcome == "killed":
            known = self.recent.setdefault((mutant.path, mutant.scope), [])
            if last in known:
                known.remove(last)
            known.insert(0, last)
        return outcome, last if outcome == "killed" else ""

    def _in_child(self, mutant, functions, names, writing):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        try:
            live.plant(mutant, paths.ROOT / mutant.path, functions)
        except live.Fruitless as reason:
            os.write(writing, f"{reason}\n".encode())
            return FRUITLESS
        except live.Unloadable as reason:
            os.write(writing, f"does not load: {reason}\n".encode())
            return KILLED
        base, times = PATIENCE
        for index, name in enumerate(names):
            os.write(writing, f"{name}\n".encode())
            signal.alarm(int(base + times * self.reach[name]["seconds"]))
            following = names[index + 1] if index + 1 < len(names) else None
            if not self._passes(self.items[name], self.items.get(following)):
                return KILLED
        return SURVIVED

    def _tests_for(self, mutant):
        """The tests that reach the mutant, likely killers and quick ones first."""
        wanted = self._places(mutant)
        reaching = [
            name
            for name, test in self.reach.items()
            if any(
                not wanted[path].isdisjoint(lines)
                for path, lines in test["lines"].items()
                if path in wanted
            )
        ]
        by_class = {}
        for name in sorted(reaching, key=lambda name: self.reach[name]["seconds"]):
            by_class.setdefault(name.rpartition("::")[0], []).append(name)
        # A class that comes here often is about it, and making its ground takes time.
        classes = sorted(
            by_class, key=lambda c: (self._commits(by_class[c][0]), -len(by_class[c]))
        )
        ordered = [name for one in classes for name in by_class[one]]
        ordered.sort(key=lambda name: self.reach[name]["seconds"] > SLOW)
        first = [
            name
            for name in self.recent.get((mutant.path, mutant.scope), [])[:2]
            if name in reaching
        ]
        names = first + [name for name in ordered if name not in first]
        if self.plan["is_thorough"]:
            return names
        spent = accumulate(self.reach[name]["seconds"] for name in names)
        return [n for n, s in zip(names, spent, strict=True) if s <= ENOUGH] or names[
            :1
        ]

    def _places(self, mutant):
        """{path: lines} whose execution can depend on the mutant."""
        if not mutant.is_constant:
            return {mutant.path: set(mutant.lines)}
        (name,) = mutant.scope
        places = {}
        for path in self.plan["files"]:
            lines = (paths.ROOT / path).read_text(encoding="utf-8").splitlines()
            places[path] = {n for n, line in enumerate(lines, 1) if name in line}
        return places

    # -- the database ----------------------------------------------------------------

    def _commits(self, name):
        """Whether a test leaves its transaction, and perhaps something behind."""
        if not self._has_odoo:
            return False
        from odoo.tests import TransactionCase

        return not issubclass(self.items[name].cls, TransactionCase)

    def _clean_database(self, ran):
        """A fresh database, after tests that may have left something in it."""
        if any(self._commits(name) for name in ran if name in self.items):
            database = self.plan["database"]
            postgres.drop(database)
            postgres.create(database, self.plan["template"])


def _name(item):
    """The test's id, from the repository on."""
    file = os.path.relpath(os.path.realpath(item.path), paths.ROOT)
    return f"{file}::{item.nodeid.partition('::')[2]}"
