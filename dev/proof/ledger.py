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


def hours_of(kind, row):
    """The hours of one of the stand-in's rows."""
    return row["hours" if kind == "hours" else "count"]


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
    since, so that Odoo may not know yet. Own hours change only where a line was changed
    or a person decided since the last agreement: see ``allow``.
    """

    def __init__(self, sandbox):
        self.company = sandbox.state.company
        self.lock = threading.RLock()
        self._is_person = False
        self.violations = []
        self.believed = defaultdict(float)
        self.touched = set()
        self.written = 0
        self._rows = {}  # (kind, id): Figure as it is
        self._versions = {}  # (kind, id, version): Figure as it was
        self._by_person = set()
        self._left = {}  # (kind, id): Figure that Odoo left
        self._licences = defaultdict(set)
        self._pending = None
        self._allowed, self._changes = set(), []
        company = self.company
        self._put, company.put = company.put, self._watch_put
        self._drop, company.drop = company.drop, self._watch_drop
        self._block, company.all_or_nothing = company.all_or_nothing, self._watch_block

    # -- what people may allow ---------------------------------------------------

    @contextmanager
    def person(self):
        """Writes within the block are a person's: no worker may run meanwhile."""
        self._is_person = True
        try:
            yield
        finally:
            self._is_person = False

    def decide(self, key, row_id, figure):
        """A person saw ``figure`` of a row and lets Odoo's own win over it.

        Also where somebody has moved the row back to ``key`` since, hours unchanged.
        """
        with self.lock:
            self._licences[key[0], row_id] |= {figure, Figure(key, figure.hours)}

    def take(self, wanted):
        """Odoo may change figures of people that equal the validated hours.

        It takes such a row as its own.

        :param wanted: validated hours by key
        """
        with self.lock:
            for place in self._by_person & self._rows.keys():
                figure = self._rows[place]
                if figure.key in wanted and figure.hours == float(wanted[figure.key]):
                    self._licences[place].add(figure)

    def know(self, key, hours):
        """A person told Odoo that ``key`` holds ``hours``, as they saw it."""
        with self.lock:
            self.believed[key] = hours
            if round(self.held().get(key, 0.0) - hours, 2) == 0:
                self.touched.discard(key)

    def allow(self, keys):
        """Rows at ``keys`` may change: a line did, or a person decided so."""
        self._allowed |= keys

    def check(self):
        """Note as violations what Odoo changed since without having a reason."""
        with self.lock:
            changes, self._changes = self._changes, []
        for key, told in changes:
            if key not in self._allowed:
                self.violations.append(f"{told} although no line of {key} changed")

    def agree(self, unclear):
        """Both sides agree: from now on rows stay, but those at ``unclear`` keys."""
        self._allowed = set(unclear)

    # -- looking -----------------------------------------------------------------

    def held(self):
        """Hours by key, everybody's."""
        with self.lock:
            return {figure.key: figure.hours for figure in self._rows.values()}

    def rows(self):
        """((kind, id), Figure) of all rows, oldest first."""
        with self.lock:
            return sorted(self._rows.items(), key=lambda pair: pair[0])

    def seen(self, kind, row_id, version, hours, key):
        """The Figure that Odoo saw of a row; at ``key`` where its version is unknown.

        :param version: of the row as it was seen
        """
        with self.lock:
            found = self._versions.get((kind, row_id, version))
            return found or Figure(key, hours)

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
            figure = Figure(key_of(kind, row), round(hours_of(kind, row), 2))
            self._versions[kind, row["id"], row["version"]] = figure
            self._note((kind, row["id"]), figure)
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
            if self._is_person:
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
        if old != new and place not in self._by_person:
            told = f"Odoo made row {place} {new} from {old}"
            keys = {figure.key for figure in (old, new) if figure}
            self._changes += [(key, told) for key in keys]
        allowed = {self._left.get(place), *self._licences[place]}
        if old and place in self._by_person and old not in allowed:
            self.violations.append(
                f"Odoo wrote {new} over {old}, which a person had left in row {place}"
            )
        self._by_person.discard(place)
        left = self._left.pop(place, None)
        ours = {figure.key for figure in self._left.values()}
        for figure in (old, left):
            # a person can have moved a row away, and Odoo made another one there
            if figure and figure.key not in ours:
                self.believed[figure.key] = 0.0
                self.touched.discard(figure.key)
        if new:
            self._left[place] = new
            self.believed[new.key] = new.hours
            self.touched.discard(new.key)
