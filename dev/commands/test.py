"""make test: plain tests of client and stand-in, then the addon's tests in Odoo."""

import os
import subprocess
import sys

from ..setup import chromium, paths, postgres, prepare, process, template

PLAIN = "dev/tests"
ADDON = "tests"
NO_TESTS_COLLECTED = 5


def main(arguments):
    """Run the tests and return 0 only if none failed.

    :param list arguments: test files (`dev/tests/…`, `tests/…`) and pytest options;
        without files both suites run
    """
    plain, addon, options = _split(arguments)
    prepare(with_odoo=bool(addon))
    codes = []
    if plain:
        codes.append(_run_plain(plain, options))
    if addon and template.has_addon():
        codes.append(_run_addon(addon, options))
    ran = [code for code in codes if code != NO_TESTS_COLLECTED]
    if not ran:
        print("No test matches.", file=sys.stderr)
        return NO_TESTS_COLLECTED
    return max(ran)


def _split(arguments):
    """Return (plain test files, addon test files, other pytest arguments)."""
    plain = [word for word in arguments if word.startswith(PLAIN)]
    addon = [word for word in arguments if word.split("/")[0] == ADDON]
    options = [word for word in arguments if word not in plain + addon]
    if not plain and not addon:
        plain, addon = [PLAIN], [ADDON]
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
    command = [paths.PYTHON, "-m", "pytest"]
    return subprocess.run(
        [*command, *_workers(targets, PLAIN), *options, *targets], cwd=paths.ROOT
    ).returncode


def _run_addon(targets, options):
    chromium.ensure()
    with postgres.running(), template.copy() as database:
        config = process.write_config(database)
        command = [paths.PYTHON, "-m", "pytest", "--odoo-http"]
        command += [f"--odoo-config={config}", *_workers(targets, ADDON), *options]
        # Odoo takes the module's name from the folder above the tests.
        command += [f"{paths.MODULE}/{target}" for target in targets]
        return subprocess.run(
            command,
            cwd=paths.ADDONS,
            env=process.environment(),
            pass_fds=postgres.inherited(),
        ).returncode
