from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from ..sending import NEEDS_ATTENTION, WAITING
from ..sending.amounts import round_hours, same_hours, same_text, sum_parts
from ..sending.namesakes import full_name
from ..sending.preflight import Target
from ..sending.queue import Queue
from ..sending.refusals import refusal
from ..sending.run import send_all
from ..sending.status import SendingStatus
from ..sending.words import AbsenceWords, MoveWords, PaycodeWords, SendingWords
from .client_action import dialog, notification

#: What an entry says about its place.
PLACE_FIELDS = (
    "connection_id",
    "company_id",
    "kind",
    "employee_id",
    "date",
    "project_id",
    "work_entry_type_id",
    "activity_id",
    "place_name",
    "is_absence",
    "is_placeless",
)
#: Who reads what kind of absence it is; the group is there when Time Off is.
TIME_OFF_GROUP = "hr_holidays.group_hr_holidays_user"
#: Groups whose record rules show them the hours of all projects.
SEES_ALL = (
    "hr_timesheet.group_timesheet_manager",
    "project.group_project_manager",
    "base.group_system",
)
#: Measures: the kind of rows that each adds up, and which of their hours.
MEASURES = {
    "work_hours": ("hours", "hours"),
    "paycode_hours": ("paycode", "hours"),
    "work_hours_there": ("hours", "sent_hours"),
    "paycode_hours_there": ("paycode", "sent_hours"),
}
#: Crons that help the first one where several connections have work.
HELPERS = ("ir_cron_send_2", "ir_cron_send_3", "ir_cron_send_4")
#: Version of a row of which no version is ours: its comment is a person's.
NO_VERSION = -1


class TripletexEntry(models.Model):
    """What Tripletex should hold for one key, and what it was last seen to hold.

    The key is Tripletex's own: one hour entry per employee, date, project and
    activity; one paycode row per employee, date and salary type. An entry is *dirty*
    when desired and confirmed differ; the cron makes Tripletex equal to desired.
    """

    _name = "tripletex.entry"
    _description = "Hours in Tripletex"
    _inherit = ["tripletex.technical", "mail.thread", "tripletex.team"]
    _order = "date desc, id desc"
    _rec_names_search = ["employee_id", "project_id", "work_entry_type_id"]
    # nobody writes on sent hours; who reads them may still discuss them
    _mail_post_access = "read"

    connection_id = fields.Many2one(
        "tripletex.connection", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        readonly=True,
        help="The lines' company: the connection's, or a branch of it.",
    )
    connection_state = fields.Selection(
        related="connection_id.state",
        string="State of the Connection",
        export_string_translation=False,
    )
    kind = fields.Selection(
        [("hours", "Hours"), ("paycode", "Paycode")], required=True, readonly=True
    )
    place = fields.Char(
        required=True,
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Kind, employee, date, project and activity or salary type, as ids of "
        "Tripletex, which holds one row per place. It never changes. Not to be read by "
        "people: it tells the kind of an absence.",
        export_string_translation=False,
    )
    date = fields.Date(required=True, readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    project_id = fields.Many2one(
        "project.project", readonly=True, index="btree_not_null"
    )
    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type", string="Paycode", readonly=True, index="btree_not_null"
    )
    activity_id = fields.Many2one(
        "tripletex.activity",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    place_name = fields.Char(
        string="Place in Tripletex",
        readonly=True,
        help="Employee, project and activity or paycode, as Tripletex named them when "
        "the hours were queued.",
    )
    is_absence = fields.Boolean(
        string="Absence",
        readonly=True,
        help="Approved time off. Approvers cannot read its kind.",
    )
    absence_name = fields.Char(
        string="Kind of Absence",
        compute="_compute_absence_name",
        help="The activity in Tripletex, for Time Off officers and the person.",
    )
    is_placeless = fields.Boolean(
        readonly=True,
        help="What the hours need in Tripletex is not known yet.",
        export_string_translation=False,
    )
    is_held = fields.Boolean(
        readonly=True,
        help="All hours wait until they are removed from another row.",
        export_string_translation=False,
    )
    share_ids = fields.One2many(
        "tripletex.entry.share", "entry_id", string="Timesheet Lines", readonly=True
    )

    # Odoo's cache does not tell who read a list: what the record rule reads as root
    # must not be what the user reads afterwards.
    rule_share_ids = fields.One2many(
        "tripletex.entry.share",
        "entry_id",
        groups=fields.NO_ACCESS,
        export_string_translation=False,
    )

    # Desired: the sum of the shares, plus what a person decided to add to it.
    hours = fields.Float(
        digits=(16, 2),
        readonly=True,
        aggregator=None,
        help="Validated hours in Odoo.",
    )
    # Overtime is on two rows: its hours are two measures, which nobody adds up.
    work_hours = fields.Float(
        string="Validated Hours",
        compute="_compute_measures",
        digits=(16, 2),
        help="Validated hours, without the rows on paycodes.",
    )
    paycode_hours = fields.Float(
        string="Validated on Paycodes",
        compute="_compute_measures",
        digits=(16, 2),
        help="Validated hours of rows on paycodes.",
    )
    work_hours_there = fields.Float(
        string="Hours Sent",
        compute="_compute_measures",
        digits=(16, 2),
        help="Hours in Tripletex, as last confirmed.",
    )
    paycode_hours_there = fields.Float(
        string="Sent on Paycodes",
        compute="_compute_measures",
        digits=(16, 2),
        help="Hours on paycodes in Tripletex, as last confirmed.",
    )
    #: The comment that Tripletex should hold: the texts of all shares.
    full_comment = fields.Char(groups=fields.NO_ACCESS, export_string_translation=False)
    comment = fields.Char(
        compute="_compute_comments",
        search="_search_comment",
        help="The texts of those timesheet lines that you may read.",
    )
    foreign_hours = fields.Float(
        string="Hours Added",
        digits=(16, 2),
        readonly=True,
        aggregator=None,
        help="Hours not sent from Odoo that somebody chose to keep (Add).",
    )

    # Confirmed: what Tripletex was last known to hold.
    tripletex_id = fields.Char(string="Tripletex ID", readonly=True)
    tripletex_version = fields.Integer(readonly=True, export_string_translation=False)
    sent_hours = fields.Float(
        string="Hours in Tripletex", digits=(16, 2), readonly=True, aggregator=None
    )
    sent_comment = fields.Char(groups=fields.NO_ACCESS, export_string_translation=False)
    shown_sent_comment = fields.Char(
        string="Comment in Tripletex", compute="_compute_comments"
    )
    sent_at = fields.Datetime(readonly=True)
    kept_hours = fields.Float(
        digits=(16, 2),
        readonly=True,
        export_string_translation=False,
        help="Validated hours when a person chose to keep Tripletex's figure.",
    )
    is_kept = fields.Boolean(
        string="Tripletex's Figure Kept",
        readonly=True,
        help="A person accepted the figure in Tripletex although it differs.",
    )

    # The attempt under way: written and committed before the first byte leaves.
    state = fields.Selection(
        [
            ("pending", "Waiting to be sent"),
            ("sending", "Being sent"),
            ("failed", "Needs attention"),
            ("conflict", "Conflict"),
            ("sent", "In Tripletex"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )
    waiting_since = fields.Datetime(
        readonly=True,
        help="Since when the hours wait to be sent. Empty: since they were queued.",
    )
    attempts = fields.Integer(readonly=True, aggregator=None)
    next_attempt_at = fields.Datetime(readonly=True)
    is_unclear = fields.Boolean(
        readonly=True,
        help="The hours were sent to Tripletex, but its answer was lost.",
        export_string_translation=False,
    )
    attempt_hours = fields.Float(
        digits=(16, 2), readonly=True, export_string_translation=False
    )
    attempt_comment = fields.Char(
        groups=fields.NO_ACCESS, export_string_translation=False
    )

    # The other side of a conflict.
    remote_id = fields.Char(readonly=True, export_string_translation=False)
    remote_version = fields.Integer(readonly=True, export_string_translation=False)
    remote_hours = fields.Float(
        string="Hours Found in Tripletex",
        digits=(16, 2),
        readonly=True,
        aggregator=None,
    )
    remote_comment = fields.Char(
        groups=fields.NO_ACCESS, export_string_translation=False
    )
    shown_remote_comment = fields.Char(
        string="Comment Found in Tripletex", compute="_compute_comments"
    )

    remote_place = fields.Char(
        readonly=True, groups=fields.NO_ACCESS, export_string_translation=False
    )
    is_foreign = fields.Boolean(
        readonly=True,
        help="The row found in Tripletex was never sent from Odoo.",
        export_string_translation=False,
    )
    known_place = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Where the row is in Tripletex after somebody moved it there.",
        export_string_translation=False,
    )

    adjustment = fields.Char(
        compute="_compute_adjustment",
        compute_sudo=True,
        help="Hours of earlier months that are sent here as an adjustment.",
    )

    may_act = fields.Boolean(
        string="Mine to Decide",
        compute="_compute_may_act",
        search="_search_tripletex_may_act",
        help="By the company's rule about teams, you can validate these hours and "
        "decide about them.",
    )
    #: What is wrong, as code and arguments, see sending/refusals.py.
    refusal = fields.Json(
        groups=fields.NO_ACCESS, copy=False, export_string_translation=False
    )
    error_message = fields.Char(
        string="What Is Wrong",
        compute="_compute_error_message",
        inverse="_inverse_error_message",
        search="_search_error_message",
        compute_sudo=True,
    )
    request_id = fields.Char(
        string="Tripletex Request",
        readonly=True,
        help="Tripletex's support can find the request by this number.",
    )

    _place_uniq = models.Constraint(
        "UNIQUE(connection_id, place)", "There is an entry for this place already."
    )
    _due_idx = models.Index(
        "(connection_id, date, id) WHERE state IN ('pending', 'sending') "
        "AND is_held IS NOT TRUE AND is_placeless IS NOT TRUE"
    )

    # the cron asks at every run what waits, and since when
    _waiting_idx = models.Index(
        "(connection_id, next_attempt_at) WHERE state IN ('pending', 'sending')"
    )
    _employee_date_idx = models.Index("(employee_id, date)")
    # the list in its order, and the filters that few rows pass
    _list_idx = models.Index("(company_id, date, id)")
    # also for the cron, which asks whether anything needs a person
    _attention_idx = models.Index(
        "(company_id, date, id) WHERE state IN ('failed', 'conflict')"
    )
    _paycode_idx = models.Index("(company_id, date, id) WHERE kind = 'paycode'")
    _absence_idx = models.Index("(company_id, date, id) WHERE is_absence IS TRUE")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("connection_id")
    def _compute_company_id(self):
        for entry in self:
            entry.company_id = entry.company_id or entry.connection_id.company_id

    @api.depends("is_absence", "employee_id")
    @api.depends_context("uid")
    def _compute_absence_name(self):
        for entry in self:
            entry.absence_name = entry.is_absence and self.env._("Absence")
            if entry.is_absence and entry._tells_absence():
                entry.absence_name = entry.sudo()._absence_activity().display_name

    def _tells_absence(self):
        """Whether the user may know what kind of absence it is, if it is one."""
        self.ensure_one()
        user, entry = self.env.user, self.sudo()
        return (
            not entry.is_absence
            or user.has_group(TIME_OFF_GROUP)
            or entry.employee_id.user_id == user
        )

    def _absence_activity(self):
        """The activity in Tripletex that the place of an absence names."""
        self.ensure_one()
        activity_id = "" if self.is_placeless else self.place.rpartition("|")[2]
        return (
            self.env["tripletex.activity"]
            .with_context(active_test=False)
            .search(
                [
                    ("connection_id", "=", self.connection_id.id),
                    ("tripletex_id", "=", activity_id),
                ]
            )
        )

    @api.depends("share_ids.belongs_to", "share_ids.hours")
    def _compute_adjustment(self):
        # not share_ids: read as root, it would show the user what rules hide
        shares = self.env["tripletex.entry.share"].search(
            [
                ("entry_id", "in", self.ids),
                ("belongs_to", "!=", False),
                ("hours", "!=", 0),
            ]
        )
        by_entry, words = shares.grouped("entry_id"), MoveWords(self.env)
        for entry in self:
            found = by_entry.get(entry._origin, shares.browse())
            entry.adjustment = words.adjustment(found) or False

    @api.depends(
        "employee_id",
        "date",
        "project_id",
        "activity_id",
        "work_entry_type_id",
        "is_absence",
    )
    def _compute_display_name(self):
        for entry in self:
            subject = entry.project_id or entry.activity_id
            if entry.kind == "paycode":
                subject = entry.work_entry_type_id
            name = full_name(subject.sudo())
            if entry.is_absence:
                name = self.env._("Absence")
            entry.display_name = ", ".join(
                filter(
                    None,
                    [
                        full_name(entry.employee_id),
                        format_date(self.env, entry.date),
                        name,
                    ],
                )
            )

    @api.depends("company_id", "employee_id")
    @api.depends_context("uid")
    def _compute_may_act(self):
        others = self.browse() if self.env.su else self._tripletex_of_others()
        for entry in self:
            entry.may_act = entry not in others

    @api.depends("kind", "hours", "sent_hours")
    def _compute_measures(self):
        for entry in self:
            for name, (kind, hours) in MEASURES.items():
                entry[name] = entry[hours] if entry.kind == kind else 0.0

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let the measures be summed, though nothing stores them."""
        if field_expr not in MEASURES:
            return super()._field_to_sql(alias, field_expr, query)
        kind, hours = MEASURES[field_expr]
        return SQL(
            "CASE WHEN %s = %s THEN %s ELSE 0 END",
            self._field_to_sql(alias, "kind", query),
            kind,
            self._field_to_sql(alias, hours, query),
        )

    @api.depends("full_comment", "sent_comment", "remote_comment", "share_ids")
    @api.depends_context("uid", "su")
    def _compute_comments(self):
        """Show the reader the texts of lines that they may read, and no others.

        What stands in Tripletex is shown to those who may read all of its parts. Where
        a row can have had parts that are gone, it is shown while it is as it should be.
        """
        Share = self.env["tripletex.entry.share"]
        domain = Domain("entry_id", "in", self._origin.ids)
        every = Share.sudo().search(domain).grouped("entry_id")
        readable = Share.search(domain).sudo().grouped("entry_id")
        sees_all = self._sees_all()
        none = Share.sudo().browse()
        for entry in self:
            own, root = entry._origin.sudo(), entry.sudo()
            parts = readable.get(own, none)
            sees_row = sees_all or parts == every.get(own, none)
            entry.comment = root.full_comment
            if not sees_row and not root.is_absence:
                lines = parts.filtered_domain(Share._domain_commenting()).line_id
                names = [(0.0, line.name) for line in lines.sorted("id")]
                entry.comment = sum_parts(names)[1] or False
            for shown, there in (
                ("shown_sent_comment", root.sent_comment),
                ("shown_remote_comment", root.remote_comment),
            ):
                is_shown = sees_all or (
                    sees_row
                    and (root.project_id or same_text(there, root.full_comment))
                )
                # a person's comment can tell what kind of absence it is
                is_shown = is_shown and (self.env.su or entry._tells_absence())
                entry[shown] = there if is_shown else False

    @api.model
    def _sees_all(self):
        """Whether the hours of all projects are open to the user."""
        return self.env.su or any(map(self.env.user.has_group, SEES_ALL))

    def _search_comment(self, operator, value):
        """Search the texts of lines that the user may read."""
        if operator not in ("in", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        if self._sees_all():
            whole = Domain("full_comment", operator, value)
            return Domain("id", "in", self.sudo()._search(whole))
        named = self.env["tripletex.entry.share"]._domain_commenting() & Domain(
            "line_id.name", operator, value
        )
        return Domain("share_ids", "any", named)

    @api.depends("refusal", "kind", "is_absence")
    @api.depends_context("lang")
    def _compute_error_message(self):
        for entry in self:
            entry.error_message = entry._word(
                entry.kind, entry.is_absence, entry.refusal
            )

    @api.model
    def _word(self, kind, is_absence, stored):
        """Return a stored refusal in words, in the language of the reader."""
        words = AbsenceWords if is_absence else SendingWords
        if kind == "paycode":
            words = PaycodeWords
        return words(self.env).text(stored)

    def _inverse_error_message(self):
        """Keep a text that a program gives as it is."""
        for entry in self:
            text = entry.error_message
            entry.refusal = refusal("given", text=text) if text else False

    def _search_error_message(self, operator, value):
        """Search the words in the language of who searches."""
        if operator not in ("in", "like", "ilike"):
            return NotImplemented
        self.flush_model(["refusal", "kind", "is_absence"])
        rows = self.env.execute_query(
            SQL(
                "SELECT kind, is_absence, refusal, array_agg(id) FROM tripletex_entry "
                "WHERE refusal IS NOT NULL GROUP BY kind, is_absence, refusal"
            )
        )
        found = []
        for kind, is_absence, stored, ids in rows:
            text = self._word(kind, is_absence, stored)
            if operator == "in":
                is_found = text in value
            elif operator == "like":
                is_found = value in text
            else:
                is_found = value.casefold() in text.casefold()
            found += ids if is_found else []
        domain = Domain("id", "in", found)
        if operator == "in" and False in value:
            domain |= Domain("refusal", "=", False)
        return domain

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if "state" in vals:
            # the lines' state is read by SQL, which no dependency can express cheaply
            self.env["account.analytic.line"].invalidate_model(
                ["tripletex_state", "tripletex_status", "tripletex_refusal"],
                flush=False,
            )
            if vals["state"] == "pending" and "waiting_since" not in vals:
                rested = self.filtered(lambda entry: entry.state not in WAITING)
                now = {"waiting_since": fields.Datetime.now()}
                super(TripletexEntry, rested).write(now)
        return super().write(vals)

    def _lock(self):
        """Lock the rows until the transaction ends, waiting for others.

        A row that somebody changed since our transaction began raises a
        serialisation error, upon which Odoo repeats the request.
        """
        if self:
            self.env.execute_query(
                SQL(
                    "SELECT id FROM tripletex_entry WHERE id IN %s ORDER BY id "
                    "FOR NO KEY UPDATE",
                    tuple(self.ids),
                )
            )
            self.invalidate_recordset()

    # ------------------------------------------------------------------
    # Desired against confirmed
    # ------------------------------------------------------------------

    def _target_hours(self):
        """What Tripletex should hold: ours plus what a person added."""
        self.ensure_one()
        return float(round_hours(self.hours) + round_hours(self.foreign_hours))

    def _is_dirty(self):
        """Whether Tripletex is known or suspected to differ from what is desired."""
        self.ensure_one()
        if self.is_kept:
            return not same_hours(self.hours, self.kept_hours)
        return (
            self.is_unclear
            or not same_hours(self._target_hours(), self.sent_hours)
            or (
                not same_hours(self._target_hours(), 0)
                and (self.full_comment or "") != (self.sent_comment or "")
            )
        )

    def _is_as_attempted(self):
        """Whether the lines still say what the attempt under way said."""
        self.ensure_one()
        return same_hours(self._target_hours(), self.attempt_hours) and (
            (self.full_comment or "") == (self.attempt_comment or "")
        )

    def _holds_ours(self):
        """Whether Tripletex holds, held or may hold hours that were sent from here."""
        self.ensure_one()
        return bool(
            self.tripletex_id
            or self.is_unclear
            or self.sent_at
            or self.state == "sending"
        )

    def _as_target(self):
        """Return the entry as a place for hours, see ``preflight.Target``."""
        self.ensure_one()
        values = self._read_format(PLACE_FIELDS, load=None)[0]
        values = {name: values[name] or None for name in PLACE_FIELDS}
        return Target(self.place, self.kind, values)

    def _is_confirmed(self):
        """Whether Tripletex is known to hold what is desired, or a person decided."""
        self.ensure_one()
        return (self.is_held and not self.tripletex_id) or (
            self.state == "sent" and not self._is_dirty()
        )

    def _is_void(self):
        """No hours desired, sent or under way: the entry has no reason to exist."""
        return not self._holds_ours() and not any(
            share.hours or share.is_held or share.is_leaving for share in self.share_ids
        )

    def _in_need(self):
        """Those of these entries that need a person."""
        return self.filtered(lambda entry: entry.state in NEEDS_ATTENTION)

    def _requeue(self, problem=None):
        """Set the state that follows from desired, confirmed and a refusal."""
        self.ensure_one()
        if self.state == "sending":
            return  # the worker compares again when its answer is there
        # A conflict outranks a problem: Retry would overwrite a figure somebody kept.
        if self.state == "conflict":
            return  # a person decides; the sides shown are up to date
        if self.is_kept and self._is_dirty():
            self.write(self._kept_conflict_values())
        elif problem and (self._is_dirty() or self._holds_back()):
            self.write({"state": "failed", "refusal": problem})
        elif (self.is_held or self.is_placeless) and self.state == "failed":
            return  # refused, its hours are back where they came from; or no place yet
        elif self._is_dirty() or self._is_waiting_for_row():
            if self.state != "pending":
                self.write({"state": "pending"})
                self._reset_attempts()
        elif self.state != "sent":
            self.write({"state": "sent"})
            self._reset_attempts()

    def _is_waiting_for_row(self):
        """Whether nothing is to be sent here but what has to leave another row."""
        return self.is_held or (self.is_placeless and self._holds_back())

    def _with_hours_that_wait(self):
        """These entries, and those whose hours have to leave them first."""
        lines = self.share_ids.filtered("is_leaving").line_id
        held = [("line_id", "in", lines.ids), ("is_held", "=", True)]
        return self | self.env["tripletex.entry.share"].search(held).entry_id

    def _holds_back(self):
        """Whether hours wait here until they have left another row."""
        return any(self.share_ids.mapped("is_held"))

    def _reset_attempts(self):
        self.write(
            {
                "attempts": 0,
                "next_attempt_at": False,
                "refusal": False,
                "request_id": False,
            }
        )

    @api.model
    def _settled_values(self):
        """Values that end an attempt, a failure or a conflict."""
        return {
            "attempts": 0,
            "next_attempt_at": False,
            "is_unclear": False,
            "attempt_hours": 0.0,
            "attempt_comment": False,
            "is_kept": False,
            "kept_hours": 0.0,
            "remote_id": False,
            "remote_version": 0,
            "remote_hours": 0.0,
            "remote_comment": False,
            "remote_place": False,
            "known_place": False,
            "is_foreign": False,
            "refusal": False,
            "request_id": False,
        }

    def _kept_conflict_values(self):
        """A kept figure meets new hours: the person is asked again."""
        return {
            "state": "conflict",
            "is_kept": False,
            "remote_id": self.tripletex_id,
            "remote_version": self.tripletex_version,
            "remote_hours": self.sent_hours,
            "remote_comment": self.sent_comment,
            "remote_place": self.known_place,
            "refusal": refusal("kept"),
        }

    def _doubt(self):
        """Values with which the next look finds out what became of our row."""
        self.ensure_one()
        return {"is_unclear": True, "attempt_hours": self.sent_hours}

    def _remote_as_confirmed(self):
        """Values that take the figure found in Tripletex as the known one."""
        return self._settled_values() | {
            "tripletex_id": self.remote_id,
            "tripletex_version": self.remote_version,
            "sent_hours": self.remote_hours,
            "sent_comment": self.remote_comment,
            "known_place": self.remote_place,
        }

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_retry(self):
        """Try failed entries again; hours without a place look for one.

        :raise AccessError: unless the user may decide about the entries
        """
        self._check_may_decide()
        failed = self.sudo().filtered(lambda entry: entry.state == "failed")
        queue = Queue(self.env)
        failed |= queue.failed_partners(failed)
        message = failed._retry_text()
        failed._reset_attempts()
        failed.write({"state": "pending"})
        queue.refresh(failed.filtered(lambda entry: entry.hours < 0))  # not to be sent
        placeless = failed.filtered("is_placeless").share_ids
        queue.reroute(placeless.filtered(lambda share: share._takes_part()).line_id)
        queue.advance(failed.exists())
        self._wake_cron()
        # the screen follows what is sent again, and keeps its rows
        close = {"type": "ir.actions.act_window_close", "infos": {"noReload": True}}
        return notification(message, "info", next=close)

    def _retry_text(self):
        """Say what trying these failed entries again comes to."""
        if not self:
            return self.env._("Nothing to retry: choose rows that need attention.")
        if any(connection.state != "connected" for connection in self.connection_id):
            return self.env._(
                "Rows to send again: %(count)s. They wait: sending is stopped.",
                count=len(self),
            )
        return self.env._("Rows sent again: %(count)s", count=len(self))

    def action_keep(self):
        """Accept the figure that Tripletex holds; nothing is sent.

        Hours that were to leave the row stay there. A later change of the timesheet
        lines asks again.

        :raise AccessError: unless the user may decide about the entries
        """
        conflicts = self._conflicts_to_decide()
        for entry in conflicts:
            entry._note_decision(
                self.env._(
                    "Chose to keep Tripletex's figure: %(theirs)s hours (validated "
                    "here: %(ours)s)."
                )
            )
        for entry in conflicts:
            is_foreign = entry.is_foreign
            entry.write(
                entry._remote_as_confirmed()
                | {"state": "sent", "foreign_hours": 0.0, "is_foreign": is_foreign}
            )
        conflicts._keep_figures()
        self.sudo().connection_id._notify_responsible()
        return True

    def _keep_figures(self):
        """Let what Tripletex holds count as right, whatever is validated.

        The decision is noted on the shares: they stay where they are from now on.
        """
        queue = Queue(self.env)
        released = queue.end_moves(self)
        for entry in self:
            entry.write({"state": "sent", "is_kept": True, "kept_hours": entry.hours})
        self.share_ids._settle()
        queue.send_held(released)  # hours that nobody has decided about

    def action_replace(self):
        """Let the validated hours win over the figure that Tripletex holds.

        :raise AccessError: unless the user may decide about the entries
        """
        conflicts = self._conflicts_to_decide()
        for entry in conflicts:
            entry._note_decision(
                self.env._(
                    "Chose to replace Tripletex's figure %(theirs)s by the validated "
                    "%(ours)s hours."
                )
            )
            entry.write(
                entry._remote_as_confirmed()
                | {"state": "pending", "foreign_hours": 0.0}
            )
        conflicts._after_decision()
        return True

    def action_add(self):
        """Add the validated hours to a figure that was never sent from Odoo.

        :raise UserError: where the row is, or may be, one that was sent from here
        :raise AccessError: unless the user may decide about the entries
        """
        conflicts = self._conflicts_to_decide()
        for entry in conflicts:
            if not entry.is_foreign:
                raise UserError(
                    self.env._(
                        "%(entry)s: these hours were sent from Odoo, so adding would "
                        "count them twice. Keep Tripletex's figure or replace it.",
                        entry=entry.display_name,
                    )
                )
            entry._note_decision(
                self.env._(
                    "Chose to add the validated %(ours)s hours to Tripletex's figure "
                    "%(theirs)s."
                )
            )
            # neither the row's version nor its comment is ours: a person's stays
            entry.write(
                entry._remote_as_confirmed()
                | {
                    "state": "pending",
                    "foreign_hours": entry.remote_hours,
                    "sent_comment": False,
                    "tripletex_version": NO_VERSION,
                }
            )
        conflicts._after_decision()
        return True

    def action_adjust(self):
        """Send hours of locked months on the first open day of the month after.

        Only hours that were never sent can go; both rows of overtime go together.

        :raise UserError: where a month is not locked, or the hours change sent ones
        :raise AccessError: unless the user may decide about the entries
        """
        self._check_may_decide()
        entries = self.sudo()
        entries._lock()
        words = MoveWords(self.env)
        self.env["tripletex.gate"]._pass(entries.company_id)
        Share = self.env["tripletex.entry.share"].sudo()
        waiting = Share._domain_adjustable()
        waiting &= Domain("connection_id", "in", entries.connection_id.ids)
        lines = Share.search(waiting & Domain("entry_id", "in", entries.ids)).line_id
        shares = Share.search(waiting & Domain("line_id", "in", lines.ids))
        for entry in entries:
            if entry.is_placeless:
                raise UserError(words.say("no_place", entry=entry.display_name))
            if entry.state in ("sending", "conflict") or entry.is_unclear:
                raise UserError(words.say("not_adjustable", entry=entry.display_name))
            if not entry.share_ids & shares:
                raise UserError(words.say("sent_already", entry=entry.display_name))
        shares.entry_id._lock()
        days = self.env["tripletex.month"]._first_open_days(shares)
        for share in shares:
            if share not in days:
                raise UserError(
                    words.say("not_locked", entry=share.entry_id.display_name)
                )
        for connection, of_connection in shares.grouped("connection_id").items():
            done = Queue(self.env).adjust(of_connection, days)
            for entry in done:
                entry.message_post(
                    body=words.adjusted(entry),
                    author_id=self.env.user.partner_id.id,
                )
            connection._notify_responsible()
        self._wake_cron()
        return True

    def action_decide(self):
        """Ask for a decision about the conflicts among these entries.

        :return: window action of ``tripletex.entry.decide``
        :raise UserError: when none of them is a conflict
        :raise AccessError: unless the user is an approver
        """
        self._check_may_decide()
        conflicts = self.filtered(lambda entry: entry.state == "conflict")
        if not conflicts:
            raise UserError(
                self.env._(
                    "None of these hours is a conflict. Choose rows that say Conflict."
                )
            )
        return dialog(
            self.env._("Which Figure Is Right?"),
            "tripletex.entry.decide",
            context={**self.env.context, "default_entry_ids": conflicts.ids},
        )

    def _check_may_decide(self):
        """Approvers decide about the entries that they may read.

        :raise AccessError: for everybody else
        """
        self.check_access("read")
        self._tripletex_check_team(
            self.env._(
                "Only timesheet approvers can decide about sent hours. Ask one of them."
            ),
            self.env._(
                "You can decide about the hours of your own team only. These people "
                "are not in it: %(employees)s. Ask their manager, or a timesheet "
                "administrator."
            ),
        )

    def _conflicts_to_decide(self):
        """The conflicts among ``self``, locked, as root.

        The lock makes a second press of a button, or a second person, come after the
        first and find nothing left to decide.
        """
        self._check_may_decide()
        entries = self.sudo()
        entries._lock()
        conflicts = entries.filtered(lambda entry: entry.state == "conflict")
        conflicts._look_at_former_owners()
        return conflicts

    def _look_at_former_owners(self):
        """Rows found here that somebody moved away from other entries of ours.

        The decision makes such a row this entry's, so the entry that lost it is
        looked at again and, where hours are missing, becomes a conflict.
        """
        for entry in self.filtered("remote_id"):
            others = self.search(
                [
                    ("connection_id", "=", entry.connection_id.id),
                    ("kind", "=", entry.kind),
                    ("tripletex_id", "=", entry.remote_id),
                    ("id", "!=", entry.id),
                    ("state", "=", "sent"),
                    ("is_kept", "=", False),
                ]
            )
            for other in others:
                other.write({"state": "pending"} | other._doubt())

    def _note_decision(self, words):
        """Keep on record who decided what.

        :param words: text with places for ``%(theirs)s`` and ``%(ours)s`` hours
        """
        figures = {"theirs": self.remote_hours, "ours": self.hours}
        self.message_post(
            body=words
            % {
                name: formatLang(self.env, hours, digits=2)
                for name, hours in figures.items()
            },
            author_id=self.env.user.partner_id.id,
        )

    def _after_decision(self):
        self.sudo().connection_id._notify_responsible()
        self._wake_cron()

    def _hours_after(self, decision):
        """What Tripletex will hold for this conflict.

        :param decision: ``keep``, ``replace`` or ``add``
        :return: float, hours
        """
        self.ensure_one()
        if decision == "keep":
            return self.remote_hours
        if decision == "replace":
            return self.hours
        return self.hours + self.remote_hours

    @api.model
    @api.readonly
    def sending_status(self):
        """How sending stands in the user's companies, for the screens of approvers.

        Reads the database alone.

        :return: list of dict, see ``SendingStatus.items``
        :raise AccessError: unless the user may read sent hours
        """
        self.browse().check_access("read")
        return SendingStatus(self.env).items()

    # ------------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------------

    @api.model
    def _wake_cron(self, at=None):
        """Run the sending cron soon (after this transaction), or at a given time."""
        self.env.ref("hr_timesheet_tripletex.ir_cron_send")._trigger(at)

    @api.model
    def _wake_helpers(self):
        """Let the other cron workers send as well: several connections have work."""
        crons = [self._cron(name) for name in HELPERS]
        if self.env.context.get("cron_id") not in [cron.id for cron in crons]:
            for cron in crons:
                cron._trigger()

    @api.model
    def _wake_slow(self):
        """Run the cron for connections whose answers are slow."""
        self._cron("ir_cron_send_slow")._trigger()

    @api.model
    def _cron(self, name):
        """Return one of our crons, or none where somebody deleted it."""
        cron = self.env.ref(f"hr_timesheet_tripletex.{name}", raise_if_not_found=False)
        return cron or self.env["ir.cron"]

    @api.model
    def _cron_send(self):
        """Make Tripletex equal to what is validated, for every active connection.

        Connections whose answers are slow have another cron, see ``_cron_send_slow``.
        Commits. Never raises for anything that Tripletex does.
        """
        entries = self.sudo()
        is_cron = bool(self.env.context.get("cron_id"))
        leaves_slow = is_cron and entries._cron("ir_cron_send_slow").active
        send_all(entries.env, is_slow=False if leaves_slow else None)

    @api.model
    def _cron_send_slow(self):
        """Do the same for connections whose answers are slow, see ``_cron_send``."""
        send_all(self.sudo().env, is_slow=True)
