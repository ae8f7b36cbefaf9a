"""The table of what arrived, and whether both sides agree."""

HEADINGS = ("Employee", "Date", "Project", "Activity or paycode", "Hours")
TOLERANCE = 0.005
SHOWN_PROBLEMS = 10


def arrived(before, after):
    """Return the rows that are new or changed, hours as the difference.

    :param dict before: rows by (kind, id) before sending
    :param dict after: the same after sending
    :return: list of (kind, row)
    """
    result = []
    for key, row in after.items():
        hours = row[-1] - (before[key][-1] if key in before else 0)
        if abs(hours) > TOLERANCE:
            result.append((key[0], (*row[:-1], hours)))
    return sorted(result, key=lambda pair: (pair[1][0], pair[1][1], pair[0]))


def table(rows):
    """Return the rows as lines of text under headings."""
    cells = [(*row[:-1], f"{row[-1]:.2f}") for _kind, row in rows]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *cells, strict=True)]
    layout = "  ".join(f"{{:<{width}}}" for width in widths[:-1])
    layout += f"  {{:>{widths[-1]}}}"
    rule = ["-" * width for width in widths]
    return [layout.format(*row) for row in (HEADINGS, rule, *cells)]


def sums(rows, summary):
    """Compare both sides.

    :param list rows: as `arrived` returns them
    :param dict summary: what the job says Odoo holds
    :return: (lines of text, whether both sides agree)
    """
    agree = not summary["problems"]
    lines = [f"{'':18}{'Odoo':>12}{'Tripletex':>12}"]
    for kind, name, here in (
        ("hours", "Hours", summary["hours"]),
        ("paycode", "of these paycodes", summary["paycode_hours"]),
    ):
        there = sum(row[-1] for found, row in rows if found == kind)
        lines.append(f"{name:18}{here:>12.2f}{there:>12.2f}")
        agree = agree and abs(there - here) < TOLERANCE
    problems = summary["problems"]
    lines += [f"Not sent: {problem}" for problem in problems[:SHOWN_PROBLEMS]]
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(f"… and {len(problems) - SHOWN_PROBLEMS} more.")
    lines.append("Both sides are equal." if agree else "The two sides differ.")
    return lines, agree
