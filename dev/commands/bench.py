"""make bench: what the addon costs, each figure beside its reference."""

import re

from ..sandbox import SandboxServer
from ..setup import paths, postgres, prepare, process, template
from . import run

JOB = "from dev.bench import job; job.main(env)\n"
STAND_IN = {"projects": 5000, "salary_types": 300, "employees": 1000}
PAGE = paths.ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"
COLUMNS = ("case", "goal", "measured", "calls", "queries", "reached")


def bench(arguments):
    """Measure, print the table and, if asked with `docs`, put it into the page.

    :return: 0 if every goal was reached
    """
    prepare()
    with (
        postgres.running(),
        template.copy() as database,
        template.copy(with_addon=False) as plain,
        SandboxServer(rate_limit=0, seed=3, oddities=False, **STAND_IN) as sandbox,
    ):
        found = process.run_script(
            process.write_config(database),
            JOB,
            "bench.log",
            "The benchmark did not finish: the end of the log says why.",
            show=lambda line: print(line, end="", flush=True),
            **run.STAND_IN_TOKENS,
            TRIPLETEX_BASE_URL=sandbox.base_url,
            PLAIN_DATABASE=plain,
        )
    rows = [map(_cell, row) for row in found["rows"]]
    ruler = ["---", "---", "---", "---:", "---:", "---"]
    table = "\n".join(f"| {' | '.join(row)} |" for row in (COLUMNS, ruler, *rows))
    print(f"\n{table}")
    if "docs" in arguments:
        text = f"{BEGIN}\n\nMeasured on {found['machine']}.\n\n{table}\n\n{END}"
        page = PAGE.read_text(encoding="utf-8")
        page = re.sub(f"{BEGIN}.*{END}", lambda _found: text, page, flags=re.DOTALL)
        PAGE.write_text(page, encoding="utf-8")
    return 0 if all(row[-1] == "yes" for row in found["rows"]) else 1


def _cell(value):
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value).replace("|", "/")
