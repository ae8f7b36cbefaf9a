"""What the client's tests share besides the stand-in."""

import os
from pathlib import Path

import pytest
import responses

pytest_plugins = ["dev.tests.stand_in"]

# Hypothesis keeps failing examples beside everything else that is generated, not in
# the repository.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
os.environ.setdefault(
    "HYPOTHESIS_STORAGE_DIRECTORY",
    str(CACHE / "hr_timesheet_tripletex" / "hypothesis"),
)


@pytest.fixture
def one(fresh):
    """A client of ours, connected to the stand-in."""
    from client_live import connect

    with connect(fresh) as client:
        yield client


@pytest.fixture
def net():
    """A wire on which every answer is made up by the test."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock
