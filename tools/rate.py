"""How many calls Tripletex still allows, from the headers of its answers."""

import datetime
from email.utils import parsedate_to_datetime

# Calls left to other users of the same key and consumer (the limit counts per key
# and per consumer: DOCUMENTED). At most a tenth of the limit, so that a small limit
# still lets calls through.
RATE_RESERVE = 5
# Length of the period when Tripletex does not say (ASSUMED from the only recorded
# values: limit 100, reset between 2 and 7 seconds).
DEFAULT_PERIOD = 10.0
# First wait after a 429 that says nothing (429 comes without a reset header:
# REPORTED); doubled for each further one up to the longest.
DEFAULT_WAIT = 10.0
LONGEST_WAIT = 300.0
# A stated wait above this is taken for a mistake, such as a time of day.
LONGEST_STATED_WAIT = 3600.0


def _now():
    return datetime.datetime.now(datetime.timezone.utc)


def _header_number(headers, name):
    """A header's number of at least 0, or None."""
    try:
        value = float(headers.get(name, ""))
    except ValueError:
        return None
    return value if 0 <= value < 2**31 else None


def _retry_after(headers):
    """Seconds of a Retry-After header (a number or a time of day), or None."""
    seconds = _header_number(headers, "Retry-After")
    if seconds is not None:
        return seconds
    try:
        at = parsedate_to_datetime(headers.get("Retry-After", ""))
        return max(0.0, at.timestamp() - _now().timestamp())
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


class RateLimit:
    """What is known of the limit.

    ``limit`` and ``remaining``: calls per period and calls left, or None;
    ``reset_at``: aware datetime (UTC) when the period ends, or None.
    """

    def __init__(self):
        self.limit = None
        self.remaining = None
        self.reset_at = None
        self._refusals = 0

    def wait(self):
        """Seconds to wait before the next call; 0 when it may be sent now."""
        if self.reset_at is None or self.remaining is None:
            return 0.0
        left = (self.reset_at - _now()).total_seconds()
        if left <= 0:
            self.remaining = self.reset_at = None
            return 0.0
        tenth = RATE_RESERVE if self.limit is None else self.limit // 10
        if self.remaining > min(RATE_RESERVE, tenth):
            return 0.0
        # A clock that was set back must not stretch the wait.
        return min(left, LONGEST_STATED_WAIT)

    def saw(self, headers):
        """Note the headers of an answer that was not a 429."""
        self._refusals = 0
        remaining = _header_number(headers, "X-Rate-Limit-Remaining")
        if remaining is None:
            return
        limit = _header_number(headers, "X-Rate-Limit-Limit")
        self.limit = None if limit is None else int(limit)
        self.remaining = int(remaining)
        reset = _header_number(headers, "X-Rate-Limit-Reset")
        if reset is not None:
            self._reset_in(reset)
        elif self.reset_at is None or self.reset_at <= _now():
            self._reset_in(DEFAULT_PERIOD)

    def refused(self, headers):
        """Note a 429 and return the seconds to wait."""
        wait = _header_number(headers, "X-Rate-Limit-Reset")
        if wait is None:
            wait = _retry_after(headers)
        if wait is None:
            wait = min(DEFAULT_WAIT * 2 ** min(self._refusals, 10), LONGEST_WAIT)
        self._refusals += 1
        wait = min(max(wait, 1.0), LONGEST_STATED_WAIT)
        self.remaining = 0
        self._reset_in(wait)
        return wait

    def _reset_in(self, seconds):
        seconds = min(seconds, LONGEST_STATED_WAIT)
        self.reset_at = _now() + datetime.timedelta(seconds=seconds)
