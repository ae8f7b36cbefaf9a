"""Fetch Debian packages without touching the system's package sources.

apt's own configuration names the mirror and its keyring checks the signature; sources,
lists and downloads are private, so no root is needed.
"""

import os
import platform
import re
import shutil
from pathlib import Path

from . import paths
from .progress import run_logged

FOLDER = paths.CACHE / "apt"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SUITE = "sid"
FETCH_FAILED = (
    "The Debian packages could not be fetched: check the network connection and run "
    "the same command again."
)


def mirror():
    """Return the address of this machine's Debian mirror, or None.

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
    codename = release.get("VERSION_CODENAME", "")
    for uri, suites, components in _entries(Path("/etc/apt")):
        if "main" in components and {codename, "stable", "testing", SUITE} & {*suites}:
            return uri
    return None


def _entries(folder):
    """Yield (address, suites, components) of every package source in apt's folder."""
    for path in [folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))]:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:
            continue
        if path.suffix == ".sources":
            yield from _deb822_entries(text)
        elif path.suffix == ".list":
            yield from _one_line_entries(text)


def _one_line_entries(text):
    for line in text.splitlines():
        found = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if found:
            yield found[1], [found[2]], found[3].split()


def _deb822_entries(text):
    for stanza in re.split(r"\n\s*\n", text):
        lines = (ln for ln in stanza.splitlines() if not ln.startswith("#"))
        fields = {}
        for name, value in (ln.split(":", 1) for ln in lines if ":" in ln):
            fields[name.strip().lower()] = value.split()
        if fields.get("enabled") == ["no"] or "deb" not in fields.get("types", []):
            continue
        for uri in fields.get("uris", []):
            yield uri, fields.get("suites", []), fields.get("components", [])


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
    :param Step shown: told the percentage
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
        # progress comes as lines such as `dlstatus:3:41.5:Retrieving file 3 of 8`
        [*apt, "-oAPT::Status-Fd=1", "download", *packages],
        "apt-download.log",
        FETCH_FAILED,
        on_line=lambda line: (
            line.startswith("dlstatus:") and shown.percent(float(line.split(":")[2]))
        ),
        cwd=debs,
    )
    # where an interrupted download left an older version, the newer is unpacked last
    return sorted(debs.glob("*.deb"), key=lambda path: path.stat().st_mtime)
