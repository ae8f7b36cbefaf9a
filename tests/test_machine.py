from odoo.tests import tagged
from odoo.tools import mute_logger

from ..dev.proof.walk import Broken, Walk
from ..dev.sandbox import SandboxServer
from .commit_common import CommittedCase

SEEDS = ("hours", "tripletex")
STEPS = 45


@tagged("post_install", "-at_install")
class TestMachine(CommittedCase):
    """Short random walks of users, workers, invalid lines and Tripletex.

    Each walk commits and deletes its records at its end. Long walks:
    ``make soak MINUTES=30``.
    """

    @classmethod
    def make_ground(cls):
        cls.sandbox = SandboxServer(rate_limit=0, seed=7, oddities=False).start()
        cls.addClassCleanup(cls.sandbox.stop)
        # Stopped workers leave connections that the client retries.
        cls.enterClassContext(mute_logger("urllib3.connectionpool"))

    def walk(self, seed, steps):
        walk = Walk(self.registry, self.sandbox, seed)
        try:
            walk.run(steps)
        except Exception as problem:
            self.fail(
                "\n".join(
                    [
                        *walk.story,
                        str(problem),
                        "Repeat it with: make soak "
                        f"SEED={seed} STEPS=0-{len(steps) - 1}",
                    ]
                )
            )
        return walk

    def test_random_walk_ends_with_equal_hours_on_both_sides(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                walk = self.walk(seed, range(STEPS))
                self.assertGreater(walk.figures["writes"], 0, "the walk sent something")

    def test_walk_detects_lost_hours(self):
        """A walk that misses a row deleted outside Odoo would prove nothing."""
        walk = Walk(self.registry, self.sandbox, "lost")
        taken = []

        def take_away(_rng):
            place, figure = walk.ledger.rows()[0]
            # Deleted without a note in the ledger, as if Odoo had lost it.
            walk.ledger.company.drop("TimesheetEntry", place[1])
            taken.append(figure)
            return "taken away"

        def one_line(rng):
            def job(env):
                line = env["account.analytic.line"].create(
                    {
                        "employee_id": walk._records(env, "employee_id")[0].id,
                        "project_id": walk._records(env, "project_id")[0].id,
                        "date": "2026-03-16",
                        "unit_amount": 5,
                        "name": "Work",
                    }
                )
                walk._act(line, lambda line: line.action_tripletex_validate())

            walk.world.do(job)

        steps = iter((one_line, walk.quiet, take_away))
        walk._step = lambda number: next(steps)(None)
        with self.assertRaisesRegex(Broken, "both sides differ"):
            walk.run(range(3))
        self.assertEqual([figure.hours for figure in taken], [5.0])
