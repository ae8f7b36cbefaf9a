"""Chromium for the browser tours, where apt may install it."""

import os
import shutil

from .progress import SetupError, run_logged, step

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def find():
    """Return the path of a browser Odoo can drive, or None."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None)


def ensure():
    """Install Chromium if that is possible here; else say that tours are skipped.

    :return: whether there is a browser
    """
    if find():
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        with step(
            "No Chromium, and it cannot be installed from here: browser tours are "
            "skipped (as root: apt-get install chromium)"
        ):
            return False
    try:
        with step("Chromium") as shown:
            _install(shown)
    except SetupError as error:
        with step(f"Browser tours are skipped: {error}"):
            return False
    return find() is not None


def _install(shown):
    advice = "Chromium could not be installed: run apt-get install chromium by hand."
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "-y", "-q", "--no-install-recommends", "install", "chromium"]
    run_logged(["apt-get", "-q", "update"], "chromium.log", advice, env=environment)
    run_logged(
        install,
        "chromium.log",
        advice,
        on_line=lambda line: line.startswith(("Get:", "Setting up")) and shown.dot(),
        env=environment,
    )
