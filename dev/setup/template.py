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
FOLDERS = "models wizards views security data i18n report static/src".split()
ROOT_FILES = ["__manifest__.py", "__init__.py"]
SUFFIXES = {".py", ".xml", ".csv", ".po", ".pot", ".sql", ".js", ".scss"}
# Attachments inside the database: a copy then needs no filestore beside it.
STORE_IN_DATABASE = """
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()
env.cr.commit()
"""
# As Odoo's own test runner does: every page of a test would compile them again, and
# what a test stores is rolled back.
COMPILE_ASSETS = """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""
ADVICE = (
    "Odoo could not make the template database: correct the error at the end of the "
    "log and run the same command again."
)
#: Databases that a new template takes the place of.
OUTDATED = (f"{CHECKOUT_PREFIX}_template_", f"{CHECKOUT_PREFIX}_beside_")
_numbers = itertools.count()


def manifest():
    """Return the addon's manifest."""
    return ast.literal_eval((paths.ROOT / "__manifest__.py").read_text("utf-8"))


def _needed():
    return sorted(manifest()["depends"])


def _bare_name():
    requirements = paths.REQUIREMENTS.read_text(encoding="utf-8")
    parts = (odoo.source(), *_needed(), "en_US", LANGUAGE, requirements.count("\n"))
    parts += (STORE_IN_DATABASE, COMPILE_ASSETS)
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
    return f"{PREFIX}_bare_{digest[:10]}"


def _template_name():
    files = [paths.ROOT / name for name in ROOT_FILES]
    folders = [paths.ROOT / name for name in FOLDERS]
    return f"{CHECKOUT_PREFIX}_template_{_digest(_bare_name(), folders, files)}"


def _beside_name(ours, modules, folders=()):
    """The name of the addon's template with other modules installed, and its start."""
    start = f"{CHECKOUT_PREFIX}_beside_{_digest(modules)}_"
    made_of = " ".join(map(str, (ours, *folders)))
    return f"{start}{_digest(made_of, [paths.TEST_ADDONS])}", start


def _digest(text, folders=(), files=()):
    """Ten characters that stand for a text and for what files hold."""
    digest, found = hashlib.sha256(text.encode()), list(files)
    for folder in folders:
        found += sorted(folder.rglob("*"))
    for path in found:
        if path.suffix in SUFFIXES and path.is_file():
            digest.update(f"{path.relative_to(paths.ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def ensure(beside=None, folders=()):
    """Make the addon's template database and return its name; needs a server.

    :param str beside: modules that it has installed as well, separated by commas
    :param folders: of addons, in which they are
    :raise SetupError: a module does not install; the sentence names the log
    """
    bare = _bare_name()
    with state.lock("template-bare"):
        if bare not in postgres.databases(bare):  # one half made has a longer name
            _make_bare(bare)
    with state.lock(f"template-{paths.CHECKOUT}"):
        name = _template_name()
        if name not in postgres.databases(CHECKOUT_PREFIX):
            _make_template(bare, name)
        if beside:
            ours, (name, start) = name, _beside_name(name, beside, folders)
            if name not in postgres.databases(start):
                _make_beside(ours, name, start, beside, folders)
    return name


@contextmanager
def copy(with_addon=True, beside=None, folders=()):
    """Have a fresh copy of a template for the time of the block; gives its name.

    :param with_addon: with the addon installed, or with its dependencies only
    :param str beside: modules installed beside the addon, separated by commas
    :param folders: of addons, in which they are
    """
    drop_leftovers()
    name = f"{CHECKOUT_PREFIX}_run_{os.getpid()}_{next(_numbers)}"
    with state.lock(f"copy-{paths.CHECKOUT}"):
        made = ensure(beside, folders)
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
def _making(name, half, template="template0", addons=()):
    """Give the configuration of a database that has its name after the block."""
    postgres.drop(half)
    postgres.create(half, template)
    config = process.write_config(half, *addons)
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
            process.run_script(config, COMPILE_ASSETS, "template-assets.log", ADVICE)


def _make_template(bare, name):
    half, log = f"{CHECKOUT_PREFIX}_new", "template-addon.log"
    with step("Template database: the addon") as shown:
        with _making(name, half, bare) as config:
            _run_odoo(config, log, shown, "-i", paths.MODULE)
            process.run_script(config, COMPILE_ASSETS, "template-assets.log", ADVICE)
            query = f"SELECT state FROM ir_module_module WHERE name = '{paths.MODULE}'"
            if postgres.sql(query, half) != [("installed",)]:
                raise SetupError(
                    "Odoo did not install the addon: see that the manifest's "
                    f"dependencies exist (details: {paths.LOGS / log})."
                )
            for old in postgres.databases(CHECKOUT_PREFIX):
                if old.startswith(OUTDATED):
                    postgres.drop(old)


def _make_beside(ours, name, start, modules, folders):
    half, log = f"{CHECKOUT_PREFIX}_new", "template-beside.log"
    with step(f"Template database: beside {modules}") as shown:
        with _making(name, half, ours, folders) as config:
            _run_odoo(config, log, shown, "-i", modules)
            for old in postgres.databases(start):
                postgres.drop(old)


def _run_odoo(config, log, shown, *arguments):
    try:
        process.install(config, log, ADVICE, *arguments, on_line=shown.dot)
    except SetupError as error:
        text = (paths.LOGS / log).read_text(encoding="utf-8", errors="replace")
        raise SetupError("\n".join([*text.splitlines()[-15:], str(error)])) from error
