"""The virtual environment with everything pinned in dev/requirements.txt.

Standard library only, as what it imports: it runs before anything is installed.
"""

import hashlib
import os
import sys

from . import paths, state
from .progress import run_logged, step

NO_VENV = (
    "This Python cannot make virtual environments: install the package python3-venv "
    "(apt-get install python3-venv) and run the same command again."
)


def _key():
    digest = hashlib.sha256(paths.REQUIREMENTS.read_bytes()).hexdigest()
    return f"{sys.version_info[:3]} {sys.base_prefix} {digest}"


def is_ready():
    """Say whether the virtual environment holds the pinned packages."""
    return state.is_done(f"venv-{paths.PYTHON_TAG}", _key())


def enter():
    """Go on in the virtual environment: start the same command with its Python.

    :raise SetupError: it cannot be made, or a package cannot be fetched
    """
    paths.make_folders()
    if not is_ready():
        with state.lock("setup"):
            _ensure()
    if not os.path.samefile(sys.prefix, paths.VENV):
        python = str(paths.PYTHON)
        os.execv(python, [python, "-m", "dev", *sys.argv[1:]])


def _ensure():
    """Create the virtual environment, or bring it up to the pinned versions."""
    if is_ready():
        return
    if not paths.PYTHON.exists() or not (paths.VENV / "bin" / "pip").exists():
        with step("Virtual environment"):
            command = [sys.executable, "-m", "venv", "--clear", paths.VENV]
            run_logged(command, "venv.log", NO_VENV)
    with step("Python packages") as shown:
        pip = [paths.PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input"]
        quietly = ["--prefer-binary", "--progress-bar", "off"]
        run_logged(
            [*pip, "install", *quietly, "-r", paths.REQUIREMENTS],
            "packages.log",
            "The Python packages could not be installed: check the network connection "
            "and run the same command again.",
            on_line=shown.dot,
        )
    packages = paths.VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    needs = [packages / "site-packages" / name for name in ("psycopg2", "playwright")]
    state.mark_done(f"venv-{paths.PYTHON_TAG}", _key(), [paths.PYTHON, *needs])
