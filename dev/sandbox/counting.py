"""What is counted: calls per key within a window of seconds, and the calls so far."""

import collections
import datetime
import threading

KEPT = 20_000


class RateLimiter:
    """Counts calls per key in fixed windows of the stand-in's clock.

    ``limit`` 0 switches it off. ``reset_on_429``: the header X-Rate-Limit-Reset is
    reported to be missing on 429 answers, so it is left out unless asked for.
    """

    def __init__(self, clock, limit, window):
        self.clock = clock
        self.set(limit, window)

    def set(self, limit, window, reset_on_429=False):
        """Begin anew with these numbers."""
        self.limit, self.window, self.reset_on_429 = limit, window, reset_on_429
        self._windows = {}

    def spend(self, key):
        """Count one call; return whether it is allowed."""
        if not self.limit:
            return True
        now = self.clock.seconds()
        started, used = self._windows.get(key, (now, 0))
        if not 0 <= now - started < self.window:
            started, used = now, 0
        self._windows[key] = (started, used + 1)
        return used < self.limit

    def headers(self, key, refused=False):
        """The X-Rate-Limit headers for ``key`` after its last call."""
        if not self.limit or key not in self._windows:
            return {}
        started, used = self._windows[key]
        shown = {
            "X-Rate-Limit-Limit": str(self.limit),
            "X-Rate-Limit-Remaining": str(max(0, self.limit - used)),
        }
        if not refused or self.reset_on_429:
            left = max(0.0, started + self.window - self.clock.seconds())
            # Whole seconds, never 0 while the window lasts.
            shown["X-Rate-Limit-Reset"] = str(int(left) + 1)
        return shown


class CallLog:
    """The last calls: method, path, query, status; never a token or a body."""

    def __init__(self):
        self._lock = threading.Lock()
        self.clear()

    def clear(self):
        with self._lock:
            self.total = 0
            self._calls = collections.deque(maxlen=KEPT)

    def begin(self, method, path, template, query):
        """Note a call on arrival; its status follows when it is answered."""
        record = {
            "method": method,
            # The path of a session's removal holds its token.
            "path": template if template.startswith("/token/") else path,
            "template": template,
            "query": {k: "***" if "Token" in k else v for k, v in query.items()},
            "status": None,
            "fault": None,
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        }
        with self._lock:
            self.total += 1
            record["number"] = self.total
            self._calls.append(record)
        return record

    def listing(self, method=None, template=None):
        """The calls kept, oldest first, filtered by method and path template."""
        with self._lock:
            calls = [dict(call) for call in self._calls]
        return [
            call
            for call in calls
            if method in (None, call["method"]) and template in (None, call["template"])
        ]
