"""make test: plain tests of client and stand-in, and the addon's tests in Odoo.

Whole runs have short ones beside other modules: those that the addon has to get on
with, and the stand-ins for Enterprise's.
"""

import contextlib
import os
import subprocess
import sys
import tempfile

from ..setup import chromium, oca, paths, postgres, prepare, process, template
from ..setup.progress import step
from .run import choose_port

#: Folders of tests without Odoo; each has a pytest.ini of its own.
PLAIN = ("tests/client", "dev/tests")
ADDON = "tests"
NO_TESTS_COLLECTED = 5
#: In names of files with few and slow tests: browsers, a death at every commit.
SLOW = ("tours", "crashes")
#: Modules installed beside the addon: the tests that mean something there.
NEIGHBOURS = {
    "auditlog": ["test_security_loggers"],
    "timesheet_grid": ["test_validate_enterprise"],
    # Where Time Off logs hours, Odoo lets nobody log any on OCA's portal.
    "hr_payroll,hr_timesheet_sheet,hr_timesheet_portal": """
    test_setup_matching test_ledger_identity test_beside_portal test_beside_sheets
    """.split(),
    # All modules of oca.txt together: each database costs a minute.
    "oca": """
    test_absence_privacy test_absence_sending test_beside_documents test_beside_sales
    test_beside_tasks test_beside_time_control""".split(),
    "sale_timesheet,project_timesheet_holidays,hr_work_entry_holidays": """
    test_absence_changes test_absence_privacy test_absence_problems test_absence_sending
    test_absence_setup test_absence_start test_absence_year test_validate_billed
    test_validate_time_off test_validate_lines test_lock_lines test_preflight_lines
    test_access_lines test_ledger_dates test_ledger_split test_ledger_tasks
    test_ledger_time_off test_notice""".split(),
}


def test(arguments):
    """Run the tests and return 0 only if none failed.

    ``WITH=module,module`` in the environment installs those beside the addon, and
    ``WITH=oca`` the modules of OCA that touch timesheet lines;
    ``RUNNER=odoo`` runs the addon's tests in Odoo's own runner, not in pytest.

    :param list arguments: test files (`tests/client/…`, `dev/tests/…`, `tests/…`) and
        pytest options; without files all of them run
    """
    beside = os.environ.get("WITH")
    if not arguments and not beside:
        return run_all()
    plain, addon, options = _split(arguments)
    codes = _run_plain(plain, options)
    if addon:
        codes.append(_run_addon(addon, options, beside))
    ran = [code for code in codes if code != NO_TESTS_COLLECTED]
    if not ran:
        print("No test matches.", file=sys.stderr)
    return max(ran, default=NO_TESTS_COLLECTED)


def run_all():
    """Run the addon's tests and, at the same time, :func:`others`.

    :return: 0 only if no test failed
    """
    prepare()
    chromium.ensure()
    with _at_the_same_time("others") as others:
        code = _run_addon([ADDON])
        with step("Tests without Odoo, and those beside neighbours"):
            return max(code, others.wait())


@contextlib.contextmanager
def _at_the_same_time(command):
    """Run another command of ours during the block; print afterwards what it said."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        started = [sys.executable, "-m", "dev", command]
        both = {"stdout": output, "stderr": subprocess.STDOUT}
        with subprocess.Popen(started, cwd=paths.ROOT, **both) as running:
            try:
                yield running
            finally:
                running.terminate()
                running.wait()
                output.seek(0)
                print(output.read(), end="")


def others(options):
    """Run the tests without Odoo, and those beside neighbours.

    :param list options: pytest options for each of them
    :return: 0 only if no test failed
    """
    codes = _run_plain(PLAIN, options)
    for modules, names in NEIGHBOURS.items():
        targets = [f"{ADDON}/{name}.py" for name in names]
        codes.append(_run_addon(targets, ["-q", *options], modules))
    return max(codes)


def coverage(_arguments):
    """Run all tests and list the lines and branches of the addon that none takes.

    :return: 0 only if no test failed
    """
    data = paths.OF_CHECKOUT / "coverage"
    data.unlink(missing_ok=True)
    os.environ["COVERAGE_FILE"] = str(data)
    folders = ("models", "sending", "tools", "wizards")
    sources = [f"--cov={paths.ROOT / name}" for name in folders]
    more = ["--cov-branch", "--cov-append", "--cov-report=", "--cov-config=/dev/null"]
    options = [*sources, *more]
    # One after the other: they add to the same file.
    code = max(others(options), _run_addon([ADDON], options))
    command = [sys.executable, "-m", "coverage", "report", "--rcfile=", "-m"]
    subprocess.run([*command, "--skip-covered"], cwd=paths.ROOT)
    return code


def _split(arguments):
    """Return (plain test files, addon test files, other pytest arguments)."""
    plain = [word for word in arguments if word.startswith(PLAIN)]
    rest = [word for word in arguments if word not in plain]
    addon = [word for word in rest if word.split("/")[0] == ADDON]
    options = [word for word in rest if word not in addon]
    if not plain and not addon:
        plain, addon = PLAIN, [ADDON]
    return plain, addon, options


def _workers(targets, suite):
    """Return the pytest-xdist option: starting workers pays for whole suites only."""
    if targets != [suite]:
        return []
    workers = os.environ.get("TEST_WORKERS") or str(min(4, os.cpu_count() or 1))
    # A file of the addon's stays with one worker: classes make their ground once.
    files = ["--dist=loadfile", "--no-loadscope-reorder"] if suite == ADDON else []
    return ["-n", workers, *files]


def _run_plain(targets, options):
    """Run the tests of each folder that has some of them; return the exit codes."""
    codes = []
    for suite in PLAIN:
        own = [word for word in targets if word.startswith(suite)]
        if own:
            command = [sys.executable, "-m", "pytest", *_workers(own, suite)]
            done = subprocess.run([*command, *options, *own], cwd=paths.ROOT)
            codes.append(done.returncode)
    return codes


def _run_addon(targets, options=(), beside=None):
    """Run addon tests on a fresh database and return pytest's exit code.

    :param str beside: modules to install first, separated by commas; "oca" for OCA's
    """
    prepare()
    chromium.ensure()
    folders, names = [paths.ADDONS, paths.TEST_ADDONS], (beside or "").split(",")
    if "oca" in names:
        own = [name for name in names if name != "oca"]
        beside = ",".join([*oca.modules(), *own])
    if {"oca", *oca.modules()} & set(names):
        folders.append(oca.ensure())
    with postgres.running(), template.copy(beside=beside, folders=folders) as database:
        config = process.write_config(database, *folders)
        if os.environ.get("RUNNER") == "odoo":
            command = _in_odoos_runner(config, targets)
        else:
            command = [sys.executable, "-m", "pytest", "--odoo-http"]
            command += [f"--odoo-config={config}", *_workers(targets, ADDON), *options]
            # Odoo takes the module's name from the folder above the tests.
            command += [f"{paths.MODULE}/{target}" for target in _files(targets)]
        where = {**process.options(), "cwd": paths.ADDONS}
        return subprocess.run(command, **where).returncode


def _files(targets):
    """Return the files of the whole suite, those that take longest first, else as is.

    Of other files than SLOW ones the size tells.
    """
    if targets != [ADDON]:
        return targets
    files = sorted(
        (paths.ROOT / ADDON).glob("test_*.py"), key=lambda f: f.stat().st_size
    )
    slow = [file for file in files if any(word in file.name for word in SLOW)]
    longest = reversed([file for file in files if file not in slow] + slow)
    return [f"{ADDON}/{file.name}" for file in longest]


def _in_odoos_runner(config, targets):
    names = [f"/{paths.MODULE}/{target}".removesuffix("/tests") for target in targets]
    words = ["-c", config, "-u", paths.MODULE, "--test-tags", ",".join(names)]
    words += ["--http-port", choose_port(), "--log-level=warn", "--stop-after-init"]
    return process.command(*words, "--log-handler=odoo.tests.result:INFO")
