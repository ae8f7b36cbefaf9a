"""How Odoo is started on a database of the set-up's server."""

from . import odoo, paths, postgres


def write_config(database, **options):
    """Write Odoo's configuration for one database and return the file.

    The database server is not in it: libpq takes that from the environment.

    :param str database: database name
    :param options: further settings, underscores as in Odoo's configuration file
    """
    folders = [paths.ADDONS, *odoo.addons_folders()]
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


def environment(**more):
    """Return the environment for Odoo's process: PostgreSQL and the Python path."""
    result = postgres.environment()
    folders = [str(odoo.source()), *filter(None, [result.get("PYTHONPATH")])]
    result["PYTHONPATH"] = ":".join(folders)
    result.pop("ODOO_RC", None)
    # Bytecode saves a second at every start, and nothing of it belongs in the clone.
    result.pop("PYTHONDONTWRITEBYTECODE", None)
    result["PYTHONPYCACHEPREFIX"] = str(paths.CACHE / "bytecode")
    result.update(more)
    return result


def command(*arguments):
    """Return the command line of Odoo with these arguments."""
    return [str(part) for part in (paths.PYTHON, "-m", "odoo", *arguments)]
