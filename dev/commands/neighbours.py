"""make neighbours: Odoo's own tests with the addon installed, connected, and in use.

Nothing may fail that does not fail without the addon, but for what neighbours.txt
names with the reason.
"""

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

from ..setup import chromium, odoo, paths, postgres, prepare, process, template
from ..setup.progress import SetupError, step

MODULES = """hr_timesheet project sale_timesheet project_timesheet_holidays hr_holidays
hr_work_entry hr analytic""".split()
KNOWN = Path(__file__).with_suffix(".txt")
ADVICE = "Odoo's modules could not be prepared: the end of the log says why."
#: A connection in every company; none is strict, as Odoo's tests link nothing.
CONNECT = """
from odoo.addons.hr_timesheet_tripletex.models import database_identity
for company in env["res.company"].search([]):
    company.tripletex_strict = False
    env["tripletex.connection"].create({
        "company_id": company.id, "environment": "test",
        "tripletex_company_id": str(company.id),
        "tripletex_company_name": company.name, "responsible_id": env.user.id,
        "database_identity": database_identity.database_identity(env),
    })
env.cr.commit()
"""
#: A stand-in that validates every line as it is logged.
VALIDATING = "hr_timesheet_validated"
#: Each pass goes on with the database of the one before, but for the first, which is
#: Odoo without the addon.
PASSES = ("alone", "installed", "connected", "validated")


def neighbours(arguments):
    """Run the passes and return 0 only if nothing fails that is not known to.

    :param list arguments: passes and modules of Odoo; without them all modules, and all
        passes but ``alone``
    """
    prepare()
    chromium.ensure()
    modules = [word for word in arguments if word not in PASSES] or MODULES
    passes = [name for name in PASSES if name in arguments] or PASSES[1:]
    equal = True
    for is_alone in (True, False):
        wanted = [name for name in passes if (name == "alone") is is_alone]
        if not wanted:
            continue
        with postgres.running(), template.copy(with_addon=not is_alone) as database:
            config = process.write_config(database, paths.ADDONS, paths.TEST_ADDONS)
            _install(config, *modules)
            for name in PASSES[: PASSES.index(wanted[-1]) + 1]:
                _prepare(name, config)
                if name in wanted:
                    equal &= _is_as_known(name, _run(config, modules), modules)
    return 0 if equal else 1


def _install(config, *modules):
    with step(f"Install {', '.join(modules)}") as shown:
        words = ("neighbours.log", ADVICE, "-i", ",".join(modules))
        process.install(config, *words, on_line=shown.dot)


def _prepare(name, config):
    if name == "connected":
        process.run_script(config, CONNECT, "connect.log", ADVICE)
    elif name == "validated":
        _install(config, VALIDATING)


def _run(config, modules):
    """Run the tests of the modules, show how it goes and return what failed.

    :return: set of "module.tests.test_file.TestClass.test_name"
    :raise SetupError: pytest itself failed
    """
    addons = odoo.addons_folders()[0]
    with tempfile.TemporaryDirectory(dir=paths.RUN) as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "--odoo-http"]
        command += ["-q", "--tb=line", "-p", "no:cacheprovider", "-W", "ignore"]
        command += [f"--rootdir={addons}", f"--odoo-config={config}"]
        command += [f"--junitxml={report}", "--show-capture=no"]
        command += [str(addons / module / "tests") for module in modules]
        # Not in the folder of addons: some are called like modules of Python.
        subprocess.run(command, **process.options())
        if not report.exists():
            raise SetupError("The tests did not run: the lines above say why.")
        return {
            f"{case.get('classname')}.{case.get('name')}"
            for case in xml.parse(report).iter("testcase")
            if case.find("failure") is not None or case.find("error") is not None
        }


def _is_as_known(name, failed, modules):
    """Say what fails that is not known to, and what is known to and passes.

    :return: whether nothing fails that is not known to
    """
    known = {
        test
        for words, test in re.findall(r"^(\S+) +(\S+)", KNOWN.read_text("utf-8"), re.M)
        if words in ("alone", name) and test.split(".")[0] in modules
    }
    for test in sorted(failed - known):
        print(f"{name}: fails beside the addon: {test}")
    for test in sorted(known - failed):
        print(f"{name}: known to fail, and passes: {test}")
    print(f"{name}: {len(failed)} fail, {len(failed & known)} of them are known to")
    return failed <= known
