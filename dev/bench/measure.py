"""Clocks and counters, and rows of the table."""

import gc
import statistics
import time
from dataclasses import dataclass


@dataclass
class Row:
    """One line of the table.

    ``holds`` says whether the goal was reached, ``calls`` and ``queries`` are None
    where the case does not count them.
    """

    case: str
    goal: str
    measured: str
    holds: bool
    calls: int | None = None
    queries: int | None = None


@dataclass
class Taken:
    """What one piece of work took: seconds, SQL queries, calls to Tripletex."""

    seconds: float
    queries: int
    calls: int


class Meter:
    """Measures work in one Odoo environment.

    :param env: Odoo environment; every piece of work begins with an empty cache
    :param control: SandboxControl of the stand-in, or None where nothing is called
    """

    def __init__(self, env, control=None):
        self.env = env
        self.control = control

    def take(self, work):
        """Do ``work()`` and say what it took.

        :return: :class:`Taken`
        """
        self.env.flush_all()
        self.env.invalidate_all()
        gc.collect()
        calls = self._calls()
        queries = self.env.cr.sql_log_count
        started = time.perf_counter()
        work()
        self.env.flush_all()
        seconds = time.perf_counter() - started
        queries = self.env.cr.sql_log_count - queries
        return Taken(seconds, queries, self._calls() - calls)

    def _calls(self):
        return self.control.count_calls() if self.control else 0


def middle(taken):
    """The median of the seconds, with the counts of the last time.

    :param taken: non-empty list of :class:`Taken`
    """
    seconds = statistics.median(one.seconds for one in taken)
    return Taken(seconds, taken[-1].queries, taken[-1].calls)


def ratio(subject, reference):
    """How many times the reference the subject took, by their medians."""
    return middle(subject).seconds / middle(reference).seconds
