"""Where validated hours go, and what stops them."""

from collections import defaultdict
from dataclasses import dataclass, field

from odoo.fields import Domain

from .amounts import round_hours

#: Hours that one person can work in a day.
HOURS_IN_A_DAY = 24


@dataclass
class Target:
    """One place in Tripletex that a line's hours belong to."""

    key: str
    values: dict


#: Problems that leave a line without a place in Tripletex.
PLACELESS = {
    "no_hours",
    "employee_not_linked",
    "project_not_linked",
    "paycode_not_linked",
    "no_activity",
}


@dataclass
class Resolution:
    """Where a line's hours go, and what stands in the way."""

    day: tuple  # employee id, date
    hours: float
    connection: object = None
    is_sent: bool = False
    targets: list = field(default_factory=list)
    problems: list = field(default_factory=list)  # codes, see PROBLEMS
    links: dict = field(default_factory=dict)  # entry's field: link or None

    @property
    def has_place(self):
        """Whether the hours have a row in Tripletex that they belong to."""
        return not PLACELESS.intersection(self.problems)


@dataclass
class Route:
    """Where lines of one company, project and paycode go."""

    connection: object
    is_sent: bool = False
    project: object = None  # tripletex.project
    paycode: object = None  # tripletex.paycode
    sends_hours: bool = True
    problems: list = field(default_factory=list)
    values: dict = None  # of every entry of theirs
    rows: list = None  # (last part of the key, further values), one per entry


class Preflight:
    """Decides where a validated line goes and what Tripletex would refuse.

    Local facts only: validating works while Tripletex is down. The same resolution
    serves the check before validating and the queueing after it, so that what was
    promised is what is sent. The texts are in ``words.PreflightWords``.
    """

    def __init__(self, env):
        self.env = env

    def resolve(self, lines, logged=False):
        """Resolve timesheet lines, in bulk.

        :param lines: ``account.analytic.line`` records (sudo), also unsaved ones
        :param logged: count a day's hours whether they are validated or not
        :return: dict of line to :class:`Resolution`
        """
        links = self._links(lines)
        resolutions = {
            line: Resolution(
                day=(line.employee_id._origin.id, line.date),
                hours=line._tripletex_hours(),
            )
            for line in lines
        }
        overbooked = self._overbooked(resolutions, logged)
        routes = {}
        for line, resolution in resolutions.items():
            at = (line.company_id, line.project_id, line.work_entry_type_id)
            if at not in routes:
                routes[at] = self._route(line, links)
            route = routes[at]
            resolution.connection = route.connection
            resolution.is_sent = route.is_sent and not line._tripletex_is_time_off()
            if resolution.is_sent:
                self._resolve_line(line, resolution, route, links)
                if resolution.day in overbooked:
                    resolution.problems.append("over_24_hours")
        return resolutions

    def _links(self, lines):
        """The connections and links that concern ``lines``, four queries in all."""
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

    def _route(self, line, links):
        """Where lines of this one's company, project and paycode go.

        :return: :class:`Route`
        """
        connection = links["connection"].get(line.company_id)
        if not connection or line.project_id.tripletex_excluded:
            return Route(connection)
        project, paycode = (
            links[name].get((connection.id, line[name]._origin.id))
            for name in ("project_id", "work_entry_type_id")
        )
        activity = self._activity(connection, project, paycode)
        route = Route(connection, True, project, paycode)
        route.sends_hours = not paycode or paycode.transfer_as != "paycode"
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
        # ``not >`` rather than ``<=``: a number that is not one fails here too
        if not round_hours(resolution.hours) > 0:
            resolution.problems.append("no_hours")
        if not employee:
            resolution.problems.append("employee_not_linked")
        resolution.problems += route.problems
        if project:
            resolution.problems += self._date_problems(project, date)
        if (
            project
            and connection.require_comments
            and route.sends_hours
            and not line._tripletex_description()
        ):
            resolution.problems.append("comment_missing")
        resolution.links = {
            "tripletex_employee_id": employee,
            "tripletex_project_id": project,
            "tripletex_paycode_id": route.paycode,
        }
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
            "tripletex_employee_id": None,
            "tripletex_project_id": None,
            "tripletex_paycode_id": None,
            "activity_id": None,
        }

    def _rows(self, route, paycode, activity):
        """The rows in Tripletex that lines of a route take part in.

        :return: list of (what follows employee and date in the key, column values)
        """
        rows = []
        if route.sends_hours:
            # An internal activity cannot be used with a project (MEASURED:
            # "Aktiviteten kan ikke benyttes."), so such hours are internal time there.
            internal = route.project.is_internal or not activity.is_project_activity
            project_id = 0 if internal else route.project.id
            values = {
                "tripletex_project_id": project_id or None,
                "activity_id": activity.id,
                "work_entry_type_id": None,
            }
            rows.append((f"{project_id}|{activity.id}", route.values | values))
        if paycode and paycode.transfer_as != "hours":
            values = {
                "kind": "paycode",
                "tripletex_paycode_id": paycode.id,
                "project_id": None,
            }
            rows.append((str(paycode.id), route.values | values))
        return rows

    def _targets(self, line, resolution, employee, route):
        """The entries the line takes part in; one of its own when it has no place."""
        employee_id, date = resolution.day
        values = {"employee_id": employee_id or None, "date": date}
        if not resolution.has_place:
            return [Target(f"line|{line.id}", route.values | values)]
        values["tripletex_employee_id"] = employee.id
        return [
            Target(f"{row['kind']}|{employee.id}|{date}|{end}", row | values)
            for end, row in route.rows
        ]

    def _overbooked(self, resolutions, logged=False):
        """Employee-days on which the hours pass 24.

        Days that the lines would add to count as validated.

        :param resolutions: dict of line to :class:`Resolution`
        :param logged: count what is not validated too
        :return: set of (employee id, date)
        """
        lines = self.env["account.analytic.line"].sudo().union(*resolutions)
        by_day = defaultdict(float)
        for resolution in resolutions.values():
            by_day[resolution.day] += resolution.hours
        days = {day for day in by_day if all(day)}
        if not days:
            return set()
        domain = (
            lines._tripletex_timesheet_domain()
            & lines._tripletex_days_domain(days)
            & Domain("id", "not in", lines.ids)
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

        :param resolutions: dict of line to :class:`Resolution`
        :return: dict of refused line to its :class:`Resolution`
        """
        return {
            line: resolution
            for line, resolution in resolutions.items()
            if resolution.problems and line.company_id.tripletex_strict
        }
