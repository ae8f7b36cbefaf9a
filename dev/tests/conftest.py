"""Puts the repository root on sys.path, so that `tools` and `dev` can be imported."""

import os
import sys
from pathlib import Path

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
