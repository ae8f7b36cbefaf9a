"""What all tests here share: the paths of imports, and a stand-in for each module."""

import os
import sys
from pathlib import Path

import pytest
import responses

# `tools` and `dev` are imported from the repository's root.
ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# Hypothesis keeps failing examples beside everything else that is generated, not in
# the repository.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
os.environ.setdefault(
    "HYPOTHESIS_STORAGE_DIRECTORY",
    str(CACHE / "hr_timesheet_tripletex" / "hypothesis"),
)


@pytest.fixture(scope="module")
def sandbox(request):
    """A running stand-in; a module's ``SANDBOX`` says how it is made."""
    from dev.sandbox import SandboxServer

    options = {"rate_limit": 0, **getattr(request.module, "SANDBOX", {})}
    with SandboxServer(**options) as server:
        yield server


@pytest.fixture
def fresh(sandbox):
    """The stand-in as it was started."""
    sandbox.reset()
    return sandbox


@pytest.fixture
def api(fresh):
    """A plain caller of the stand-in."""
    from sandbox_api import Api

    with Api(fresh) as caller:
        yield caller


@pytest.fixture
def control(fresh):
    """The stand-in's control address, over HTTP as for another process."""
    from dev.sandbox import SandboxControl

    return SandboxControl(fresh.root_url)


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
