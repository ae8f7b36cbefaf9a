"""make dist: the addon alone as an archive, and one installation from it as a test."""

import ast
import subprocess
import tempfile
import zipfile
from pathlib import Path

from ..setup import paths, postgres, prepare, process, template
from ..setup.progress import SetupError, run_logged, step

FOLDER = paths.CACHE / "dist"
#: What a running Odoo needs, and what a person reads. Tests need the stand-in in dev/.
FOLDERS = ["data", "docs", "i18n", "migrations", "models", "security"]
FOLDERS += ["sending", "static", "tools", "views", "wizards"]
FILES = ["__init__.py", "__manifest__.py", "hooks.py"]
FILES += ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"]
LEFT_OUT = "static/tests/"
PROBE = """
module = env["ir.module.module"].search([("name", "=", "{module}")])
print("state", module.state, module.installed_version)
env["tripletex.entry"]._cron_send()
"""


def main(_arguments):
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
    archive = FOLDER / f"{paths.MODULE}-{_version()}.zip"
    wanted = [name for name in FOLDERS + FILES if (paths.ROOT / name).exists()]
    command = ["git", "archive", f"--prefix={paths.MODULE}/", "-o", str(archive)]
    command += ["HEAD", "--", *wanted, f":(exclude){LEFT_OUT}"]
    done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SetupError(
            f"git cannot make the archive ({done.stderr.strip()}): commit what is to "
            "be released, and run make dist in a git checkout."
        )
    return archive


def _version():
    text = (paths.ROOT / "__manifest__.py").read_text(encoding="utf-8")
    return ast.literal_eval(text)["version"]


def _install(folder):
    """Install the unpacked addon into a database that never saw it.

    :raise SetupError: it does not install, warns, or its cron does not run
    """
    with postgres.running(), template.copy(with_addon=False) as database:
        config = process.write_config(database)
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace(str(paths.ADDONS), str(folder)), "utf-8")
        lines = []
        _odoo(config, ["-i", paths.MODULE, "--stop-after-init"], lines)
        noise = [line for line in lines if " WARNING " in line or " ERROR " in line]
        if noise:
            raise SetupError("\n".join([*noise, "The archive installs with warnings."]))
        script = folder / "probe.py"
        script.write_text(PROBE.format(module=paths.MODULE), encoding="utf-8")
        with open(script, encoding="utf-8") as probe:
            _odoo(config, [], lines, "shell", stdin=probe)
        if f"state installed {_version()}" not in "".join(lines):
            raise SetupError("Odoo did not install the addon from the archive.")


def _odoo(config, arguments, lines, *command, **options):
    run_logged(
        process.command(*command, "-c", config, "--no-http", *arguments),
        "dist.log",
        "The archive does not install: the end of the log says why.",
        on_line=lines.append,
        env=process.environment(),
        cwd=paths.RUN,
        pass_fds=postgres.inherited(),
        **options,
    )
