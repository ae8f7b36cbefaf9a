"""The documents: links lead somewhere, pictures are shown, named files exist."""

import re

import pytest

from dev.setup import paths

DOCS = paths.ROOT / "docs"
PAGES = sorted([*paths.ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LANGUAGES = ("en", "nb")


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


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(paths.ROOT))
)
def test_links_lead_somewhere(page):
    for target in _links(page):
        name, _, anchor = target.partition("#")
        other = (page.parent / name) if name else page
        assert other.exists(), target
        assert not anchor or anchor in _anchors(other), target


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_shown_in_its_language(language):
    pictures = set((DOCS / "images" / language).glob("*.png"))
    shown = {
        (page.parent / target).resolve()
        for page in (DOCS / language).glob("*.md")
        for target in _links(page)
        if target.endswith(".png")
    }
    assert shown == pictures


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(paths.ROOT))
)
def test_files_that_are_named_exist(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+\.(?:py|sql|po|xml))`", text))
    missing = [
        name
        for name in named
        if not (paths.ROOT / name).exists() and not list(paths.ROOT.glob(f"*/{name}"))
    ]
    assert not missing


def test_figures_of_the_store_page_are_those_of_their_document():
    page = (paths.ROOT / "static/description/index.html").read_text("utf-8")
    figures = re.findall(r'data-from="([\w.]+)">\s*([^<]+?)\s*<', page)
    assert figures
    for name, figure in figures:
        document = " ".join((DOCS / name).read_text("utf-8").split())
        assert " ".join(figure.split()) in document, figure
