"""What the processes that are going to be killed do, in an Odoo shell.

``build(env)`` makes the company, ``work(env)`` changes hours as people do and then
sends until it is killed, ``finish(env)`` sends what is left and prints what Tripletex
should hold as one JSON line. KILL_URL, KILL_COMPANY and KILL_SEED tell which.
"""

import json
import os
import random
import time
from collections import defaultdict
from types import SimpleNamespace
from unittest.mock import create_autospec

from .model import Model
from .steps import LineSteps, LinkSteps
from .world import World

#: A small batch makes many commits, and so many places to die at.
BATCH_SIZE = 4
CHANGES = {"log": 3, "validate": 5, "correct": 6, "invalidate": 3, "delete": 1}
CHANGES_A_LIFE = 12
LAST_RUNS = 60


class Life(LineSteps, LinkSteps):
    """People who log and validate; what they do needs no model until the end."""

    def __init__(self, env):
        env.cr.rollback()
        company = int(os.environ["KILL_COMPANY"] or 0)
        self.world = World(env.registry, os.environ["KILL_URL"], company)
        self.model = create_autospec(Model, instance=True)  # nothing is expected yet


def build(env):
    """Make and connect the company; print its id."""
    world = Life(env).world
    world.build()
    name = "hr_timesheet_tripletex.batch_size"
    world.do(lambda env: env["ir.config_parameter"].set_param(name, BATCH_SIZE))
    print(json.dumps({"company": world.company_id}), flush=True)


def work(env):
    """Change hours, say ``ready``, and send until somebody kills the process."""
    life = Life(env)
    rng = random.Random(os.environ["KILL_SEED"])
    for _change in range(CHANGES_A_LIFE):
        name = rng.choices(list(CHANGES), CHANGES.values())[0]
        getattr(life, name)(rng)
    print("ready", flush=True)
    until = time.monotonic() + 120  # an orphan ends by itself
    while time.monotonic() < until:
        _send(life.world)
        time.sleep(0.02)


def _send(world):
    """One run as Odoo's cron thread makes it: trouble of the database is survived."""
    try:
        world.let_time_pass()
        world.cron()
    except Exception as problem:
        print(f"survived {type(problem).__name__}", flush=True)
        time.sleep(0.2)


def finish(env):
    """Send what is left and print what should be there."""
    world = Life(env).world
    waiting = "SELECT count(*) FROM tripletex_entry WHERE state IN %s"
    for _run in range(LAST_RUNS):
        _send(world)
        if world.sql(waiting, ("pending", "sending")) == [(0,)]:
            break
    world.do(lambda env: _tell(env, world))


def _tell(env, world):
    """Links never change here, so that every line belongs where it does now."""
    model = Model(world, SimpleNamespace(allow=lambda keys: None))
    model.learn(env)
    lines = world.lines(env, ("tripletex_validated", "=", True))
    model.changed(env, lines, defaultdict(set))
    entries = env["tripletex.entry"].sudo().search([("state", "!=", "sent")])
    told = {
        "lines": len(lines),
        "wanted": {json.dumps(key): str(h) for key, h in model.wanted().items()},
        "problems": [f"{entry.display_name}: {entry.state}" for entry in entries],
    }
    print(json.dumps(told), flush=True)
