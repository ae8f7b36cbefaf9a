from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.safe_eval import safe_eval

from ..sending.figures import FIGURES, figures_sql
from ..sending.locks import lock_on, standing
from ..sending.month_words import MonthWords, StepWords
from ..sending.months import check_all
from ..sending.namesakes import NAMESAKES_SHOWN, full_name
from ..tools import today_in_oslo
from .client_action import dialog, notification

#: Empty working days that nobody is asked about when a month is finished.
FEW_EMPTY_DAYS = 2
#: Why the two sides differ, or what is still to be done.
CAUSES = [
    ("attention", "Needs attention"),
    ("changed", "Changed in Tripletex"),
    ("waiting", "Waiting to be sent"),
    ("unqueued", "Validated and not sent"),
    ("unchecked", "Not checked yet"),
    ("by_hand", "Handled by hand"),
    ("kept", "Tripletex's figure kept"),
    ("sent_since", "Sent after the last check"),
    ("not_validated", "Not validated"),
    ("rounding", "Rounding"),
]


def figure(*label, **options):
    """Return a field of hours that ``_compute_figures`` works out."""
    options |= {"compute": "_compute_figures", "compute_sudo": True}
    return fields.Float(*label, digits=(16, 2), **options)


class TripletexMonth(models.Model):
    """One person's month: what is validated beside what Tripletex holds.

    A check creates the row and writes what it read: ``hours_there``, ``hours_other``,
    the state there. What Odoo holds is worked out when it is looked at, see
    ``sending/figures.py``. Actions note what is asked for; the cron carries it out.
    """

    _name = "tripletex.month"
    _description = "Month in Tripletex"
    _inherit = ["tripletex.technical", "mail.thread", "tripletex.team"]
    _order = "month desc, employee_id, id"
    # nobody writes on months; who reads them may still discuss them
    _mail_post_access = "read"

    connection_id = fields.Many2one(
        "tripletex.connection", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    employee_id = fields.Many2one(
        "hr.employee", required=True, readonly=True, ondelete="restrict", index=True
    )
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    tripletex_id = fields.Char(
        string="Employee ID in Tripletex",
        readonly=True,
        help="Of the employee's link. Empty: the employee is not linked any more.",
    )
    number = fields.Char(string="Employee Number", readonly=True)

    # What Odoo holds: see FIGURES.
    hours_logged = figure("Logged")
    hours_open = figure("Not Validated")
    hours_sent_in = figure("Sent In", help="Hours that the employee has sent in.")
    hours_validated = figure(
        "Validated",
        help="Validated hours that go to Tripletex. Hours of a paycode that has only "
        "its own row there are counted under Validated on Paycodes.",
    )
    hours_unqueued = figure(
        "Validated and Not Sent",
        help="Hours validated before the company was connected.",
    )
    hours_left_out = figure(
        "Not to Be Sent",
        help="Validated hours of an employee who sends only overtime and absence, or "
        "nothing.",
    )
    hours_late = figure(
        "Validated Late",
        help="Hours validated after the company's cut-off day: they come with next "
        "month's pay.",
    )
    hours_sent = figure(
        "Sent", help="What Tripletex confirmed when the hours were sent."
    )
    hours_by_hand = figure("Handled by Hand")
    paycode_validated = figure("Validated on Paycodes")
    waiting_count = fields.Integer(
        string="Rows Waiting", compute="_compute_figures", compute_sudo=True
    )
    attention_count = fields.Integer(
        string="Rows Needing Attention", compute="_compute_figures", compute_sudo=True
    )
    rounding = figure(
        help="Each row in Tripletex has two decimals. This is what rounding the rows "
        "one by one adds up to."
    )
    difference = figure(help="Validated hours minus the hours in Tripletex.")
    is_equal = fields.Boolean(
        string="Equal",
        compute="_compute_figures",
        search="_search_is_equal",
        compute_sudo=True,
        help="The hours in Tripletex equal the validated hours, apart from rounding.",
    )
    cause = fields.Selection(
        CAUSES,
        compute="_compute_figures",
        search="_search_cause",
        compute_sudo=True,
        help="Why Odoo and Tripletex differ, or what is still to be done.",
    )

    result = fields.Selection(
        [("equal", "Equal"), *CAUSES],
        compute="_compute_result",
        compute_sudo=True,
        help="Equal, or why Odoo and Tripletex differ, or what is still to be done.",
    )

    # Which rows are looked for, and what their buttons do.
    is_to_close = fields.Boolean(
        string="Month to Close",
        compute="_compute_is_to_close",
        search="_search_is_to_close",
        help="Last month until the company's cut-off day, then this month.",
    )
    is_my_team = fields.Boolean(
        string="My Team",
        compute="_compute_is_my_team",
        search="_search_tripletex_is_my_team",
        help="You are the employee's manager, or the manager of their department.",
    )
    is_asked = fields.Boolean(
        compute="_compute_is_asked",
        compute_sudo=True,
        help="A check or an action waits to be carried out.",
        export_string_translation=False,
    )
    may_reopen = fields.Boolean(
        compute="_compute_may", compute_sudo=True, export_string_translation=False
    )
    may_approve = fields.Boolean(
        compute="_compute_may", compute_sudo=True, export_string_translation=False
    )
    next_step = fields.Char(
        string="What to Do Next", compute="_compute_next_step", compute_sudo=True
    )

    # What the last check read in Tripletex.
    checked_at = fields.Datetime(string="Last Check", readonly=True)
    hours_read = fields.Float(
        digits=(16, 2), readonly=True, export_string_translation=False
    )
    hours_there = figure(
        "In Tripletex",
        help="Hours sent from Odoo, as read back by the last check. Adjustments sent "
        "in a later month count in the month that they belong to.",
    )
    hours_other = fields.Float(
        string="Not Sent from Odoo",
        digits=(16, 2),
        readonly=True,
        help="Hours in Tripletex that were not sent from Odoo.",
    )
    paycode_read = fields.Float(
        digits=(16, 2), readonly=True, export_string_translation=False
    )
    paycode_there = figure("Paycodes in Tripletex")
    paycode_other = fields.Float(
        string="Paycodes Not Sent from Odoo", digits=(16, 2), readonly=True
    )
    days_there = fields.Json(readonly=True, export_string_translation=False)
    days = fields.Json(compute="_compute_days", compute_sudo=True)
    state_there = fields.Selection(
        [("open", "Open"), ("finished", "Finished"), ("approved", "Approved")],
        string="State in Tripletex",
        readonly=True,
    )
    approved_until = fields.Date(readonly=True)
    approved_by = fields.Char(
        readonly=True, help="Who approved, as the name stands in Tripletex."
    )
    approved_on = fields.Date(readonly=True)
    pay_has_run = fields.Boolean(
        readonly=True, help="Tripletex has a completed payslip for the month."
    )
    is_pay_known = fields.Boolean(
        readonly=True,
        help="The API user key may read payslips.",
        export_string_translation=False,
    )
    check_ids = fields.One2many(
        "tripletex.month.check", "month_id", string="Checks", readonly=True
    )
    check_notes = fields.Json(
        groups=fields.NO_ACCESS,
        help="What the last check could not read, as codes and arguments.",
        export_string_translation=False,
    )
    message = fields.Text(compute="_compute_message", compute_sudo=True)

    # What a person asked for: written by the actions, carried out by the cron.
    asked_check_at = fields.Datetime(readonly=True, export_string_translation=False)
    asked_action = fields.Selection(
        [("finish", "Finish"), ("reopen", "Reopen"), ("approve", "Approve")],
        readonly=True,
        export_string_translation=False,
    )
    asked_by_id = fields.Many2one(
        "res.users", readonly=True, export_string_translation=False
    )
    asked_at = fields.Datetime(readonly=True, export_string_translation=False)
    asked_until = fields.Date(
        readonly=True,
        help="Date until which the month is approved.",
        export_string_translation=False,
    )
    attempted_at = fields.Datetime(
        readonly=True,
        help="The request was sent to Tripletex; its answer is not known yet.",
        export_string_translation=False,
    )
    action_note = fields.Json(
        groups=fields.NO_ACCESS,
        help="Why a request was not carried out, as code and arguments.",
        export_string_translation=False,
    )
    finished_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        help="Who finished the month from Odoo.",
    )
    finished_at = fields.Datetime(string="Finished On", readonly=True)
    reopened_at = fields.Datetime(
        readonly=True,
        help="The month was finished and reopened from Odoo, to be finished again.",
        export_string_translation=False,
    )

    _person_uniq = models.Constraint(
        "UNIQUE(connection_id, month, employee_id)",
        "There is a row for this person and month already.",
    )
    _asked_idx = models.Index("(connection_id) WHERE asked_action IS NOT NULL")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("employee_id", "month")
    def _compute_display_name(self):
        for month in self:
            name = format_date(self.env, month.month, date_format="MMMM y")
            month.display_name = f"{full_name(month.employee_id.sudo())}, {name}"

    @api.depends(
        "connection_id",
        "employee_id",
        "month",
        "checked_at",
        "hours_read",
        "paycode_read",
    )
    def _compute_figures(self):
        self.env.flush_all()
        figures = {}
        if self.ids:
            rows = self.env.execute_query(
                SQL(
                    "SELECT month.id, figures.* FROM tripletex_month month "
                    "CROSS JOIN LATERAL (%s) figures WHERE month.id IN %s",
                    figures_sql(self.env, SQL.identifier("month")),
                    tuple(self.ids),
                )
            )
            figures = {row[0]: row[1:] for row in rows}
        for month in self:
            values = figures.get(month._origin.id) or (False,) * len(FIGURES)
            month.update(dict(zip(FIGURES, values, strict=True)))

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let figures be summed, grouped and searched though nothing stores them."""
        if field_expr not in FIGURES or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        joined = f"{alias}__figures"
        if joined not in query._joins:
            self.env.flush_all()
            sql = figures_sql(self.env, SQL.identifier(alias))
            query.add_join("LEFT JOIN", joined, SQL("LATERAL (%s)", sql), SQL("TRUE"))
        return SQL.identifier(joined, field_expr)

    def _search_is_equal(self, operator, value):
        return self._search_figure("is_equal", operator, value)

    def _search_cause(self, operator, value):
        return self._search_figure("cause", operator, value)

    def _search_figure(self, name, operator, value):
        if operator != "in":
            return NotImplemented
        texts = [wanted for wanted in value if wanted]
        with_none = False in value  # not equal; no cause

        def to_sql(months, alias, query):
            # within the caller's query: only months that it looks at are worked out
            sql = months.sudo()._field_to_sql(alias, name, query)
            found = SQL("%s IN %s", sql, tuple(texts)) if texts else SQL("FALSE")
            if not with_none:
                return found
            none = SQL("NOT %s", sql) if name == "is_equal" else SQL("%s IS NULL", sql)
            return SQL("(%s OR %s)", found, none)

        return Domain.custom(
            to_sql=to_sql, predicate=lambda month: (month[name] or False) in value
        )

    @api.depends("month", "days_there", "checked_at")
    def _compute_days(self):
        """The figures of each day on both sides, see ``_days``."""
        for month in self:
            month.days = month._days()

    @api.depends(
        "check_notes",
        "action_note",
        "asked_action",
        "reopened_at",
        "state_there",
    )
    @api.depends_context("lang")
    def _compute_message(self):
        words = MonthWords(self.env)
        for month in self:
            notes = [month.action_note, *(month.check_notes or ())]
            texts = [words.standing(month), *(words.text(month, n) for n in notes)]
            month.message = "\n".join(filter(None, texts)) or False

    @api.depends("cause", "is_equal")
    def _compute_result(self):
        for month in self:
            month.result = month.cause or (month.is_equal and "equal")

    @api.depends("month", "company_id")
    def _compute_is_to_close(self):
        for month in self:
            to_close = month.company_id.sudo()._tripletex_month_to_close()
            month.is_to_close = month.month == to_close

    def _search_is_to_close(self, operator, value):
        if operator != "in":
            return NotImplemented
        if False in value:
            return Domain.TRUE  # so is True: Odoo asks for one of them as [True]
        companies = self.env.companies.sudo()
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("month", "=", company._tripletex_month_to_close())
            for company in companies
        )

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_is_my_team(self):
        team = self._tripletex_my_team()
        for month in self:
            month.is_my_team = month.employee_id in team

    @api.depends("asked_action", "asked_check_at")
    def _compute_is_asked(self):
        for month in self:
            month.is_asked = bool(month.asked_action or month.asked_check_at)

    @api.depends("state_there", "approved_until", "finished_at", "asked_action")
    def _compute_may(self):
        """Which buttons of the month do something."""
        for month in self:
            is_free = not month.asked_action and not month.pay_has_run
            is_finished = month.state_there == "finished"
            month.may_reopen = is_free and is_finished and bool(month.finished_at)
            month.may_approve = (
                is_free
                and month.state_there in ("finished", "approved")
                and not month._is_closed()
                and month.company_id.tripletex_may_approve
            )

    @api.depends("message", "cause", "state_there", "approved_until", "pay_has_run")
    @api.depends_context("lang")
    def _compute_next_step(self):
        words = StepWords(self.env)
        for month in self:
            month.next_step = words.next_step(month)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self.env["account.analytic.line"]._tripletex_sends_in())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Show what is sent in where employees send in their hours."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self.env["account.analytic.line"]._tripletex_sends_in():
            name = "column_invisible" if view_type == "list" else "invisible"
            for node in arch.xpath("//field[@name='hours_sent_in']"):
                node.set(name, "1")
        return arch, view

    # ------------------------------------------------------------------
    # The month
    # ------------------------------------------------------------------

    def _last_day(self):
        """The last day of the month."""
        self.ensure_one()
        return fields.Date.end_of(self.month, "month")

    def _is_closed(self):
        """Whether nothing of the month changes any more in Tripletex."""
        self.ensure_one()
        return self.pay_has_run or bool(
            self.approved_until and self.approved_until >= self._last_day()
        )

    def _days(self):
        """Figures by day: logged and validated here, ours and others' hours there.

        :return: list of dict: ``date`` (ISO text), ``logged``, ``validated``,
            ``paycode_validated``, ``there``, ``other``, ``paycode_there`` and
            ``paycode_other``; days without anything are left out
        """
        self.ensure_one()
        here = ("logged", "validated", "paycode_validated")
        there = ("there", "other", "paycode_there", "paycode_other")
        found = self.days_there or {}
        days = []
        for date, *hours in self._hours_by_day():
            figures = dict.fromkeys((*here, *there), 0.0)
            figures |= dict(zip(here, hours, strict=True))
            figures |= found.get(str(date), {})
            if any(figures.values()):
                days.append({"date": str(date), **figures})
        return days

    def _hours_by_day(self):
        """Each day of the month with the hours logged, validated and on paycodes."""
        if not self._origin.id:
            return []
        self.env.flush_all()
        figures = figures_sql(
            self.env,
            SQL.identifier("month"),
            SQL("day.first"),
            SQL("(day.first + interval '1 day')"),
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT day.first::date, figures.hours_logged, figures.hours_validated,
                       figures.paycode_validated
                  FROM tripletex_month month
            CROSS JOIN LATERAL generate_series(
                       month.month, month.month + interval '1 month - 1 day',
                       interval '1 day') day (first)
            CROSS JOIN LATERAL (%s) figures
                 WHERE month.id = %s
              ORDER BY day.first
                """,
                figures,
                self._origin.id,
            )
        )

    # ------------------------------------------------------------------
    # Locks
    # ------------------------------------------------------------------

    @api.model
    def _lock_of(self, entry, status):
        """What locks the hours of an entry, as Tripletex says now.

        :param status: row of the client's ``list_month_status``, or None
        :return: (lock as ``lock_on`` says, date until which the month is approved)
        """
        month = self._by_key([(entry.connection_id, entry.employee_id, entry.date)])
        is_paid = any(row.pay_has_run for row in month.values())
        last_day = fields.Date.end_of(entry.date, "month")
        state, until = standing(status, last_day)
        lock = lock_on(entry.date, state, until, is_paid)
        if not lock and status and status["completed"]:
            lock = "finished"  # after the date until which it is approved
        return lock, until

    @api.model
    def _locks(self, keys):
        """What locks hours, as the last check read it.

        :param keys: dict of record to (connection, employee, date)
        :return: dict of record to (lock as ``lock_on`` says, date until which the
            month is approved), of those that are locked
        """
        locks, months = {}, self._by_key(keys.values())
        for record, key in keys.items():
            if month := months.get(key):
                until = month.approved_until
                lock = lock_on(key[2], month.state_there, until, month.pay_has_run)
                if lock:
                    locks[record] = lock, until
        return locks

    @api.model
    def _first_open_days(self, shares):
        """On which day hours of locked months can be sent as an adjustment.

        :param shares: ``tripletex.entry.share`` records
        :return: dict of share to the first day of a later month that is not locked, as
            far as a check has read; only of those whose own day is locked
        """
        keys = {
            s: (s.connection_id, s.entry_id.employee_id, s.entry_id.date)
            for s in shares
        }
        return {
            share: self._first_open_day(*keys[share]) for share in self._locks(keys)
        }

    def _first_open_day(self, connection, employee, date):
        """The first day after the month of ``date`` that is not locked."""
        months = self.sudo().search(
            [
                ("connection_id", "=", connection.id),
                ("employee_id", "=", employee.id),
                ("month", ">", date),
            ]
        )
        by_month = months.grouped("month")
        day = fields.Date.end_of(date, "month")
        while True:
            day = fields.Date.add(day, days=1)
            month = by_month.get(day.replace(day=1))
            if not month or not lock_on(
                day, month.state_there, month.approved_until, month.pay_has_run
            ):
                return day

    @api.model
    def _by_key(self, keys):
        """Months of (connection, employee, date), as root.

        :return: dict of key to month, of those that were checked
        """
        months = self.sudo().search(
            [
                ("connection_id", "in", list({key[0].id for key in keys})),
                ("employee_id", "in", list({key[1].id for key in keys})),
                ("month", "in", list({key[2].replace(day=1) for key in keys})),
            ]
        )
        known = {(m.connection_id, m.employee_id, m.month): m for m in months}
        found = {key: known.get((*key[:2], key[2].replace(day=1))) for key in keys}
        return {key: month for key, month in found.items() if month}

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_check(self):
        """Read these months again soon; without any, all that are not closed.

        :raise AccessError: unless the user may read them
        """
        self.check_access("read")
        months = self or self._to_read()
        months.sudo().asked_check_at = fields.Datetime.now()
        self._wake_cron()
        message = self.env._(
            "Tripletex is being read. The figures follow in about a minute."
        )
        return notification(message, "info")

    @api.model
    def _to_read(self):
        """Months of the last year that are not closed."""
        first = fields.Date.subtract(today_in_oslo(), years=1)
        months = self.search([("pay_has_run", "=", False), ("month", ">=", first)])
        return months.filtered(lambda month: not month._is_closed())

    def action_view_entries(self):
        """Open the sent hours of the month.

        :return: window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_timesheet_tripletex.tripletex_entry_action"
        )
        of_connection = ("connection_id", "=", self.connection_id.id)
        domain = [*self._of_person(), of_connection]
        return action | {"domain": domain, "context": NAMESAKES_SHOWN}

    def action_view_lines(self):
        """Open the timesheet lines that the figure *Not Validated* counts.

        :return: window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hr_timesheet_tripletex.account_analytic_line_action_to_validate"
        )
        lines = self.env["account.analytic.line"].search(self._of_person())
        domain = (
            Domain(safe_eval(action["domain"]))
            & Domain(self._of_person())
            & ~lines._tripletex_validated_domain()
            & lines._tripletex_work_domain()
            & Domain("project_id.tripletex_excluded", "=", False)
        )
        return action | {"domain": list(domain), "context": NAMESAKES_SHOWN}

    def _of_person(self):
        return [
            ("employee_id", "=", self.employee_id.id),
            ("date", ">=", self.month),
            ("date", "<=", self._last_day()),
        ]

    def action_finish(self):
        """Mark these months as finished in Tripletex; the cron does it.

        :return: True, or the dialog that asks about hours that are not validated and
            working days without hours
        :raise UserError: while hours of them wait, or need attention
        :raise AccessError: unless the user may decide about these people
        """
        months = self._to_act_on("finish")
        words = MonthWords(self.env)
        reasons = [words.not_ready(month) for month in months if not month._is_ready()]
        if reasons:
            raise UserError("\n".join([words.say("nothing_finished"), *reasons]))
        is_confirmed = self.env.context.get("tripletex_finish_confirmed")
        questions = [] if is_confirmed else months._questions()
        if not questions:
            months._ask("finish")
            return True
        question = self.env["tripletex.month.finish"].create(
            {"month_ids": months.ids, "questions": "\n".join(questions)}
        )
        return dialog(self.env._("Finish Month"), question._name, res_id=question.id)

    def action_reopen(self):
        """Reopen months that were finished from Odoo; the cron does it.

        :raise UserError: for a month that was not finished from Odoo
        :raise AccessError: unless the user may decide about these people
        """
        months = self._to_act_on("reopen")
        words = MonthWords(self.env)
        for month in months:
            if month.state_there == "approved":
                raise UserError(words.of(month, "approved_there"))
            if not month.finished_at:
                raise UserError(words.of(month, "not_ours"))
        months._ask("reopen")
        return True

    def action_approve(self):
        """Approve finished months in Tripletex until their last day; the cron does it.

        :raise UserError: where the company does not allow it, or the month is not
            finished
        :raise AccessError: unless the user may decide about these people
        """
        months = self._to_act_on("approve")
        words = MonthWords(self.env)
        if not all(months.company_id.mapped("tripletex_may_approve")):
            raise UserError(words.say("approving_is_off"))
        reasons = [
            words.of(month, "not_finished")
            for month in months
            if month.state_there == "open"
        ]
        if reasons:
            raise UserError("\n".join(reasons))
        for month in months:
            month.asked_until = month._last_day()
        months._ask("approve")
        return True

    def _to_act_on(self, action):
        """Those of these months that the action is still to be done for, as root.

        The rows are locked, so that a second person comes after the first and finds
        what was asked for.

        :raise AccessError: unless the user may decide about these people
        :raise UserError: where nothing is left to do, something else was asked for, or
            nothing can be sent
        """
        self.check_access("read")
        words = MonthWords(self.env)
        self._tripletex_check_team(words.say("only_approvers"), words.outside_team())
        months = self.sudo()
        months._lock()
        for month in months:
            if month.asked_action not in (False, action):
                raise UserError(words.of(month, "asked_already"))
            if month.connection_id.state != "connected":
                raise UserError(words.of(month, "stopped"))
            if not month.tripletex_id:
                raise UserError(words.of(month, "not_linked"))
        left = months.filtered(lambda month: not month._is_done(action))
        if not left:
            raise UserError(words.say(f"nothing_to_{action}"))
        return left

    def _lock(self):
        """Lock the rows until the transaction ends, waiting for others."""
        if self:
            self.env.execute_query(
                SQL(
                    "SELECT id FROM tripletex_month WHERE id IN %s ORDER BY id "
                    "FOR NO KEY UPDATE",
                    tuple(self.ids),
                )
            )
            self.invalidate_recordset()

    def _is_done(self, action):
        """Whether Tripletex is known to be where the action leads, or it is asked."""
        self.ensure_one()
        if self.asked_action:
            return True
        if action == "approve":
            return bool(self.approved_until and self.approved_until >= self._last_day())
        is_finished = self.state_there in ("finished", "approved")
        return is_finished == (action == "finish")

    def _is_ready(self):
        """Whether everything that is validated stands in Tripletex."""
        self.ensure_one()
        return not self.waiting_count and not self.attention_count

    def _questions(self):
        """What a person is asked about before these months are finished.

        :return: list of sentences
        """
        words = MonthWords(self.env)
        empty = self._empty_days()
        questions = []
        for month in self:
            if month.hours_open:
                questions.append(words.of(month, "hours_open", hours=month.hours_open))
            if month.hours_unqueued:
                questions.append(
                    words.of(month, "hours_unqueued", hours=month.hours_unqueued)
                )
            if len(empty[month]) > FEW_EMPTY_DAYS:
                questions.append(words.empty_days(month, empty[month]))
        return questions

    def _empty_days(self):
        """Working days of these months without hours: leave and holidays are none.

        :return: dict of month to list of dates
        """
        logged = self.env["account.analytic.line"]._read_group(
            [
                ("employee_id", "in", self.employee_id.ids),
                ("project_id", "!=", False),
                ("date", ">=", min(self.mapped("month"))),
                ("date", "<=", max(month._last_day() for month in self)),
                ("unit_amount", "!=", 0),
            ],
            ["employee_id", "date:day"],
        )
        logged = {(employee, day) for employee, day in logged}
        empty = {}
        for first, months in self.grouped("month").items():
            employees = months.employee_id
            days = employees._tripletex_working_days(first, months[0]._last_day())
            for month in months:
                person = month.employee_id
                empty[month] = [d for d in days[person] if (person, d) not in logged]
        return empty

    def _ask(self, action):
        """Note what a person asks for, and wake the cron.

        :param action: ``finish``, ``reopen`` or ``approve``
        """
        self.write(
            {
                "asked_action": action,
                "asked_by_id": self.env.uid,
                "asked_at": fields.Datetime.now(),
                "attempted_at": False,
                "action_note": False,
            }
        )
        self._wake_cron()

    # ------------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------------

    @api.model
    def _wake_cron(self, at=None):
        """Run the cron soon (after this transaction), or at a given time."""
        self.env.ref("hr_timesheet_tripletex.ir_cron_check").sudo()._trigger(at)

    @api.model
    def _cron_check(self):
        """Read back the months that are not closed, and do what was asked for.

        Commits. Never raises for anything that Tripletex does.
        """
        check_all(self.sudo().env)
