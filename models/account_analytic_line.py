from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Worst first: a line that is part of several entries shows the one that needs most.
STATE_ORDER = ("failed", "conflict", "pending", "sent")
STATES = [
    ("pending", "On its way"),
    ("sent", "In Tripletex"),
    ("failed", "Needs attention"),
    ("conflict", "Conflict"),
]


class AccountAnalyticLine(models.Model):
    """What a timesheet line shows about validation and Tripletex.

    Validating is in ``account_analytic_line_validation.py``, the lock of validated
    lines in ``account_analytic_line_lock.py``, what is sent in
    ``account_analytic_line_sending.py``, what screens leave out in
    ``account_analytic_line_screens.py``.
    """

    _inherit = "account.analytic.line"

    tripletex_validated = fields.Boolean(
        string="Hours Validated",
        copy=False,
        readonly=True,
        help="Validated hours are locked here and sent to Tripletex.",
    )
    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type",
        string="Paycode",
        domain="[('tripletex_company_ids', 'in', company_id)]",
        ondelete="restrict",
        help="Overtime or supplement. Empty: ordinary hours.",
        groups="base.group_user",
    )
    tripletex_state = fields.Selection(
        STATES,
        string="Tripletex",
        compute="_compute_tripletex_state",
        search="_search_tripletex_state",
        compute_sudo=True,
        help="Where the validated hours are on their way to Tripletex.",
        groups="base.group_user",
    )
    tripletex_status = fields.Selection(
        [("draft", "To validate"), ("validated", "Validated"), *STATES],
        string="Validation Status",
        compute="_compute_tripletex_status",
        compute_sudo=True,
        help="How far the hours are: validated by an approver, then in Tripletex.",
        groups="base.group_user",
    )
    tripletex_problem = fields.Char(
        string="What Stops Validation",
        compute="_compute_tripletex_problem",
        help="Why these hours could not be validated as they are.",
        groups="base.group_user",
    )
    tripletex_problem_help = fields.Text(
        string="What to Do",
        compute="_compute_tripletex_problem",
        groups="base.group_user",
    )
    tripletex_has_problem = fields.Boolean(
        compute="_compute_tripletex_problem",
        search="_search_tripletex_has_problem",
        export_string_translation=False,
        groups="base.group_user",
    )
    tripletex_is_my_team = fields.Boolean(
        string="My Team",
        compute="_compute_tripletex_is_my_team",
        search="_search_tripletex_is_my_team",
        compute_sudo=True,
        help="The employee's manager, or the manager of their department, is you.",
        groups="base.group_user",
    )
    tripletex_native_validation = fields.Boolean(
        compute="_compute_tripletex_native_validation",
        export_string_translation=False,
    )

    # ------------------------------------------------------------------
    # State shown to people
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_tripletex_native_validation(self):
        self.tripletex_native_validation = self._tripletex_is_native()

    @api.depends("tripletex_validated")
    def _compute_tripletex_state(self):
        self.env["tripletex.entry.share"].flush_model()
        self.env["tripletex.entry"].flush_model(["state"])
        self.env["tripletex.connection"].flush_model(["state"])
        states = {}
        if self.ids:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT share.line_id,
                           COALESCE(
                               array_agg(DISTINCT entry.state)
                               FILTER (WHERE connection.state != 'disconnected'),
                               array_agg(DISTINCT entry.state)
                           )
                      FROM tripletex_entry_share share
                      JOIN tripletex_entry entry ON entry.id = share.entry_id
                      JOIN tripletex_connection connection
                        ON connection.id = entry.connection_id
                     WHERE share.line_id IN %s
                  GROUP BY share.line_id
                    """,
                    tuple(self.ids),
                )
            )
            states = {
                line_id: {"pending" if s == "sending" else s for s in found}
                for line_id, found in rows
            }
        for line in self:
            found = states.get(line._origin.id, ())
            line.tripletex_state = next((s for s in STATE_ORDER if s in found), False)

    def _search_tripletex_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        domain = Domain.FALSE
        share = self.env["tripletex.entry.share"].sudo()
        shown = share._domain_shown()
        worse_states = list(STATE_ORDER)
        for state in reversed(STATE_ORDER):
            # a line shows ``state`` when an entry has it and none is worse
            worse_states.remove(state)
            if state not in wanted:
                continue
            having, worse = (
                share._search(
                    shown
                    & Domain(
                        "entry_id.state", "in", self._tripletex_entry_states(states)
                    )
                )
                for states in ([state], worse_states)
            )
            domain |= Domain("id", "in", having.subselect("line_id")) & Domain(
                "id", "not in", worse.subselect("COALESCE(line_id, 0)")
            )
        if False in wanted:
            queued = share._search([("line_id", "!=", False)])
            domain |= Domain("id", "not in", queued.subselect("line_id"))
        return domain

    @api.model
    def _tripletex_entry_states(self, states):
        """States of entries behind the states of lines."""
        return [*states, "sending"] if "pending" in states else list(states)

    @api.depends("tripletex_state", "tripletex_validated", "project_id")
    def _compute_tripletex_status(self):
        flag = self._tripletex_validated_field()
        for line in self:
            if not line.project_id:
                line.tripletex_status = False
            elif line.tripletex_state:
                line.tripletex_status = line.tripletex_state
            else:
                line.tripletex_status = "validated" if line[flag] else "draft"

    # ------------------------------------------------------------------
    # What would stop validation, shown before anybody presses the button
    # ------------------------------------------------------------------

    @api.depends(
        "project_id",
        "task_id",
        "employee_id",
        "date",
        "unit_amount",
        "name",
        "work_entry_type_id",
        "tripletex_validated",
    )
    @api.depends_context("uid")
    def _compute_tripletex_problem(self):
        preflight = self.env["tripletex.preflight"]
        problems = self._tripletex_problems()
        for line in self:
            codes = problems.get(line, [])
            titles = [preflight._problem_title(code) for code in codes]
            line.tripletex_problem = ", ".join(titles) or False
            line.tripletex_problem_help = preflight._problem_summary(codes) or False
            line.tripletex_has_problem = bool(codes)

    def _tripletex_problems(self):
        """What stops the lines of ``self`` that are not validated yet.

        Days are looked at as logged, validated or not: a day with 25 hours shows on
        all of its lines.

        :return: dict of line to list of problem codes
        """
        flag = self._tripletex_validated_field()
        waiting = self.sudo().filtered(lambda line: line.project_id and not line[flag])
        resolutions = self.env["tripletex.preflight"]._resolve(waiting, logged=True)
        by_id = {line.id: found.problems for line, found in resolutions.items()}
        strangers = set()
        if self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver"):
            # to those who log the hours it says nothing
            strangers.update((waiting - waiting._tripletex_of_team_to_validate())._ids)
        problems = {}
        for line in self:
            codes = list(by_id.get(line.id, ()))
            if not line._origin:
                # nobody has finished typing yet
                unsaid = {"no_hours", "comment_missing"}
                if not line.employee_id:
                    # a form without the employee: saving fills in the person's own
                    unsaid.add("employee_not_linked")
                codes = [code for code in codes if code not in unsaid]
            if line.id in strangers:
                codes.append("not_own_team")
            if codes:
                problems[line] = codes
        return problems

    def _search_tripletex_has_problem(self, operator, value):
        if operator != "in":
            return NotImplemented
        if False in value:
            return Domain.TRUE  # so is True: Odoo asks for one of them as [True]
        flag = self._tripletex_validated_field()
        waiting = self.search(
            self._tripletex_timesheet_domain()
            & Domain(flag, "=", False)
            & Domain("company_id", "in", self.env.companies.ids)
        )
        return Domain("id", "in", [line.id for line in waiting._tripletex_problems()])

    # ------------------------------------------------------------------
    # Whose team
    # ------------------------------------------------------------------

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_tripletex_is_my_team(self):
        for line in self:
            line.tripletex_is_my_team = self.env.user in line._tripletex_managers()

    def _search_tripletex_is_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        if False in value:
            return Domain.TRUE  # so is True: Odoo asks for one of them as [True]
        employees = (
            self.env["hr.employee"]
            .sudo()
            .with_context(active_test=False)
            .search(
                Domain("parent_id.user_id", "=", self.env.uid)
                | Domain("department_id.manager_id.user_id", "=", self.env.uid)
            )
        )
        return Domain("employee_id", "in", employees.ids)

    def _tripletex_managers(self):
        """Users who are the manager of the line's employee or of their department."""
        employee = self.sudo().employee_id
        return employee.parent_id.user_id | employee.department_id.manager_id.user_id

    @api.onchange("project_id", "task_id")
    def _onchange_tripletex_company(self):
        # As saving does: the paycodes to choose from are those of that company.
        company = self.task_id.company_id or self.project_id.sudo().company_id
        if company:
            self.company_id = company
