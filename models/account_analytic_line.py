from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang, get_lang

from ..sending import NEEDS_ATTENTION
from ..sending.absences import absence_key, is_absence_key, remember_unsent
from ..sending.namesakes import NAMESAKES_SHOWN, full_name
from ..sending.preflight import Preflight
from ..sending.problems import Problems
from ..sending.queue import Queue
from ..sending.split import Split
from ..sending.words import EmployeeWords, LockWords, MoveWords, PreflightWords
from .client_action import dialog, notification

STATES = [
    ("pending", "Waiting to be sent"),
    ("sent", "In Tripletex"),
    ("failed", "Needs attention"),
    ("conflict", "Conflict"),
]
#: Fields by which Time Off marks the lines that it creates and deletes itself.
TIME_OFF_FIELDS = ("holiday_id", "global_leave_id")
#: Fields by which other modules say the same hours as ``unit_amount`` and ``date``.
SAME_HOURS_FIELDS = ("time_start", "time_stop", "date_time", "date_time_end")
#: Who validated or sent in and when, and why hours were rejected: written by actions.
NOTED = (
    "tripletex_validated_by",
    "tripletex_validated_at",
    "tripletex_sent_in",
    "tripletex_sent_in_by",
    "tripletex_rejected",
    "tripletex_rejected_by",
)
#: Nodes of views that mean nothing where no company sends in.
SENDING_IN_NODES = (
    "action_tripletex_open_send_in",
    "action_tripletex_reject",
    "tripletex_not_sent_in",
    "tripletex_sent_in",
    "tripletex_rejected",
)
#: Lines of which the groups of *To Validate* tell hours and problems.
MANY = 5000


class AccountAnalyticLine(models.Model):
    """A timesheet line: validating it, the lock, and what is shown of its sending."""

    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "tripletex.technical", "tripletex.team"]

    tripletex_validated = fields.Boolean(
        string="Hours Validated",
        copy=False,
        readonly=True,
        help="Validated hours are locked here and sent to Tripletex.",
    )
    tripletex_validated_by = fields.Many2one(
        "res.users",
        string="Validated By",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )
    tripletex_validated_at = fields.Datetime(
        string="Validated On",
        copy=False,
        readonly=True,
        groups="base.group_user",
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
        help="How far the validated hours are on the way to Tripletex.",
        groups="base.group_user",
    )
    tripletex_sent_in = fields.Datetime(
        string="Sent In On",
        copy=False,
        readonly=True,
        help="When the employee sent in the hours.",
        groups="base.group_user",
    )
    tripletex_sent_in_by = fields.Many2one(
        "res.users",
        string="Sent In By",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )
    tripletex_rejected = fields.Char(
        string="Rejected Because",
        copy=False,
        readonly=True,
        help="Why an approver rejected the hours. Correct them and send them in again.",
        groups="base.group_user",
    )
    tripletex_rejected_by = fields.Many2one(
        "res.users",
        string="Rejected By",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )
    tripletex_status = fields.Selection(
        "_selection_tripletex_status",
        string="Validation Status",
        compute="_compute_tripletex_status",
        compute_sudo=True,
        help="How far the hours are: validated by an approver, then in Tripletex.",
        groups="base.group_user",
    )
    tripletex_refusal = fields.Text(
        string="What Is Wrong",
        compute="_compute_tripletex_refusal",
        compute_sudo=True,
        groups="base.group_user",
    )
    tripletex_notice = fields.Char(
        string="Notice",
        compute="_compute_tripletex_notice",
        help="Why the hours were rejected, what blocks validation, or why Tripletex "
        "does not have them.",
        groups="base.group_user",
    )
    tripletex_problem = fields.Char(
        string="Validation Blocked By",
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
    tripletex_lock_hint = fields.Char(
        string="Locked in Tripletex",
        compute="_compute_tripletex_lock_hint",
        compute_sudo=True,
        help="The month is finished or approved in Tripletex, or pay has been run.",
        groups="base.group_user",
    )
    tripletex_is_my_team = fields.Boolean(
        string="My Team",
        compute="_compute_tripletex_is_my_team",
        search="_search_tripletex_is_my_team",
        compute_sudo=True,
        help="You are the employee's manager, or the manager of their department.",
        groups="base.group_user",
    )
    tripletex_may_act = fields.Boolean(
        string="Mine to Validate",
        compute="_compute_tripletex_may_act",
        search="_search_tripletex_may_act",
        help="By the company's rule about teams, you can validate these hours and "
        "decide about them.",
        groups="base.group_user",
    )
    tripletex_native_validation = fields.Boolean(
        compute="_compute_tripletex_native_validation",
        export_string_translation=False,
    )

    # a person's month is summed by it
    _tripletex_employee_date_idx = models.Index(
        "(employee_id, date) WHERE project_id IS NOT NULL"
    )
    # what is to be validated, in the order of the list
    _tripletex_open_idx = models.Index(
        "(date, id) WHERE project_id IS NOT NULL AND tripletex_validated IS NOT TRUE"
    )
    # corrections are few: their problems are looked for one by one
    _tripletex_correction_idx = models.Index(
        "(date) WHERE project_id IS NOT NULL AND unit_amount < 0"
    )

    # ------------------------------------------------------------------
    # Which validation is in use
    # ------------------------------------------------------------------

    @api.model
    def _tripletex_is_native(self):
        """Whether Enterprise's own validation of timesheets is in use."""
        # the module is asked for, not only the field: others add a ``validated`` too
        return (
            "timesheet_grid" in self.env.registry._init_modules
            and "validated" in self._fields
        )

    @api.model
    def _tripletex_validated_field(self):
        """Name of the flag that says a line is validated."""
        return "validated" if self._tripletex_is_native() else "tripletex_validated"

    @api.model
    def _tripletex_validated_domain(self):
        return Domain(self._tripletex_validated_field(), "=", True)

    @api.model
    def _tripletex_timesheet_domain(self):
        return Domain("project_id", "!=", False)

    @api.depends_context("uid")
    def _compute_tripletex_native_validation(self):
        self.tripletex_native_validation = self._tripletex_is_native()

    # ------------------------------------------------------------------
    # State
    # ------------------------------------------------------------------

    @api.depends("tripletex_validated")
    def _compute_tripletex_state(self):
        states = self.env["tripletex.entry.share"]._states_of_lines(self.ids)
        for line in self:
            line.tripletex_state = states.get(line._origin.id, False)

    def _search_tripletex_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self.env["tripletex.entry.share"].sudo()._domain_of_lines_in(value)

    @api.model
    def _selection_tripletex_status(self):
        """The steps of a line; hours to send in are not yet there to be validated."""
        draft, not_sent_in = self.env._("To validate"), self.env._("Not sent in")
        sent_in, rejected = self.env._("Sent in"), self.env._("Rejected")
        validated = self.env._("Validated")
        return [
            ("draft", not_sent_in if self._tripletex_sends_in() else draft),
            ("sent_in", sent_in),
            ("rejected", rejected),
            ("validated", validated),
            *self._fields["tripletex_state"]._description_selection(self.env),
        ]

    @api.model
    def _tripletex_sends_in(self):
        """Whether employees of one of the user's companies send in their hours."""
        return any(self.env.companies.sudo().mapped("tripletex_send_in"))

    @api.depends(
        "tripletex_state",
        "tripletex_validated",
        "tripletex_sent_in",
        "tripletex_rejected",
        "project_id",
        "company_id.tripletex_send_in",
    )
    def _compute_tripletex_status(self):
        flag = self._tripletex_validated_field()
        for line in self:
            if not line.project_id:
                status = False
            elif line.tripletex_state or line[flag]:
                status = line.tripletex_state or "validated"
            elif not line.company_id.tripletex_send_in:
                status = "draft"
            elif line.tripletex_rejected:
                status = "rejected"
            else:
                status = "sent_in" if line.tripletex_sent_in else "draft"
            line.tripletex_status = status

    @api.depends("tripletex_rejected", "tripletex_refusal", "tripletex_problem")
    def _compute_tripletex_notice(self):
        for line in self:
            parts = [line.tripletex_refusal, line.tripletex_problem]
            if line.tripletex_status == "rejected":
                parts.insert(0, line.tripletex_rejected)
            line.tripletex_notice = " · ".join(filter(None, parts)) or False

    @api.depends("tripletex_state")
    @api.depends_context("uid", "lang")
    def _compute_tripletex_refusal(self):
        """Say why validated hours need attention, and where hours that move stand."""
        shares = self.env["tripletex.entry.share"]
        by_line = shares.search(
            shares._domain_shown() & Domain("line_id", "in", self._origin.ids)
        ).grouped("line_id")
        words = MoveWords(self.env)
        for line in self:
            parts = by_line.get(line._origin, shares)
            texts = [*self._tripletex_reasons(parts.entry_id), *words.of_line(parts)]
            line.tripletex_refusal = "\n".join(filter(None, texts)) or False

    @api.model
    def _tripletex_reasons(self, entries):
        """Why sent hours need attention, in words for the reader.

        :return: list of texts; employees have no *Retry*, so they read who acts
        """
        needing = entries.filtered(lambda entry: entry.state in NEEDS_ATTENTION)
        if self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver"):
            return needing.mapped("error_message")
        words = EmployeeWords(self.env)
        return list(dict.fromkeys(words.text(entry.refusal) for entry in needing))

    # ------------------------------------------------------------------
    # What stops validation
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
    @api.depends_context("uid", "lang")
    def _compute_tripletex_problem(self):
        words = PreflightWords(self.env)
        problems = self._tripletex_problems()
        for line in self:
            codes = problems.get(line, [])
            titles = [words.problem_title(code) for code in codes]
            line.tripletex_problem = ", ".join(titles) or False
            line.tripletex_problem_help = words.problem_summary(codes) or False
            line.tripletex_has_problem = bool(codes)

    @api.depends("employee_id", "date", "company_id", "project_id", "tripletex_state")
    def _compute_tripletex_lock_hint(self):
        """Tell about locks of the month before hours are validated and sent.

        Nothing is refused: the hours can be sent once the month is open again.
        """
        Connection = self.env["tripletex.connection"]
        connections = Connection._active_by_company(self.company_id)
        keys = {
            line: (connections[line.company_id], line.employee_id._origin, line.date)
            for line in self
            if line.project_id
            and line.date
            and line.tripletex_state != "sent"
            and line.company_id in connections
        }
        locks, words = self.env["tripletex.month"]._locks(keys), LockWords(self.env)
        for line in self:
            lock = locks.get(line)
            line.tripletex_lock_hint = lock and words.hint(line, *lock)

    def _tripletex_problems(self):
        """What stops the lines of ``self`` that are not validated yet.

        Days are looked at as logged, validated or not: a day with 25 hours shows on
        all of its lines.

        :return: dict of line to list of problem codes, see ``words.PROBLEMS``
        """
        flag = self._tripletex_validated_field()
        waiting = self.sudo().filtered(lambda line: line.project_id and not line[flag])
        resolutions = Preflight(self.env).resolve(waiting, logged=True)
        by_id = {
            line.id: found.problems
            for line, found in resolutions.items()
            if not found.is_absence  # nobody validates it
        }
        left_behind = {
            line.id
            for line, found in resolutions.items()
            if found.connection and line._tripletex_is_left_by_time_off()
        }
        outside_team = set()
        if self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver"):
            # to those who log the hours it says nothing
            others = waiting - waiting._tripletex_of_team_to_validate()
            outside_team.update(others._ids)
        problems = {}
        for line in self:
            codes = list(by_id.get(line.id, ()))
            if not line._origin:
                # nobody has finished typing yet
                unsaid = {"comment_missing"}
                if not line.employee_id:
                    # a form without the employee: saving fills in the person's own
                    unsaid.add("employee_not_linked")
                codes = [code for code in codes if code not in unsaid]
            if line.id in outside_team:
                codes.append("not_own_team")
            if line.id in left_behind:
                codes.append("time_off_deleted")
            if codes:
                problems[line] = codes
        return problems

    def _search_tripletex_has_problem(self, operator, value):
        if operator != "in":
            return NotImplemented
        if False in value:
            return Domain.TRUE  # so is True: Odoo asks for one of them as [True]
        return Problems(self.browse()).domain()

    @api.model
    @api.readonly
    def web_search_read(
        self, domain, specification, offset=0, limit=None, order=None, count_limit=None
    ):
        """Search and read as Odoo does, but look for problems once only.

        Odoo searches a list and then counts it. Arguments and result are Odoo's.
        """
        domain = Domain(domain).map_conditions(
            lambda condition: (
                Domain("id", "in", self.search(condition).ids)
                if condition.field_expr == "tripletex_has_problem"
                else condition
            )
        )
        return super().web_search_read(
            domain, specification, offset, limit, order, count_limit
        )

    @api.model
    @api.readonly
    def tripletex_weeks(self, domain):
        """What approvers compare hours with, for each employee and week of a list.

        :param domain: of the listed lines; of more than MANY lines nothing is told
        :return: list of dict: ``employee_id``, ``week`` (its first day, ISO text),
            ``problems`` (number of listed lines that cannot be validated), ``logged``
            and ``expected`` (float, hours of the whole week without time off; the
            latter is None for people who work when they like)
        :raise AccessError: unless the user is an approver
        """
        self.browse()._tripletex_check_may_act(
            self.env._("Only timesheet approvers can validate hours."),
            self.env._("You can validate the hours of your own team only."),
        )
        lines = self.search(domain, limit=MANY + 1)
        if len(lines) > MANY or not lines:
            return []
        blocked = lines._tripletex_problems()
        shift = int(get_lang(self.env).week_start) - 1
        problems = defaultdict(int)
        for line in lines:
            week = line.date - timedelta(days=(line.date.weekday() - shift) % 7)
            problems[line.employee_id, week] += bool(blocked.get(line))
        first = min(week for _employee, week in problems)
        last = max(week for _employee, week in problems) + timedelta(days=6)
        people = lines.employee_id.sudo()
        regular = people._tripletex_regular()
        expected = regular._tripletex_working_hours(first, last)
        logged = lines._tripletex_logged(people, first, last)

        def of_week(figures, employee, week):
            days = figures.get(employee, {})
            week_days = (week + timedelta(days=n) for n in range(7))
            return round(sum(days.get(day, 0.0) for day in week_days), 2)

        return [
            {
                "employee_id": employee.id,
                "week": fields.Date.to_string(week),
                "problems": count,
                "logged": of_week(logged, employee, week),
                "expected": of_week(expected, employee, week)
                if employee in expected
                else None,
            }
            for (employee, week), count in problems.items()
        ]

    def _tripletex_logged(self, people, first, last):
        """Hours of work that people logged on each day, validated or not.

        :return: dict of employee to dict of date to float, hours
        """
        groups = self.sudo()._read_group(
            self._tripletex_timesheet_domain()
            & self._tripletex_work_domain()
            & Domain("employee_id", "in", people.ids)
            & Domain("date", ">=", first)
            & Domain("date", "<=", last),
            ["employee_id", "date:day", "product_uom_id"],
            ["unit_amount:sum"],
        )
        logged = defaultdict(lambda: defaultdict(float))
        for employee, day, uom, amount in groups:
            logged[employee][day] += self._tripletex_to_hours(amount, uom)
        return logged

    # ------------------------------------------------------------------
    # Whose team
    # ------------------------------------------------------------------

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_tripletex_is_my_team(self):
        team = self._tripletex_my_team()
        for line in self:
            line.tripletex_is_my_team = line.employee_id._origin in team

    @api.depends("company_id", "employee_id")
    @api.depends_context("uid")
    def _compute_tripletex_may_act(self):
        others = self._tripletex_of_others()
        for line in self:
            line.tripletex_may_act = line not in others

    def _tripletex_of_team_to_validate(self):
        """Those lines that the company's rule about teams leaves to the user."""
        return self - self._tripletex_of_others()

    @api.onchange("project_id", "task_id")
    def _onchange_tripletex_company(self):
        # As saving does: the paycodes to choose from are those of that company.
        company = self.task_id.company_id or self.project_id.sudo().company_id
        if company:
            self.company_id = company

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        # no context marks hours as sent in
        return without_notes(super().default_get(fields))

    @api.model_create_multi
    def create(self, vals_list):
        split = self._tripletex_split()
        if split:
            parts = super().create(vals_list)
            split.created(parts)
            return parts
        for vals in vals_list:
            self._tripletex_check_time_off_fields(vals)
        vals_list = [without_notes(vals) for vals in vals_list]
        # what is split are hours that are validated and queued: last
        distributions = [vals.pop("analytic_distribution", None) for vals in vals_list]
        lines = super().create(vals_list)
        absences = lines._tripletex_absences()
        # not the values are asked, but the lines: the flag can come from the context
        validated = lines.filtered(self._tripletex_validated_field())
        if self._tripletex_is_native():
            validated._tripletex_mirror_native(True)
        elif validated:
            validated._tripletex_check_may_validate()
        validated._tripletex_note_validation(True)
        (validated | absences)._tripletex_validated_changed()
        for line, distribution in zip(lines, distributions, strict=True):
            if distribution:
                line.analytic_distribution = distribution
        return lines

    def write(self, vals):
        if self._tripletex_split():
            return super().write(vals)
        flag = self._tripletex_validated_field()
        vals = self._tripletex_release_time_off(without_notes(vals))
        self._tripletex_check_write(vals)
        watched = self._tripletex_protected_fields() | {flag}
        if not vals.keys() & watched:
            return super().write(vals)
        if "analytic_distribution" in vals:
            # as in ``create``
            distribution = {"analytic_distribution": vals.pop("analytic_distribution")}
            return self.write(vals) and self.write(distribution)
        before, absences = self.filtered(flag), self._tripletex_absences()
        is_let_go = bool(absences) and self.env.su and self._tripletex_lets_go(vals)
        if is_let_go:
            remember_unsent(absences)
        sent_in = self.sudo().filtered("tripletex_sent_in")._tripletex_contents()
        weeks = self._tripletex_rejected_weeks()
        result = super().write(vals)
        self._tripletex_open_changed(sent_in)
        if weeks:
            weeks |= self._tripletex_rejected_weeks()
            self.env["mail.activity"]._tripletex_update_rejected(weeks)
        if vals.get("tripletex_validated") and len(vals) > 1:
            # the same write can have made the line somebody else's
            self._tripletex_check_may_validate()
        if flag == "validated" and flag in vals:
            self._tripletex_mirror_native(vals[flag])
        after = self if vals.get(flag) else self.filtered(flag)
        if flag in vals:
            changed = (after - before) if vals[flag] else before
            changed._tripletex_note_validation(vals[flag])
        changed = before | after | absences | self._tripletex_absences()
        if is_let_go:
            # Time Off deletes them next, and most often creates them anew
            changed -= absences
            self.env["tripletex.entry"]._wake_cron()
        changed._tripletex_validated_changed()
        return result

    def _tripletex_note_validation(self, is_validated):
        """Note who validated the lines, and when."""
        now = fields.Datetime.now() if is_validated else False
        notes = {
            "tripletex_validated_by": self.env.uid if is_validated else False,
            "tripletex_validated_at": now,
        }
        if is_validated:
            self.filtered("tripletex_rejected")._tripletex_note_sending_in(
                tripletex_rejected=False, tripletex_rejected_by=False
            )
        # the write of the flag has asked for the right
        return super(AccountAnalyticLine, self.sudo()).write(notes) if self else True

    def _inverse_analytic_distribution(self):
        # Splitting the analytic amounts is Odoo's business, as long as the validated
        # hours stay the same.
        validated = self.filtered(self._tripletex_validated_field())
        super(AccountAnalyticLine, self - validated)._inverse_analytic_distribution()
        if not validated:
            return
        split = Split(validated)
        splitting = validated.with_context(tripletex_split=split)
        with self.env.cr.savepoint():  # refused: nothing is split
            super(AccountAnalyticLine, splitting)._inverse_analytic_distribution()
            split.changed()._tripletex_refuse_locked(
                self.env._(
                    "Their analytic distribution must add up to 100 percent, with more "
                    "than 0 for each account."
                )
            )
        self.env["tripletex.gate"]._pass(validated.company_id)
        split.share_out()
        split.changed()._tripletex_validated_changed()

    def _tripletex_split(self):
        """Return the split of analytic amounts that is being made, or None."""
        split = self.env.context.get("tripletex_split")
        # a caller's context cannot hold one
        return split if isinstance(split, Split) else None

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        split = self._tripletex_split()
        if split:
            split.copied(self)
            names = [self._tripletex_validated_field(), "tripletex_validated", *NOTED]
            for line, vals in zip(self.sudo(), vals_list, strict=True):
                vals |= line._convert_to_write({name: line[name] for name in names})
        return vals_list

    def unlink(self):
        shares = (
            self.env["tripletex.entry.share"]
            .sudo()
            .search([("line_id", "in", self.ids)])
        )
        if shares:
            self.env["tripletex.gate"]._pass(self.company_id)
        absences = shares.filtered(lambda share: is_absence_key(share.routing_key))
        weeks = self._tripletex_rejected_weeks()
        result = super().unlink()
        Queue(self.env).drop(shares - absences, refuse=True)
        if absences:
            # The lines that replace these take them over, see ``AbsenceShares``.
            self.env["tripletex.entry"]._wake_cron()
        self.env["mail.activity"]._tripletex_update_rejected(weeks)
        return result

    @api.model
    def _tripletex_lets_go(self, vals):
        """Whether these values take the mark of Time Off from lines."""
        return any(name in vals and not vals[name] for name in TIME_OFF_FIELDS)

    def _tripletex_release_time_off(self, vals):
        """Values with which Time Off can let go of validated lines to delete them."""
        if (
            self._tripletex_lets_go(vals)
            and self.env.su
            and not self._tripletex_is_native()
            and all(line._tripletex_is_time_off() for line in self)
        ):
            return {**vals, "tripletex_validated": False}
        return vals

    def _tripletex_validated_changed(self):
        """React to lines that became validated, stopped being it, or changed.

        :raise UserError: when Tripletex would refuse some and the company is strict,
            or when corrections exceed what they correct
        """
        if not self:
            return
        lines = self.sudo()
        self.env["tripletex.gate"]._pass(lines.company_id)
        # also lines that are no timesheets any more: what they were before may have
        # left hours in Tripletex
        lines = lines._tripletex_concerned()
        preflight = Preflight(self.env)
        resolutions = preflight.resolve(lines._tripletex_to_send())
        refused = preflight.refused(resolutions)
        if refused:
            chosen_ids = self.env.context.get("tripletex_chosen_line_ids")
            raise self.env["tripletex.line.validate"]._refusal(refused, chosen_ids)
        Queue(self.env).put(lines, resolutions)

    def _tripletex_concerned(self):
        """Those lines that a connection sends, or of which one has sent hours."""
        connections = self.env["tripletex.connection"]
        connected = connections._active_by_company(self.company_id)
        others = self.filtered(lambda line: line.company_id not in connected)
        others -= others._tripletex_absences()  # which take over from deleted lines
        shares = self.env["tripletex.entry.share"]
        queued = shares.search([("line_id", "in", others.ids)]).line_id
        return self - (others - queued)

    # ------------------------------------------------------------------
    # The lock of validated lines
    # ------------------------------------------------------------------

    @api.model
    def _tripletex_protected_fields(self):
        """Fields that nobody changes on a validated line."""
        return {
            "company_id",
            "date",
            "employee_id",
            "name",
            "product_uom_id",
            "project_id",
            "unit_amount",
            "work_entry_type_id",
            *(name for name in SAME_HOURS_FIELDS if name in self._fields),
            *self._tripletex_time_off_fields(),
        }

    def _tripletex_is_locked(self):
        """Whether our own validation locks the line (Enterprise locks its own)."""
        self.ensure_one()
        if not self.tripletex_validated or self._tripletex_is_native():
            return False
        # Time Off changes and cancels its own lines, as root.
        return not (self.env.su and self._tripletex_is_time_off())

    def _is_readonly(self):
        return super()._is_readonly() or (
            self.tripletex_validated and not self._tripletex_is_native()
        )

    def _tripletex_check_write(self, values):
        """Refuse to change locked lines, or to validate without the right to.

        Not in ``_check_can_write``, which other modules skip for their own writes.

        :param dict values: what is to be written
        :raise UserError: for a locked or invoiced line
        :raise AccessError: for people who may not validate these lines
        """
        if "tripletex_validated" in values:
            self._tripletex_check_may_validate()
            if not values["tripletex_validated"]:
                self._tripletex_refuse_billed()
        if values.get("tripletex_validated", True) and (
            values.keys() & self._tripletex_protected_fields()
        ):
            self._tripletex_refuse_locked()
        if values.get("task_id"):
            # a task moves lines within its project alone
            task = self.env["project.task"].sudo().browse(values["task_id"])
            elsewhere = self.filtered(lambda line: line.project_id != task.project_id)
            elsewhere._tripletex_refuse_locked()
        self._tripletex_check_time_off_fields(values)

    def _tripletex_refuse_billed(self):
        """Refuse to open invoiced hours, as Odoo refuses to change them.

        :raise UserError: when one is invoiced
        """
        if "timesheet_invoice_id" not in self._fields:
            return
        billed = self.sudo().filtered(
            lambda line: line.tripletex_validated and not line._is_not_billed()
        )
        if billed:
            raise UserError(
                self.env._(
                    "The hours on %(date)s are invoiced (%(invoice)s) and cannot be "
                    "opened. Credit the invoice first.",
                    date=format_date(self.env, billed[0].date),
                    invoice=billed[0].timesheet_invoice_id.display_name,
                )
            )

    def _tripletex_check_time_off_fields(self, values):
        """Only Time Off itself, as root, marks lines as its own.

        :raise UserError: for people, who could delete hours that way
        """
        if not self.env.su and any(values.get(name) for name in TIME_OFF_FIELDS):
            raise UserError(
                self.env._(
                    "Time off creates its timesheet lines itself. Register the time "
                    "off in the Time Off app instead."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tripletex_validated(self):
        # without hours nothing was sent: other modules tidy such lines away
        self.filtered("unit_amount")._tripletex_refuse_locked()

    def _compute_project_id(self):
        # A task that moves to another project leaves its validated hours behind, as
        # Odoo does with billed ones.
        locked = self.filtered(
            lambda line: line[self._tripletex_validated_field()] and line.project_id
        )
        return super(AccountAnalyticLine, self - locked)._compute_project_id()

    def _tripletex_refuse_locked(self, allowed=None):
        """Refuse when any of the lines is locked.

        Names of people and projects are told to those who may read the line.

        :param allowed: sentence that says which change would be allowed
        :raise UserError: when one is locked
        """
        locked = self.filtered(lambda line: line._tripletex_is_locked())
        if not locked:
            return
        readable = locked._origin.sudo(False)._filtered_access("read").sudo()
        if readable:
            line = readable[0]
            reason = self.env._(
                "The hours of %(employee)s on %(date)s (%(project)s) are validated "
                "and locked.",
                employee=full_name(line.employee_id),
                date=format_date(self.env, line.date),
                project=full_name(line._origin.project_id),
            )
        else:
            reason = self.env._("There are validated hours, which are locked.")
        cure = self.env._("Ask an approver to undo the validation first.")
        raise UserError(" ".join(filter(None, [reason, allowed, cure])))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_tripletex_validate(self):
        """Validate the timesheet lines; their hours are queued for Tripletex.

        :return: notification action that says how many
        :raise AccessError: unless the user is a timesheet approver with write access
            who may validate for these employees
        :raise RedirectWarning: when Tripletex would refuse lines and the company is
            strict, or when some lines are not of the user's team; then nothing is
            validated, and the button of the message validates the others, or shows
            the refused where there are no others
        """
        lines = self.filtered(
            lambda line: line.project_id and not line.tripletex_validated
        )
        Dialog = self.env["tripletex.line.validate"]
        # for the refusal, which then offers to validate the others
        lines = lines.with_context(tripletex_chosen_line_ids=lines.ids)
        if not self.env.su and lines._tripletex_of_team_to_validate() not in (
            lines,
            lines.browse(),
        ):
            raise Dialog._refusal(Dialog._refused(lines), lines.ids)
        lines._tripletex_set_validated(True)
        if not self.env.context.get("tripletex_dates_confirmed"):
            Dialog._ask_about_dates(lines)
        return notification(lines._tripletex_validated_text())

    def _tripletex_validated_text(self):
        """Say how much was validated, and whether it is being sent."""
        if not self:
            return self.env._("Nothing to validate: these hours are validated already.")
        figures = {"lines": self._tripletex_figures()}
        if "pending" not in self.mapped("tripletex_state"):
            return self.env._("%(lines)s validated.", **figures)
        connections = self.env["tripletex.connection"]._active_by_company(
            self.company_id
        )
        if any(found.state == "attention" for found in connections.values()):
            return self.env._(
                "%(lines)s validated. They wait: sending is stopped.", **figures
            )
        return self.env._("%(lines)s validated, being sent.", **figures)

    def action_tripletex_invalidate(self):
        """Open validated lines for changes; Tripletex is corrected accordingly.

        :raise AccessError: unless the user is a timesheet approver with write access
            who may validate for these employees
        """
        lines = self.filtered("tripletex_validated")
        lines._tripletex_set_validated(False)
        return True

    def action_tripletex_ask_invalidate(self):
        """Say what undoing the validation changes in Tripletex, and ask.

        :return: window action of ``tripletex.line.invalidate``
        :raise AccessError: unless the user may validate for these employees
        :raise UserError: when none of the lines is validated
        """
        self._tripletex_check_may_validate()
        lines = self.filtered("tripletex_validated")
        if not lines:
            raise UserError(self.env._("None of these hours is validated."))
        return dialog(
            self.env._("Undo Validation"),
            "tripletex.line.invalidate",
            context={"default_line_ids": lines.ids},
        )

    def _tripletex_set_validated(self, value):
        """Write the flag, which checks who may; see the actions for what it raises."""
        # Time Off refuses every write on its lines that is not its own.
        time_off = self.browse()
        if self._tripletex_time_off_fields():
            time_off = self.filtered(lambda line: line._tripletex_is_time_off())
        time_off._tripletex_check_may_validate()
        time_off.check_access("write")
        for lines in (self - time_off, time_off.sudo()):
            if lines:
                lines.write({"tripletex_validated": value})

    def _tripletex_check_may_validate(self):
        """Who may set or clear the flag on these lines; every road passes here.

        :raise UserError: where Enterprise's validation is in use
        :raise AccessError: for people who are not approvers, or not of this team
        """
        if self._tripletex_is_native():
            raise UserError(
                self.env._("Validate these hours with the Timesheets app's own button.")
            )
        self._tripletex_check_may_act(
            self.env._("Only timesheet approvers can validate hours."),
            self.env._("You can validate the hours of your own team only."),
        )

    def action_tripletex_entries(self):
        """Open what these lines are in Tripletex.

        :return: window action
        """
        entries = self.env["tripletex.entry"].search(
            [("share_ids.line_id", "in", self.ids)]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_timesheet_tripletex.tripletex_entry_action"
        )
        action.update(domain=[("id", "in", entries.ids)], context=NAMESAKES_SHOWN)
        if len(entries) == 1:
            action.update(res_id=entries.id, views=[(False, "form")])
        return action

    # ------------------------------------------------------------------
    # Sending in and rejecting
    # ------------------------------------------------------------------

    def action_tripletex_send_in(self):
        """Hand open hours over for validation; a rejection ends with it.

        Validated hours and time off are left as they are.

        :raise AccessError: for hours of others, unless the user is an approver who may
            validate for these employees
        :raise UserError: where a company does not use sending in
        """
        self.check_access("write")
        lines = self._tripletex_open_work()
        lines._tripletex_check_company_sends_in()
        others = lines.filtered(lambda line: line.user_id != self.env.user)
        if others and not self.env.su:
            others._tripletex_check_may_act(
                self.env._("Only timesheet approvers can send in hours of others."),
                self.env._("You can send in the hours of your own team only."),
            )
        lines._tripletex_note_sending_in(
            tripletex_sent_in=fields.Datetime.now(),
            tripletex_sent_in_by=self.env.uid,
            tripletex_rejected=False,
            tripletex_rejected_by=False,
        )
        self.env["mail.activity"]._tripletex_update_reminders(lines)
        return True

    def action_tripletex_open_send_in(self):
        """Send in the selected hours; with none selected, ask up to which date.

        :return: action of a notification or of the dialog
        """
        if self:
            return self.env["tripletex.line.send.in"]._send_in(self)
        return dialog(self.env._("Send In Hours"), "tripletex.line.send.in")

    def action_tripletex_reject(self):
        """Ask for the reason why these hours are sent back.

        :return: window action of ``tripletex.line.reject``
        :raise AccessError: unless the user may validate for these employees
        """
        self._tripletex_check_may_reject()
        return dialog(
            self.env._("Reject Hours"),
            "tripletex.line.reject",
            context={"default_line_ids": self._tripletex_open_work().ids},
        )

    def _tripletex_reject(self, reason):
        """Open the hours again, with a reason that the employee reads.

        :param reason: text
        :raise AccessError: unless the user is an approver who may validate for these
            employees
        :raise UserError: for validated hours and time off, or where a company does
            not use sending in
        """
        self._tripletex_check_company_sends_in()
        self.check_access("write")
        self._tripletex_check_may_reject()
        closed = self - self._tripletex_open_work()
        if closed:
            line = closed[0].sudo()
            raise UserError(
                self.env._(
                    "The hours of %(employee)s on %(date)s cannot be rejected: they "
                    "are validated or time off. Undo the validation first, or refuse "
                    "the time off in the Time Off app.",
                    employee=full_name(line.employee_id),
                    date=format_date(self.env, line.date),
                )
            )
        self._tripletex_note_sending_in(
            tripletex_sent_in=False,
            tripletex_sent_in_by=False,
            tripletex_rejected=reason,
            tripletex_rejected_by=self.env.uid,
        )

    def _tripletex_check_may_reject(self):
        self._tripletex_check_may_act(
            self.env._("Only timesheet approvers can reject hours."),
            self.env._("You can reject the hours of your own team only."),
        )

    def _tripletex_open_work(self):
        """Those lines that can be sent in: timesheets, not validated, no time off."""
        flag = self._tripletex_validated_field()
        return self.filtered(
            lambda line: (
                line.project_id and not line[flag] and not line._tripletex_is_time_off()
            )
        )

    def _tripletex_check_company_sends_in(self):
        companies = self.company_id.sudo().filtered(lambda c: not c.tripletex_send_in)
        if companies:
            raise UserError(
                self.env._(
                    "%(company)s does not use sending in: its hours can be validated "
                    "as they are. An administrator can switch it on under Settings, "
                    "Tripletex.",
                    company=", ".join(companies.mapped("name")),
                )
            )

    def _tripletex_check_may_act(self, not_approver, not_team):
        """Who may act on these lines for their employees.

        :param not_approver: what to tell people who are not approvers
        :param not_team: what to tell approvers of other teams
        :raise AccessError: for both of them
        """
        ask = self.env._("Ask one of them.")
        who = self.env._(
            "These people are not in it: %(employees)s. Ask their manager, or a "
            "timesheet administrator."
        )
        self._tripletex_check_team(f"{not_approver} {ask}", f"{not_team} {who}")

    def _tripletex_note_sending_in(self, **notes):
        """Write the marks of sending in, which nobody writes directly."""
        if not self:
            return
        weeks = self._tripletex_rejected_weeks()
        super().write(notes)
        weeks |= self._tripletex_rejected_weeks()
        self.env["mail.activity"]._tripletex_update_rejected(weeks)

    def _tripletex_rejected_weeks(self):
        """Users and Mondays of the weeks with rejected lines among these.

        :return: set of (``res.users`` record, date)
        """
        rejected = self.sudo().filtered("tripletex_rejected")
        return {
            (user, line.date - timedelta(days=line.date.weekday()))
            for line in rejected
            if (user := line.employee_id.user_id)
        }

    def _tripletex_contents(self):
        """What a person says about their hours, to compare with later."""
        names = self._tripletex_protected_fields()
        return {line: {name: line[name] for name in names} for line in self.sudo()}

    def _tripletex_open_changed(self, contents):
        """Hours that their employee changes after sending them in are open again.

        What an approver corrects stays sent in: the employee is done with it.

        :param contents: dict of line sent in to what it said before
        """
        changed = self.browse(
            line.id
            for line, before in contents.items()
            if before != line._tripletex_contents()[line]
            and self.env.user in (line.user_id, line.employee_id.user_id)
        )
        changed._tripletex_note_sending_in(
            tripletex_sent_in=False, tripletex_sent_in_by=False
        )

    # ------------------------------------------------------------------
    # Enterprise is installed or uninstalled
    # ------------------------------------------------------------------

    def _tripletex_mirror_native(self, value):
        """Keep our flag equal to Enterprise's.

        Should that module go one day, its column goes too, and what was validated
        still is. The flag is copied below the ORM: nothing is queued by it.
        """
        stale = self.filtered(lambda line: line.tripletex_validated != bool(value))
        if not stale:
            return
        self.env.execute_query(
            SQL(
                "UPDATE account_analytic_line SET tripletex_validated = %s "
                "WHERE id IN %s",
                bool(value),
                tuple(stale.ids),
            )
        )
        stale.invalidate_recordset(
            ["tripletex_validated", "tripletex_state", "tripletex_status"]
        )

    @api.model
    def action_tripletex_carry_over(self):
        """Make lines that were validated here validated for Enterprise as well.

        For once, after ``timesheet_grid`` was installed. Nothing is queued: what the
        lines say, and what Tripletex holds, is as before.

        :raise AccessError: unless the user is an administrator
        :raise UserError: where Enterprise's validation is not in use
        """
        if not (self.env.su or self.env.user.has_group("base.group_system")):
            raise AccessError(
                self.env._(
                    "Only administrators can carry validated hours over. Ask one of "
                    "them."
                )
            )
        if not self._tripletex_is_native():
            raise UserError(
                self.env._(
                    "The Timesheets app has no validation of its own here: there is "
                    "nothing to carry over."
                )
            )
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE account_analytic_line SET validated = TRUE
                 WHERE tripletex_validated AND validated IS NOT TRUE
             RETURNING id
                """
            )
        )
        self.browse(line_id for (line_id,) in rows).invalidate_recordset(["validated"])

    # ------------------------------------------------------------------
    # What is sent
    # ------------------------------------------------------------------

    @api.model
    def _tripletex_to_send(self):
        """Those lines whose hours count: validated timesheets, and approved absence."""
        flag = self._tripletex_validated_field()
        validated = self.filtered(lambda line: line.project_id and line[flag])
        return validated | self._tripletex_absences()

    def _tripletex_absences(self):
        """Those lines that are time off which is approved."""
        if not self.env["tripletex.absence"]._is_available():
            return self.browse()
        return self.filtered(lambda line: line._tripletex_is_absence())

    def _tripletex_is_absence(self):
        """Whether the line is approved time off of a person, not a public holiday."""
        self.ensure_one()
        line = self.sudo()
        return (
            bool(line.project_id and line.holiday_id)
            and line.holiday_id.state == "validate"
            and not line.global_leave_id
        )

    def _tripletex_absence_type(self):
        """The work entry type of the line's time off."""
        self.ensure_one()
        return self.sudo().holiday_id.holiday_status_id.work_entry_type_id

    @api.model
    def _tripletex_month_domain(self, month):
        """Timesheet lines of a month, time off included.

        :param month: first day of the month
        """
        next_month = fields.Date.add(month, months=1)
        return (
            self._tripletex_timesheet_domain()
            & Domain("date", ">=", month)
            & Domain("date", "<", next_month)
        )

    @api.model
    def _tripletex_days_domain(self, days):
        """Lines of the given (employee id, date) pairs, or at least close to them."""
        return Domain("employee_id", "in", [employee for employee, _date in days]) & (
            Domain("date", "in", list({date for _employee, date in days}))
        )

    @api.model
    def _tripletex_time_off_fields(self):
        """Those of Time Off's fields that exist here."""
        return [name for name in TIME_OFF_FIELDS if name in self._fields]

    def _tripletex_is_time_off(self):
        """Whether the line is time off: such lines are never work.

        Time Off marks its lines; a deleted leave leaves lines behind that only the
        company's task for time off tells.
        """
        self.ensure_one()
        line = self.sudo()
        if any(line[name] for name in self._tripletex_time_off_fields()):
            return True
        return bool(line.task_id) and (
            line.task_id in line.company_id._tripletex_time_off_tasks()
        )

    def _tripletex_is_left_by_time_off(self):
        """Whether the time off that made the line is gone."""
        return self._tripletex_is_time_off() and not any(
            self.sudo()[name] for name in self._tripletex_time_off_fields()
        )

    def _tripletex_work_domain(self):
        """Lines that are not time off, in the companies of these."""
        domain = Domain.TRUE
        for name in self._tripletex_time_off_fields():
            domain &= Domain(name, "=", False)
        tasks = self.company_id.sudo()._tripletex_time_off_tasks()
        if tasks:
            domain &= Domain("task_id", "not in", tasks.ids)
        return domain

    def _tripletex_timer_runs(self):
        """Whether a timer of another module still counts the line's hours."""
        self.ensure_one()
        if "is_timer_running" in self._fields and self.is_timer_running:
            return True
        # OCA's says so to the employee alone; by its own rule these are the lines
        return "show_time_control" in self._fields and bool(
            self.date_time and not self.unit_amount
        )

    @api.model
    def _tripletex_timer_domain(self):
        """Lines whose timer may run: Python has to look at each of them.

        REPORTED: where a running timer cannot be searched, its line has no hours yet.
        """
        domain = Domain.FALSE
        if "is_timer_running" in self._fields or "show_time_control" in self._fields:
            domain |= Domain("unit_amount", "=", 0)
        timer = self._fields.get("is_timer_running")
        if timer and timer._description_searchable:
            domain |= Domain("is_timer_running", "=", True)
        return domain

    def _tripletex_hours(self):
        """Hours of the line, whatever unit the company logs in.

        :return: float, hours
        """
        self.ensure_one()
        return self._tripletex_to_hours(self.unit_amount, self.product_uom_id)

    @api.model
    def _tripletex_to_hours(self, amount, uom):
        # not env.ref, which asks the database each time whether the unit exists
        hour_id = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour")
        if not uom or uom.id == hour_id:
            return amount
        hour = uom.browse(hour_id)
        return uom._compute_quantity(amount, hour, round=False, raise_if_failure=False)

    def _tripletex_description(self):
        """The description, or an empty text where there is none ("/" is none)."""
        self.ensure_one()
        name = (self.name or "").strip()
        return "" if name == "/" else name

    def _tripletex_figures(self):
        """Number and hours of the lines, in words: "24 lines (180.00 h)"."""
        hours = formatLang(
            self.env, sum(line._tripletex_hours() for line in self.sudo()), digits=2
        )
        if len(self) == 1:
            return self.env._("1 line (%(hours)s hours)", hours=hours)
        words = {"count": len(self), "hours": hours}
        return self.env._("%(count)s lines (%(hours)s hours)", **words)

    def _tripletex_routing_key(self):
        """What decides where the hours go, as a text to compare with later."""
        self.ensure_one()
        if self._tripletex_absences():
            return absence_key(self.sudo())
        parts = (
            self.company_id.id or 0,
            self.employee_id.id or 0,
            self.date,
            self.project_id.id or 0,
            self.work_entry_type_id.id or 0,
        )
        return "|".join(map(str, parts))

    def _tripletex_amount(self):
        """Amount and unit, as a text to compare with later."""
        self.ensure_one()
        return f"{self.unit_amount:.6f}|{self.product_uom_id.id or 0}"

    # ------------------------------------------------------------------
    # Views
    # ------------------------------------------------------------------

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, *self._tripletex_view_key())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        self._tripletex_strip(arch)
        return arch, view

    @api.model
    def get_views(self, views, options=None):
        """Offer our actions in the action menu of timesheet views alone."""
        result = super().get_views(views, options)
        native, _connected, sends_in = self._tripletex_view_key()
        groups = (
            (("validate", "invalidate"), not native),
            (("send_in", "reject"), sends_in),
        )
        for view in result["views"].values():
            is_ours = "tripletex_status" in view["arch"]
            hidden = {
                self.env["ir.model.data"]._xmlid_to_res_id(
                    f"hr_timesheet_tripletex.account_analytic_line_action_{name}"
                )
                for names, means_something in groups
                for name in names
                if not (is_ours and means_something)
            }
            toolbar = view.get("toolbar", {})
            toolbar["action"] = [
                action
                for action in toolbar.get("action", [])
                if action["id"] not in hidden
            ]
        return result

    @api.model
    def _tripletex_view_key(self):
        """What the stripping of views depends on."""
        connected = self.env["tripletex.connection"]._active_by_company(
            self.env.companies
        )
        return self._tripletex_is_native(), bool(connected), self._tripletex_sends_in()

    @api.model
    def _tripletex_strip(self, arch):
        """Take out of a view what means nothing here.

        Paycodes without a connection, our buttons beside Enterprise's own.

        :param arch: lxml element of the lines' view, changed in place
        """
        native, connected, sends_in = self._tripletex_view_key()
        names = []
        if not sends_in:
            names += SENDING_IN_NODES
        if not connected:
            names.append("work_entry_type_id")
        if native:
            names += ["action_tripletex_validate", "action_tripletex_ask_invalidate"]
        for name in names:
            for node in arch.xpath("//*[@name=$name]", name=name):
                node.getparent().remove(node)
        if not connected:
            for node in arch.xpath("//field[@name='tripletex_notice'][@optional]"):
                node.set("optional", "hide")


def without_notes(vals):
    """Return values without what our actions alone write.

    :param vals: dict of values of a line, as ``create`` or ``write`` is given them
    """
    return {name: value for name, value in vals.items() if name not in NOTED}
