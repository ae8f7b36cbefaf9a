from collections import defaultdict
from dataclasses import dataclass, field

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .tripletex_entry import round_hours

#: Hours that one person can work in a day.
HOURS_IN_A_DAY = 24


@dataclass
class Target:
    """One place in Tripletex that a line's hours belong to."""

    key: str
    values: dict


@dataclass
class Resolution:
    """Where a line's hours go, and what stands in the way."""

    connection: object = None
    is_sent: bool = False
    hours: float = 0.0
    targets: list = field(default_factory=list)
    problems: list = field(default_factory=list)  # codes, see _problem_text


class TripletexPreflight(models.AbstractModel):
    """Decides where a validated line goes and what Tripletex would refuse.

    Local facts only: validating works while Tripletex is down. The same resolution
    serves the check before validating and the queueing after it, so that what was
    promised is what is sent.
    """

    _name = "tripletex.preflight"
    _description = "Tripletex Pre-flight"

    @api.model
    def _resolve(self, lines):
        """Resolve timesheet lines, in bulk.

        :param lines: ``account.analytic.line`` records (sudo)
        :return: dict of line to :class:`Resolution`
        """
        links = self._links(lines)
        overbooked = self._overbooked(lines)
        resolutions = {}
        for line in lines:
            resolution = Resolution(connection=links["connection"].get(line.company_id))
            resolutions[line] = resolution
            if not resolution.connection or line._tripletex_is_excluded():
                continue
            resolution.is_sent = True
            resolution.hours = line._tripletex_hours()
            self._resolve_line(line, resolution, links)
            if (line.employee_id.id, line.date) in overbooked:
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

    def _resolve_line(self, line, resolution, links):
        connection = resolution.connection
        employee = links["employee_id"].get((connection, line.employee_id))
        project = links["project_id"].get((connection, line.project_id))
        paycode = links["work_entry_type_id"].get(
            (connection, line.work_entry_type_id)
        )
        activity = self._activity(connection, project, paycode)
        resolution.problems += self._line_problems(line, resolution.hours)
        if not employee:
            resolution.problems.append("employee_not_linked")
        if not project:
            resolution.problems.append("project_not_linked")
        else:
            resolution.problems += self._project_problems(project, line.date)
        resolution.problems += self._paycode_problems(line, paycode)
        sends_hours = not paycode or paycode.transfer_as != "paycode"
        if sends_hours and project:
            resolution.problems += self._hours_problems(line, connection, activity)
        resolution.targets = self._targets(
            line, resolution, employee, project, paycode, activity
        )

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
    def _line_problems(self, line, hours):
        # ``not >`` rather than ``<=``: a number that is not one fails here too
        return [] if round_hours(hours) > 0 else ["no_hours"]

    @api.model
    def _project_problems(self, project, date):
        problems = []
        if project.is_closed:
            problems.append("project_closed")
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
    def _hours_problems(self, line, connection, activity):
        problems = []
        if not activity:
            problems.append("no_activity")
        if connection.require_comments and not line._tripletex_description():
            problems.append("comment_missing")
        return problems

    @api.model
    def _targets(self, line, resolution, employee, project, paycode, activity):
        """The entries the line takes part in; one of its own when it has no place."""
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
        placeless = {
            "no_hours",
            "employee_not_linked",
            "project_not_linked",
            "paycode_not_linked",
            "no_activity",
        }
        if placeless.intersection(resolution.problems):
            return [Target(f"line|{line.id}", values | {"kind": "hours"})]
        values["tripletex_employee_id"] = employee.id
        targets = []
        if not paycode or paycode.transfer_as != "paycode":
            targets.append(self._hours_target(values, project, activity))
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
    def _overbooked(self, lines):
        """Employee-days on which the validated hours pass 24.

        Days that ``lines`` would add to count as validated.

        :return: set of (employee id, date)
        """
        by_day = defaultdict(float)
        days = {(line.employee_id.id, line.date) for line in lines}
        if not days:
            return set()
        others = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                lines._tripletex_validated_domain()
                & lines._tripletex_timesheet_domain()
                & lines._tripletex_days_domain(days)
                & [("id", "not in", lines.ids)],
                ["employee_id", "date:day", "product_uom_id"],
                ["unit_amount:sum"],
            )
        )
        hour = self.env.ref("uom.product_uom_hour")
        for employee, date, uom, amount in others:
            by_day[employee.id, date] += lines._tripletex_to_hours(amount, uom, hour)
        for line in lines:
            by_day[line.employee_id.id, line.date] += line._tripletex_hours()
        return {day for day, hours in by_day.items() if hours > HOURS_IN_A_DAY + 1e-6}

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    @api.model
    def _check(self, resolutions):
        """Refuse lines that Tripletex would refuse, where the company is strict.

        :param resolutions: dict of line to :class:`Resolution`
        :raise UserError: one message with every problem of every line
        """
        strict = {
            line: resolution
            for line, resolution in resolutions.items()
            if resolution.problems and line.company_id.tripletex_strict
        }
        if strict:
            raise UserError(self._refusal(strict))

    @api.model
    def _refusal(self, resolutions):
        """One message for all lines, grouped by cause."""
        by_problem = defaultdict(list)
        for line, resolution in resolutions.items():
            for code in resolution.problems:
                by_problem[code].append(line)
        parts = [
            self.env._(
                "These hours cannot be validated yet, because Tripletex would refuse "
                "them. Nothing was validated."
            )
        ]
        for code, lines in by_problem.items():
            parts.append(
                "\n".join(
                    [
                        self._problem_text(code),
                        *sorted({f"• {self._describe(line)}" for line in lines}),
                    ]
                )
            )
        return "\n\n".join(parts)

    @api.model
    def _describe(self, line):
        """Employee, date, project and hours: enough to find the line again."""
        return self.env._(
            "%(employee)s, %(date)s, %(project)s: %(hours).2f h",
            employee=line.employee_id.name,
            date=format_date(self.env, line.date),
            project=line.project_id.display_name,
            hours=line._tripletex_hours(),
        )

    @api.model
    def _problem_text(self, code):
        """Cause and cure of a problem, in words of the wage office."""
        _ = self.env._
        texts = {
            "no_hours": _("Hours must be more than zero. Correct or delete the line:"),
            "employee_not_linked": _(
                "The employee is not linked to Tripletex. Ask an administrator to add "
                "the employee with Update under Settings, Tripletex:"
            ),
            "project_not_linked": _(
                "The project is not linked to Tripletex. Ask an administrator to add "
                "it with Update under Settings, Tripletex, or to mark the project "
                "as not sent to Tripletex:"
            ),
            "project_closed": _(
                "The project is closed in Tripletex. Open it there, or move the hours "
                "to another project:"
            ),
            "project_not_started": _(
                "The date is before the project's start in Tripletex. Change the "
                "start date there, or correct the date:"
            ),
            "project_ended": _(
                "The date is after the project's end in Tripletex. Change the end "
                "date there, or correct the date:"
            ),
            "paycode_not_linked": _(
                "The paycode is not linked to Tripletex. Choose another paycode, or "
                "ask an administrator to add it with Update under Settings, Tripletex:"
            ),
            "paycode_hidden": _(
                "The paycode is not shown in Tripletex's timesheet. Tick \"Vis i "
                'timeliste" on the salary type in Tripletex, then press Update under '
                "Settings, Tripletex:"
            ),
            "no_activity": _(
                "No Tripletex activity is chosen. Ask an administrator to choose a "
                "default activity for the connection, or one for the project:"
            ),
            "comment_missing": _(
                "Tripletex requires a comment on hours. Write a description:"
            ),
            "over_24_hours": _(
                "More than 24 hours on one day. Correct the hours or the date:"
            ),
        }
        return texts[code]

    @api.model
    def _problem_summary(self, problems):
        """The problems of one line as one sentence per cause."""
        return " ".join(self._problem_text(code).rstrip(":") + "." for code in problems)
