"""apt's own configuration names the mirror; Debian only, never a security archive."""

import pytest

from dev.setup import apt

ONE_LINE = """
# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://tools.example/apt stable x
deb [arch=amd64] http://mirror.example/debian bookworm main contrib # a comment
"""
DEB822 = """
Types: deb
# a comment with a colon: here
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb deb-src
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


@pytest.fixture
def debian(monkeypatch, tmp_path):
    """A Debian machine whose package sources are given as {file: text}."""
    keyring = tmp_path / "keyring.gpg"
    keyring.touch()
    release = {"ID": "debian", "VERSION_CODENAME": "bookworm"}
    monkeypatch.setattr(apt, "KEYRING", keyring)
    monkeypatch.setattr(apt.platform, "freedesktop_os_release", lambda: release)
    monkeypatch.setattr(apt.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(apt, "CONFIGURATION", tmp_path / "apt")

    def write(files):
        for name, text in files.items():
            path = tmp_path / "apt" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return release

    return write


def test_mirror_from_one_line_sources(debian):
    debian({"sources.list": ONE_LINE})
    assert apt.mirror() == "http://mirror.example/debian"


def test_mirror_from_deb822_sources(debian):
    debian({"sources.list.d/debian.sources": DEB822})
    assert apt.mirror() == "http://mirror.example/debian"


def test_no_mirror_without_package_sources(debian):
    debian({})
    assert apt.mirror() is None


def test_no_mirror_elsewhere_than_on_debian(debian):
    release = debian({"sources.list": ONE_LINE})
    release["ID"] = "ubuntu"
    assert apt.mirror() is None


def test_no_mirror_without_debians_keyring(debian, monkeypatch, tmp_path):
    debian({"sources.list": ONE_LINE})
    monkeypatch.setattr(apt, "KEYRING", tmp_path / "missing.gpg")
    assert apt.mirror() is None
