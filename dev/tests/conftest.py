"""What all tests here share: a stand-in for each module, and a caller of it."""

import pytest

pytest_plugins = ["dev.tests.stand_in"]


@pytest.fixture
def api(fresh):
    """A plain caller of the stand-in, whose answers are held against the contract."""
    from sandbox_api import Api

    with Api(fresh) as caller:
        yield caller
