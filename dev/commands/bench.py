"""make bench: what the addon costs, each figure beside its reference."""

import re

from ..sandbox import SandboxServer
from ..setup import paths, postgres, prepare, process, template
from . import run

JOB = "from dev.bench import {0}; {0}.main(env)\n"
#: Jobs in ``dev/bench``, and how much the stand-in holds for each.
PARTS = {
    "job": {"projects": 5000, "salary_types": 300, "employees": 1000},
    "complete": {"projects": 600, "salary_types": 300, "employees": 250},
    "companies": {"employees": 220},
    "months": {"employees": 1_010, "projects": 20},
}
PAGE = paths.ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- {} -->", "<!-- end of {} -->"
COLUMNS = ("case", "goal", "measured", "calls", "queries", "reached")
CURVES = ("companies", "1 cron worker", "2", "4")


def bench(arguments):
    """Measure, print the table and, if asked with `docs`, put it into the page.

    :return: 0 if every goal was reached
    """
    prepare()
    wanted = [name for name in arguments if name in PARTS] or PARTS
    found = [_measure(name) for name in wanted]
    for name, measured in zip(wanted, found, strict=True):
        tables = [_table(COLUMNS, measured["rows"])]
        if curves := measured.get("curves"):
            tables.append(_table(CURVES, curves))
        text = "\n\n".join([f"Measured on {measured['machine']}.", *tables])
        print(f"\n{text}")
        if "docs" in arguments:
            _write(name, text)
    return 0 if all(row[-1] == "yes" for m in found for row in m["rows"]) else 1


def _measure(name):
    with (
        postgres.running(),
        template.copy() as database,
        template.copy(with_addon=False) as plain,
        SandboxServer(rate_limit=0, seed=3, oddities=False, **PARTS[name]) as sandbox,
    ):
        return process.run_script(
            process.write_config(database),
            JOB.format(name),
            "bench.log",
            "The benchmark did not finish: the end of the log says why.",
            show=lambda line: print(line, end="", flush=True),
            **run.STAND_IN_TOKENS,
            TRIPLETEX_BASE_URL=sandbox.base_url,
            PLAIN_DATABASE=plain,
        )


def _table(columns, rows):
    rows = [map(_cell, row) for row in rows]
    return "\n".join(
        f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *rows)
    )


def _write(name, text):
    """Put a part's tables into the page, between its marks."""
    begin, end = BEGIN.format(name), END.format(name)
    page = PAGE.read_text(encoding="utf-8")
    text = f"{begin}\n\n{text}\n\n{end}"
    page = re.sub(f"{begin}.*{end}", lambda _found: text, page, flags=re.DOTALL)
    PAGE.write_text(page, encoding="utf-8")


def _cell(value):
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.2f} ×"
    return "" if value is None else str(value).replace("|", "/")
