"""Where the set-up keeps what it makes; nothing of it lies in the repository."""

import hashlib
import os
import sys
from pathlib import Path

MODULE = "hr_timesheet_tripletex"
ROOT = Path(__file__).resolve().parents[2]
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / MODULE
)
# Several clones share the cache. What depends on the clone carries this key, so that
# two of them never fight over one addons folder or one template database.
CHECKOUT = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
PYTHON_TAG = f"py{sys.version_info[0]}{sys.version_info[1]}"

VENV = CACHE / f"venv-{PYTHON_TAG}"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "dev" / "requirements.txt"
OF_CHECKOUT = CACHE / "checkouts" / CHECKOUT
ADDONS = OF_CHECKOUT / "addons"
TEST_ADDONS = ROOT / "dev" / "tests" / "addons"
LOGS = OF_CHECKOUT / "logs"
RUN = CACHE / "run"
DATA_DIR = CACHE / "odoo-data"


def make_folders():
    """Create the cache folders and link the repository under the module's name.

    Odoo takes a module's name from its directory, and a clone may be called anything.
    """
    for folder in (CACHE, ADDONS, LOGS, RUN, DATA_DIR):
        folder.mkdir(parents=True, exist_ok=True)
    link = ADDONS / MODULE
    if not link.is_symlink() or link.resolve() != ROOT:
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT, target_is_directory=True)
