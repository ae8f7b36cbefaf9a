"""OCA's modules that customers have beside the addon, as pip installs them."""

import hashlib
import re
from pathlib import Path

from . import paths, state
from .progress import run_logged, step

PINS = Path(__file__).with_name("oca.txt")
ADVICE = (
    "OCA's modules could not be fetched, so nothing was tested beside them: check the "
    "network connection and run the same command again."
)


def modules():
    """Return the names of the modules."""
    return re.findall(r"^odoo-addon-(\w+)==", PINS.read_text("utf-8"), re.M)


def ensure():
    """Fetch the modules where they are missing and return their addons folder.

    :raise SetupError: the package index does not have them, or cannot be reached
    """
    key = hashlib.sha256(PINS.read_bytes()).hexdigest()[:8]
    folder = paths.CACHE / f"oca-{key}"
    addons = folder / "odoo" / "addons"
    with state.lock("oca"):
        if not state.is_done(folder.name, key):
            with step("OCA's modules") as shown:
                pip = [paths.PYTHON, "-m", "pip", "--disable-pip-version-check"]
                pip += ["install", "--no-deps", "--upgrade", "--progress-bar", "off"]
                run_logged(
                    [*pip, "--target", folder, "-r", PINS],
                    "oca.log",
                    ADVICE,
                    on_line=shown.dot,
                )
            state.mark_done(folder.name, key, [addons / name for name in modules()])
    return addons
