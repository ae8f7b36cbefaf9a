"""Bad days on demand: what can go wrong with the next calls."""

import fnmatch
import itertools
import random
import threading
from dataclasses import dataclass

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
    "slow": "a slow answer",
}


@dataclass
class Fault:
    """One switched-on fault.

    ``times`` is how many more matching calls it hits (None: until removed),
    ``methods`` a set of HTTP methods or None, ``path`` a glob on the path after /v2,
    ``ms`` the delay in milliseconds of ``slow``.
    """

    id: int
    kind: str
    times: int | None = None
    methods: frozenset | None = None
    path: str = "*"
    ms: int = 2000

    def matches(self, method, path):
        """Whether the call is one it is meant for."""
        if self.methods is not None and method not in self.methods:
            return False
        return fnmatch.fnmatchcase(path, self.path)

    def as_dict(self):
        """For JSON and the page."""
        return {
            "id": self.id,
            "kind": self.kind,
            "times": self.times,
            "method": ",".join(sorted(self.methods)) if self.methods else None,
            "path": self.path,
            "ms": self.ms,
        }


class FaultBox:
    """The faults switched on, and a random mix of them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self.clear()

    def clear(self):
        """No faults, no mix."""
        with self._lock:
            self._faults = []
            self._mix = None

    def add(self, kind, *, times=1, method=None, path="*", ms=2000):
        """Switch on a fault; raises ValueError for an unknown kind or number."""
        fault = self._make(kind, times=times, method=method, path=path, ms=ms)
        with self._lock:
            self._faults.append(fault)
        return fault

    def _make(self, kind, *, times=None, method=None, path="*", ms=2000):
        if kind not in KINDS:
            raise ValueError(f"Unknown fault {kind!r}; known: {', '.join(KINDS)}")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise ValueError("times must be a positive whole number or null")
        if not isinstance(ms, int) or not 0 <= ms <= 600_000:
            raise ValueError("ms must be between 0 and 600000")
        methods = None
        if method and method != "*":
            methods = frozenset(part.strip().upper() for part in method.split(","))
        if path and not path.startswith(("/", "*")):
            path = f"/{path}"
        return Fault(next(self._ids), kind, times, methods, path or "*", ms)

    def mix(self, rates, *, seed=1, method=None, path="*", ms=2000):
        """Hit matching calls at random.

        ``rates`` maps kinds to probabilities that sum to 1 at most; the same seed
        gives the same row of faults for the same row of calls. Empty rates end it.
        """
        if sum(rates.values()) > 1 or any(rate < 0 for rate in rates.values()):
            raise ValueError("rates must not be negative nor sum to more than 1")
        parts = [
            (self._make(kind, method=method, path=path, ms=ms), rate)
            for kind, rate in rates.items()
        ]
        with self._lock:
            self._mix = (random.Random(seed), parts, seed) if parts else None

    def remove(self, fault_id):
        """Switch one fault off."""
        with self._lock:
            self._faults = [f for f in self._faults if f.id != fault_id]

    def pick(self, method, path):
        """Return (fault kind or None, milliseconds to wait) for this call."""
        with self._lock:
            kind, wait = None, 0
            for fault in list(self._faults):
                if not fault.matches(method, path):
                    continue
                if fault.kind != "slow" and kind is not None:
                    continue
                self._use(fault)
                if fault.kind == "slow":
                    wait += fault.ms
                else:
                    kind = fault.kind
            return self._from_mix(method, path, kind, wait)

    def _use(self, fault):
        if fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self._faults.remove(fault)

    def _from_mix(self, method, path, kind, wait):
        if kind is not None or self._mix is None:
            return kind, wait
        rng, parts, _seed = self._mix
        if not parts[0][0].matches(method, path):
            return kind, wait
        drawn = rng.random()
        for fault, rate in parts:
            if drawn < rate:
                if fault.kind == "slow":
                    return None, wait + fault.ms
                return fault.kind, wait
            drawn -= rate
        return None, wait

    def listing(self):
        """The faults and the mix, for JSON."""
        with self._lock:
            mix = None
            if self._mix:
                _rng, parts, seed = self._mix
                mix = {
                    "seed": seed,
                    "rates": {fault.kind: rate for fault, rate in parts},
                    "path": parts[0][0].path,
                }
            return {"faults": [f.as_dict() for f in self._faults], "mix": mix}
