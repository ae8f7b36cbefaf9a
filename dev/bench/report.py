"""The table in Markdown, and the page that holds it."""

import re

from ..setup import paths

PAGE = paths.ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"


def table(rows):
    """The table's lines.

    :param rows: list of dicts with the fields of ``measure.Row``
    """
    head = ("case", "goal", "measured", "calls", "queries", "reached")
    cells = [
        (
            row["case"],
            row["goal"],
            row["measured"].replace("|", "/"),
            _number(row["calls"]),
            _number(row["queries"]),
            "yes" if row["holds"] else "no",
        )
        for row in rows
    ]
    ruler = ["---", "---", "---", "---:", "---:", "---"]
    return [f"| {' | '.join(row)} |" for row in (head, ruler, *cells)]


def _number(value):
    return "" if value is None else f"{value:,}"


def write(result):
    """Put table and machine where the documentation has them.

    :param result: dict of ``rows`` and ``machine``
    """
    text = PAGE.read_text(encoding="utf-8")
    words = f"Measured on {result['machine']}."
    block = [BEGIN, "", words, "", *table(result["rows"]), "", END]
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    page = pattern.sub(lambda _found: "\n".join(block), text)
    PAGE.write_text(page, encoding="utf-8")
