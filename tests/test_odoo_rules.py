"""Odoo's own code rules (its module test_lint), applied to this addon."""

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from odoo.cli import upgrade_code
from odoo.modules import Manifest
from odoo.tests import BaseCase, tagged
from odoo.tools import parse_version

from odoo.addons.base.tests import test_views
from odoo.addons.test_lint.tests import (
    test_dunderinit,
    test_i18n,
    test_index,
    test_jstranslate,
    test_manifests,
    test_naming,
    test_onchange_domains,
    test_orm_import,
    test_override_signatures,
    test_pylint,
    test_test_holes,
)

MODULE = "hr_timesheet_tripletex"
#: Where a checker of Odoo finds something in an addon, and what.
CHECKED = ("models", "sending", "tools", "wizards", "report", "hooks.py")
CHECKERS = (
    "_odoo_checker_gettext",
    "_odoo_checker_sql_injection",
    "_odoo_checker_unlink_override",
)
CHECKS = (
    "sql-injection",
    "missing-gettext",
    "gettext-variable",
    "gettext-placeholders",
    "gettext-repr",
    "raise-unlink-override",
)
#: A unique constraint of the same table already has an index on the field.
COVERED = {"tripletex.entry.connection_id", "tripletex.entry.share.entry_id"}


@tagged("post_install", "-at_install")
class TestOdooRulesOfFiles(
    test_dunderinit.TestDunderinit,
    test_i18n.TestI18n,
    test_jstranslate.TestJsTranslations,
    test_manifests.ManifestLinter,
    test_onchange_domains.TestOnchangeDomains,
    test_orm_import.TestDunderinit,
    test_test_holes.TestTestHoles,
):
    """Rules that read files, limited to the files of this addon."""

    def setUp(self):
        super().setUp()
        own = [Manifest.for_addon(MODULE)]
        self.startPatcher(patch.object(Manifest, "all_addon_manifests", lambda: own))


@tagged("post_install", "-at_install")
class TestOdooRuleOfIndexes(test_index.TestIndex):
    def setUp(self):
        super().setUp()
        known = test_index.BTREE_INDEX_IGNORE_FIELDS | COVERED
        self.patch(test_index, "BTREE_INDEX_IGNORE_FIELDS", known)


@tagged("post_install", "-at_install")
class TestOdooRuleOfNames(test_naming.TestNaming):
    pass


@tagged("post_install", "-at_install")
class TestOdooRuleOfOverrides(test_override_signatures.TestLintOverrideSignatures):
    pass


@tagged("post_install", "-at_install")
class TestOdooRuleOfInvisibleFields(test_views.TestInvisibleField):
    def test_uncommented_invisible_field(self):
        with self.assertNoLogs(test_views.__name__, level="ERROR"):
            return super().test_uncommented_invisible_field()


@tagged("post_install", "-at_install")
class TestOdooCheckers(BaseCase):
    """Odoo's own checkers of SQL, translations and deletions."""

    def test_odoos_checkers_find_nothing(self):
        command = [sys.executable, "-m", "pylint", f"--rcfile={os.devnull}"]
        command += ["--disable=all", f"--enable={','.join(CHECKS)}", "--reports=n"]
        command.append(f"--load-plugins={','.join(CHECKERS)}")
        command += [str(Path(Manifest.for_addon(MODULE).path, f)) for f in CHECKED]
        path = os.pathsep.join([test_pylint.HERE, *sys.path])
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.assertFalse(done.returncode, done.stdout + done.stderr)


@tagged("post_install", "-at_install")
class TestOdooUpgradeCode(BaseCase):
    def test_odoos_upgrade_code_changes_no_file(self):
        # upgrade_code does not follow symbolic links.
        addon = Path(Manifest.for_addon(MODULE).path).resolve()
        stale = upgrade_code.migrate(
            addons_path=[str(addon.parent)],
            glob=f"{addon.name}/**/*",
            from_version=parse_version("17.5"),
            to_version=parse_version("19.0"),
            dry_run=True,
        )
        self.assertFalse(stale, "odoo-bin upgrade_code names the files")
