"""Validating, and logging hours: what people wait for."""

import os

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from .ground import EMPLOYEES, line_values, make_people
from .measure import Meter, Row, middle, ratio

LINES = 2000
REPEAT = 5
#: Rows that Odoo writes per statement.
ROWS_PER_STATEMENT = 100


def rows(ground):
    """The table's rows about validating.

    :return: list of :class:`Row`
    """
    return [*_connected(ground), _not_connected(ground), _creating(ground)]


def beside_flag(ground, make, repeat):
    """Validate new lines, and write a Boolean on others of the same kind, in turn.

    :param make: returns new lines
    :return: lists of ``Taken``: validating, writing
    """
    validating, writing = [], []
    for _time in range(repeat):
        lines, others = make(), make()
        writing.append(ground.meter.take(lambda o=others: _flag(o)))
        ground.env.cr.commit()
        validating.append(ground.meter.take(lines.action_tripletex_validate))
        ground.env.cr.commit()
    return validating, writing


def _flag(lines):
    lines.write({"x_bench_flag": True})


def _connected(ground):
    validating, writing = beside_flag(ground, lambda: ground.lines(LINES), REPEAT)
    many = middle(validating)
    times = ratio(validating, writing)
    few, _writing = beside_flag(ground, lambda: ground.lines(200), 2)
    few = middle(few)
    # the flag itself is written by Odoo, a hundred rows per statement
    batches = (LINES - 200) // ROWS_PER_STATEMENT
    # and what is read comes by the thousand
    more = many.queries - few.queries - batches
    case = f"validate {LINES:,} lines, connected"
    yield Row(
        case,
        "at most 4 × writing one Boolean on the same lines",
        f"{times:.1f} ×",
        times <= 4,
        many.calls,
        many.queries,
    )
    yield Row(
        f"the same for {LINES:,} and for 200 lines",
        "at most 60 queries for 200, and no more for 2,000, batches aside",
        f"{few.queries} for 200; for {LINES:,} {batches} batches of the flag and "
        f"{more} more",
        few.queries <= 60 and more <= 10,
        few.calls,
        many.queries,
    )


def _not_connected(ground):
    people = ground.unconnected_people()

    def make():
        lines = ground.lines_of(*people, LINES)
        ground.env.cr.commit()
        return lines

    validating, writing = beside_flag(ground, make, REPEAT)
    times = ratio(validating, writing)
    taken = middle(validating)
    return Row(
        f"validate {LINES:,} lines, not connected",
        "at most 1.3 × the same",
        f"{times:.2f} ×",
        times <= 1.3,
        taken.calls,
        taken.queries,
    )


def _creating(ground):
    """Beside an Odoo that has never heard of the addon: a database of its own."""
    with Registry(os.environ["PLAIN_DATABASE"]).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        plain_meter = Meter(env(user=env.ref("base.user_admin"), su=False))
        people = make_people(plain_meter.env, env.company, EMPLOYEES)
        ours, plain = [], []
        project = ground.projects[0]
        for _time in range(REPEAT):
            for meter, where, taken in (
                (plain_meter, people, plain),
                (ground.meter, (ground.employees, project), ours),
            ):
                Line = meter.env["account.analytic.line"]
                values = line_values(*where, LINES)
                taken.append(meter.take(lambda m=Line, v=values: m.create(v)))
                meter.env.cr.rollback()
    times = ratio(ours, plain)
    taken = middle(ours)
    return Row(
        f"create {LINES:,} timesheet lines, connected",
        "at most 1.1 × plain Odoo",
        f"{times:.2f} ×",
        times <= 1.1,
        taken.calls,
        taken.queries,
    )
