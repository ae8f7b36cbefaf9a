"""Bad days on demand: what can go wrong with the next calls."""

import dataclasses
import fnmatch
import itertools
import random
import threading

# What happens, in words for the page.
KINDS = {
    "drop_before": "connection lost before anything was written",
    "drop_after": "connection lost after the write was kept",
    "500_json": "500 with a JSON body, nothing written",
    "500_html": "500 with an HTML page, nothing written",
    "500_json_after": "500 with a JSON body, although the write was kept",
    "500_html_after": "500 with an HTML page, although the write was kept",
    "truncated": "answer cut in the middle, the write was kept",
    "html_200": "200 with an HTML page, nothing written",
    "429": "429 without X-Rate-Limit-Reset",
    "429_reset": "429 with X-Rate-Limit-Reset",
    "401": "401 code 3000, once per call",
    "403": "403 code 9000",
    "409": "409 code 8000 that goes away by itself",
    "swapped_ids": "the first two rows of a list with each other's id",
    "slow": "a slow answer",
}


@dataclasses.dataclass
class Fault:
    """One switched-on fault; raises ValueError when it makes no sense.

    ``times``: how many more calls it hits (None: until removed); ``method``: with
    commas, None for all; ``path``: a glob after /v2; ``ms``: the delay of ``slow``.
    """

    id: int
    kind: str
    times: int | None = None
    method: str | None = None
    path: str = "*"
    ms: int = 2000

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"Unknown fault {self.kind!r}; known: {', '.join(KINDS)}")
        if self.times is not None and self.times < 1:
            raise ValueError("times must be a positive whole number or null")
        if not 0 <= self.ms <= 600_000:
            raise ValueError("ms must be between 0 and 600000")
        self.path = self.path or "*"
        if not self.path.startswith(("/", "*")):
            self.path = f"/{self.path}"

    def matches(self, method, path):
        """Whether the call is one it is meant for."""
        if self.method and method not in self.method.upper().split(","):
            return False
        return fnmatch.fnmatchcase(path, self.path)


class FaultBox:
    """The faults switched on, and a random mix of them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self.clear()

    def clear(self):
        with self._lock:
            self._faults = []
            self._mix = None

    def add(self, kind, *values):
        """Switch on a fault; raises ValueError for an unknown kind or number."""
        fault = Fault(next(self._ids), kind, *values)
        with self._lock:
            self._faults.append(fault)
        return fault

    def mix(self, rates, *, seed=1, **values):
        """Hit matching calls at random.

        ``rates`` maps kinds to probabilities that sum to 1 at most; the same seed
        gives the same row of faults for the same row of calls. Empty rates end it.
        """
        if sum(rates.values()) > 1 or any(rate < 0 for rate in rates.values()):
            raise ValueError("rates must not be negative nor sum to more than 1")
        parts = [(Fault(0, kind, **values), rate) for kind, rate in rates.items()]
        with self._lock:
            self._mix = (random.Random(seed), parts, seed) if parts else None

    def remove(self, fault_id):
        with self._lock:
            self._faults = [f for f in self._faults if f.id != fault_id]

    def pick(self, method, path):
        """Return (fault kind or None, milliseconds to wait) for this call."""
        with self._lock:
            hits = [f for f in self._faults if f.matches(method, path)]
            others = [fault for fault in hits if fault.kind != "slow"][:1]
            hits = [fault for fault in hits if fault.kind == "slow"] + others
            for fault in hits:
                if fault.times is not None:
                    fault.times -= 1
            self._faults = [fault for fault in self._faults if fault.times != 0]
            if not others and self._mix:
                hits += self._drawn(method, path)
        kind = next((fault.kind for fault in hits if fault.kind != "slow"), None)
        return kind, sum(fault.ms for fault in hits if fault.kind == "slow")

    def _drawn(self, method, path):
        rng, parts, _seed = self._mix
        if not parts[0][0].matches(method, path):
            return []
        faults, rates = zip(*parts, strict=True)
        drawn = rng.random()
        sums = itertools.accumulate(rates)
        hit = [f for f, upto in zip(faults, sums, strict=True) if drawn < upto]
        return hit[:1]

    def listing(self):
        """The faults and the mix, for JSON."""
        with self._lock:
            mix = None
            if self._mix:
                _rng, parts, seed = self._mix
                rates = {fault.kind: rate for fault, rate in parts}
                mix = {"seed": seed, "rates": rates, "path": parts[0][0].path}
            return {"faults": list(map(dataclasses.asdict, self._faults)), "mix": mix}
