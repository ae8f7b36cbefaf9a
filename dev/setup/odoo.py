"""Odoo 19: an existing checkout, Debian's package, or a clone of the public source.

All three roads end in one folder that holds the Python package `odoo`; it goes on
PYTHONPATH and `python -m odoo` runs.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from xstatic.pkg import font_awesome

from . import apt, paths, state
from .progress import SetupError, run_logged, step

SERIES = "19.0"
REPOSITORY = "https://github.com/odoo/odoo.git"
DEB_TREE = paths.CACHE / "odoo-deb"
CLONE = paths.CACHE / "odoo-git"
# Debian's package leaves these to other packages; its relative links need them.
DEB_PACKAGES = """odoo-19 fonts-roboto-unhinted fonts-montserrat fonts-inconsolata
fonts-ocr-b libjs-jquery libjs-jquery-form libjs-underscore""".split()
ICON_FOLDERS = ["web/static/lib", "web/static/src/libs"]
STRIPPED_SCRIPT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def source():
    """Return the folder that holds the package `odoo`, which may not exist yet."""
    given = os.environ.get("ODOO_PATH")
    if given:
        return Path(given).expanduser().absolute()
    if state.is_done("odoo-deb", SERIES):
        return DEB_TREE / "usr/lib/python3/dist-packages"
    return CLONE if state.is_done("odoo-git", SERIES) else None


def is_ready():
    """Say whether a finished Odoo 19 is there."""
    folder = source()
    if not folder or not (folder / "odoo/release.py").is_file():
        return False
    text = (folder / "odoo/release.py").read_text(encoding="utf-8")
    series = SERIES.replace(".", r"\s*,\s*")
    return bool(re.search(rf"^version_info\s*=\s*\(\s*{series}\b", text, re.M))


def ensure():
    """Make Odoo 19 available.

    :raise SetupError: ODOO_PATH holds none, or neither package nor clone can be had
    """
    if is_ready():
        return
    if os.environ.get("ODOO_PATH"):
        raise SetupError(
            f"ODOO_PATH={os.environ['ODOO_PATH']} holds no Odoo {SERIES}: point it at "
            "the folder in which odoo/release.py lies, or unset it."
        )
    _check_space()
    if apt.mirror():
        try:
            _from_debian()
            return
        except SetupError as error:
            if not shutil.which("git"):
                raise
            print(f"  No package of Debian's: {error} Cloning instead", file=sys.stderr)
    _from_git()


def addons_folders():
    """Return the folders of Odoo's own addons."""
    candidates = (source() / name for name in ("odoo/addons", "addons"))
    return [path for path in candidates if path.is_dir()]


def _check_space():
    free = shutil.disk_usage(paths.CACHE).free
    if free < 2_500_000_000:
        raise SetupError(
            f"Odoo needs 2.5 GB and {paths.CACHE} has {free / 1e9:.1f} GB free: free "
            "some or set XDG_CACHE_HOME to a folder on another disk."
        )


def _from_debian():
    with step("Odoo 19: fetch Debian's package") as shown:
        files = apt.fetch(DEB_PACKAGES, shown)
    with step("Odoo 19: unpack"):
        shutil.rmtree(DEB_TREE, ignore_errors=True)
        DEB_TREE.mkdir(parents=True)
        for path in files:
            advice = f"{path} could not be unpacked: delete it and try again."
            command = ["dpkg-deb", "-x", path, DEB_TREE]
            run_logged(command, "odoo-unpack.log", advice)
        addons = DEB_TREE / "usr/lib/python3/dist-packages/odoo/addons"
        icons = _fill_gaps(addons)
    needs = [addons / "hr_timesheet/__manifest__.py", addons / STRIPPED_SCRIPT, *icons]
    state.mark_done("odoo-deb", SERIES, needs)
    shutil.rmtree(apt.FOLDER / "debs", ignore_errors=True)


def _fill_gaps(addons):
    """Put back what Debian took out and Odoo's pages ask for; return those files."""
    fonts = Path(font_awesome.__file__).parent / "data/fonts"
    made = []
    for folder in ICON_FOLDERS:
        for font in fonts.glob("fontawesome-webfont.*"):
            target = addons / folder / "fontawesome/fonts" / font.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy(font, target)
            made.append(target)
    script = addons / STRIPPED_SCRIPT
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.unlink(missing_ok=True)
        script.write_text("// Not part of Debian's package.\n", encoding="utf-8")
    return made


def _from_git():
    if not shutil.which("git"):
        raise SetupError(
            "There is no way to get Odoo 19: install git, or set ODOO_PATH to an "
            "existing checkout."
        )
    with step("Odoo 19: clone the public source") as shown:
        shutil.rmtree(CLONE, ignore_errors=True)
        run_logged(
            ["git", "clone", "--progress", "--depth", "1", "--branch", SERIES]
            + [REPOSITORY, CLONE],
            "odoo-clone.log",
            "Odoo 19 could not be fetched: check the network connection and run the "
            "same command again, or set ODOO_PATH to an existing checkout.",
            on_line=shown.dot,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    state.mark_done("odoo-git", SERIES, [CLONE / "addons/hr_timesheet/__manifest__.py"])
