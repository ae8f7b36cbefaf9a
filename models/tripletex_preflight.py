from collections import defaultdict
from dataclasses import dataclass, field

from odoo import api, models
from odoo.fields import Domain

from .tripletex_entry import round_hours

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

    connection: object = None
    is_sent: bool = False
    hours: float = 0.0
    targets: list = field(default_factory=list)
    problems: list = field(default_factory=list)  # codes, see PROBLEMS

    @property
    def has_place(self):
        """Whether the hours have a row in Tripletex that they belong to."""
        return not PLACELESS.intersection(self.problems)


@dataclass
class Place:
    """What the lines of one company, project and paycode have in common."""

    connection: object
    is_sent: bool
    project: object  # tripletex.project, perhaps empty
    paycode: object  # tripletex.paycode, perhaps empty
    activity: object  # tripletex.activity, perhaps empty
    problems: list


class TripletexPreflight(models.AbstractModel):
    """Decides where a validated line goes and what Tripletex would refuse.

    Local facts only: validating works while Tripletex is down. The same resolution
    serves the check before validating and the queueing after it, so that what was
    promised is what is sent. The words are in ``tripletex_preflight_words.py``.
    """

    _name = "tripletex.preflight"
    _description = "Tripletex Pre-flight"

    @api.model
    def _resolve(self, lines, logged=False):
        """Resolve timesheet lines, in bulk.

        :param lines: ``account.analytic.line`` records (sudo), also unsaved ones
        :param logged: count a day's hours whether they are validated or not
        :return: dict of line to :class:`Resolution`
        """
        links = self._links(lines)
        if not links["connection"]:
            return {line: Resolution() for line in lines}
        hours = {line: line._tripletex_hours() for line in lines}
        overbooked = self._overbooked(hours, logged)
        places, resolutions = {}, {}
        for line in lines:
            at = (line.company_id, line.project_id, line.work_entry_type_id)
            if at not in places:
                places[at] = self._place(line, links)
            place = places[at]
            resolution = resolutions[line] = Resolution(place.connection)
            if not place.is_sent or line._tripletex_is_time_off():
                continue
            resolution.is_sent = True
            resolution.hours = hours[line]
            self._resolve_line(line, resolution, place, links)
            if self._day(line) in overbooked:
                resolution.problems.append("over_24_hours")
        return resolutions

    @api.model
    def _links(self, lines):
        """The connections and bindings that concern ``lines``, four queries in all."""
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
            bindings = (
                self.env[model]
                .sudo()
                .search(
                    [("connection_id", "in", ids), (name, "in", lines[name].ids)]
                    if ids
                    else [(0, "=", 1)]
                )
            )
            links[name] = {
                (binding.connection_id, binding[name]): binding for binding in bindings
            }
        return links

    @api.model
    def _place(self, line, links):
        """Where lines of this one's company, project and paycode go.

        :return: :class:`Place`
        """
        connection = links["connection"].get(line.company_id)
        if not connection or line.project_id.tripletex_excluded:
            return Place(connection, False, None, None, None, [])
        project = links["project_id"].get((connection, line.project_id._origin))
        paycode = links["work_entry_type_id"].get(
            (connection, line.work_entry_type_id._origin)
        )
        activity = self._activity(connection, project, paycode)
        problems = []
        if not project:
            problems.append("project_not_linked")
        elif project.is_closed:
            problems.append("project_closed")
        problems += self._paycode_problems(line, paycode)
        if project and not activity and self._sends_hours(paycode):
            problems.append("no_activity")
        return Place(connection, True, project, paycode, activity, problems)

    def _resolve_line(self, line, resolution, place, links):
        connection, project = place.connection, place.project
        employee = links["employee_id"].get((connection, line.employee_id._origin))
        # ``not >`` rather than ``<=``: a number that is not one fails here too
        if not round_hours(resolution.hours) > 0:
            resolution.problems.append("no_hours")
        if not employee:
            resolution.problems.append("employee_not_linked")
        resolution.problems += place.problems
        if project:
            resolution.problems += self._date_problems(project, line.date)
        if (
            project
            and connection.require_comments
            and self._sends_hours(place.paycode)
            and not line._tripletex_description()
        ):
            resolution.problems.append("comment_missing")
        resolution.targets = self._targets(line, resolution, employee, place)

    @api.model
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

    @api.model
    def _sends_hours(self, paycode):
        """Whether lines with this paycode, or none, go into the hour entries."""
        return not paycode or paycode.transfer_as != "paycode"

    @api.model
    def _date_problems(self, project, date):
        problems = []
        if project.start_date and date < project.start_date:
            problems.append("project_not_started")
        if project.end_date and date > project.end_date:
            problems.append("project_ended")
        return problems

    @api.model
    def _paycode_problems(self, line, paycode):
        if not line.work_entry_type_id:
            return []
        if not paycode:
            return ["paycode_not_linked"]
        if paycode.transfer_as != "hours" and not paycode.show_in_timesheet:
            return ["paycode_hidden"]
        return []

    @api.model
    def _targets(self, line, resolution, employee, place):
        """The entries the line takes part in; one of its own when it has no place."""
        paycode = place.paycode
        values = {
            "connection_id": resolution.connection.id,
            "company_id": line.company_id.id,
            "date": line.date,
            "employee_id": line.employee_id.id,
            "project_id": line.project_id.id,
            "work_entry_type_id": line.work_entry_type_id.id,
            "tripletex_employee_id": None,
            "tripletex_project_id": None,
            "tripletex_paycode_id": None,
            "activity_id": None,
        }
        if not resolution.has_place:
            return [Target(f"line|{line.id}", values | {"kind": "hours"})]
        values["tripletex_employee_id"] = employee.id
        targets = []
        if self._sends_hours(paycode):
            targets.append(self._hours_target(values, place.project, place.activity))
        if paycode and paycode.transfer_as != "hours":
            targets.append(self._paycode_target(values, paycode))
        return targets

    @api.model
    def _hours_target(self, values, project, activity):
        # An internal activity cannot be used with a project (MEASURED: "Aktiviteten
        # kan ikke benyttes."), so such hours are internal time in Tripletex.
        internal = project.is_internal or not activity.is_project_activity
        place = 0 if internal else project.id
        return Target(
            "hours|{}|{}|{}|{}".format(
                values["tripletex_employee_id"], values["date"], place, activity.id
            ),
            values
            | {
                "kind": "hours",
                "tripletex_project_id": place or None,
                "activity_id": activity.id,
                "work_entry_type_id": None,
            },
        )

    @api.model
    def _paycode_target(self, values, paycode):
        return Target(
            "paycode|{}|{}|{}".format(
                values["tripletex_employee_id"], values["date"], paycode.id
            ),
            values
            | {
                "kind": "paycode",
                "tripletex_paycode_id": paycode.id,
                "project_id": None,
            },
        )

    @api.model
    def _day(self, line):
        return line.employee_id._origin.id, line.date

    @api.model
    def _overbooked(self, line_hours, logged=False):
        """Employee-days on which the hours pass 24.

        Days that the lines would add to count as validated.

        :param line_hours: dict of line to hours
        :param logged: count what is not validated too
        :return: set of (employee id, date)
        """
        lines = self.env["account.analytic.line"].sudo().union(*line_hours)
        by_day = defaultdict(float)
        for line, hours in line_hours.items():
            by_day[self._day(line)] += hours
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

    @api.model
    def _refused(self, resolutions):
        """The lines that Tripletex would refuse, of companies that are strict.

        :param resolutions: dict of line to :class:`Resolution`
        :return: dict of refused line to its :class:`Resolution`
        """
        return {
            line: resolution
            for line, resolution in resolutions.items()
            if resolution.problems and line.company_id.tripletex_strict
        }
