"""The virtual environment with everything pinned in dev/requirements.txt."""

import hashlib
import importlib.util
import shutil
import sys

from . import paths, state
from .progress import SetupError, run_logged, step


def _key():
    digest = hashlib.sha256(paths.REQUIREMENTS.read_bytes()).hexdigest()
    return f"{sys.version_info[:3]} {sys.base_prefix} {digest}"


def _needed():
    packages = paths.site_packages()
    return [paths.PYTHON, packages / "psycopg2", packages / "pytest_odoo.py"]


def is_ready():
    """Say whether the virtual environment holds the pinned packages."""
    return state.is_done(f"venv-{paths.PYTHON_TAG}", _key())


def ensure():
    """Create the virtual environment, or bring it up to the pinned versions.

    :raise SetupError: Python cannot make one, or a package cannot be fetched
    """
    if is_ready():
        return
    if not paths.PYTHON.exists() or not (paths.VENV / "bin" / "pip").exists():
        _create()
    with step("Python packages") as shown:
        run_logged(
            [
                paths.PYTHON,
                *("-m", "pip", "install", "--no-input", "--prefer-binary"),
                *("--disable-pip-version-check", "--progress-bar", "off"),
                *("-r", paths.REQUIREMENTS),
            ],
            "packages.log",
            "The Python packages could not be installed: check the network connection "
            "and run the same command again.",
            on_line=lambda line: line.startswith("Collecting") and shown.dot(),
        )
    state.mark_done(f"venv-{paths.PYTHON_TAG}", _key(), _needed())


def _create():
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise SetupError(
            "This Python cannot make virtual environments: install the package "
            "python3-venv (apt-get install python3-venv) and run the same command "
            "again."
        )
    with step("Virtual environment"):
        shutil.rmtree(paths.VENV, ignore_errors=True)
        run_logged(
            [sys.executable, "-m", "venv", paths.VENV],
            "venv.log",
            "The virtual environment could not be made: install the package "
            "python3-venv (apt-get install python3-venv) and run the same command "
            "again.",
        )
