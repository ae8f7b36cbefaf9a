"""Chromium for the browser tours, where apt may install it."""

import os
import shutil
import sys

from .progress import SetupError, run_logged, step

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
ADVICE = "Chromium could not be installed: run apt-get install chromium by hand."


def find():
    """Return the path of a browser Odoo can drive, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def ensure():
    """Install Chromium if that is possible here; else say that tours are skipped.

    :return: whether there is a browser
    """
    why = "it cannot be installed from here (as root: apt-get install chromium)"
    if not find() and os.geteuid() == 0 and shutil.which("apt-get"):
        try:
            _install()
        except SetupError as error:
            why = error
    if not find():
        print(f"  No Chromium, browser tours are skipped: {why}", file=sys.stderr)
    return find() is not None


def _install():
    apt = ["apt-get", "-y", "-q", "--no-install-recommends"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step("Chromium") as shown:
        for arguments in (["update"], ["install", "chromium"]):
            command = [*apt, *arguments]
            run_logged(command, "chromium.log", ADVICE, shown.dot, env=environment)
