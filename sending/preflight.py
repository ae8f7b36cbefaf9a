"""Where validated hours go, and what stops them."""

import datetime
import math
from collections import defaultdict
from dataclasses import dataclass, field, replace

from odoo.fields import Domain

from .absences import Absences
from .amounts import round_hours
from .kinds import place_text, stands_for

#: Hours that one person can work in a day.
HOURS_IN_A_DAY = 24


@dataclass
class Target:
    """One place in Tripletex that a line's hours belong to."""

    place: str  # see kinds.place_text; "line|<id>" while it is not known
    kind: str
    values: dict  # columns of a new entry
    belongs_to: datetime.date = None  # month of hours that an adjustment brought there

    def on(self, day):
        """Return the place for the same hours on another date."""
        place = self.place
        if not self.values["is_placeless"]:
            kind, employee_id, _day, *ids = place.split("|")
            place = place_text(kind, employee_id, day, *ids)
        return replace(self, place=place, values=self.values | {"date": day})


#: Problems that leave a line without a place in Tripletex.
PLACELESS = {
    "no_number",
    "employee_not_linked",
    "project_not_linked",
    "paycode_not_linked",
    "no_activity",
}


#: Those that another link could cure.
LINKS = PLACELESS - {"no_number"}


@dataclass
class Resolution:
    """Where a line's hours go, and what stands in the way."""

    day: tuple  # employee id, date
    hours: float
    connection: object = None
    is_sent: bool = False
    is_absence: bool = False  # approved time off
    is_settled: bool = False  # the hours return to a place that they have already
    has_place: bool = True  # the row in Tripletex that the hours belong to is known
    targets: list = field(default_factory=list)
    kinds: set = None  # of a correction: those of the line that it corrects
    problems: list = field(default_factory=list)  # codes, see PROBLEMS
    link_problems: list = field(default_factory=list)  # of a settled line: no hindrance
    left_out: str = None  # kind of row that the employee does not send beside another


@dataclass
class Route:
    """Where lines of one company, project, paycode and choice of what is sent go."""

    connection: object
    is_sent: bool = False
    project: object = None  # tripletex.project
    paycode: object = None  # tripletex.paycode
    sends_hours: bool = True
    left_out: str = None  # see ``Resolution``
    problems: list = field(default_factory=list)
    is_absence: bool = False
    values: dict = None  # columns of every entry
    rows: list = None  # (ids and names that end the place, values), one per entry


class Preflight:
    """Decides where a validated line goes and what Tripletex would refuse.

    Local facts only: validating works while Tripletex is down. The same resolution
    serves the check before validating and the queueing after it, so that what was
    promised is what is sent. The texts are in ``words.PreflightWords``.
    """

    def __init__(self, env):
        self.env = env

    def resolve(self, lines, logged=False, moving=False, looking_back=False):
        """Resolve timesheet lines, in bulk.

        :param lines: ``account.analytic.line`` records (sudo), also unsaved ones
        :param logged: count a day's hours whether they are validated or not
        :param moving: sent hours move, also of employees who send less by now
        :param looking_back: absence that is not queued yet is sent, from the date of
            its link on
        :return: dict of line to :class:`Resolution`
        """
        links = self.links(lines)
        resolutions = {
            line: Resolution(
                day=(line.employee_id._origin.id, line.date),
                hours=line._tripletex_hours(),
            )
            for line in lines
        }
        overbooked = self._overbooked(resolutions, logged)
        settled = self._settled(lines)
        corrected = self._corrected(resolutions, are_validated=not logged)
        absences = Absences(lines, links["connection"], looking_back)
        routes = {}
        for line, resolution in resolutions.items():
            if line in absences:
                self._resolve_absence(line, resolution, links, absences, settled)
                continue
            transfer = self._transfer(line, links)
            if moving and line.id in settled:
                transfer = "all"
            at = (line.company_id, line.project_id, line.work_entry_type_id, transfer)
            if at not in routes:
                routes[at] = self._route(line, links, transfer)
            own = corrected.get((line, links["connection"].get(line.company_id)))
            if own and moving and routes[at].is_sent:
                # but for what a person decided, the hours that it corrects move, too
                own = own.filtered(lambda share: share._is_decided())
            resolution.is_settled = bool(own) or line.id in settled
            self._resolve_work(line, resolution, routes[at], links, own)
            if resolution.is_sent and own:
                self._go_with(own, resolution, looking_back)
            if resolution.is_sent and resolution.day in overbooked:
                resolution.problems.append("over_24_hours")
        return resolutions

    def _resolve_work(self, line, resolution, route, links, own):
        """Where a line of work goes.

        :param own: shares of the line that it corrects, or None
        """
        resolution.connection = route.connection
        resolution.left_out = route.left_out
        resolution.is_sent = (
            (route.is_sent or bool(own))  # also of a project that is excluded now
            and (
                _counts(resolution.hours)
                or not line._origin
                or line._tripletex_timer_runs()
            )
            and not line._tripletex_is_time_off()
        )
        if resolution.is_sent and route.is_sent:
            self._resolve_line(line, resolution, route, links)

    def _go_with(self, own, resolution, looking_back):
        """Let a correction go to the rows of the line that it corrects.

        Where overtime has two rows, one can be sent while the other waits and follows
        the links, or is left out until the employee sends more: so does the correction
        of it. Hours that were sent as an adjustment are corrected in their month.

        :param own: shares of that line
        :param looking_back: rows that were left out are added, if they are sent now
        """
        settled = own.filtered(lambda share: share.settlement != "open")
        rows = settled.filtered(lambda share: not share.is_handled)
        kinds = {kind for share in settled for kind in share._kinds()}
        here = stands_for(settled)
        left_out = set(settled.mapped("left_out")) - {False}
        if resolution.left_out in kinds - here:
            kinds.remove(resolution.left_out)  # that line's waits, and is withdrawn
        elif looking_back and left_out & {t.kind for t in resolution.targets}:
            kinds |= left_out
        else:
            resolution.left_out = next(iter(left_out), None)
        resolution.kinds, lacks = kinds, kinds - here
        waiting = [
            target
            for target in resolution.targets
            if lacks and (target.kind in lacks or not resolution.has_place)
        ]
        resolution.targets = [
            replace(share.entry_id._as_target(), belongs_to=share.belongs_to or None)
            for share in rows
        ] + waiting
        resolution.has_place = resolution.has_place or not waiting

    def _resolve_absence(self, line, resolution, links, absences, settled):
        """Where approved time off goes: validated or not, it needs no second approval.

        Neither project nor its exclusion says anything about it, and no text of it is
        sent.
        """
        connection = links["connection"].get(line.company_id)
        link = absences.link_of(line)
        resolution.connection, resolution.is_absence = connection, True
        resolution.is_sent = (
            bool(link)
            and _counts(resolution.hours)
            and self._transfer(line, links) != "none"
        )
        if not resolution.is_sent:
            return
        resolution.is_settled = line.id in settled
        route = Route(connection, True, is_absence=True)
        route.values = self._common_values(line, connection)
        route.values |= {"project_id": None, "work_entry_type_id": None}
        # the entry does not name the activity: approvers see it
        row = route.values | {"is_absence": True}
        route.rows = [((None, link.activity_id), row)]
        self._resolve_line(line, resolution, route, links)

    def _settled(self, lines):
        """Ids of lines that are as they were when their hours got their place."""
        shares = self.env["tripletex.entry.share"].sudo()
        found = shares.search(
            [
                ("line_id", "in", lines._origin.ids),
                ("settlement", "!=", "open"),
                ("connection_id.state", "!=", "disconnected"),
            ]
        )
        return {
            share.line_id.id
            for share in found
            if share.routing_key == share.line_id._tripletex_routing_key()
        }

    def _corrected(self, resolutions, are_validated):
        """Find the sent hours that negative lines correct.

        They may stand elsewhere than new hours go: the links can have changed. So may
        hours that return to their place together with the correction.

        :param are_validated: the lines are validated together, not just shown
        :return: dict of (line, connection) to the shares of the corrected line
        """
        negative = defaultdict(list)
        for line, resolution in resolutions.items():
            if resolution.hours < 0:
                negative[line._tripletex_routing_key()].append(line)
        if not negative:
            return {}
        positive = [
            line._origin.id
            for line, resolution in resolutions.items()
            if are_validated
            and resolution.hours > 0
            and line._tripletex_routing_key() in negative
        ]
        shares = self.env["tripletex.entry.share"].sudo()
        shares = shares.search(
            Domain("routing_key", "in", list(negative))
            & Domain("line_id", "!=", False)  # else its line was deleted
            & (Domain("hours", ">", 0) | Domain("line_id", "in", positive))
        )
        # not of lines that have changed since, whose hours leave
        shares = shares.filtered(
            lambda share: share.routing_key == share.line_id._tripletex_routing_key()
        )
        shares = self._with_rows(shares)
        found, of_line = defaultdict(list), shares.grouped("line_id")
        for share in shares:
            if share.settlement != "open" and not share.is_handled:
                own = of_line[share.line_id].filtered(
                    lambda s, at=share.connection_id: s.connection_id == at
                )
                for line in negative[share.routing_key]:
                    found[line, share.connection_id].append(own)
        return self._choose_corrected(resolutions, found)

    def _choose_corrected(self, resolutions, found):
        """Choose between equal lines: a correction stays with the one it corrects.

        A new one goes where the rows have the hours, and all are sent.

        :param found: dict of (line, connection) to a list of shares of such lines
        :return: dict of (line, connection) to the shares of one
        """
        lines = [line._origin.id for line, _connection in found]
        shares = self.env["tripletex.entry.share"].sudo()
        shares = shares.search([("line_id", "in", lines), ("hours", "!=", 0)])
        here = {line: own.entry_id for line, own in shares.grouped("line_id").items()}
        none = shares.entry_id.browse()

        def rank(line, own):
            hours = resolutions[line].hours
            return (
                bool(own.entry_id & here.get(line._origin, none)),
                all(entry.hours + hours >= 0 for entry in own.entry_id),
                all(share.settlement != "open" for share in own),
            )

        return {
            (line, connection): max(owns, key=lambda own, line=line: rank(line, own))
            for (line, connection), owns in found.items()
        }

    @staticmethod
    def _with_rows(shares):
        """Of each line the shares that have hours; else those that it returns to.

        These are the newest of each kind.
        """
        standing = shares.filtered("hours")
        places = {(share.line_id, share.connection_id) for share in standing}
        newest = {
            (share.line_id, share.connection_id, share.entry_id.kind): share
            for share in shares.sorted("id")
            if (share.line_id, share.connection_id) not in places
        }
        return standing + shares.browse().union(*newest.values())

    def links(self, lines):
        """The connections and links that concern ``lines``, four queries in all.

        :return: dict of ``connection`` to a dict by company, and of each field of the
            lines that is linked to a dict of (connection id, record id) to link
        """
        connections = self.env["tripletex.connection"]._active_by_company(
            lines.company_id
        )
        ids = [connection.id for connection in connections.values()]
        links = {"connection": connections}
        for model, name in (
            ("tripletex.employee", "employee_id"),
            ("tripletex.project", "project_id"),
            ("tripletex.paycode", "work_entry_type_id"),
        ):
            found = (
                self.env[model]
                .sudo()
                .search([("connection_id", "in", ids), (name, "in", lines[name].ids)])
            )
            links[name] = {
                (link.connection_id.id, link[name].id): link for link in found
            }
        return links

    def _transfer(self, line, links):
        """What the line's employee sends, see ``tripletex.employee``."""
        connection = links["connection"].get(line.company_id)
        employee_id = line.employee_id._origin.id
        link = connection and links["employee_id"].get((connection.id, employee_id))
        return link.transfer if link else "all"

    def _route(self, line, links, transfer):
        """Where lines of this one's company, project and paycode go.

        :param transfer: what the line's employee sends
        :return: :class:`Route`
        """
        connection = links["connection"].get(line.company_id)
        is_ordinary = not line.work_entry_type_id
        if (
            not connection
            or transfer == "none"
            or (transfer == "overtime_absence" and is_ordinary)
            or line.project_id.tripletex_excluded
        ):
            return Route(connection)
        project, paycode = (
            links[name].get((connection.id, line[name]._origin.id))
            for name in ("project_id", "work_entry_type_id")
        )
        activity = self._activity(connection, project, paycode)
        route = Route(connection, True, project, paycode)
        route.sends_hours = not paycode or paycode.transfer_as != "paycode"
        if (
            transfer == "overtime_absence"
            and paycode
            and paycode.transfer_as == "hours_and_paycode"
        ):
            route.sends_hours, route.left_out = False, "hours"
        if not project:
            route.problems.append("project_not_linked")
        elif project.is_closed:
            route.problems.append("project_closed")
        route.problems += self._paycode_problems(line, paycode)
        if project and not activity and route.sends_hours:
            route.problems.append("no_activity")
        route.values = self._common_values(line, connection)
        if not PLACELESS.intersection(route.problems):
            route.rows = self._rows(route, paycode, activity)
        return route

    def _resolve_line(self, line, resolution, route, links):
        connection, project = route.connection, route.project
        employee_id, date = resolution.day
        employee = links["employee_id"].get((connection.id, employee_id))
        if not math.isfinite(resolution.hours):
            resolution.problems.append("no_number")
        if not employee:
            resolution.problems.append("employee_not_linked")
        resolution.problems += route.problems
        if line._tripletex_timer_runs():
            resolution.problems.append("timer_runs")
        if project:
            resolution.problems += self._date_problems(project, date)
        if (
            project
            and connection.require_comments
            and route.sends_hours
            and not line._tripletex_description()
        ):
            resolution.problems.append("comment_missing")
        if resolution.is_settled and LINKS.intersection(resolution.problems):
            # its place is known, whatever the links say now
            found = resolution.problems
            resolution.link_problems = [code for code in found if code in LINKS]
            resolution.problems = [code for code in found if code not in LINKS]
        resolution.targets = self._targets(line, resolution, employee, route)

    def _activity(self, connection, project, paycode):
        """Paycode's activity, else the project's, else the connection's default."""
        if not project:
            return self.env["tripletex.activity"]
        default = (
            connection.default_internal_activity_id
            if project.is_internal
            else connection.default_activity_id
        )
        return (paycode and paycode.activity_id) or project.activity_id or default

    def _date_problems(self, project, date):
        problems = []
        if project.start_date and date < project.start_date:
            problems.append("project_not_started")
        if project.end_date and date > project.end_date:
            problems.append("project_ended")
        return problems

    def _paycode_problems(self, line, paycode):
        if not line.work_entry_type_id:
            return []
        if not paycode:
            return ["paycode_not_linked"]
        if paycode.transfer_as != "hours" and not paycode.show_in_timesheet:
            return ["paycode_hidden"]
        return []

    def _common_values(self, line, connection):
        """What the entries of a route have, wherever in Tripletex they belong."""
        return {
            "connection_id": connection.id,
            "company_id": line.company_id.id,
            "kind": "hours",
            "project_id": line.project_id.id or None,
            "work_entry_type_id": line.work_entry_type_id.id or None,
            "activity_id": None,
            "is_absence": False,
            "is_placeless": False,
        }

    def _rows(self, route, paycode, activity):
        """The rows in Tripletex that lines of a route take part in.

        :return: list of (links that end the place, column values)
        """
        rows = []
        if route.sends_hours:
            # An internal activity cannot be used with a project (MEASURED:
            # "Aktiviteten kan ikke benyttes."), so such hours are internal time there.
            internal = route.project.is_internal or not activity.is_project_activity
            project = None if internal else route.project
            values = {"activity_id": activity.id, "work_entry_type_id": None}
            if internal:
                values["project_id"] = None  # hours of several projects meet there
            rows.append(((project, activity), route.values | values))
        if paycode and paycode.transfer_as != "hours":
            values = {"kind": "paycode", "project_id": None}
            rows.append(((paycode,), route.values | values))
        return rows

    def _targets(self, line, resolution, employee, route):
        """The entries the line takes part in; one of its own when it has no place.

        A link that was made by hand has no id until the cron has looked up its number.
        """
        employee_id, date = resolution.day
        values = {"employee_id": employee_id or None, "date": date}
        ends = [links for links, _values in route.rows or ()]
        needed = [employee, *(link for links in ends for link in links if link)]
        found = {*resolution.problems, *resolution.link_problems}
        resolution.has_place = not PLACELESS & found and all(
            link.tripletex_id for link in needed
        )
        if not resolution.has_place:
            values |= {"is_placeless": True, "place_name": None}
            values["is_absence"] = route.is_absence
            return [Target(f"line|{line.id}", "hours", route.values | values)]
        targets = []
        for links, row in route.rows:
            ids = [int(link.tripletex_id) if link else 0 for link in links]
            place = place_text(row["kind"], int(employee.tripletex_id), date, *ids)
            named = (employee,) if route.is_absence else (employee, *links)
            names = [link.display_name for link in named if link]
            names = {"place_name": " · ".join(filter(None, names))}
            targets.append(Target(place, row["kind"], row | values | names))
        return targets

    def _overbooked(self, resolutions, logged=False):
        """Employee-days on which the hours pass 24.

        Days that the lines would add to count as validated.

        :param resolutions: dict of line to :class:`Resolution`
        :param logged: count what is not validated too
        :return: set of (employee id, date)
        """
        lines = self.env["account.analytic.line"].sudo().union(*resolutions)
        by_day = defaultdict(float)
        for line, resolution in resolutions.items():
            if not line._tripletex_is_time_off():
                by_day[resolution.day] += resolution.hours
        days = {day for day in by_day if all(day)}
        if not days:
            return set()
        domain = (
            lines._tripletex_timesheet_domain()
            & lines._tripletex_days_domain(days)
            & Domain("id", "not in", lines.ids)
            & lines._tripletex_work_domain()
        )
        if not logged:
            domain &= lines._tripletex_validated_domain()
        others = lines._read_group(
            domain, ["employee_id", "date:day", "product_uom_id"], ["unit_amount:sum"]
        )
        for employee, date, uom, amount in others:
            by_day[employee.id, date] += lines._tripletex_to_hours(amount, uom)
        return {day for day in days if by_day[day] > HOURS_IN_A_DAY + 1e-6}

    # ------------------------------------------------------------------
    # Verdict
    # ------------------------------------------------------------------

    def refused(self, resolutions):
        """The lines that Tripletex would refuse, of companies that are strict.

        Lines that correct each other are validated together or not at all: where one
        is refused, so are the others of its place.

        :param resolutions: dict of line to :class:`Resolution`
        :return: dict of refused line to its :class:`Resolution`
        """
        refused = {
            line: resolution
            for line, resolution in resolutions.items()
            if resolution.problems
            and line.company_id.tripletex_strict
            and not resolution.is_absence  # links must not stop who approves time off
        }
        if not refused:
            return refused
        together = defaultdict(list)
        for line, resolution in resolutions.items():
            together[line._tripletex_routing_key()].append((line, resolution))
        for group in together.values():
            lines = {line for line, _resolution in group}
            if any(resolution.hours < 0 for _line, resolution in group) and (
                lines & refused.keys()
            ):
                for line, resolution in group:
                    if line not in refused:
                        resolution.problems.append("corrected_together")
                        refused[line] = resolution
        return refused


def _counts(hours):
    """Whether hours are sent; a line of none goes nowhere."""
    return not math.isfinite(hours) or round_hours(hours) != 0
