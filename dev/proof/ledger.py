"""Watches every write in the stand-in: who left which figure, and was it allowed."""

import threading
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass

from ..sandbox.company import ENTRY, ROW

KINDS = {ENTRY: "hours", ROW: "paycode"}


def key_of(kind, row):
    """The key of one of the stand-in's rows, comparable over both kinds."""
    if kind == "paycode":
        return (kind, row["employee"], row["date"], row["salaryType"])
    return (kind, row["employee"], row["date"], row["project"], row["activity"])


@dataclass(frozen=True)
class Figure:
    """What a row says."""

    key: tuple
    hours: float


class Ledger:
    """What Odoo and what people wrote into the stand-in's company.

    ``violations``: sentences about figures of people that Odoo overwrote without
    having been told to. ``believed``: by key, the hours that Odoo last left there or
    was told about by a person's decision. ``touched``: keys that a person changed
    since, so that Odoo may not know yet.
    """

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.lock = threading.RLock()
        self._acting = threading.local()
        self.restart()

    def restart(self):
        """Forget all and watch the company that the stand-in holds now."""
        self.company = self.sandbox.state.company
        self.violations = []
        self.believed = defaultdict(float)
        self.touched = set()
        self.written = 0
        self._rows = {}  # (kind, id): Figure as it is
        self._by_person = set()
        self._left = {}  # (kind, id): Figure that Odoo left
        self._licences = defaultdict(set)
        self._pending = None
        self._put, self._drop = self.company.put, self.company.drop
        self._block = self.company.all_or_nothing
        self.company.put = self._watch_put
        self.company.drop = self._watch_drop
        self.company.all_or_nothing = self._watch_block

    # -- what people may allow ---------------------------------------------------

    @contextmanager
    def person(self):
        """Writes of this thread within the block are a person's."""
        self._acting.person = True
        try:
            yield
        finally:
            self._acting.person = False

    def decide(self, key, row_id, figure):
        """A person saw ``figure`` of a row and lets Odoo's own win over it."""
        with self.lock:
            self._licences[key[0], row_id].add(figure)

    def know(self, key, hours):
        """A person told Odoo that ``key`` holds ``hours``, as they saw it."""
        with self.lock:
            self.believed[key] = hours
            if round(self.held().get(key, 0.0) - hours, 2) == 0:
                self.touched.discard(key)

    # -- looking -----------------------------------------------------------------

    def held(self):
        """Hours by key, everybody's."""
        with self.lock:
            return {figure.key: figure.hours for figure in self._rows.values()}

    def rows(self):
        """((kind, id), Figure) of all rows, oldest first."""
        with self.lock:
            return sorted(self._rows.items(), key=lambda pair: pair[0])

    def key_at(self, kind, row_id):
        """The key that a row has now, or None when it is gone."""
        with self.lock:
            figure = self._rows.get((kind, row_id))
            return figure and figure.key

    def is_theirs(self, key):
        """Whether a person put the row at ``key`` there: made it, or moved it in."""
        with self.lock:
            places = [place for place, f in self._rows.items() if f.key == key]
            ours = (self._left.get(place) for place in places)
            return bool(places) and not any(left and left.key == key for left in ours)

    # -- watching ----------------------------------------------------------------

    def _watch_put(self, model, row):
        if model in KINDS:
            kind = KINDS[model]
            hours = row["hours" if kind == "hours" else "count"]
            self._note((kind, row["id"]), Figure(key_of(kind, row), round(hours, 2)))
        return self._put(model, row)

    def _watch_drop(self, model, row_id):
        if model in KINDS:
            self._note((KINDS[model], row_id), None)
        return self._drop(model, row_id)

    @contextmanager
    def _watch_block(self):
        # A list call that is refused keeps nothing: then nothing is noted either.
        self._pending = []
        try:
            with self._block():
                yield
            notes = self._pending
        finally:
            self._pending = None
        for place, new in notes:
            self._note(place, new)

    def _note(self, place, new):
        """``new``: the row's Figure from now on, or None when it goes."""
        if self._pending is not None:
            self._pending.append((place, new))
            return
        with self.lock:
            old = self._rows.get(place)
            if getattr(self._acting, "person", False):
                self._note_person(place, old, new)
            else:
                self._note_odoo(place, old, new)
            if new:
                self._rows[place] = new
            else:
                self._rows.pop(place, None)

    def _note_person(self, place, old, new):
        self._by_person.add(place)
        self.touched |= {figure.key for figure in (old, new) if figure}

    def _note_odoo(self, place, old, new):
        self.written += 1
        allowed = {self._left.get(place), *self._licences[place]}
        if old and place in self._by_person and old not in allowed:
            self.violations.append(
                f"Odoo wrote {new} over {old}, which a person had left in row {place}"
            )
        self._by_person.discard(place)
        left = self._left.pop(place, None)
        for figure in (old, left):
            if figure:
                self.believed[figure.key] = 0.0
                self.touched.discard(figure.key)
        if new:
            self._left[place] = new
            self.believed[new.key] = new.hours
            self.touched.discard(new.key)
