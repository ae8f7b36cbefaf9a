"""The benchmark inside Odoo: `main(env)` writes what it measured to a file."""

import dataclasses
import json
import os

from . import curves, machine, queueing, sending, setting_up, validating
from .ground import Ground


def main(env):
    """Measure everything, in an Odoo shell.

    :param env: Odoo environment of the superuser on a throw-away database
    """
    ground = Ground(env)
    found = []
    wanted = os.environ.get("ONLY", "").split()
    for part in (setting_up, validating, sending, queueing):
        name = part.__name__.rpartition(".")[2]
        if wanted and name not in wanted and part is not setting_up:
            continue
        for row in part.rows(ground):
            print(f"  {row.case}: {row.measured}", flush=True)
            found.append(dataclasses.asdict(row))
    points = [] if wanted else curves.points(ground)
    with open(os.environ["BENCH_RESULT"], "w", encoding="utf-8") as file:
        result = {"rows": found, "points": points, "machine": machine.words(env)}
        json.dump(result, file)
