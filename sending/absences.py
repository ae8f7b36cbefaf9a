"""Approved time off: which of its lines are sent, and on which internal activity."""

from collections import defaultdict

from odoo.fields import Domain

#: First part of the routing keys of time off.
ABSENCE = "leave"
#: Before the routing key of a share whose hours a person moves elsewhere.
MOVED = "moved|"
#: How the routing keys of shares of time off begin.
PREFIXES = (f"{ABSENCE}|", f"{MOVED}{ABSENCE}|")


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
    """Return what a line of time off and the one that replaces it have in common.

    :param key: as :func:`absence_key` returns it
    """
    return key.rpartition("|")[0]


def is_absence_key(key):
    """Return whether the routing key of a share is that of time off."""
    return (key or "").startswith(PREFIXES)


def _key_of(share):
    """Return the :func:`absence_key` of the line that a share was queued for."""
    return share.routing_key.removeprefix(MOVED)


#: Shares of time off.
OF_ABSENCE = Domain.OR(
    Domain("routing_key", "=like", f"{prefix}%") for prefix in PREFIXES
)
#: Shares of lines that were deleted.
ORPHANS = Domain("line_id", "=", False)
#: Where a transaction remembers which unsent time off Odoo deletes the lines of.
UNSENT = "tripletex_unsent_absence"


def remember_unsent(lines):
    """Remember lines of time off that Odoo deletes now and of which nothing was queued.

    :param lines: ``account.analytic.line`` records of approved time off (sudo)
    """
    shares = lines.env["tripletex.entry.share"]
    queued = shares.search([("line_id", "in", lines.ids)]).line_id
    unsent = lines.env.cr.precommit.data.setdefault(UNSENT, set())
    unsent.update(absence_key(line) for line in lines - queued)


class Absences:
    """Which of some lines are time off that is sent, and where.

    A line that is not queued yet is sent when its request is approved. Odoo creates the
    lines of approved time off anew for other reasons, too, such as a public holiday of
    last year: what was not sent before is not sent then. From which date such absence
    is sent as well, an administrator says.

    :param lines: ``account.analytic.line`` records (sudo)
    :param connections: dict of company to its active connection
    :param looking_back: the lines were found from a date on that a person named
    """

    def __init__(self, lines, connections, looking_back=False):
        self.env, self.connections = lines.env(su=True), connections
        self.looking_back = looking_back
        self.lines = lines._tripletex_absences()
        self._ids, self._links, self._queued = set(self.lines._ids), {}, set()
        if self.lines:
            self._links = self._find_links()
            self._queued = self._find_queued()

    def __contains__(self, line):
        return line.id in self._ids

    def link_of(self, line):
        """Return the ``tripletex.absence`` by which the line is sent, or None."""
        link = self._link(line)
        if not link or line in self._queued:
            return link
        return link if self.looking_back and line.date >= link.send_from else None

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

    def _find_queued(self):
        """Return the lines that are queued, that replace such a line, or begin now."""
        leaves = self.lines.holiday_id
        shares = self.env["tripletex.entry.share"].search(
            OF_ABSENCE & (Domain("line_id.holiday_id", "in", leaves.ids) | ORPHANS)
        )
        own, first = set(shares.line_id), {}
        for share in shares:
            day, leave = _day_and_request(_key_of(share))
            first[leave] = min(first.get(leave, day), day)
        gone = {day_of_key(_key_of(s)) for s in shares if not s.line_id}
        # a request that is being approved takes no time in the calendar yet
        calendar = self.env["resource.calendar.leaves"]
        placed = calendar.search([("holiday_id", "in", leaves.ids)]).holiday_id
        unsent = Unsent(self.env.cr.precommit.data.get(UNSENT, ()))
        queued = set()
        for line in self.lines:
            key = absence_key(line)
            if (
                line in own
                or line.holiday_id not in placed
                or day_of_key(key) in gone
                or unsent.lacks(key, first)
            ):
                queued.add(line)
        return queued


class Unsent:
    """What a transaction deleted and did not send: lines with these routing keys."""

    def __init__(self, keys):
        self.days = set(map(day_of_key, keys))
        self.requests = {_day_and_request(key)[1] for key in keys}

    def lacks(self, key, first):
        """Return whether a day came to a request that is sent.

        Where only its last days are, nothing is sent of the days before them.

        :param key: routing key of the day's line
        :param first: dict of request to the first day of which hours were queued
        """
        day, leave = _day_and_request(key)
        if leave not in first or day_of_key(key) in self.days:
            return False
        return leave not in self.requests or day >= first[leave]


def _day_and_request(key):
    """Return day (ISO text) and request of a routing key of time off."""
    _absence, _company, _employee, day, _kind, leave = key.split("|")
    return day, leave


class AbsenceShares:
    """What becomes of the shares of time off whose lines Odoo deletes or leaves behind.

    :param env: environment of the superuser
    """

    def __init__(self, env):
        self.env = env
        self._shares = env["tripletex.entry.share"]

    def hand_over(self, lines):
        """Give shares of deleted lines to those of ``lines`` that replace them.

        With them go the row in Tripletex and what people decided about it. Where
        nothing replaces a line, the cron withdraws its hours.

        :param lines: ``account.analytic.line`` records of approved time off (sudo)
        """
        orphans = self._shares.search(OF_ABSENCE & ORPHANS)
        if not orphans:
            return
        lines -= self._shares.search([("line_id", "in", lines.ids)]).line_id
        left = orphans.grouped(_key_of)
        # of two half days, each keeps its own
        own = lines.filtered(lambda line: absence_key(line) in left)
        for line in own:
            self._give(left.pop(absence_key(line), orphans.browse()), line)
        by_day = defaultdict(list)
        for key, shares in left.items():
            by_day[day_of_key(key)].append(shares)
        for line in lines - own:
            if of_day := by_day[day_of_key(absence_key(line))]:
                self._give(of_day.pop(0), line)

    def _give(self, shares, line):
        """Make these shares, of one deleted line, those of another line."""
        key = absence_key(line)
        moved = shares.filtered(lambda share: share.routing_key.startswith(MOVED))
        moved.write({"line_id": line.id, "routing_key": f"{MOVED}{key}"})
        (shares - moved).write({"line_id": line.id, "routing_key": key})

    def left_behind(self):
        """Return the lines with hours whose request is gone, or not approved any more.

        Odoo changes neither kind of line itself.
        """
        if not self.env["tripletex.absence"]._is_available():
            return self.env["account.analytic.line"]
        gone = Domain("holiday_id", "=", False)
        gone |= Domain("holiday_id.state", "!=", "validate")
        counted = OF_ABSENCE & self._shares._domain_counted()
        return self._shares.search(counted & Domain("line_id", "any", gone)).line_id
