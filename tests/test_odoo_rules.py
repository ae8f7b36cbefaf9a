"""Odoo's own code rules (its module test_lint), applied to this addon."""

import sys
from pathlib import Path
from unittest.mock import patch

from odoo.cli import upgrade_code
from odoo.modules import Manifest
from odoo.tests import BaseCase, tagged
from odoo.tools import config, parse_version

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
            super().test_uncommented_invisible_field()


@tagged("post_install", "-at_install")
class TestOdooRulesOfPylint(test_pylint.TestPyLint):
    """Odoo's checkers of SQL, translations and deletions, on this addon alone."""

    def setUp(self):
        super().setUp()
        addon = Manifest.for_addon(MODULE)
        self.patch(Manifest, "all_addon_manifests", lambda: [addon])
        self.patch(type(config), "root_path", addon.path)
        pylint = str(Path(sys.prefix, "bin", "pylint"))
        self.patch(test_pylint, "which", lambda _name: pylint)


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
