"""Finished steps, the template's name, and how failures are told."""

import errno

import pytest

from dev.commands import run
from dev.setup import chromium, paths, progress, state, template
from dev.setup.progress import SetupError


@pytest.fixture(autouse=True)
def own_folders(monkeypatch, tmp_path):
    """A cache folder and a repository root of the test's own."""
    monkeypatch.setattr(state, "STATE", tmp_path / "state")
    monkeypatch.setattr(paths, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(paths, "ROOT", tmp_path / "root")
    for folder in ("models", "tests", "i18n", "static/src"):
        (tmp_path / "root" / folder).mkdir(parents=True)
    return tmp_path


def test_step_counts_while_key_and_files_are_there(own_folders):
    file = own_folders / "made"
    file.touch()
    state.mark_done("x", "1", [file])
    assert state.is_done("x", "1")
    assert not state.is_done("x", "2")
    file.unlink()
    assert not state.is_done("x", "1")


def test_damaged_record_counts_as_not_done(own_folders):
    state.mark_done("x", "1", [])
    (state.STATE / "x.json").write_text("{", encoding="utf-8")
    assert not state.is_done("x", "1")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("models/a.py", True),
        ("i18n/nb.po", True),
        ("__manifest__.py", True),
        ("static/src/a.js", True),
        ("tests/test_a.py", False),
        ("models/a.pyc", False),
    ],
)
def test_template_is_made_anew_when_the_addon_changed(
    own_folders, monkeypatch, name, changes
):
    monkeypatch.setattr(template, "_bare_name", lambda: "bare")
    absent = template._template_name()
    (paths.ROOT / name).write_text("x", encoding="utf-8")
    first = template._template_name()
    (paths.ROOT / name).write_text("y", encoding="utf-8")
    second = template._template_name()
    assert len({absent, first, second}) == (3 if changes else 1)


def test_template_beside_others_is_made_anew_when_one_of_them_changed(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "TEST_ADDONS", tmp_path)
    before = template._beside_name("ours", "a,b")
    (tmp_path / "a.py").write_text("x", encoding="utf-8")
    after = template._beside_name("ours", "a,b")
    other = template._beside_name("changed", "a,b")
    assert len({before[0], after[0], other[0]}) == 3
    assert before[1] == after[1] == other[1], "the outdated ones are found"
    assert template._beside_name("ours", "a")[1] != before[1]


def test_dependencies_come_from_the_manifest(own_folders):
    manifest = paths.ROOT / "__manifest__.py"
    manifest.write_text('{"depends": ["z", "a"]}', encoding="utf-8")
    assert template._needed() == ["a", "z"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full: free about 4 GB"),
        (errno.EACCES, "cannot be written: make it writable"),
        (errno.ECONNRESET, "run the same command again"),
    ],
)
def test_step_turns_system_errors_into_a_sentence(number, words, capsys):
    with pytest.raises(SetupError, match=words), progress.step("Something"):
        raise OSError(number, "text", "/some/file")
    assert capsys.readouterr().err.startswith("  Something  failed (")


def test_failed_program_names_its_log():
    with pytest.raises(SetupError, match=r"Do this\. \(Details: .*x\.log\)"):
        progress.run_logged(["sh", "-c", "echo no; exit 3"], "x.log", "Do this.")
    assert (paths.LOGS / "x.log").read_text(encoding="utf-8") == "no\n"


def test_full_disk_is_recognised_in_a_programs_output():
    script = "echo 'tar: x: No space left on device'; exit 2"
    with pytest.raises(SetupError, match="is full"):
        progress.run_logged(["sh", "-c", script], "x.log", "Do this.")


def test_missing_program_says_what_to_do():
    with pytest.raises(SetupError, match="was not found: Do this"):
        progress.run_logged(["no-such-program-here"], "x.log", "Do this.")


def test_without_apt_tours_are_skipped_with_a_word(monkeypatch, capsys):
    monkeypatch.setattr(chromium.shutil, "which", lambda _name: None)
    assert chromium.ensure() is False
    assert "browser tours are skipped" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["x", "0", "70000"])
def test_port_that_is_none(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SetupError, match="is no port"):
        run.choose_port()


def test_busy_port(monkeypatch):
    with run.socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        monkeypatch.setenv("PORT", str(busy.getsockname()[1]))
        with pytest.raises(SetupError, match="is in use: choose another"):
            run.choose_port()


def test_month_that_is_none(monkeypatch):
    monkeypatch.setenv("MONTH", "2026-13")
    with pytest.raises(SetupError, match="is no month"):
        run._period()


def test_production_is_refused():
    tokens = dict.fromkeys(run.STAND_IN_TOKENS, "x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIPLETEX_BASE_URL", "https://tripletex.no/v2")
        with pytest.raises(SetupError, match="refuses to run"):
            run._test_environment(tokens)
        patch.delenv("TRIPLETEX_BASE_URL")
        address = run._test_environment(tokens)["TRIPLETEX_BASE_URL"]
    assert address == run.TEST_ENVIRONMENT


def test_one_token_is_not_enough():
    tokens = {**dict.fromkeys(run.STAND_IN_TOKENS, "x"), "TRIPLETEX_CONSUMER_TOKEN": ""}
    with pytest.raises(SetupError, match="TRIPLETEX_CONSUMER_TOKEN is not set"):
        run._test_environment(tokens)
