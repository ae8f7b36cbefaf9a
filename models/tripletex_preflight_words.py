from collections import defaultdict

from odoo import api, models
from odoo.tools import LazyTranslate, format_date, formatLang

_lt = LazyTranslate(__name__)

#: Lines that a message names for one cause; a screen shows the others.
LINES_PER_CAUSE = 50

#: Problem code: what is wrong, and what to do about it.
PROBLEMS = {
    "no_hours": (
        _lt("No hours"),
        _lt("Hours must be more than zero. Correct or delete the line."),
    ),
    "employee_not_linked": (
        _lt("Employee not linked"),
        _lt(
            "The employee is not linked to Tripletex. Ask an administrator to add the "
            "employee with Update under Settings, Tripletex."
        ),
    ),
    "project_not_linked": (
        _lt("Project not linked"),
        _lt(
            "The project is not linked to Tripletex. Ask an administrator to add it "
            "with Update under Settings, Tripletex, or to mark the project as not "
            "sent to Tripletex."
        ),
    ),
    "project_closed": (
        _lt("Project closed in Tripletex"),
        _lt(
            "The project is closed in Tripletex. Open it there and ask an "
            "administrator to press Update under Settings, Tripletex, or move the "
            "hours to another project."
        ),
    ),
    "project_not_started": (
        _lt("Before the project's start"),
        _lt(
            "The date is before the project's start in Tripletex. Correct the date, "
            "or change the start date there and ask an administrator to press Update "
            "under Settings, Tripletex."
        ),
    ),
    "project_ended": (
        _lt("After the project's end"),
        _lt(
            "The date is after the project's end in Tripletex. Correct the date, or "
            "change the end date there and ask an administrator to press Update under "
            "Settings, Tripletex."
        ),
    ),
    "paycode_not_linked": (
        _lt("Paycode not linked"),
        _lt(
            "The paycode is not linked to Tripletex. Choose another paycode, or ask "
            "an administrator to add it with Update under Settings, Tripletex."
        ),
    ),
    "paycode_hidden": (
        _lt("Paycode not shown in Tripletex's timesheet"),
        _lt(
            "The paycode is not shown in Tripletex's timesheet. Tick \"Vis i "
            'timeliste" on the salary type in Tripletex, then ask an administrator to '
            "press Update under Settings, Tripletex."
        ),
    ),
    "no_activity": (
        _lt("No activity"),
        _lt(
            "No Tripletex activity is chosen. Ask an administrator to choose a "
            "default activity for the connection, or one for the project."
        ),
    ),
    "comment_missing": (
        _lt("Description missing"),
        _lt("Tripletex requires a comment on hours. Write a description."),
    ),
    "over_24_hours": (
        _lt("More than 24 hours on the day"),
        _lt("More than 24 hours on one day. Correct the hours or the date."),
    ),
    "not_own_team": (
        _lt("Not your team"),
        _lt(
            "You can validate the hours of your own team only. The employee's "
            "manager, or a timesheet administrator, validates these."
        ),
    ),
}


class TripletexPreflight(models.AbstractModel):
    """What the pre-flight says to people."""

    _inherit = "tripletex.preflight"

    @api.model
    def _refusal(self, resolutions):
        """One message for all lines, grouped by cause.

        :param resolutions: dict of line to ``Resolution``
        :return: text with one paragraph per cause
        """
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
            parts.append("\n".join([self._problem_text(code), *self._listed(lines)]))
        return "\n\n".join(parts)

    @api.model
    def _listed(self, lines):
        """Lines of one cause, as many as a message can hold."""
        rows = sorted(
            (line.employee_id.name or "", line.date, self._describe(line))
            for line in lines
        )
        shown = [f"• {text}" for _name, _date, text in rows[:LINES_PER_CAUSE]]
        if len(rows) > LINES_PER_CAUSE:
            shown.append(
                self.env._("… and %(count)s more.", count=len(rows) - LINES_PER_CAUSE)
            )
        return shown

    @api.model
    def _describe(self, line):
        """Employee, date, project and hours: enough to find the line again."""
        return self.env._(
            "%(employee)s, %(date)s, %(project)s: %(hours)s h",
            employee=line.employee_id.name,
            date=format_date(self.env, line.date),
            project=line.project_id.display_name,
            hours=formatLang(self.env, line._tripletex_hours(), digits=2),
        )

    @api.model
    def _problem_title(self, code):
        """The problem in a few words."""
        return str(self.env._(PROBLEMS[code][0]))

    @api.model
    def _problem_text(self, code):
        """Cause and cure of a problem, in words of the wage office."""
        return str(self.env._(PROBLEMS[code][1]))

    @api.model
    def _problem_summary(self, problems):
        """The problems of one line, a sentence or two per cause."""
        return " ".join(self._problem_text(code) for code in problems)
