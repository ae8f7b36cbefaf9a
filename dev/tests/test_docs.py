"""The documents: links lead somewhere, pictures are shown, named files exist."""

import re

import pytest

from dev.setup import paths

PAGES = sorted([*paths.ROOT.glob("*.md"), *(paths.ROOT / "docs").glob("*.md")])
GUIDES = {"en": "user-guide.md", "nb": "brukerveiledning.md"}


def _links(page):
    """Targets of links and pictures that lie in the repository."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in found if "://" not in target]


def _anchors(page):
    """What its headings are called in addresses."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in _links(page):
        name, _, anchor = target.partition("#")
        other = (page.parent / name) if name else page
        assert other.exists(), target
        assert not anchor or anchor in _anchors(other), target


@pytest.mark.parametrize("language", GUIDES)
def test_every_picture_is_shown(language):
    page = paths.ROOT / "docs" / GUIDES[language]
    folder = paths.ROOT / "docs" / "images" / language
    shown = {target.rsplit("/")[-1] for target in _links(page)}
    assert {picture.name for picture in folder.glob("*.png")} <= shown


def test_both_guides_show_the_same():
    pictures = [
        [target.rsplit("/")[-1] for target in _links(paths.ROOT / "docs" / name)]
        for name in GUIDES.values()
    ]
    english, norwegian = (
        [name for name in names if name.endswith(".png")] for names in pictures
    )
    assert english == norwegian


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+\.(?:py|sql|po|xml))`", text))
    missing = [
        name
        for name in named
        if not (paths.ROOT / name).exists() and not list(paths.ROOT.glob(f"*/{name}"))
    ]
    assert not missing
