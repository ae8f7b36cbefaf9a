"""Approved time off: which of its lines are sent, and on which internal activity."""

from collections import defaultdict
from datetime import date

from odoo.fields import Domain

#: First part of the routing keys of time off.
ABSENCE = "leave"


def absence_key(line):
    """Return the routing key of a line of approved time off.

    Odoo deletes such lines and creates them anew; all but the last part, the request,
    tells which old line a new one replaces.

    :param line: ``account.analytic.line`` record (sudo)
    """
    leave = line.holiday_id
    parts = (line.company_id.id, line.employee_id.id, line.date)
    return "|".join(map(str, (ABSENCE, *parts, leave.holiday_status_id.id, leave.id)))


def day_of_key(key):
    """Return what a line of time off and the one that replaces it have in common."""
    return key.rpartition("|")[0]


def is_absence_key(key):
    """Return whether a routing key is that of time off."""
    return (key or "").startswith(f"{ABSENCE}|")


class Absences:
    """Which of some lines are time off that is sent, and where.

    Absence before the day that its link names was there before anybody chose to send
    it: it is sent only if it is approved now, or was approved since then. Odoo creates
    its lines anew for other reasons, too, such as a public holiday of last year.

    :param lines: ``account.analytic.line`` records (sudo)
    :param connections: dict of company to its active connection
    """

    def __init__(self, env, lines, connections):
        self.env, self.connections = env(su=True), connections
        self.lines = lines._tripletex_absences()
        self._links = self._find_links() if self.lines else {}
        self._approved_since = self._find_approved_since()

    def link_of(self, line):
        """Return the ``tripletex.absence`` by which the line is sent, or None."""
        link = self._link(line)
        if link and (line.date >= link.send_from or line in self._approved_since):
            return link
        return None

    def _link(self, line):
        connection = self.connections.get(line.company_id)
        kind = line._tripletex_absence_type()
        return connection and self._links.get((connection.id, kind.id))

    def _find_links(self):
        ids = [connection.id for connection in self.connections.values()]
        kinds = self.lines.holiday_id.holiday_status_id.work_entry_type_id
        found = self.env["tripletex.absence"].search(
            [("connection_id", "in", ids), ("work_entry_type_id", "in", kinds.ids)]
        )
        return {
            (link.connection_id.id, link.work_entry_type_id.id): link for link in found
        }

    def _find_approved_since(self):
        """Lines before the day of their link whose request was approved after that.

        A request that is being approved has no time off in the calendar yet; one that
        was has hours that are queued from before that day.
        """
        early = {
            line: link.send_from
            for line in self.lines
            if (link := self._link(line)) and line.date < link.send_from
        }
        if not early:
            return set()
        leaves = self.lines.browse().union(*early).holiday_id
        placed = self.env["resource.calendar.leaves"].search(
            [("holiday_id", "in", leaves.ids)]
        )
        queued = self._first_queued(leaves)
        return {
            line
            for line, send_from in early.items()
            if line.holiday_id not in placed.holiday_id
            or queued.get(str(line.holiday_id.id), send_from) < send_from
        }

    def _first_queued(self, leaves):
        """Return the first day of each request of which hours were queued, by its id.

        Lines that Odoo has just deleted count, too.
        """
        shares = self.env["tripletex.entry.share"].search(
            Domain("routing_key", "=like", f"{ABSENCE}|%")
            & (Domain("line_id.holiday_id", "in", leaves.ids) | ORPHANS)
        )
        days = defaultdict(lambda: date.max)
        for share in shares:
            *_others, day, _kind, leave_id = share.routing_key.split("|")
            days[leave_id] = min(days[leave_id], date.fromisoformat(day))
        return days


#: Shares of lines that were deleted.
ORPHANS = Domain("line_id", "=", False)


class AbsenceShares:
    """What becomes of the shares of time off whose lines Odoo deletes or leaves behind.

    :param env: environment of the superuser
    """

    def __init__(self, env):
        self.env = env
        self._shares = env["tripletex.entry.share"]
        self._domain = Domain("routing_key", "=like", f"{ABSENCE}|%")

    def hand_over(self, lines):
        """Give shares of deleted lines to those of ``lines`` that replace them.

        With them go the row in Tripletex and what people decided about it. Where
        nothing replaces a line, the cron withdraws its hours.

        :param lines: ``account.analytic.line`` records of approved time off (sudo)
        """
        orphans = self._shares.search(self._domain & ORPHANS)
        if not orphans:
            return
        by_day = orphans.grouped(lambda share: day_of_key(share.routing_key))
        for line in lines:
            key, entries = absence_key(line), set()
            found = by_day.get(day_of_key(key), orphans.browse())
            # of two half days, each keeps its own
            for share in sorted(found, key=lambda s, key=key: s.routing_key != key):
                if share.entry_id not in entries:
                    entries.add(share.entry_id)
                    by_day[day_of_key(key)] -= share
                    share.write({"line_id": line.id, "routing_key": key})

    def left_behind(self):
        """Return the lines with hours whose request is gone, or not approved any more.

        Odoo changes neither kind of line itself.
        """
        if not self.env["tripletex.absence"]._is_available():
            return self.env["account.analytic.line"]
        gone = Domain("holiday_id", "=", False)
        gone |= Domain("holiday_id.state", "!=", "validate")
        counted = self._domain & self._shares._domain_counted()
        return self._shares.search(counted & Domain("line_id", "any", gone)).line_id
