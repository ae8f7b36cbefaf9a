"""make test: plain tests of client and stand-in, then the addon's tests in Odoo.

Whole runs end with two short ones beside other modules: those that the addon has to get
on with, and the stand-in for Enterprise's validation.
"""

import os
import subprocess
import sys

from ..setup import chromium, odoo, paths, postgres, prepare, process, template
from ..setup.progress import run_logged, step
from .run import choose_port

#: Folders of tests without Odoo; each has a pytest.ini of its own.
PLAIN = ("tests/client", "dev/tests")
ADDON = "tests"
NO_TESTS_COLLECTED = 5
#: Modules installed beside the addon: the tests that mean something there.
NEIGHBOURS = {
    "timesheet_grid": ["test_validate_enterprise"],
    "hr_payroll": ["test_setup_matching"],
    "sale_timesheet,project_timesheet_holidays": [
        "test_validate_billed",
        "test_validate_time_off",
        "test_validate_lines",
        "test_lock_lines",
        "test_preflight_lines",
        "test_access_lines",
    ],
}


def main(arguments):
    """Run the tests and return 0 only if none failed.

    ``WITH=module,module`` in the environment installs those beside the addon;
    ``RUNNER=odoo`` runs the addon's tests in Odoo's own runner, not in pytest.

    :param list arguments: test files (`tests/client/…`, `dev/tests/…`, `tests/…`) and
        pytest options; without files all of them run
    """
    beside = os.environ.get("WITH")
    if not arguments and not beside:
        return run_all()
    plain, addon, options = _split(arguments)
    prepare(with_odoo=bool(addon))
    codes = []
    if plain:
        codes.append(_run_plain(plain, options))
    if addon and template.has_addon():
        codes.append(_run_addon(addon, options, beside))
    ran = [code for code in codes if code != NO_TESTS_COLLECTED]
    if not ran:
        print("No test matches.", file=sys.stderr)
        return NO_TESTS_COLLECTED
    return max(ran)


def run_all(options=()):
    """Run both suites, and those beside neighbours; return 0 only if none failed.

    :param options: pytest options for each of them
    """
    prepare()
    return max(
        _run_plain(PLAIN, options),
        *_run_beside_neighbours(options),
        _run_addon([ADDON], options),
    )


def _split(arguments):
    """Return (plain test files, addon test files, other pytest arguments)."""
    plain = [word for word in arguments if word.startswith(PLAIN)]
    rest = [word for word in arguments if word not in plain]
    addon = [word for word in rest if word.split("/")[0] == ADDON]
    options = [word for word in rest if word not in addon]
    if not plain and not addon:
        plain, addon = [*PLAIN], [ADDON]
    return (
        [word for word in plain if _exists(word)],
        [word for word in addon if _exists(word)],
        options,
    )


def _exists(word):
    return (paths.ROOT / word.split("::")[0]).exists()


def _workers(targets, suite):
    """Return the pytest-xdist option: starting workers pays for whole suites only."""
    if targets != [suite]:
        return []
    return ["-n", os.environ.get("TEST_WORKERS") or str(min(4, os.cpu_count() or 1))]


def _run_plain(targets, options):
    """Run each folder's tests and return the highest exit code of those that ran."""
    codes = []
    for suite in PLAIN:
        own = [word for word in targets if word.startswith(suite)]
        command = [paths.PYTHON, "-m", "pytest", *_workers(own, suite), *options, *own]
        if own:
            codes.append(subprocess.run(command, cwd=paths.ROOT).returncode)
    ran = [code for code in codes if code != NO_TESTS_COLLECTED]
    return max(ran, default=NO_TESTS_COLLECTED)


def _run_beside_neighbours(options):
    return [
        _run_addon([f"{ADDON}/{name}.py" for name in names], ["-q", *options], modules)
        for modules, names in NEIGHBOURS.items()
    ]


def _run_addon(targets, options, beside=None):
    """Run addon tests on a fresh database and return pytest's exit code.

    :param str beside: modules to install first, separated by commas
    """
    chromium.ensure()
    with postgres.running(), template.copy() as database:
        folders = [paths.ADDONS, paths.ROOT / "dev/addons", *odoo.addons_folders()]
        config = process.write_config(database, addons_path=",".join(map(str, folders)))
        if beside:
            _install(config, beside)
        command = [paths.PYTHON, "-m", "pytest", "--odoo-http"]
        command += [f"--odoo-config={config}", *_workers(targets, ADDON), *options]
        command.append(f"--ignore={paths.MODULE}/{PLAIN[0]}")
        # Odoo takes the module's name from the folder above the tests.
        command += [f"{paths.MODULE}/{target}" for target in targets]
        if os.environ.get("RUNNER") == "odoo":
            command = _in_odoos_runner(config, targets)
        return subprocess.run(
            command,
            cwd=paths.ADDONS,
            env=process.environment(),
            pass_fds=postgres.inherited(),
        ).returncode


def _in_odoos_runner(config, targets):
    names = [f"/{paths.MODULE}/{target}".removesuffix("/tests") for target in targets]
    words = ["-c", config, "-u", paths.MODULE, "--test-tags", ",".join(names)]
    words += ["--http-port", choose_port(), "--log-level=warn", "--stop-after-init"]
    return process.command(*words, "--log-handler=odoo.tests.result:INFO")


def _install(config, modules):
    with step(f"Beside: {modules}") as shown:
        run_logged(
            process.command("-c", config, "-i", modules, "--stop-after-init"),
            "beside.log",
            f"Odoo could not install {modules} beside the addon: mend the error in the "
            "log.",
            on_line=lambda line: "Loading module" in line and shown.dot(),
            env=process.environment(),
            pass_fds=postgres.inherited(),
        )
