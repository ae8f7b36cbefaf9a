"""How Odoo is started on a database of the set-up's server."""

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager

from . import odoo, paths, postgres
from .progress import run_logged


def write_config(database, *addons, **options):
    """Write Odoo's configuration for one database and return the file.

    The database server is not in it: libpq takes that from the environment.

    :param addons: folders of addons, where there are more than ours and Odoo's
    :param options: further settings, underscores as in Odoo's configuration file
    """
    folders = [*(addons or [paths.ADDONS]), *odoo.addons_folders()]
    settings = {
        "addons_path": ",".join(str(folder) for folder in folders),
        "data_dir": paths.DATA_DIR,
        "db_name": database,
        "dbfilter": f"^{database}$",
        "list_db": False,
        "http_interface": "127.0.0.1",
        "max_cron_threads": 0,
        "workers": 0,
        **options,
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    file = paths.RUN / f"{database}.conf"
    file.write_text("\n".join(["[options]", *lines, ""]), encoding="utf-8")
    file.chmod(0o600)
    return file


def environment(*folders, **more):
    """Return the environment for Odoo's process: PostgreSQL and the Python path.

    :param folders: further folders to import from
    """
    result = postgres.environment()
    path = [odoo.source(), result.get("PYTHONPATH"), *folders]
    result["PYTHONPATH"] = os.pathsep.join(map(str, filter(None, path)))
    result.pop("ODOO_RC", None)
    # Bytecode saves a second at every start, and nothing of it belongs in the clone.
    result.pop("PYTHONDONTWRITEBYTECODE", None)
    result["PYTHONPYCACHEPREFIX"] = str(paths.CACHE / "bytecode")
    result.update(more)
    return result


def options(*folders, **more):
    """Return how ``subprocess`` runs Odoo; arguments as for :func:`environment`."""
    return {
        "env": environment(*folders, **more),
        "cwd": paths.RUN,
        "pass_fds": postgres.inherited(),
    }


def command(*arguments):
    """Return the command line of Odoo with these arguments."""
    return [str(part) for part in (paths.PYTHON, "-m", "odoo", *arguments)]


def shell(config, *arguments):
    """Return the command line of an Odoo shell."""
    return command("shell", "-c", config, "--no-http", "--log-level=warn", *arguments)


@contextmanager
def serving(config, log, **more):
    """Have Odoo at work for the time of the block; gives its process.

    :param log: file for what it prints
    :param more: further arguments of ``subprocess.Popen``
    """
    with open(log, "w", encoding="utf-8") as output:
        served = subprocess.Popen(
            command("-c", config),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **options(),
            **more,
        )
    try:
        yield served
    finally:
        served.terminate()
        served.wait()


def install(config, log_name, advice, *arguments, on_line=None):
    """Let Odoo install or upgrade something and end.

    :param arguments: such as ``-i``, ``module``
    :raise SetupError: see :func:`run_logged`, also for the other arguments
    """
    run_logged(
        command("-c", config, "--no-http", "--stop-after-init", *arguments),
        log_name,
        advice,
        on_line,
        **options(),
    )


def run_script(config, text, log_name, advice, show=None, **more):
    """Run a script, which may import from dev, in an Odoo shell.

    :param show: called with each line of output that is not JSON
    :param more: variables of the environment
    :return: the last JSON object that it printed, or None
    :raise SetupError: see :func:`run_logged`, also for ``log_name`` and ``advice``
    """
    found = []

    def take(line):
        if line.startswith("{"):
            found.append(line)
        elif show:
            show(line)

    with tempfile.TemporaryFile("w+", encoding="utf-8") as script:
        script.write(text)
        script.seek(0)
        process = {"stdin": script, **options(paths.ROOT, **more)}
        run_logged(shell(config), log_name, advice, take, **process)
    return json.loads(found[-1]) if found else None
