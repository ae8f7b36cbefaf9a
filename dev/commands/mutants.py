"""make mutants: faults put into the sending engine and the client, to test the tests.

SAMPLE=200 tries so many, taken at random with SEED=7; FILES="tools/rate.py" only those
files; AGAIN=1 what survived the last time, with every test; WORKERS=2 processes.
"""

import json
import os
import subprocess
from contextlib import ExitStack

from ..setup import paths, postgres, prepare, process, state, template
from ..setup.progress import run_logged, step

REQUIREMENTS = paths.ROOT / "dev" / "mutants" / "requirements.txt"


def main(_arguments):
    """Try the mutants and tell; return 0 unless some could not be tried."""
    prepare()
    operators = _ensure_operators()
    workers = int(os.environ.get("WORKERS") or min(2, os.cpu_count() or 1))
    with postgres.running(), ExitStack() as stack:
        made = template.ensure()
        databases = []
        for _worker in range(workers):
            name = stack.enter_context(template.copy())
            config = process.write_config(name)
            databases.append((name, str(config), made))
        environment = process.environment(MUTANTS_DATABASES=json.dumps(databases))
        folders = [environment["PYTHONPATH"], str(paths.ROOT), str(operators)]
        environment["PYTHONPATH"] = os.pathsep.join(folders)
        return subprocess.run(
            [paths.PYTHON, "-m", "dev.mutants"],
            cwd=paths.ROOT,
            env=environment,
            pass_fds=postgres.inherited(),
        ).returncode


def _ensure_operators():
    """Return the folder with mutmut, fetched on first use."""
    (pinned,) = [line for line in REQUIREMENTS.read_text().splitlines() if "==" in line]
    folder = paths.CACHE / f"{pinned.replace('==', '-')}-{paths.PYTHON_TAG}"
    with state.lock("mutmut"):
        if not state.is_done(folder.name, pinned):
            with step("Mutation operators"):
                run_logged(
                    [
                        *(paths.PYTHON, "-m", "pip", "install", "--no-input"),
                        *("--no-deps", "--disable-pip-version-check", "--upgrade"),
                        *("--target", folder, "-r", REQUIREMENTS),
                    ],
                    "mutmut.log",
                    "mutmut could not be installed: check the network connection and "
                    "run the same command again.",
                )
            state.mark_done(folder.name, pinned, [folder / "mutmut"])
    return folder
