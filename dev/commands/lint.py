"""make lint: ruff, pylint-odoo and the OCA checks, on a copy of the working tree.

The linters know an addon as a folder below their start: run where the addon is the
repository root, the OCA checks find no manifest and pass silently. So a copy is linted,
one level down and under the module's name.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
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
    with _copy() as folder:
        for name, command in _linters(folder):
            with step(name) as shown:
                done = subprocess.run(
                    command, cwd=folder, capture_output=True, text=True, env=_env()
                )
                shown.close("clean" if done.returncode == 0 else "found something")
            print(done.stdout + (done.stderr if done.returncode else ""), end="")
            if done.returncode:
                failed.append(name)
    print("Lint: " + (f"failed ({', '.join(failed)})" if failed else "clean"))
    return 1 if failed else 0


def _env():
    # The OCA checks look for git's root; the copy must not find one further up.
    return {**os.environ, "GIT_CEILING_DIRECTORIES": str(paths.RUN)}


def _linters(folder):
    programs = paths.VENV / "bin"
    translations = sorted((folder / paths.MODULE / "i18n").glob("*.po*"))
    yield "ruff", [programs / "ruff", "check", "--no-cache", paths.MODULE]
    layout = [programs / "ruff", "format", "--no-cache", "--check", paths.MODULE]
    yield "ruff format", layout
    rules = f"--rcfile={paths.MODULE}/.pylintrc"
    yield "pylint-odoo", [programs / "pylint", rules, paths.MODULE]
    checks = [programs / "oca-checks-odoo-module", f"--disable={DISABLED_CHECKS}"]
    yield "oca-checks-odoo-module", [*checks, paths.MODULE]
    if translations:
        disabled = f"--disable={DISABLED_PO_CHECKS}"
        yield "oca-checks-po", [programs / "oca-checks-po", disabled, *translations]


@contextmanager
def _copy():
    """Give a folder that holds the working tree, uncommitted changes included."""
    with tempfile.TemporaryDirectory(prefix="lint-", dir=paths.RUN) as name:
        folder = Path(name)
        for relative in _files():
            source = paths.ROOT / relative
            if not source.is_file():
                continue
            target = folder / paths.MODULE / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        yield folder


def _files():
    """Return what git knows or would add, as paths below the repository root."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SetupError("make lint needs a git checkout: clone the repository.")
    return sorted(filter(None, done.stdout.split("\0")))
