"""Choose mutants, let the workers try them, tell what came of it.

``make mutants`` starts it with the virtual environment's Python; the environment says
what is wanted (SAMPLE, SEED, FILES, AGAIN) and where the databases are.
"""

import json
import os
import random
import subprocess
import sys
import time

from ..setup import paths
from . import operators, reach, report

FOLDER = paths.OF_CHECKOUT / "mutants"
LAST = FOLDER / "results.json"
TRIES = 2  # a worker that dies is started again with what is left


def main():
    """Try what the environment asks for; return 0 unless a worker failed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    databases = json.loads(os.environ["MUTANTS_DATABASES"])
    chosen = _chosen()
    by_suite = {}
    for mutant in chosen:
        suite = next(s for s in reach.SUITES if mutant.path in s.files())
        by_suite.setdefault(suite.name, (suite, []))[1].append(mutant.key)
    results = {}
    for suite, keys in by_suite.values():
        workers = _Workers(suite, databases)
        known = reach.known_or_measured(suite, FOLDER, workers)
        results |= workers.try_mutants(keys, known)
    missing = [mutant.key for mutant in chosen if mutant.key not in results]
    LAST.write_text(json.dumps(results), encoding="utf-8")
    report.tell(chosen, results, FOLDER / "survivors.diff")
    if missing:
        print(f"{len(missing)} not tried: see {FOLDER}", file=sys.stderr)
    return int(bool(missing))


def _chosen():
    names = os.environ.get("FILES", "").split()
    files = names or [name for suite in reach.SUITES for name in suite.files()]
    mutants = [
        mutant
        for name in files
        for mutant in operators.mutants_of(name, (paths.ROOT / name).read_text("utf-8"))
    ]
    if os.environ.get("AGAIN"):
        last = json.loads(LAST.read_text(encoding="utf-8"))
        wanted = {key for key, told in last.items() if told["outcome"] == "survived"}
        mutants = [mutant for mutant in mutants if mutant.key in wanted]
    shuffled = random.Random(os.environ.get("SEED", "7"))
    shuffled.shuffle(mutants)
    return mutants[: int(os.environ.get("SAMPLE") or len(mutants))]


class _Workers:
    """Pytest processes, one per database, that share out files or mutants."""

    def __init__(self, suite, databases):
        self.suite = suite
        self.databases = databases

    def measure(self, test_files):
        """Return what :meth:`Worker.measure_reach` tells of these test files."""
        count = min(len(self.databases), len(test_files))
        parts = [test_files[worker::count] for worker in range(count)]
        files = [FOLDER / f"{self.suite.name}-{worker}.json" for worker in range(count)]
        for file in files:
            file.unlink(missing_ok=True)
        running = [
            self._start(worker, part, phase="reach", reach=str(file))
            for worker, (part, file) in enumerate(zip(parts, files, strict=True))
        ]
        for one in running:
            one.wait()
        told = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        for name in [name for part in told for name in part["failed"]]:
            print(f"left out, fails as it is: {name}", file=sys.stderr)
        return {name: test for part in told for name, test in part["tests"].items()}

    def try_mutants(self, keys, known):
        """Return {key: outcome, test, took}."""
        reached = FOLDER / f"{self.suite.name}.reach"
        reached.write_text(json.dumps(known), encoding="utf-8")
        results = FOLDER / f"{self.suite.name}.results"
        results.unlink(missing_ok=True)
        count = len(self.databases)
        for _try in range(TRIES):
            told = _read(results)
            left = [key for key in keys if key not in told]
            if not left:
                break
            running = [
                self._start(
                    worker,
                    self.suite.tests(),
                    phase="try",
                    reach=str(reached),
                    results=str(results),
                    keys=left,
                    workers=count,
                    is_thorough=bool(os.environ.get("AGAIN")),
                )
                for worker in range(count)
            ]
            self._show_progress(running, results, len(keys))
        return _read(results)

    def _show_progress(self, running, results, total):
        while any(one.poll() is None for one in running):
            time.sleep(2)
            if not sys.stderr.isatty():
                continue
            told = _read(results)
            alive = sum(one["outcome"] == "survived" for one in told.values())
            line = f"{self.suite.name}: {len(told)}/{total}, {alive} alive"
            sys.stderr.write(f"\r{line} ")

    def _start(self, worker, test_files, **plan):
        name, config, template = self.databases[worker]
        plan |= {"files": self.suite.files(), "worker": worker}
        command = [sys.executable, "-m", "pytest", "-p", "dev.mutants.worker", "-q"]
        folder, prefix = paths.ROOT, ""
        if self.suite.needs_odoo:
            plan |= {"database": name, "template": template}
            command.append(f"--odoo-config={config}")
            folder, prefix = paths.ADDONS, f"{paths.MODULE}/"
        file = FOLDER / f"{self.suite.name}-{worker}.plan"
        file.write_text(json.dumps(plan), encoding="utf-8")
        log = open(FOLDER / f"{self.suite.name}-{worker}.log", "w", encoding="utf-8")
        return subprocess.Popen(
            [*command, *(f"{prefix}{name}" for name in test_files)],
            cwd=folder,
            env={**os.environ, "MUTANTS_PLAN": str(file)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            close_fds=False,
        )


def _read(results):
    if not results.exists():
        return {}
    lines = results.read_text(encoding="utf-8").splitlines()
    return {told["key"]: told for told in map(json.loads, lines)}


if __name__ == "__main__":
    sys.exit(main())
