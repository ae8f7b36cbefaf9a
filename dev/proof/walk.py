"""A random walk: steps in random order, and both sides compared whenever all is quiet.

A walk is known by its seed and the numbers of its steps. Every step draws from random
numbers of its own, so a failing walk can be repeated and made shorter.
"""

import random
from collections import Counter

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
    name: weight
    for weight, names in {
        22: "log validate",
        10: "later",
        8: "correct cron decide",
        6: "invalidate fault",
        5: "worker_dies worker_and_user person_edits negative",
        4: "edit weather retry quiet relink",
        3: "delete person_creates correct_number settings move_hours",
        2: "two_workers person_deletes lock_month invoice move_task "
        "close_project exclude unlink connect unit",
        1: "cascade worker_and_removal strict disconnect key rights",
    }.items()
    for name in names.split()
}
#: Runs within which a quiet queue must be empty.
QUIET_RUNS = 12
HEALING_ROUNDS = 8


class Broken(AssertionError):
    """Both sides differ, or a step raised what it never should."""


class Walk(LineSteps, LinkSteps, DecisionSteps, TripletexSteps, WorkerSteps):
    """One company, one stand-in, and many steps.

    :param registry: Odoo's registry of a throw-away database
    :param sandbox: a running ``SandboxServer``; it is reset
    :param seed: what decides all steps
    :param figures: a ``Counter`` of what walks have done so far, steps by their names
    """

    def __init__(self, registry, sandbox, seed, figures=None):
        self.control = sandbox.control
        self.seed = seed
        self.figures = Counter() if figures is None else figures
        self.world = World(registry, sandbox.base_url)
        sandbox.reset()
        self.ledger = Ledger(sandbox)
        self.model = self.world.memory = Model(self.world, self.ledger)
        self.story = []

    def run(self, steps):
        """Take the steps of these numbers, then heal everything.

        :param steps: iterable of numbers
        :raise Broken: with what differs
        """
        self.world.build()
        self.world.do(self.model.learn)
        try:
            for number in steps:
                self._step(number)
            self.quiet(None)
            self.heal()
        finally:
            self.figures.update(walks=1, writes=self.ledger.written)
            self._end_faults()
            self.world.clean()

    def _step(self, number):
        rng = random.Random(f"{self.seed}/{number}")
        name = rng.choices(list(WEIGHTS), WEIGHTS.values())[0]
        if not self.world.is_connected() and rng.random() < 0.2:
            name = "connect"
        told = getattr(self, name)(rng)
        self.story.append(f"{number:4} {name}: {told}")
        self.figures.update(("steps", name))
        if name == "worker_dies" and told.endswith("True"):
            self.figures["deaths"] += 1
        self.ledger.check()
        if self.ledger.violations:
            raise Broken("\n".join(self.ledger.violations))

    # -- quiet -------------------------------------------------------------------

    def quiet(self, _rng):
        """Let faults end, pauses pass and the queue empty; then compare."""
        mix = self._calm()
        self._empty_queue()
        self._compare()
        if mix:
            self.control.mix(mix["rates"], seed=mix["seed"] + 1)
        return "compared"

    def _calm(self):
        """Let nothing go wrong from now on; returns the random faults there were."""
        mix = self._end_faults()
        self.control.revoke_key(False)
        self.control.revoke_rights()

        def test(env):
            connection = self.world.connection(env)
            if connection.state == "attention":
                connection.sudo(False).action_test()

        self.world.do(test)
        return mix

    def _end_faults(self):
        mix = self.control.faults()["mix"]
        calls = self.control.calls()
        self.figures["faults"] += sum(1 for call in calls if call["fault"])
        self.control.clear_calls()
        self.control.clear_faults()
        return mix

    def _empty_queue(self):
        for _run in range(QUIET_RUNS):
            if not self.world.do(self._waiting):
                return
            self.later(None)

    def _waiting(self, env):
        if not self.world.connection(env):
            return 0
        own = ("company_id", "=", self.world.company_id)
        orphans = [own, ("line_id", "=", False)]
        waiting = self._entries(env, "pending", "sending")
        return (
            len(waiting.filtered(lambda entry: not entry.is_held))
            + env["tripletex.entry.share"].sudo().search_count(orphans)
            + env["tripletex.lookup"]
            .sudo()
            .search_count([("connection_id.company_id", "=", self.world.company_id)])
        )

    def _compare(self):
        def job(env):
            if not self.world.connection(env):
                return []
            return self.model.differences(env)

        found = self.world.do(job)
        self.figures["comparisons"] += 1
        if found:
            raise Broken("\n".join(found))

    # -- healing -----------------------------------------------------------------

    def heal(self):
        """Everything that stands in the way goes; then nothing may differ at all."""
        self._calm()
        for who in (None, *self.ledger.company.table("Employee")):
            self.control.unlock_month(f"{MONDAY:%Y-%m}", who)
        for project in self.ledger.company.table("Project"):
            self.control.close_project(project, False)
        self._invoice(self.ledger.rows(), False)
        if not self.world.is_connected():
            self.story.append(f"heal {self._connect(MONDAY)}")
        self.story.append(f"heal {self.open_negative()}")
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
        conflicts = self._entries(env, "conflict")
        return [self._decide(entry, "replace") for entry in conflicts]

    def _ailing(self, env):
        """Problems left that no healing explains."""
        moves = {
            f"line {move.line} still moves"
            for move in self.model.moves()
            if ("line", move.line) not in self.model.places.get(move.line, ())
        }
        return sorted(moves) + [
            f"{entry.display_name}: {entry.state}, {entry.error_message}"
            for entry in self._entries(env, "conflict", "failed")
            if not any(key[0] == "line" for key in self._expected(entry))
        ]

    def _expected(self, entry):
        lines = entry.sudo().share_ids.line_id
        return {key for line in lines for key in self.model.places.get(line.id, ())}
