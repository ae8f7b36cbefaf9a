"""Kills real Odoo processes while they send, and restarts what they depend on.

    python3 -m dev soak       (KILLS=50 of them after the walks, MINUTES=0: at once)

Each life of a worker begins with people's changes and ends with SIGKILL at a random
moment of its sending; in between PostgreSQL is restarted as by a crash, and the
stand-in stops listening for a moment. In the end every hour is there once.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from ..sandbox import SandboxServer
from ..setup import paths, postgres, prepare, process, template
from ..setup.progress import SetupError, run_logged
from .ledger import KINDS, hours_of, key_of

NAME = f"tripletex_{paths.CHECKOUT}_kills"
# What is committed must survive the server's death; only power loss is left out.
SETTINGS = {"fsync": "off", "synchronous_commit": "on", "listen_addresses": ""}
LONGEST_MOMENT = 0.6  # seconds after which a worker is dead
RESTART_EVERY = 5  # lives between two restarts, in turn of database and stand-in
RATES = {"drop_after": 0.06, "500_json_after": 0.05, "truncated": 0.05, "slow": 0.7}
START_LIMIT = 120
LOG = "kills.log"


@contextmanager
def _private_copy(database):
    """Have a server with a copy of a database, which can be restarted under Odoo."""
    folder = Path(tempfile.mkdtemp(prefix=f"{paths.MODULE}-"))
    server = postgres.Server(folder / "postgres", SETTINGS)
    try:
        server.make()
        dump = folder / "dump"
        for address, *command in (
            ({}, "pg_dump", "-Fc", "-f", dump, database),
            (server.address, "createdb", "-T", "template0", NAME),
            (server.address, "pg_restore", "--no-owner", "-d", NAME, dump),
        ):
            environment = {**postgres.environment(), **address}
            run_logged(command, LOG, f"{command[0]} failed.", env=environment)
        yield server
    finally:
        server.remove()
        shutil.rmtree(folder)
        (paths.RUN / f"{NAME}.conf").unlink(missing_ok=True)


class Kills:
    """Runs the lives and counts.

    :param private: the ``Server`` with the database
    :param sandbox: a running ``SandboxServer``
    """

    def __init__(self, private, sandbox, seed):
        self.private, self.sandbox, self.seed = private, sandbox, seed
        self.rng = random.Random(seed)
        self.config = process.write_config(NAME)
        self.log = paths.LOGS / LOG
        self.company = ""
        self.company = self._answer("build")["company"]
        self.under_way = self.crashes = self.absences = 0

    def _start(self, job, seed=""):
        """A process of Odoo that does ``job`` of ``kill_job``."""
        environment = process.environment(
            paths.ROOT,
            KILL_URL=self.sandbox.base_url,
            KILL_COMPANY=str(self.company),
            KILL_SEED=str(seed),
            **self.private.address,
        )
        with open(self.log, "a", encoding="utf-8") as errors:
            odoo = subprocess.Popen(
                process.shell(self.config, "--log-level=error"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
                cwd=paths.RUN,
            )
        odoo.stdin.write(f"from dev.proof import kill_job\nkill_job.{job}(env)\n")
        odoo.stdin.close()
        return odoo

    def _answer(self, job):
        """The JSON line that a job prints."""
        with self._start(job) as odoo:
            lines = [line for line in odoo.stdout if line.startswith("{")]
        if not lines:
            raise SetupError(f"{job} failed: see {self.log}")
        return json.loads(lines[-1])

    def live(self, number):
        """One worker from its start to its death."""
        odoo = self._start("work", seed=f"{self.seed}.{number}")
        watchdog = threading.Timer(START_LIMIT, odoo.kill)
        watchdog.start()
        try:
            if not any(line.startswith("ready") for line in odoo.stdout):
                raise SetupError(f"A worker did not start: see {self.log}")
            time.sleep(self.rng.uniform(0, LONGEST_MOMENT))
            if number % RESTART_EVERY == RESTART_EVERY - 1:
                self._restart_something()
        finally:
            odoo.kill()
            odoo.stdout.close()
            odoo.wait()
            watchdog.cancel()
        states = self.private.sql("SELECT state FROM tripletex_entry", NAME)
        self.under_way += ("sending",) in states

    def _restart_something(self):
        if self.crashes <= self.absences:
            self.private.control("restart", "-m", "immediate")
            self.crashes += 1
        else:
            self.sandbox.go_away()
            time.sleep(self.rng.uniform(0, 0.5))
            self.sandbox.come_back()
            self.absences += 1
        # the same worker lives on for a while
        time.sleep(self.rng.uniform(0.3, 1.5))

    def held(self):
        """Hours in Tripletex by key."""
        held = Counter()
        for model, kind in KINDS.items():
            for row in self.sandbox.state.company.table(model).values():
                held[key_of(kind, row)] += Decimal(f"{hours_of(kind, row):.2f}")
        return held

    def judge(self):
        """Send the rest and compare; print figures and return the exit code."""
        self.sandbox.control.clear_faults()
        told = self._answer("finish")
        wanted = {tuple(json.loads(k)): Decimal(h) for k, h in told["wanted"].items()}
        held, problems = self.held(), told["problems"]
        lost = {k for k in wanted if held[k] < wanted[k]}
        doubled = {k for k in held if held[k] > wanted.get(k, 0)}
        print(
            f"{told['lines']} validated lines, {len(wanted)} rows: {len(lost)} lost, "
            f"{len(doubled)} doubled, {len(problems)} need attention."
        )
        for key in sorted(lost | doubled, key=str):
            print(f"  {key}: wanted {wanted.get(key)}, held {held.get(key)}")
        print(*problems, sep="\n", end="")
        return 1 if lost or doubled or problems else 0


def main():
    """Kill ``KILLS`` workers (50); return 0 only if nothing was lost or doubled."""
    count = int(os.environ.get("KILLS") or 50)
    seed = os.environ.get("KILL_SEED") or str(random.SystemRandom().randrange(10**6))
    prepare()
    with (
        postgres.running(),
        template.copy() as database,
        _private_copy(database) as private,
        SandboxServer(rate_limit=0, seed=7, oddities=False) as sandbox,
    ):
        kills = Kills(private, sandbox, seed)
        sandbox.control.mix(RATES, seed=1, path="/timesheet/*", ms=60)
        for number in range(count):
            kills.live(number)
            print(".", end="", flush=True)
        print(
            f"\n{count} workers killed, {kills.under_way} of them with hours under "
            f"way; PostgreSQL crashed {kills.crashes} times, the stand-in went away "
            f"{kills.absences} times; {len(kills.held())} rows there before the last "
            f"sending (KILL_SEED={seed})."
        )
        return kills.judge()
