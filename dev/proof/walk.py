"""A random walk: steps in random order, and both sides compared whenever all is quiet.

A walk is known by its seed and the numbers of its steps. Every step draws from random
numbers of its own, so a failing walk can be repeated and made shorter.
"""

import json
import random
from dataclasses import dataclass, field

from .check import differences
from .ledger import Ledger
from .model import Model
from .steps import (
    MONDAY,
    DecisionSteps,
    LineSteps,
    LinkSteps,
    TripletexSteps,
    WorkerSteps,
)
from .world import World

#: How often each step is taken, relative to the others.
WEIGHTS = {
    "log": 14,
    "validate": 18,
    "invalidate": 6,
    "edit": 4,
    "correct": 8,
    "delete": 3,
    "cascade": 1,
    "cron": 8,
    "later": 10,
    "two_workers": 2,
    "worker_and_user": 2,
    "worker_and_removal": 1,
    "worker_dies": 5,
    "weather": 4,
    "fault": 6,
    "person_edits": 5,
    "person_deletes": 2,
    "person_creates": 3,
    "lock_month": 2,
    "close_project": 2,
    "decide": 8,
    "retry": 4,
    "exclude": 2,
    "unlink": 2,
    "relink": 3,
    "strict": 1,
    "disconnect": 1,
    "connect": 2,
    "key": 1,
    "rights": 1,
    "quiet": 4,
}
#: Runs within which a quiet queue must be empty.
QUIET_RUNS = 12
HEALING_ROUNDS = 8


class Broken(AssertionError):
    """Both sides differ, or a step raised what it never should."""


@dataclass
class Figures:
    """What walks have done so far, for the report."""

    walks: int = 0
    steps: int = 0
    checks: int = 0
    writes: int = 0
    faults: int = 0
    deaths: int = 0
    by_step: dict = field(default_factory=dict)


class Walk(LineSteps, LinkSteps, DecisionSteps, TripletexSteps, WorkerSteps):
    """One company, one stand-in, and many steps.

    :param registry: Odoo's registry of a throw-away database
    :param sandbox: a running ``SandboxServer``; it is reset
    :param seed: what decides all steps
    """

    def __init__(self, registry, sandbox, seed, figures=None):
        self.sandbox = sandbox
        self.seed = seed
        self.figures = figures or Figures()
        self.world = World(registry, sandbox)
        sandbox.reset()
        self.ledger = Ledger(sandbox)
        self.model = Model(self.world, self.ledger)
        self.story = []

    @staticmethod
    def _json(values):
        return json.dumps(values).encode()

    def run(self, steps):
        """Take the steps of these numbers, then heal everything.

        :param steps: iterable of numbers
        :raise Broken: with what differs
        """
        self.world.build()
        try:
            for number in steps:
                self._step(number)
            self.quiet(None)
            self.heal()
        finally:
            self.figures.walks += 1
            self.figures.writes += self.ledger.written
            self._count_faults()
            self.sandbox.faults.clear()
            self.world.clean()

    def _step(self, number):
        rng = random.Random(f"{self.seed}/{number}")
        name = rng.choices(list(WEIGHTS), WEIGHTS.values())[0]
        if not self.world.is_connected() and rng.random() < 0.2:
            name = "connect"
        told = getattr(self, name)(rng)
        self.story.append(f"{number:4} {name}: {told}")
        if name == "worker_dies" and told.endswith("True"):
            self.figures.deaths += 1
        self.figures.steps += 1
        self.figures.by_step[name] = self.figures.by_step.get(name, 0) + 1
        if self.ledger.violations:
            raise Broken("\n".join(self.ledger.violations))

    # -- quiet -------------------------------------------------------------------

    def quiet(self, _rng):
        """Let faults end, pauses pass and the queue empty; then compare."""
        mix = self.sandbox.faults.listing()["mix"]
        self._calm()
        self._empty_queue()
        self._compare()
        if mix:
            self._turn("mix", rates=mix["rates"], seed=mix["seed"] + 1)
        return "compared"

    def _calm(self):
        self._count_faults()
        self.sandbox.faults.clear()
        self._turn("revoke_key", revoked=False)
        self._turn("revoke_rights")

        def test(env):
            connection = self.world.connection(env)
            if connection.state == "attention":
                connection.sudo(False).action_test()

        self.world.do(test)

    def _count_faults(self):
        calls = self.sandbox.log.listing()
        self.figures.faults += sum(1 for call in calls if call["fault"])
        self.sandbox.log.clear()

    def _empty_queue(self):
        for _run in range(QUIET_RUNS):
            if not self.world.do(self._waiting):
                return
            self.world.let_time_pass()
            self.world.cron()

    def _waiting(self, env):
        if not self.world.connection(env):
            return 0
        shares = env["tripletex.entry.share"].sudo()
        orphans = [
            ("company_id", "=", self.world.company_id),
            ("line_id", "=", False),
        ]
        return len(
            self._entries(env, "pending") | self._entries(env, "sending")
        ) + shares.search_count(orphans)

    def _compare(self):
        def job(env):
            if not self.world.connection(env):
                return []
            return differences(env, self.model)

        found = self.world.do(job)
        self.figures.checks += 1
        if found:
            raise Broken("\n".join(found))

    # -- healing -----------------------------------------------------------------

    def heal(self):
        """Everything that stands in the way goes; then nothing may differ at all."""
        company = self.ledger.company
        self._calm()
        company.locked_months.clear()
        company.approved_entries.clear()
        for project in sorted(company.table("Project")):
            self._turn("close_project", project=project, closed=False)
        if not self.world.is_connected():
            self.story.append(f"heal {self._connect(MONDAY)}")
        rng = random.Random(self.seed)
        for _round in range(HEALING_ROUNDS):
            self.story.append(f"heal {self.retry(rng)}")
            self._empty_queue()
            self.story.append(f"heal {self.world.do(self._replace_all)}")
            self._empty_queue()
            self._compare()
            if not self.world.do(self._ailing):
                return
        raise Broken(f"Not healed: {self.world.do(self._ailing)}")

    def _replace_all(self, env):
        return [
            self.decide_one(entry, "replace")
            for entry in self._entries(env, "conflict")
        ]

    def _ailing(self, env):
        """Problems left that no healing explains."""
        entries = self._entries(env, "conflict") | self._entries(env, "failed")
        return [
            f"{entry.display_name}: {entry.state}, {entry.error_message}"
            for entry in entries
            if self.model.key_of_entry(entry.sudo())[0] != "line"
        ]
