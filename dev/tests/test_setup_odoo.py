"""Odoo's three roads end in one layout; an unusable one ends in one sentence."""

import subprocess

import pytest

from dev.setup import odoo, paths, state
from dev.setup.progress import SetupError

RELEASE = "version_info = (%s, 0, 0, FINAL, 0, '')\n"
MANIFEST = "addons/hr_timesheet/__manifest__.py"


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path):
    """A cache folder of the test's own, and no ODOO_PATH from outside."""
    cache = tmp_path / "cache"
    monkeypatch.delenv("ODOO_PATH", raising=False)
    for module, name, folder in (
        (paths, "CACHE", cache),
        (paths, "LOGS", cache / "logs"),
        (paths, "RUN", cache / "run"),
        (state, "STATE", cache / "state"),
        (odoo, "DEB_TREE", cache / "odoo-deb"),
        (odoo, "CLONE", cache / "odoo-git"),
    ):
        monkeypatch.setattr(module, name, folder)
    cache.mkdir()
    return cache


def make_source(folder, series="19", addon=MANIFEST):
    for name, text in (("odoo/release.py", RELEASE % series), (addon, "{}")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "odoo/addons").mkdir(exist_ok=True)
    return folder


@pytest.fixture
def upstream(monkeypatch, tmp_path):
    """A repository that looks like Odoo's, with the branch of the series."""
    folder = make_source(tmp_path / "upstream")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (
        ["init", "-q", "-b", odoo.SERIES],
        ["add", "."],
        [*who, "commit", "-q", "-m", "x"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    monkeypatch.setattr(odoo, "REPOSITORY", folder.as_uri())
    monkeypatch.setattr(odoo.apt, "mirror", lambda: None)
    return folder


def test_given_path_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("ODOO_PATH", str(make_source(tmp_path / "mine")))
    odoo.ensure()
    assert odoo.source() == tmp_path / "mine"
    assert odoo.addons_folders() == [
        tmp_path / "mine/odoo/addons",
        tmp_path / "mine/addons",
    ]


@pytest.mark.parametrize("series", ["18", None])
def test_given_path_without_odoo_19(monkeypatch, tmp_path, series):
    if series:
        make_source(tmp_path / "mine", series)
    monkeypatch.setenv("ODOO_PATH", str(tmp_path / "mine"))
    with pytest.raises(SetupError, match="holds no Odoo 19.0: point it at"):
        odoo.ensure()


def test_clone_where_there_is_no_debian_mirror(upstream):
    odoo.ensure()
    assert odoo.source() == odoo.CLONE
    assert odoo.is_ready()


def test_clone_when_debian_has_no_package(upstream, monkeypatch):
    def refuse(*_arguments):
        raise SetupError("gone")

    monkeypatch.setattr(odoo.apt, "mirror", lambda: "http://mirror.example/debian")
    monkeypatch.setattr(odoo.apt, "fetch", refuse)
    odoo.ensure()
    assert odoo.source() == odoo.CLONE


def test_finished_step_that_lost_a_file_is_redone(upstream):
    odoo.ensure()
    (odoo.CLONE / MANIFEST).unlink()
    assert not odoo.is_ready()
    odoo.ensure()
    assert (odoo.CLONE / MANIFEST).exists()


def test_failed_clone_says_what_to_do(upstream, monkeypatch, tmp_path):
    monkeypatch.setattr(odoo, "REPOSITORY", (tmp_path / "nowhere").as_uri())
    with pytest.raises(SetupError, match="check the network connection"):
        odoo.ensure()
    assert not odoo.is_ready()


def test_full_disk_is_named_before_anything_is_fetched(upstream, monkeypatch):
    usage = odoo.shutil.disk_usage("/")
    monkeypatch.setattr(
        odoo.shutil, "disk_usage", lambda _: type(usage)(usage.total, usage.used, 10)
    )
    with pytest.raises(SetupError, match="set XDG_CACHE_HOME"):
        odoo.ensure()
