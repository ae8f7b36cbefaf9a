"""make coverage: all tests, and which branches of the addon none of them takes."""

import json
import os
import subprocess

from ..setup import paths
from . import test

FOLDERS = ["models", "sending", "tools", "wizards"]
DATA = paths.OF_CHECKOUT / "coverage"


def main(_arguments):
    """Run all tests and list the branches not taken; return 0 only if none failed."""
    DATA.unlink(missing_ok=True)
    os.environ["COVERAGE_FILE"] = str(DATA)
    options = [f"--cov={paths.ROOT / folder}" for folder in FOLDERS]
    options += [
        "--cov-branch",
        "--cov-append",
        "--cov-report=",
        "--cov-config=/dev/null",
    ]
    code = test.run_all(options)
    report = paths.RUN / f"coverage-{paths.CHECKOUT}.json"
    subprocess.run(
        [paths.PYTHON, "-m", "coverage", "json", "-q", "-o", report, "--rcfile="],
        cwd=paths.ROOT,
        check=True,
    )
    _tell(json.loads(report.read_text(encoding="utf-8")))
    report.unlink()
    return code


def _tell(report):
    """Print every branch not taken with its line, and the share that was taken."""
    for name, file in sorted(report["files"].items()):
        lines = (paths.ROOT / name).read_text(encoding="utf-8").splitlines()
        for start, end in sorted(file["missing_branches"]):
            goal = f"line {end}" if end > 0 else "the end"
            print(f"{name}:{start} never to {goal}: {lines[start - 1].strip()}")
        for line in file["missing_lines"]:
            print(f"{name}:{line} never run: {lines[line - 1].strip()}")
    totals = report["totals"]
    taken, branches = totals["covered_branches"], totals["num_branches"]
    print(f"Branches: {taken} of {branches} taken ({taken / branches:.1%})")
    ran, statements = totals["covered_lines"], totals["num_statements"]
    print(f"Statements: {ran} of {statements} run ({ran / statements:.1%})")
