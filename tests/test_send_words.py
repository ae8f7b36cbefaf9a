import json
import re

from odoo.tests import new_test_user, tagged

from ..sending import refusals
from ..sending.words import ConnectionWords, PaycodeWords, SendingWords
from ..tools import KeyRefused
from .common import MONDAY, TripletexCase

#: An argument of each name that a refusal stores.
ARGUMENTS = {
    "call": "GET /employee",
    "codes": ["project_not_linked", "comment_missing"],
    "count": 2,
    "date": "2026-03-16",
    "employee": "Kari Nordmann",
    "hours": 7.5,
    "message": "Feil i feltet",
    "number": "1001",
    "other": "1002 Storgata",
    "ours": 7.5,
    "parts": [8.0, -9.5],
    "record": "Storgata",
    "request": "abc",
    "said": "Prosjektet er stengt.",
    "sent": 4.0,
    "text": "As given",
    "there": 5.0,
    "until": "2026-03-31",
}


def codes(words):
    """Names of the refusals that a class words."""
    others = (
        {"given"} if words is ConnectionWords else {"given", "below_zero", "problems"}
    )
    return set(words.TEXTS) | others


@tagged("post_install", "-at_install")
class TestSendWords(TripletexCase):
    """Refusals are stored as code and arguments, and worded for who reads them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("nb_NO")

    def arguments_of(self, words, code):
        names = {
            "below_zero": ["employee", "date", "parts"],
            "given": ["text"],
            "problems": ["codes"],
        }.get(code) or re.findall(r"%\((\w+)\)s", words.TEXTS[code]._source)
        if "month" in names:
            names = {*names, "date"} - {"month"}
        return {name: ARGUMENTS[name] for name in names}

    def in_language(self, records, lang):
        return records.with_context(lang=lang)

    def conflict(self):
        """Sent hours with a person's row of 3 hours in the way."""
        link = self.env["tripletex.employee"].search(
            [("employee_id", "=", self.employee.id)]
        )
        project = self.env["tripletex.project"].search(
            [("project_id", "=", self.project.id)]
        )
        self.control.person_creates_entry(
            int(link.tripletex_id),
            str(MONDAY),
            3,
            int(self.connection.default_activity_id.tripletex_id),
            int(project.tripletex_id),
        )
        line = self.validated(4)
        self.send()
        return line

    def test_each_reader_reads_the_message_in_their_language(self):
        line = self.conflict()
        entry = self.entries_of(line)
        english = self.in_language(entry, "en_US").error_message
        norwegian = self.in_language(entry, "nb_NO").error_message
        self.assertIn("Tripletex already holds 3.00 hours", english)
        self.assertIn("3,00 timer", norwegian)
        self.assertIn(english, self.in_language(line, "en_US").tripletex_refusal)
        self.assertIn(norwegian, self.in_language(line, "nb_NO").tripletex_refusal)
        self.assertEqual(english, self.in_language(entry, "en_US").error_message)

    def test_what_tripletex_said_stays_as_it_is(self):
        with self.fault("409", path="/timesheet/*", method="POST"):
            line = self.validated(4)
            self.send()
        entry = self.entries_of(line)
        said = entry.refusal["said"]
        self.assertTrue(said)
        for lang in ("en_US", "nb_NO"):
            self.assertIn(said, self.in_language(entry, lang).error_message)

    def test_message_of_the_connection_follows_the_reader(self):
        self.connection._note_error(KeyRefused("no"))
        for lang, word in (("en_US", "refuses"), ("nb_NO", "avviser")):
            message = self.in_language(self.connection, lang).attention_message
            self.assertIn(word, message)

    def test_message_is_searched_in_the_language_of_who_searches(self):
        entry = self.entries_of(self.conflict())
        other = self.entries_of(self.validated(1, date="2026-03-17"))
        for lang, word, foreign in (
            ("en_US", "ALREADY HOLDS", "timer"),
            ("nb_NO", "3,00 timer", "already holds"),
        ):
            Entry = self.in_language(self.env["tripletex.entry"], lang)
            own = [("id", "in", (entry + other).ids)]
            found = Entry.search([*own, ("error_message", "ilike", word)])
            self.assertEqual(found, entry)
            self.assertFalse(Entry.search([*own, ("error_message", "ilike", foreign)]))
            rest = Entry.search([*own, ("error_message", "not ilike", word)])
            self.assertEqual(rest, other)
            self.assertEqual(Entry.search([*own, ("error_message", "=", False)]), other)
            self.assertEqual(
                Entry.search([*own, ("error_message", "!=", False)]), entry
            )
            self.assertEqual(
                Entry.search([*own, ("error_message", "=", found.error_message)]), entry
            )

    def test_text_that_a_program_gives_stays_as_it_is(self):
        entry = self.entries_of(self.validated(1))
        entry.write({"state": "failed", "error_message": "The project is closed."})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(entry.error_message, "The project is closed.")
        entry.error_message = False
        self.assertFalse(entry.refusal)

    def test_every_refusal_has_words_in_both_languages(self):
        for kind in (ConnectionWords, SendingWords, PaycodeWords):
            for code in codes(kind):
                arguments = self.arguments_of(kind, code)
                stored = json.loads(json.dumps(refusals.refusal(code, **arguments)))
                english, norwegian = (
                    kind(self.env(context={"lang": lang})).text(stored)
                    for lang in ("en_US", "nb_NO")
                )
                with self.subTest(kind=kind.__name__, code=code):
                    self.assertTrue(english)
                    self.assertNotIn("%(", english)
                    if code != "given":
                        self.assertNotEqual(english, norwegian)

    def test_words_of_tripletex_that_no_database_holds_are_stored(self):
        entry = self.entries_of(self.validated(1))
        entry.refusal = refusals.refusal("refused", said="a\0b\ud800c")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn("ab?c", entry.error_message)

    def test_users_cannot_read_or_write_the_stored_refusal(self):
        entry = self.entries_of(self.conflict())
        user = new_test_user(
            self.env,
            "tripletex_reader",
            groups="hr_timesheet.group_timesheet_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        seen = entry.with_user(user)
        self.assertIn("3.00", seen.error_message)
        self.assertNotIn("refusal", seen.read()[0])
