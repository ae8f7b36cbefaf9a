from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date, formatLang

from ..sending import NEEDS_ATTENTION
from ..sending.amounts import round_hours, same_hours
from ..sending.preflight import Target
from ..sending.queue import Queue
from ..sending.run import send_all

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
    "is_placeless",
)
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
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
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
        index=True,
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
        help="Kind, employee, date, project and activity or salary type, as ids of "
        "Tripletex, which holds one row per place. It never changes.",
        export_string_translation=False,
    )
    date = fields.Date(required=True, readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True, index=True)
    project_id = fields.Many2one("project.project", readonly=True)
    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type", string="Paycode", readonly=True
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
    is_placeless = fields.Boolean(
        readonly=True,
        help="What the hours need in Tripletex is not known yet.",
        export_string_translation=False,
    )
    is_held = fields.Boolean(
        readonly=True,
        help="All hours wait until they have left another row.",
        export_string_translation=False,
    )
    share_ids = fields.One2many(
        "tripletex.entry.share", "entry_id", string="Timesheet Lines", readonly=True
    )

    # Desired: the sum of the shares, plus what a person decided to add to it.
    hours = fields.Float(digits=(16, 2), readonly=True, help="Validated hours in Odoo.")
    comment = fields.Char(readonly=True)
    foreign_hours = fields.Float(
        string="Hours Added",
        digits=(16, 2),
        readonly=True,
        help="Hours of somebody else that a person chose to keep beside ours (Add).",
    )

    # Confirmed: what Tripletex was last known to hold.
    tripletex_id = fields.Char(string="Tripletex ID", readonly=True)
    tripletex_version = fields.Integer(readonly=True)
    sent_hours = fields.Float(
        string="Hours in Tripletex", digits=(16, 2), readonly=True
    )
    sent_comment = fields.Char(readonly=True)
    sent_at = fields.Datetime(readonly=True)
    kept_hours = fields.Float(
        digits=(16, 2),
        readonly=True,
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
            ("pending", "On its way"),
            ("sending", "Being sent"),
            ("failed", "Needs attention"),
            ("conflict", "Conflict"),
            ("sent", "In Tripletex"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )
    attempts = fields.Integer(readonly=True)
    next_attempt_at = fields.Datetime(readonly=True)
    is_unclear = fields.Boolean(
        readonly=True,
        help="An attempt left for Tripletex and its answer was never seen.",
        export_string_translation=False,
    )
    attempt_hours = fields.Float(
        digits=(16, 2), readonly=True, export_string_translation=False
    )
    attempt_comment = fields.Char(readonly=True, export_string_translation=False)

    # The other side of a conflict.
    remote_id = fields.Char(readonly=True, export_string_translation=False)
    remote_version = fields.Integer(readonly=True, export_string_translation=False)
    remote_hours = fields.Float(
        string="Hours Found in Tripletex", digits=(16, 2), readonly=True
    )
    remote_comment = fields.Char(string="Comment Found in Tripletex", readonly=True)

    remote_place = fields.Char(readonly=True, export_string_translation=False)
    is_foreign = fields.Boolean(
        readonly=True,
        help="The row found in Tripletex was never sent from Odoo.",
        export_string_translation=False,
    )
    known_place = fields.Char(
        readonly=True,
        help="Where Tripletex's row is known to be, when a person moved it there.",
        export_string_translation=False,
    )

    error_message = fields.Char(string="What Is Wrong", readonly=True)
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

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("connection_id")
    def _compute_company_id(self):
        for entry in self:
            entry.company_id = entry.company_id or entry.connection_id.company_id

    @api.depends("employee_id", "date", "project_id", "work_entry_type_id")
    def _compute_display_name(self):
        for entry in self:
            subject = entry.project_id
            if entry.kind == "paycode":
                subject = entry.work_entry_type_id
            entry.display_name = ", ".join(
                filter(
                    None,
                    [
                        entry.employee_id.name,
                        format_date(self.env, entry.date),
                        subject.sudo().display_name,
                    ],
                )
            )

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
                and (self.comment or "") != (self.sent_comment or "")
            )
        )

    def _is_as_attempted(self):
        """Whether the lines still say what the attempt under way said."""
        self.ensure_one()
        return same_hours(self._target_hours(), self.attempt_hours) and (
            (self.comment or "") == (self.attempt_comment or "")
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
        return self.is_held or (self.state == "sent" and not self._is_dirty())

    def _is_void(self):
        """No hours desired, sent or under way: the entry has no reason to exist."""
        return not self._holds_ours() and not any(
            share.hours or share.is_held or share.is_leaving for share in self.share_ids
        )

    def _in_need(self):
        """Those of these entries that need a person."""
        return self.filtered(lambda entry: entry.state in NEEDS_ATTENTION)

    def _requeue(self, problem=None):
        """Set the state that follows from desired, confirmed and ``problem``."""
        self.ensure_one()
        if self.state == "sending":
            return  # the worker compares again when its answer is there
        # A conflict outranks a problem: Retry would overwrite a figure somebody kept.
        if self.state == "conflict":
            return  # a person decides; the sides shown are up to date
        if self.is_kept and self._is_dirty():
            self.write(self._kept_conflict_values())
        elif problem and (self.is_placeless or self._is_dirty() or self._holds_back()):
            self.write({"state": "failed", "error_message": problem})
        elif (self.is_held or self.is_placeless) and self.state == "failed":
            return  # refused, its hours are back where they came from; or no place yet
        elif self.is_held or self.is_placeless or self._is_dirty():
            if self.state != "pending":
                self.write({"state": "pending"})
                self._reset_attempts()
        elif self.state != "sent":
            self.write({"state": "sent"})
            self._reset_attempts()

    def _holds_back(self):
        """Whether hours wait here until they have left another row."""
        return any(self.share_ids.mapped("is_held"))

    def _reset_attempts(self):
        self.write(
            {
                "attempts": 0,
                "next_attempt_at": False,
                "error_message": False,
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
            "error_message": False,
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
            "error_message": self.env._(
                "Tripletex's figure was kept earlier, and the validated hours have "
                "changed since. Choose again which figure is right."
            ),
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
        failed._reset_attempts()
        failed.write({"state": "pending"})
        queue.reroute(failed.filtered("is_placeless").share_ids.line_id)
        queue.advance(failed.exists())
        self._wake_cron()
        return True

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
        Queue(self.env).end_moves(self)
        for entry in self:
            entry.write({"state": "sent", "is_kept": True, "kept_hours": entry.hours})
        self.share_ids._settle()

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
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which Figure Is Right?"),
            "res_model": "tripletex.entry.decide",
            "view_mode": "form",
            "target": "new",
            "context": {**self.env.context, "default_entry_ids": conflicts.ids},
        }

    def _check_may_decide(self):
        """Approvers decide about the entries that they may read.

        :raise AccessError: for everybody else
        """
        self.check_access("read")
        if not (
            self.env.su
            or self.env.user.has_group("hr_timesheet.group_hr_timesheet_approver")
        ):
            raise AccessError(
                self.env._(
                    "Only timesheet approvers can decide about sent hours. Ask one "
                    "of them."
                )
            )
        Line = self.env["account.analytic.line"]
        if self.env.su:
            return
        outside = self.sudo().filtered(
            lambda e: not Line._tripletex_may_act_for(e.company_id, e.employee_id)
        )
        if outside:
            raise AccessError(
                self.env._(
                    "You can decide about the hours of your own team only. These "
                    "people are not in it: %(employees)s. Ask their manager, or a "
                    "timesheet administrator.",
                    employees=", ".join(
                        sorted(set(outside.employee_id.mapped("name")))
                    ),
                )
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

    # ------------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------------

    @api.model
    def _wake_cron(self, at=None):
        """Run the sending cron soon (after this transaction), or at a given time."""
        self.env.ref("hr_timesheet_tripletex.ir_cron_send")._trigger(at)

    @api.model
    def _cron_send(self):
        """Make Tripletex equal to what is validated, for every active connection.

        Commits. Never raises for anything that Tripletex does.
        """
        send_all(self.sudo().env)
