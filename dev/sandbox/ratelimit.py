"""The rate limit: so many calls per key within a window of seconds."""


class RateLimiter:
    """Counts calls per key in fixed windows of the stand-in's clock.

    ``limit`` 0 switches it off. ``reset_on_429``: the header X-Rate-Limit-Reset is
    reported to be missing on 429 answers, so it is left out unless asked for.
    """

    def __init__(self, clock, limit, window):
        self.clock = clock
        self.limit = limit
        self.window = window
        self.reset_on_429 = False
        self._windows = {}

    def spend(self, key):
        """Count one call; return whether it is allowed."""
        if not self.limit:
            return True
        now = self.clock().seconds()
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
        left = max(0.0, started + self.window - self.clock().seconds())
        shown = {
            "X-Rate-Limit-Limit": str(self.limit),
            "X-Rate-Limit-Remaining": str(max(0, self.limit - used)),
        }
        if not refused or self.reset_on_429:
            # Whole seconds, never 0 while the window lasts.
            shown["X-Rate-Limit-Reset"] = str(int(left) + 1)
        return shown

    def clear(self):
        """Forget every window."""
        self._windows.clear()
