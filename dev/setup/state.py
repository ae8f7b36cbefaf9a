"""Which steps are finished, and locks between commands that run at the same time."""

import fcntl
import json
from contextlib import contextmanager
from pathlib import Path

from . import paths

STATE = paths.CACHE / "state"
#: Held, shared, by every command and program that uses the embedded server.
POSTGRES_USERS = "postgres-users"


def is_done(name, key):
    """Say whether step `name` finished with `key` and all it needs still exists."""
    try:
        record = json.loads((STATE / f"{name}.json").read_text(encoding="utf-8"))
        needs = record["needs"]
        return record["key"] == key and all(Path(path).exists() for path in needs)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def mark_done(name, key, needs):
    """Record that a step finished, and the files without which it is half-done."""
    STATE.mkdir(parents=True, exist_ok=True)
    record = {"key": key, "needs": [str(path) for path in needs]}
    half = STATE / f"{name}.json.new"
    half.write_text(json.dumps(record, indent=1), encoding="utf-8")
    half.replace(STATE / f"{name}.json")


@contextmanager
def lock(name, shared=False):
    """Hold a lock between processes until block or process ends; gives its file."""
    paths.RUN.mkdir(parents=True, exist_ok=True)
    with open(paths.RUN / f"{name}.lock", "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield handle


def is_alone(handle):
    """Say whether nobody else holds the lock of an open file; it is taken then."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
