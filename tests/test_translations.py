"""The template contains every text, and the Norwegian file translates it."""

import re
import unittest
from pathlib import Path

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

try:
    import polib
except ImportError:
    polib = None

MODULE = "hr_timesheet_tripletex"
FOLDER = Path(__file__).parents[1] / "i18n"
#: %(name).2f, %(name)s, %s, and %% as Python's formatting reads them.
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+0#]?\d*(?:\.\d+)?[sdfr]|%%")
#: Tags of view texts; attributes with visible text may differ.
TAG = re.compile(r"</?[a-z][^>]*>")
READABLE_ATTRIBUTE = re.compile(r'\b(title|placeholder|alt|aria-label)="[^"]*"')


def parts_to_keep(text):
    """Return placeholders, tags and outer spaces, which a translation must keep."""
    tags = [READABLE_ATTRIBUTE.sub(r"\1", tag) for tag in TAG.findall(text)]
    edges = (text[:1].isspace(), text[-1:].isspace())
    return sorted(PLACEHOLDER.findall(text)), sorted(tags), edges


@tagged("post_install", "-at_install")
@unittest.skipUnless(polib, "polib is not installed, which reads the translations")
class TestTranslations(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = polib.pofile(str(FOLDER / f"{MODULE}.pot"))
        cls.norwegian = polib.pofile(str(FOLDER / "nb.po"))

    def test_every_text_has_a_norwegian_translation(self):
        """A missing, empty or fuzzy text is shown in English."""
        known = {entry.msgid for entry in self.norwegian.translated_entries()}
        missing = [e.msgid for e in self.template if e.msgid not in known]
        self.assertTrue(self.template)
        self.assertFalse(missing, "not in nb.po; run make i18n and translate")

    def test_translations_keep_placeholders_and_tags(self):
        """A changed placeholder raises an error or drops its value."""
        differ = [
            (entry.msgid, entry.msgstr)
            for entry in self.norwegian.translated_entries()
            if parts_to_keep(entry.msgid) != parts_to_keep(entry.msgstr)
        ]
        self.assertFalse(differ, "placeholders, tags or outer spaces differ")

    def test_template_and_translation_contain_every_exported_text(self):
        """Odoo translates a text of a view only where the file names its place."""
        exported = {
            (source, place)
            for module, kind, name, res_id, source, _value, comments in (
                TranslationModuleReader(self.env.cr, modules=[MODULE])
            )
            if module == MODULE
            for place in (comments if kind == "code" else [f"{kind}:{name}:{res_id}"])
        }
        self.assertTrue(exported)
        for file in (self.template, self.norwegian):
            missing = sorted(exported - set(self._places(file)))
            self.assertFalse(missing, "new texts or places; run make i18n")

    @staticmethod
    def _places(file):
        """Yield (text, place), where the place of code is its language."""
        for entry in file:
            for place, _line in entry.occurrences:
                yield entry.msgid, place
            for comment in entry.comment.splitlines():
                yield entry.msgid, comment
