"""The stand-in's own clock, which tests may move, and dates."""

import datetime
import time
import zoneinfo

NORWAY = zoneinfo.ZoneInfo("Europe/Oslo")


def parse_date(text):
    """Return the date of ``YYYY-MM-DD``; raises ValueError for anything else.

    Newer Pythons would accept further ISO forms.
    """
    day = datetime.date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"Not a date: {text}")
    return day


class Clock:
    """Real time plus ``offset`` seconds."""

    def __init__(self):
        self.offset = 0.0

    def seconds(self):
        """Seconds since the epoch as the stand-in sees them."""
        return time.time() + self.offset

    def utc(self):
        """The stand-in's present moment, UTC, naive."""
        moment = datetime.datetime.fromtimestamp(self.seconds(), datetime.timezone.utc)
        return moment.replace(tzinfo=None)

    def today(self):
        return datetime.datetime.fromtimestamp(self.seconds(), NORWAY).date()

    def set_utc(self, moment):
        """Move the clock so that it is ``moment`` (UTC, naive) now."""
        moment = moment.replace(tzinfo=datetime.timezone.utc)
        self.offset = moment.timestamp() - time.time()
