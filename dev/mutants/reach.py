"""Which test reaches which line, remembered until code or test change."""

import hashlib
import json
from dataclasses import dataclass

from ..setup import paths


@dataclass(frozen=True)
class Suite:
    """Files to mutate, and the tests that ought to notice."""

    name: str
    needs_odoo: bool
    mutated: tuple
    tested_by: tuple

    def files(self):
        """The files to mutate."""
        return _names(*self.mutated)

    def tests(self):
        """The test files."""
        return _names(*self.tested_by)


SUITES = (
    Suite("client", False, ("tools/[!_v]*.py",), ("dev/tests/test_client_*.py",)),
    Suite(
        "engine",
        True,
        (
            "models/tripletex_sender*.py",
            "models/tripletex_entry*.py",
            "models/tripletex_preflight.py",
            "models/account_analytic_line_sending.py",
            "tools/vault.py",
        ),
        tuple(
            f"tests/test_{subject}.py"
            for subject in (
                *(
                    "send_*",
                    "decide_*",
                    "machine",
                    "bad_input",
                    "binding_links",
                    "*_lines",
                ),
                *("remove", "security_vault", "validate_billed", "validate_time_off"),
            )
        ),
    ),
)


def known_or_measured(suite, folder, workers):
    """Return {test: seconds, lines}, measuring only the tests that are new."""
    memory = folder / f"{suite.name}.memory"
    code = _digest(*_code_files())
    known = {}
    if memory.exists():
        known = json.loads(memory.read_text(encoding="utf-8"))
    known = known.get("files", {}) if known.get("code") == code else {}
    digests = {name: _digest(name) for name in suite.tests()}
    new = [n for n, d in digests.items() if known.get(n, {}).get("digest") != d]
    if new:
        print(f"{suite.name}: measuring what {len(new)} test files reach …", flush=True)
        tests = workers.measure(new)
        for name in new:
            mine = {t: r for t, r in tests.items() if t.split("::")[0] == name}
            known[name] = {"digest": digests[name], "tests": mine}
    known = {name: known[name] for name in digests}
    memory.write_text(json.dumps({"code": code, "files": known}), encoding="utf-8")
    return {t: r for part in known.values() for t, r in part["tests"].items()}


def _names(*patterns):
    found = {path for pattern in patterns for path in paths.ROOT.glob(pattern)}
    return sorted(str(path.relative_to(paths.ROOT)) for path in found)


def _code_files():
    folders = ("models", "sending", "tools", "wizards")
    folders += ("dev/sandbox", "dev/proof")
    support = [
        name
        for name in _names("tests/*.py", "dev/tests/*.py")
        if not name.rpartition("/")[2].startswith("test_")
    ]
    return [*_names(*(f"{folder}/*.py" for folder in folders)), *support]


def _digest(*names):
    digest = hashlib.sha256()
    for name in names:
        digest.update(f"{name}\0".encode() + (paths.ROOT / name).read_bytes())
    return digest.hexdigest()
