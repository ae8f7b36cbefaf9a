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
    for (kind, row_id), row in after.items():
        old = before.get((kind, row_id))
        hours = row[-1] - (old[-1] if old else 0)
        if abs(hours) > TOLERANCE:
            result.append((kind, (*row[:-1], hours)))
    return sorted(result, key=lambda pair: (pair[1][0], pair[1][1], pair[0]))


def table(rows):
    """Return the rows as lines of text under headings."""
    cells = [(*row[:-1], f"{row[-1]:.2f}") for _kind, row in rows]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *cells, strict=True)]
    rule = tuple("-" * width for width in widths)
    return [_line(row, widths) for row in (HEADINGS, rule, *cells)]


def _line(row, widths):
    left = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
    return "  ".join([*left, row[-1].rjust(widths[-1])])


def sums(rows, summary):
    """Compare both sides.

    :param list rows: as `arrived` returns them
    :param dict summary: what the job says Odoo holds
    :return: (lines of text, whether both sides agree)
    """
    agree = not summary["problems"]
    lines = [f"{'':18}{'Odoo':>12}{'Tripletex':>12}"]
    for kind, name, field in (
        ("hours", "Hours", "hours"),
        ("paycode", "of these paycodes", "paycode_hours"),
    ):
        there = round(sum(row[-1] for found, row in rows if found == kind), 2)
        lines.append(f"{name:18}{summary[field]:>12.2f}{there:>12.2f}")
        agree = agree and abs(there - summary[field]) < TOLERANCE
    problems = summary["problems"]
    lines += [f"Not sent: {problem}" for problem in problems[:SHOWN_PROBLEMS]]
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(f"… and {len(problems) - SHOWN_PROBLEMS} more.")
    lines.append("Both sides are equal." if agree else "The two sides differ.")
    return lines, agree
