"""make dist: the addon alone as an archive, and one installation from it as a test."""

import subprocess
import tempfile
import zipfile
from pathlib import Path

from ..setup import paths, postgres, prepare, process, template
from ..setup.progress import SetupError, step

FOLDER = paths.CACHE / "dist"
#: What a running Odoo needs, and what a person reads. Tests need the stand-in in dev/.
WANTED = """__init__.py __manifest__.py hooks.py CHANGELOG.md CONTRIBUTING.md LICENSE
README.md data docs i18n migrations models report security sending static tools views
wizards""".split()
LEFT_OUT = "static/tests/"
ADVICE = "The archive does not install: the end of the log says why."
PROBE = f"""
module = env["ir.module.module"].search([("name", "=", "{paths.MODULE}")])
print("state", module.state, module.installed_version)
env["tripletex.entry"]._cron_send()
"""


def dist(_arguments):
    """Write the archive of the last commit, and install it into a bare Odoo.

    :return: 0 if it installs without a warning
    """
    prepare()
    archive = write()
    with tempfile.TemporaryDirectory(prefix="dist-", dir=paths.RUN) as folder:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        with step("Install from the archive"):
            _install(Path(folder))
    print(archive)
    return 0


def write():
    """Make the archive from what is committed: nothing half-done gets into a release.

    :return: its path
    :raise SetupError: this is no git checkout
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    archive = FOLDER / f"{paths.MODULE}-{template.manifest()['version']}.zip"
    wanted = [name for name in WANTED if (paths.ROOT / name).exists()]
    command = ["git", "archive", f"--prefix={paths.MODULE}/", "-o", str(archive)]
    command += ["HEAD", "--", *wanted, f":(exclude){LEFT_OUT}"]
    done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SetupError(
            f"git cannot make the archive ({done.stderr.strip()}): commit what is to "
            "be released, and run make dist in a git checkout."
        )
    return archive


def _install(folder):
    """Install the unpacked addon into a database that never saw it.

    :raise SetupError: it does not install, warns, or its cron does not run
    """
    with postgres.running(), template.copy(with_addon=False) as database:
        config, lines = process.write_config(database, folder), []
        order = (config, "dist.log", ADVICE, "-i", paths.MODULE)
        process.install(*order, on_line=lines.append)
        process.run_script(config, PROBE, "dist-probe.log", ADVICE, lines.append)
        noise = [line for line in lines if " WARNING " in line or " ERROR " in line]
        if noise:
            raise SetupError("\n".join([*noise, "The archive installs with warnings."]))
        if f"state installed {template.manifest()['version']}" not in "".join(lines):
            raise SetupError("Odoo did not install the addon from the archive.")
