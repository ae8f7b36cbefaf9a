"""The table of what arrived, whether both sides agree, and the month board."""

HEADINGS = ("Employee", "Date", "Project", "Activity or paycode", "Hours")
BOARD = {
    "employee": "Employee",
    "logged": "Logged",
    "validated": "Validated",
    "there": "In Tripletex",
    "paycodes": "On paycodes",
    "state": "Month there",
    "result": "Result",
}
TOLERANCE = 0.005
SHOWN_PROBLEMS = 10
SHOWN_ROWS = 60


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
    """Return the first rows as lines of text under headings."""
    lines = _aligned(HEADINGS, [row for _kind, row in rows[:SHOWN_ROWS]])
    if len(rows) > SHOWN_ROWS:
        lines.append(f"… and {len(rows) - SHOWN_ROWS} more: {len(rows)} rows in all.")
    return lines


def _aligned(headings, rows):
    """Lines of text in columns: numbers with two decimals, to the right."""
    cells = [[f"{v:.2f}" if isinstance(v, float) else v for v in row] for row in rows]
    columns = list(zip(headings, *cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    first = rows[0] if rows else headings
    sides = [">" if isinstance(value, float) else "<" for value in first]
    layout = "  ".join(
        f"{{:{side}{width}}}" for side, width in zip(sides, widths, strict=True)
    )
    rule = ["-" * width for width in widths]
    return [layout.format(*row).rstrip() for row in (headings, rule, *cells)]


def board(months):
    """Show the month board after the months that are ready were finished.

    :param list months: dicts of BOARD's keys, and ``next``: what to do next
    :return: lines of text
    """
    lines = _aligned(
        list(BOARD.values()), [[month[name] for name in BOARD] for month in months]
    )
    finished = [month for month in months if month["state"] != "open"]
    lines += ["", f"{len(finished)} of {len(months)} months are finished in Tripletex."]
    return lines + [
        f"{month['employee']}: {month['next']}"
        for month in months
        if month not in finished
    ]


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
