"""Template databases: dependencies only ("bare"), and with the addon installed.

A database carries the hash of what it was made from in its name and gets that name
when it is finished, so a half-made one is never taken for a whole one. Installing the
dependencies takes most of a minute; the addon's template is made from a copy of that
in seconds whenever the addon's files change.
"""

import ast
import hashlib
import itertools
import os
from contextlib import contextmanager

import psutil

from . import odoo, paths, postgres, process, state
from .progress import SetupError, step

PREFIX = "tripletex"
CHECKOUT_PREFIX = f"{PREFIX}_{paths.CHECKOUT}"
LANGUAGE = "nb_NO"
# What decides the database's content. tools/ and tests/ are code only.
FOLDERS = ["models", "wizards", "views", "security", "data", "i18n", "report"]
ROOT_FILES = ["__manifest__.py", "__init__.py"]
SUFFIXES = {".py", ".xml", ".csv", ".po", ".pot", ".sql"}
# Attachments inside the database: a copy then needs no filestore beside it.
STORE_IN_DATABASE = """
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()
env.cr.commit()
"""
ADVICE = (
    "Odoo could not make the template database: correct the error at the end of the "
    "log and run the same command again."
)
_numbers = itertools.count()


def manifest():
    """Return the addon's manifest."""
    return ast.literal_eval((paths.ROOT / "__manifest__.py").read_text("utf-8"))


def _needed():
    return sorted(manifest()["depends"])


def _bare_name():
    requirements = paths.REQUIREMENTS.read_text(encoding="utf-8")
    parts = (odoo.source(), *_needed(), "en_US", LANGUAGE, requirements.count("\n"))
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
    return f"{PREFIX}_bare_{digest[:10]}"


def _template_name():
    files = [paths.ROOT / name for name in ROOT_FILES]
    for folder in FOLDERS:
        files += sorted((paths.ROOT / folder).rglob("*"))
    digest = hashlib.sha256(_bare_name().encode())
    for path in files:
        if path.suffix in SUFFIXES and path.is_file():
            digest.update(f"{path.relative_to(paths.ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return f"{CHECKOUT_PREFIX}_template_{digest.hexdigest()[:10]}"


def ensure():
    """Make the addon's template database and return its name; needs a server.

    :raise SetupError: a module does not install; the sentence names the log
    """
    bare = _bare_name()
    with state.lock("template-bare"):
        if not postgres.databases(bare):
            _make_bare(bare)
    with state.lock(f"template-{paths.CHECKOUT}"):
        name = _template_name()
        if name not in postgres.databases(CHECKOUT_PREFIX):
            _make_template(bare, name)
    return name


@contextmanager
def copy(with_addon=True):
    """Have a fresh copy of a template for the time of the block; gives its name.

    :param with_addon: with the addon installed, or with its dependencies only
    """
    drop_leftovers()
    name = f"{CHECKOUT_PREFIX}_run_{os.getpid()}_{next(_numbers)}"
    with state.lock(f"copy-{paths.CHECKOUT}"):
        made = ensure()
        postgres.create(name, made if with_addon else _bare_name())
    try:
        yield name
    finally:
        remove_copy(name)


def remove_copy(name):
    """Drop a copy and what was written beside it."""
    for database in postgres.databases(name):
        # pytest-xdist's workers have copies of the copy.
        if database == name or database.startswith(f"{name}-"):
            postgres.drop(database)
    (paths.RUN / f"{name}.conf").unlink(missing_ok=True)


def drop_leftovers():
    """Drop the copies of commands that were killed.

    On a server of the user's own other machines may be at work: nothing is dropped.
    """
    if postgres.is_external():
        return
    for name in postgres.databases(f"{CHECKOUT_PREFIX}_run_"):
        pid = name.removeprefix(f"{CHECKOUT_PREFIX}_run_").split("_")[0]
        if not psutil.pid_exists(int(pid)):
            remove_copy(name)


def remove_all():
    """Drop every database the set-up made on a server of the user's own."""
    for name in postgres.databases(f"{PREFIX}_"):
        if name.startswith((CHECKOUT_PREFIX, f"{PREFIX}_bare_")):
            postgres.drop(name)


@contextmanager
def _making(name, half, template="template0"):
    """Give the configuration of a database that has its name after the block."""
    postgres.drop(half)
    postgres.create(half, template)
    config = process.write_config(half)
    try:
        yield config
    finally:
        config.unlink()
    postgres.sql(f'ALTER DATABASE "{half}" RENAME TO "{name}"')


def _make_bare(name):
    modules, log = ",".join(_needed()), "template-bare.log"
    with step(f"Template database: {modules}") as shown:
        with _making(name, f"{name}_new") as config:
            _run_odoo(config, log, shown, "-i", modules)
            # Not in one go: a language given at creation takes the place of English.
            _run_odoo(config, log, shown, "--load-language", LANGUAGE)
            process.run_script(config, STORE_IN_DATABASE, "template-store.log", ADVICE)


def _make_template(bare, name):
    half, log = f"{CHECKOUT_PREFIX}_new", "template-addon.log"
    with step("Template database: the addon") as shown:
        with _making(name, half, bare) as config:
            _run_odoo(config, log, shown, "-i", paths.MODULE)
            query = f"SELECT state FROM ir_module_module WHERE name = '{paths.MODULE}'"
            if postgres.sql(query, half) != [("installed",)]:
                raise SetupError(
                    "Odoo did not install the addon: see that the manifest's "
                    f"dependencies exist (details: {paths.LOGS / log})."
                )
            for old in postgres.databases(f"{CHECKOUT_PREFIX}_template_"):
                postgres.drop(old)


def _run_odoo(config, log, shown, *arguments):
    try:
        process.install(config, log, ADVICE, *arguments, on_line=shown.dot)
    except SetupError as error:
        text = (paths.LOGS / log).read_text(encoding="utf-8", errors="replace")
        raise SetupError("\n".join([*text.splitlines()[-15:], str(error)])) from error
