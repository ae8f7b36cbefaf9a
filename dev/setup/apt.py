"""Fetch Debian packages without touching the system's package sources.

apt's own configuration names the mirror and its keyring checks the signature; sources,
lists and downloads are private, so no root is needed.
"""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from . import paths
from .progress import run_logged

FOLDER = paths.CACHE / "apt"
CONFIGURATION = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SUITE = "sid"
FETCH_FAILED = (
    "The Debian packages could not be fetched: check the network connection and run "
    "the same command again."
)


def mirror():
    """Return the address of this machine's Debian mirror, as apt reads its sources.

    None on other systems than Debian, or where apt is not set up: then Debian's
    packages are no road to Odoo.
    """
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return None
    tools = shutil.which("apt-get") and shutil.which("dpkg-deb") and KEYRING.exists()
    if release.get("ID") != "debian" or not tools:
        return None
    # prints lines such as `'http://…/debian/dists/sid/main/binary-amd64/Packages.xz' …`
    command = ["apt-get", f"-oDir::Etc={CONFIGURATION}", "--print-uris", "update"]
    lists = subprocess.run(command, capture_output=True, text=True).stdout
    suites = f"{release.get('VERSION_CODENAME', SUITE)}|stable|testing|{SUITE}"
    found = re.search(rf"'(\S+)/dists/({suites})/main/binary-\w+/Packages", lists)
    return found and found[1]


def _options():
    places = {
        "Dir::Etc::sourcelist": FOLDER / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::Lists": FOLDER / "lists",
        "Dir::Cache": FOLDER / "cache",
        # The sandbox user cannot write into a private home directory.
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "Acquire::Retries": "3",
    }
    return [f"-o{name}={value}" for name, value in places.items()]


def fetch(packages, shown):
    """Download packages of the suite and return the files, an interrupted one resumed.

    :param list packages: package names
    :param step shown: gets the dots
    :raise SetupError: the mirror does not answer or has not got a package
    """
    debs = FOLDER / "debs"
    for folder in (FOLDER / "lists/partial", FOLDER / "cache/archives/partial", debs):
        folder.mkdir(parents=True, exist_ok=True)
    line = f"deb [signed-by={KEYRING}] {mirror()} {SUITE} main\n"
    (FOLDER / "sources.list").write_text(line, encoding="utf-8")
    apt = ["apt-get", *_options(), "-q"]
    run_logged([*apt, "update"], "apt-update.log", FETCH_FAILED)
    run_logged(
        # a line of status whenever more of a file has come
        [*apt, "-oAPT::Status-Fd=1", "download", *packages],
        "apt-download.log",
        FETCH_FAILED,
        on_line=shown.dot,
        cwd=debs,
    )
    # where an interrupted download left an older version, the newer is unpacked last
    return sorted(debs.glob("*.deb"), key=lambda path: path.stat().st_mtime)
