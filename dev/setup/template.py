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
_numbers = itertools.count()


def manifest():
    """Return the addon's manifest."""
    return ast.literal_eval((paths.ROOT / "__manifest__.py").read_text("utf-8"))


def _needed():
    return sorted(manifest()["depends"])


def _bare_name():
    requirements = paths.REQUIREMENTS.read_text(encoding="utf-8")
    languages = ("en_US", LANGUAGE)
    parts = (odoo.source(), *_needed(), *languages, requirements.count("\n"))
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
            postgres.drop(name)
            (paths.RUN / f"{name}.conf").unlink(missing_ok=True)


def remove_all():
    """Drop every database the set-up made on a server of the user's own."""
    for name in postgres.databases(f"{PREFIX}_"):
        if name.startswith((CHECKOUT_PREFIX, f"{PREFIX}_bare_")):
            postgres.drop(name)


def _make_bare(name):
    half = f"{name}_new"
    with step(f"Template database: {', '.join(_needed())}") as shown:
        postgres.drop(half)
        postgres.create(half)
        _run_odoo(half, "bare", shown, "-i", ",".join(_needed()))
        # Not in one go: a language given at creation takes the place of English.
        _run_odoo(half, "bare", shown, "--load-language", LANGUAGE)
        config = process.write_config(half)
        advice = "Odoo could not finish the template database: run make clean again."
        process.run_script(config, STORE_IN_DATABASE, "template-store.log", advice)
        config.unlink()
        postgres.rename(half, name)


def _make_template(bare, name):
    half = f"{CHECKOUT_PREFIX}_new"
    with step("Template database: the addon") as shown:
        postgres.drop(half)
        postgres.create(half, bare)
        _run_odoo(half, "addon", shown, "-i", paths.MODULE)
        query = f"SELECT state FROM ir_module_module WHERE name = '{paths.MODULE}'"
        if postgres.sql(query, half) != [("installed",)]:
            raise SetupError(
                "Odoo did not install the addon: see that the manifest's dependencies "
                f"exist (details: {paths.LOGS / 'template-addon.log'})."
            )
        for old in postgres.databases(f"{CHECKOUT_PREFIX}_template_"):
            postgres.drop(old)
        postgres.rename(half, name)


def _run_odoo(database, word, shown, *arguments):
    config = process.write_config(database)
    log = paths.LOGS / f"template-{word}.log"
    try:
        process.install(
            config,
            log.name,
            "Odoo could not install what the template database needs: correct the "
            "error at the end of the log and run the same command again.",
            *arguments,
            on_line=lambda line: "Loading module" in line and shown.dot(),
        )
    except SetupError as error:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        raise SetupError("\n".join([*lines[-15:], str(error)])) from error
    finally:
        config.unlink(missing_ok=True)
