import logging

from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from ..dev.proof.walk import Broken, Walk
from ..dev.sandbox import SandboxServer

SEEDS = ("timesheet", "tripletex")
STEPS = 45


@tagged("post_install", "-at_install")
class TestMachine(BaseCase):
    """Short random walks of people, workers, bad lines and Tripletex.

    Real commits on the test database; what a walk made is deleted at its end. Long
    walks: ``make soak MINUTES=30``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.sandbox = SandboxServer(rate_limit=0, seed=7, oddities=False).start()
        cls.addClassCleanup(cls.sandbox.stop)
        for name in ("odoo.sql_db", "urllib3.connectionpool"):
            # collisions and lost connections are wanted here
            logger = logging.getLogger(name)
            cls.addClassCleanup(logger.setLevel, logger.level)
            logger.setLevel(logging.CRITICAL)

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

    def test_both_sides_agree_whenever_all_is_quiet(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                walk = self.walk(seed, range(STEPS))
                self.assertGreater(walk.figures.writes, 0, "the walk sent something")

    def test_the_walk_notices_hours_that_are_lost(self):
        """A row taken away behind Odoo's back is found, or the proof proves nothing."""
        walk = Walk(self.registry, self.sandbox, "lost")
        taken = []

        def take_away(_rng):
            place, figure = walk.ledger.rows()[0]
            # as if Odoo itself had taken it: no person did
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
                line.action_tripletex_validate()
                walk.model.changed(env, line)

            walk.world.do(job)

        steps = iter((one_line, walk.quiet, take_away))
        walk._step = lambda number: next(steps)(None)
        with self.assertRaisesRegex(Broken, "both sides differ"):
            walk.run(range(3))
        self.assertEqual([figure.hours for figure in taken], [5.0])
