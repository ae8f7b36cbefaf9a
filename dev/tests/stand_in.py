"""The stand-in as pytest fixtures: one for each module of tests."""

import pytest

from dev.sandbox import SandboxControl, SandboxServer


@pytest.fixture(scope="module")
def sandbox(request):
    """A running stand-in; a module's ``SANDBOX`` says how it is made."""
    options = {"rate_limit": 0, **getattr(request.module, "SANDBOX", {})}
    with SandboxServer(**options) as server:
        yield server


@pytest.fixture
def fresh(sandbox):
    """The stand-in as it was started."""
    sandbox.reset()
    return sandbox


@pytest.fixture
def control(fresh):
    """The stand-in's control address, over HTTP as for another process."""
    return SandboxControl(fresh.root_url)
