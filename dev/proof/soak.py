"""Random walks for as long as wanted, in an Odoo shell: `main(env)`.

Reads SOAK_MINUTES, SOAK_SEED and SOAK_STEPS from the environment. A walk that fails is
made as short as possible, and what repeats it is printed.

Hypothesis's rule machine was tried with these steps. It takes as many (398 a minute
against 435 on a loaded machine: real commits and HTTP calls are what takes time) and
finds a fault put in on purpose, too. But it shortens a failing walk for five minutes at
most, which were 51 of these walks, and then gives up; leaving out halves came down from
100 to 14 steps in 60 walks, and goes on where two workers at once do not fail every
time, which stops Hypothesis as flaky. Nor is there a command that repeats its example.
"""

import logging
import os
import random
import time
import traceback
from collections import Counter

from ..sandbox import SandboxServer
from .walk import WEIGHTS, Walk

STEPS_A_WALK = 100
#: Repetitions spent on making a failing walk shorter.
SHORTENING_TRIES = 60


def main(env):
    """Walk until the time is over; print figures, and the first failing walk shorter.

    :param env: Odoo environment of a throw-away database
    :return: 0 when nothing differed, else 1
    """
    # what goes wrong on purpose fills the screen otherwise
    logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    registry = env.registry
    env.cr.rollback()
    with SandboxServer(rate_limit=0, seed=7, oddities=False) as sandbox:
        if os.environ.get("SOAK_SEED"):
            return _one(registry, sandbox)
        return _many(registry, sandbox, float(os.environ.get("SOAK_MINUTES") or 30))


def _many(registry, sandbox, minutes):
    """Walk on after a walk that failed: they do not depend on each other."""
    figures, started = Counter(), time.monotonic()
    first, number, failed = random.SystemRandom().randrange(10**6), 0, []
    while time.monotonic() - started < minutes * 60:
        seed = f"{first}.{number}"
        number += 1
        failure = _fails(registry, sandbox, seed, range(STEPS_A_WALK), figures)
        if failure:
            failed.append(seed)
            print(failure)
        print(f"walk {seed}: {_told(figures, started)}", flush=True)
    for name in sorted(WEIGHTS):
        print(f"  {name:20}{figures[name]:>8}")
    if failed:
        print(f"Failed: {', '.join(failed)}")
        _make_shorter(registry, sandbox, failed[0])
        return 1
    print(f"Nothing lost, nothing doubled: {_told(figures, started)}")
    return 0


def _one(registry, sandbox):
    seed = os.environ["SOAK_SEED"]
    steps = _numbers(os.environ.get("SOAK_STEPS") or f"0-{STEPS_A_WALK - 1}")
    failure = _fails(registry, sandbox, seed, steps)
    if failure:
        print(failure)
    else:
        print(f"Walk {seed} of {len(steps)} steps: both sides agree.")
    return 1 if failure else 0


def _fails(registry, sandbox, seed, steps, figures=None):
    """The story of a walk that failed, or None."""
    walk = Walk(registry, sandbox, seed, figures)
    try:
        walk.run(steps)
    except Exception:
        return "\n".join([*walk.story, traceback.format_exc()])
    return None


def _make_shorter(registry, sandbox, seed):
    print(f"Making {seed} shorter …", flush=True)
    steps = _shorten(
        lambda part: _fails(registry, sandbox, seed, part),
        list(range(STEPS_A_WALK)),
    )
    story = _fails(registry, sandbox, seed, steps)
    print(story or "It does not fail every time: two workers were at work.")
    print(f"Repeat it with: make soak SEED={seed} STEPS={','.join(map(str, steps))}")


def _shorten(fails, steps):
    """Leave out steps, half of them first, while the walk still fails."""
    size, tries = len(steps) // 2, 0
    while size and tries < SHORTENING_TRIES:
        start = 0
        while start < len(steps) and tries < SHORTENING_TRIES:
            part = steps[:start] + steps[start + size :]
            tries += 1
            if part and fails(part):
                steps = part
            else:
                start += size
        size //= 2
    return steps


def _numbers(text):
    """Step numbers of a text such as ``0-9,12``."""
    steps = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        steps += range(int(first), int(last or first) + 1)
    return steps


def _told(figures, started):
    words = ("walks", "steps", "comparisons", "writes", "faults", "deaths")
    done = ", ".join(f"{figures[word]} {word}" for word in words)
    return f"{done}, {(time.monotonic() - started) / 60:.1f} min"
