"""What is in a release, and what is not."""

import re
import zipfile

import pytest

from dev.commands import dist
from dev.setup import paths


@pytest.fixture(scope="module")
def names():
    """Names in the archive of the last commit."""
    if not (paths.ROOT / ".git").exists():
        pytest.skip("no git checkout, so there is no commit to release")
    paths.make_folders()
    with zipfile.ZipFile(dist.write()) as archive:
        return archive.namelist()


def test_everything_lies_below_the_modules_name(names):
    assert {name.split("/")[0] for name in names} == {paths.MODULE}


def test_developers_things_stay_out(names):
    below = {name.split("/")[1] for name in names}
    assert not below & {"dev", "tests", "Makefile", ".github", ".ci", "pyproject.toml"}
    assert not [name for name in names if "/static/tests/" in name]


def test_what_odoo_needs_is_in_it(names):
    wanted = ["__manifest__.py", "models/__init__.py", "tools/client.py", "i18n/nb.po"]
    wanted += ["static/description/icon.png", "data/neutralize.sql", "LICENSE"]
    assert not {f"{paths.MODULE}/{name}" for name in wanted} - set(names)


def test_links_of_the_readme_lead_somewhere(names):
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    links = [t for t in re.findall(r"\]\(([^)\s#]+)", text) if "://" not in t]
    assert links
    assert not {f"{paths.MODULE}/{link}" for link in links} - set(names)


def test_every_python_file_that_odoo_loads_is_in_it(names):
    beside = {path.name for path in paths.ROOT.glob("*.py")}
    released = {name.split("/")[-1] for name in names}
    assert beside <= released


def test_every_python_folder_that_is_imported_is_in_it(names):
    packages = {path.parent.name for path in paths.ROOT.glob("*/__init__.py")}
    released = {name.split("/")[1] for name in names}
    assert packages - {"dev", "tests"} <= released
