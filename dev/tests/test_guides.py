"""The guides name what is on the screen, in their language, and explain every message.

What a screen says in English is in the template of translations, and in Norwegian in
``nb.po``; so nothing here needs Odoo.
"""

import ast
import re
from functools import cache

import polib
import pytest

from dev.setup import paths

DOCS = paths.ROOT / "docs"
#: The first page, and one for each person; the last one has all messages.
GUIDES = {
    "en": [
        DOCS / "user-guide.md",
        *(
            DOCS / "en" / f"{name}.md"
            for name in ("wage-office", "approver", "employee", "administrator")
        ),
        DOCS / "en" / "messages.md",
    ],
    "nb": [
        DOCS / "brukerveiledning.md",
        *(
            DOCS / "nb" / f"{name}.md"
            for name in ("lonnskontor", "godkjenner", "ansatt", "administrator")
        ),
        DOCS / "nb" / "meldinger.md",
    ],
}
#: Odoo's own names, which this addon's translations need not have.
ODOO = {
    "en": "General Settings; Save; Role: Administrator; My Preferences; Security; "
    "Add API Key; Timesheets; Timesheets: User: all timesheets; Configuration; Print; "
    "Timesheets: User: own timesheets only; Timesheets: Administrator; My Timesheets; "
    "All Timesheets",
    "nb": "Generelle innstillinger; Lagre; Rolle: Administrator; My Preferences; "
    "Sikkerhet; Add API Key; Timelister; Timelister: Bruker: alle timelister; "
    "Konfigurasjon; Skriv ut; Timelister: Bruker: Kun egne timelister; "
    "Timelister: Administrator; Timelistene mine; Alle timelister",
}
#: Names on Tripletex's screens, and salary types there.
TRIPLETEX = {
    "en": "Company; My subscription; Integrations; My profile; API access; New key; "
    "Custom setup; All accesses; Månedsoversikt; Månedsoversikt ferdig registrert; "
    "Overtid 50 %",
    "nb": "Selskap; Mitt abonnement; Integrasjoner; Min profil; API-tilgang; "
    "Ny nøkkel; Tilpasset oppsett; Alle tilganger; Månedsoversikt; "
    "Månedsoversikt ferdig registrert; Overtid 50 %",
}
#: What is not a name but stress.
STRESS = {
    "en": "and; another",
    "nb": "og; annet; API-brukernøkkelen",
}
#: Where the messages about hours and connections are made: classes and functions.
SPEAKERS = {
    "sending/words.py": [
        "ConnectionWords",
        "SendingWords",
        "PaycodeWords",
    ],
    "sending/month_words.py": ["MonthWords", "StepWords"],
}
#: Parts of messages, which stand in no message alone.
PARTS = {"no explanation", " until %(date)s"}


def _prose(page):
    """A page without its examples of code."""
    return re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)


@cache
def _catalogue():
    """English text to Norwegian, of everything on our screens."""
    entries = polib.pofile(str(paths.ROOT / "i18n" / "nb.po"))
    return {entry.msgid: entry.msgstr for entry in entries}


def _in_language(english, language):
    return english if language == "en" else _catalogue()[english]


@cache
def _names(language):
    """What a guide may name."""
    ours = _catalogue().keys() if language == "en" else _catalogue().values()
    others = ";".join(kind[language] for kind in (ODOO, TRIPLETEX, STRESS)).split(";")
    return {_plain(name) for name in [*ours, *others]}


def _plain(text):
    return " ".join(text.split()).lower().strip(" .:")


def _named(language):
    """What the guide prints in bold or in italics, menu by menu."""
    prose = "\n".join(map(_prose, GUIDES[language]))
    prose = re.sub(r"^\*.*\]\(.*\)\*$", "", prose, flags=re.MULTILINE)
    # a name within a sentence that is in bold as a whole
    prose = re.sub(r"\*\*([^*]+)\*([^*]+)\*([^*]+)\*\*", r"*\2*", prose)
    for span in re.findall(r"\*+([^*]+)\*+", prose):
        yield from (part for part in span.split("▸") if part.strip())


def _tables(page):
    """A page's tables: a list of rows, each a list of cells, without the heading."""
    tables = re.findall(r"(?:^\|.*\n)+", _prose(page), flags=re.MULTILINE)
    return [
        [[cell.strip() for cell in row.strip("| ").split(" | ")] for row in rows[2:]]
        for rows in (table.splitlines() for table in tables)
    ]


def _explained(language):
    """What the first column of the tables about messages says."""
    _states, *others = _tables(GUIDES[language][-1])
    return [
        variant.strip()
        for table in others
        for row in table
        for variant in row[0].split(" / ")
    ]


def _strings(tree):
    """Texts that a source file translates, ``self.env._(…)`` or ``_lt(…)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("_", "_lt") and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def _source(name):
    return ast.parse((paths.ROOT / name).read_text(encoding="utf-8"))


@cache
def _messages():
    """What a row, a connection or a line can say is wrong, in English."""
    found = {
        text
        for name, speakers in SPEAKERS.items()
        for node in ast.walk(_source(name))
        if getattr(node, "name", "") in speakers
        for text in _strings(node)
    } - PARTS
    problems = _assigned("sending/words.py", "PROBLEMS")
    found |= {pair.elts[0].args[0].value for pair in problems.values}
    reasons = _assigned("models/tripletex_connection.py", "attention_reason")
    return found | {pair.elts[1].value for pair in reasons.args[0].elts}


def _assigned(name, variable):
    """The value that a source file gives to a variable or a field."""
    for node in ast.walk(_source(name)):
        if isinstance(node, ast.Assign):
            if getattr(node.targets[0], "id", "") == variable:
                return node.value
    raise AssertionError(f"{variable} is not where it was")


def _means(explained, message):
    """Whether a row's words, with … for what varies, are those of a message."""
    words = re.escape(explained).replace("…", ".*").replace(r"\ ", r"\s*")
    return re.search(words, message, flags=re.DOTALL) is not None


@pytest.mark.parametrize("language", GUIDES)
def test_every_name_in_the_guide_is_on_a_screen(language):
    unknown = {name.strip() for name in _named(language)}
    unknown = {name for name in unknown if _plain(name) not in _names(language)}
    assert not unknown


@pytest.mark.parametrize("language", GUIDES)
def test_every_message_is_explained(language):
    missing = [
        message
        for message in sorted(_messages())
        if not any(
            _means(explained, _in_language(message, language))
            for explained in _explained(language)
        )
    ]
    assert not missing


@pytest.mark.parametrize("language", GUIDES)
def test_every_explained_message_exists(language):
    said = [_in_language(message, language) for message in _messages()]
    gone = [
        explained
        for explained in _explained(language)
        if not any(_means(explained, message) for message in said)
    ]
    assert not gone


@pytest.mark.parametrize("language", GUIDES)
def test_every_state_result_and_way_of_sending_exists(language):
    wage_office, employee, messages = (GUIDES[language][n] for n in (1, 3, -1))
    results, ways, choices, *_examples = _tables(wage_office)
    states = [*_tables(messages)[0], *_tables(employee)[0]]
    named = [
        name
        for row in [*states, *results, *ways, *choices]
        for name in row[0].split(" / ")
    ]
    known = _names(language)
    gone = [
        name
        for name in (re.sub(r" \((default|standard)\)$", "", name) for name in named)
        if not any(text.startswith(_plain(name)) for text in known)
    ]
    assert not gone


@pytest.mark.parametrize("number", range(len(GUIDES["en"])))
def test_pages_of_both_languages_have_the_same_build(number):
    """The same headings, lists, tables with as many rows, pictures and examples."""
    english, norwegian = (_build(pages[number]) for pages in GUIDES.values())
    assert english == norwegian


def test_every_page_is_a_guide():
    pages = {page for name in GUIDES for page in (DOCS / name).glob("*.md")}
    assert pages <= {page for pages in GUIDES.values() for page in pages}


def _build(page):
    marks = re.findall(
        r"^ *(#+ |\|(?=[^-])|- |\d\. |!\[|```)",
        page.read_text("utf-8"),
        flags=re.MULTILINE,
    )
    return [mark.strip() for mark in marks]
