"""Cost against size: the points of the plot."""

from . import sending, validating
from .measure import middle

SIZES = (100, 500, 2_000, 10_000)


def points(ground):
    """Measure validating and sending at each size.

    :return: list of dicts with ``lines``, and seconds and calls of each kind of work
    """
    return [_point(ground, size) for size in SIZES]


def _point(ground, size):
    repeat = 1 if size > validating.LINES else 3
    validated, written = validating.beside_flag(
        ground, lambda: ground.lines(size), repeat
    )
    ground.send()  # what the repetitions left
    sending.queue(ground, ground.lines(size))
    sent = ground.root.take(ground.send)
    point = {
        "lines": size,
        "flag": middle(written).seconds,
        "validate": middle(validated).seconds,
        "send": sent.seconds,
        "calls": sent.calls,
    }
    print(f"  {size:,} lines: {point}", flush=True)
    return point
