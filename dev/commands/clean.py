"""make clean: remove what the set-up made."""

import shutil

from ..setup import paths, postgres, template, venv
from ..setup.progress import SetupError, step


def main(_arguments):
    """Stop the embedded server, delete the cache folder and return the exit code.

    :raise SetupError: another command is at work
    """
    if not paths.CACHE.exists():
        return 0
    if postgres.is_in_use():
        raise SetupError(
            "Another command is using the database server: end it (make run, make "
            "test, make shell) and run make clean again."
        )
    with step("Stop PostgreSQL and remove its data"):
        if postgres.is_external() and venv.is_ready():
            _drop_databases()
        postgres.remove()
    with step(f"Remove {paths.CACHE}"):
        shutil.rmtree(paths.CACHE)
    return 0


def _drop_databases():
    try:
        template.remove_all()
    except SetupError:
        # The server is not there: nothing on it can be removed, the rest still can.
        return
