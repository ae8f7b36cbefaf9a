"""make lint: ruff, pylint-odoo, zizmor and the OCA checks, on a copy of the tree.

The linters know an addon as a folder below their start: run where the addon is the
repository root, the OCA checks find no manifest and pass silently. So a copy is linted,
one level down and under the module's name.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..setup import paths
from ..setup.progress import SetupError, step

# The README is Markdown, which every place that shows it renders.
DISABLED_CHECKS = "prefer-readme-rst"
# It empties translations that equal their source, and empty means missing here.
DISABLED_PO_CHECKS = "po-pretty-format"


def lint(_arguments):
    """Run every linter and return 0 only if all are content."""
    failed = []
    # The OCA checks look for git's root; the copy must not find one further up.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(paths.RUN)}
    with tempfile.TemporaryDirectory(prefix="lint-", dir=paths.RUN) as folder:
        _copy_to(Path(folder) / paths.MODULE)
        for name, command in _linters(Path(folder)):
            with step(name) as shown:
                command[0] = paths.VENV / "bin" / command[0]
                output = {"capture_output": True, "text": True}
                done = subprocess.run(command, cwd=folder, env=environment, **output)
                shown.word = "found something" if done.returncode else "clean"
            if done.returncode:
                print(done.stdout + done.stderr, end="")
                failed.append(name)
    print("Lint: " + (f"failed ({', '.join(failed)})" if failed else "clean"))
    return 1 if failed else 0


def _linters(folder):
    """Yield name and command of each."""
    module = paths.MODULE
    yield "ruff", ["ruff", "check", "--no-cache", module]
    yield "ruff format", ["ruff", "format", "--no-cache", "--check", module]
    yield "zizmor", ["zizmor", "--offline", "--no-progress", f"{module}/.github"]
    yield "pylint-odoo", ["pylint", f"--rcfile={module}/.pylintrc", module]
    texts = sorted((folder / module / "i18n").glob("*.po*"))
    name = "oca-checks-odoo-module"
    yield name, [name, f"--disable={DISABLED_CHECKS}", module]
    name = "oca-checks-po"
    yield name, [name, f"--disable={DISABLED_PO_CHECKS}", *texts]


def _copy_to(folder):
    """Copy what git knows or would add, uncommitted changes included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SetupError("make lint needs a git checkout: clone the repository.")
    for relative in filter(None, done.stdout.split("\0")):
        source, target = paths.ROOT / relative, folder / relative
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
