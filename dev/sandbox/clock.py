"""The stand-in's own clock, which tests may move, and Norwegian time."""

import calendar
import datetime
import time


def _last_sunday(year, month):
    last = calendar.monthrange(year, month)[1]
    day = datetime.datetime(year, month, last, 1)
    return day - datetime.timedelta(days=(day.weekday() + 1) % 7)


def oslo(moment):
    """Return the UTC datetime ``moment`` as local time in Norway (naive).

    Summer time runs from the last Sunday of March to the last Sunday of October,
    01:00 UTC. Written out so that the stand-in needs no time zone database.
    """
    summer = _last_sunday(moment.year, 3) <= moment < _last_sunday(moment.year, 10)
    return moment + datetime.timedelta(hours=2 if summer else 1)


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
        """Today's date in Norway."""
        return oslo(self.utc()).date()

    def set_utc(self, moment):
        """Move the clock so that it is ``moment`` (UTC, naive) now."""
        moment = moment.replace(tzinfo=datetime.timezone.utc)
        self.offset = moment.timestamp() - time.time()
