from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date, formatLang

from ..sending import NEEDS_ATTENTION
from ..sending.amounts import round_hours, same_hours
from ..sending.kinds import KINDS
from ..sending.queue import Queue
from ..sending.run import send_all

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
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    connection_state = fields.Selection(
        related="connection_id.state",
        string="State of the Connection",
        export_string_translation=False,
    )
    kind = fields.Selection(
        [("hours", "Hours"), ("paycode", "Paycode")], required=True, readonly=True
    )
    key = fields.Char(
        required=True,
        readonly=True,
        help="Kind, employee, date, project and activity or salary type: Tripletex "
        "holds one row per key.",
        export_string_translation=False,
    )
    date = fields.Date(required=True, readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True, index=True)
    project_id = fields.Many2one("project.project", readonly=True)
    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type", string="Paycode", readonly=True
    )
    tripletex_employee_id = fields.Many2one(
        "tripletex.employee", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    tripletex_project_id = fields.Many2one(
        "tripletex.project", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    tripletex_paycode_id = fields.Many2one(
        "tripletex.paycode", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    activity_id = fields.Many2one(
        "tripletex.activity",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
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

    remote_key = fields.Char(readonly=True, export_string_translation=False)
    known_key = fields.Char(
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

    _key_uniq = models.Constraint(
        "UNIQUE(connection_id, key)", "There is an entry for this key already."
    )
    _due_idx = models.Index(
        "(connection_id, date, id) WHERE state IN ('pending', 'sending')"
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

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

    def _is_resolved(self):
        """Whether the entry has a place in Tripletex (links and activity known)."""
        self.ensure_one()
        if not self.tripletex_employee_id:
            return False
        return bool(
            self.activity_id if self.kind == "hours" else self.tripletex_paycode_id
        )

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

    def _is_void(self):
        """Nothing desired, nothing sent, nothing under way: no reason to exist."""
        return (
            not self.share_ids
            and not self.tripletex_id
            and not self.is_unclear
            and self.state != "sending"
            and not self.sent_at
        )

    def _in_need(self):
        """Those of these entries that need a person."""
        return self.filtered(lambda entry: entry.state in NEEDS_ATTENTION)

    def _requeue(self, problem=None):
        """Set the state that follows from desired, confirmed and ``problem``."""
        self.ensure_one()
        if self.state == "sending":
            return  # the worker compares again when its answer is there
        # Before any problem: Retry, which ends that, would forget the question, and
        # a figure that a person chose to keep would be overwritten unasked.
        if self.state == "conflict":
            return  # a person decides; the sides shown are up to date
        if self.is_kept and self._is_dirty():
            self.write(self._kept_conflict_values())
        elif problem and self._is_dirty():
            self.write({"state": "failed", "error_message": problem})
        elif self._is_dirty():
            if self.state != "pending":
                self.write({"state": "pending"})
                self._reset_attempts()
        elif self.state != "sent":
            self.write({"state": "sent"})
            self._reset_attempts()

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
            "remote_key": False,
            "known_key": False,
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
            "remote_key": self.known_key,
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
            "known_key": self.remote_key,
        }

    def _is_moved(self):
        """Whether the conflict is about our row in another place in Tripletex."""
        self.ensure_one()
        place = KINDS[self.kind].place(self)
        return bool(self.remote_key) and self.remote_key != place

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_retry(self):
        """Try failed entries again, with the links as they are now.

        :raise AccessError: unless the user is an approver who may read the entries
        """
        self._check_may_decide()
        failed = self.sudo().filtered(lambda entry: entry.state == "failed")
        failed._reset_attempts()
        # A line that had no place in Tripletex may have one now: its share moves to
        # another entry and this one goes.
        placeless = failed.filtered(lambda entry: not entry._is_resolved())
        Queue(self.env).sync(placeless.share_ids.line_id)
        failed = failed.exists().filtered(lambda entry: entry._is_resolved())
        failed.write({"state": "pending"})
        self._wake_cron()
        return True

    def action_keep(self):
        """Accept the figure that Tripletex holds; nothing is sent.

        A later change of the timesheet lines asks again.

        :raise AccessError: unless the user is an approver who may read the entries
        """
        for entry in self._conflicts_to_decide():
            entry._note_decision(
                self.env._(
                    "Chose to keep Tripletex's figure: %(theirs)s hours (validated "
                    "here: %(ours)s)."
                )
            )
            entry.write(
                entry._remote_as_confirmed()
                | {
                    "state": "sent",
                    "is_kept": True,
                    "kept_hours": entry.hours,
                    "foreign_hours": 0.0,
                }
            )
        self.sudo().connection_id._notify_responsible()
        return True

    def action_replace(self):
        """Let the validated hours win over the figure that Tripletex holds.

        :raise AccessError: unless the user is an approver who may read the entries
        """
        for entry in self._conflicts_to_decide():
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
        self._after_decision()
        return True

    def action_add(self):
        """Add the validated hours to the figure that Tripletex holds.

        :raise AccessError: unless the user is an approver who may read the entries
        """
        for entry in self._conflicts_to_decide():
            entry._note_decision(
                self.env._(
                    "Chose to add the validated %(ours)s hours to Tripletex's figure "
                    "%(theirs)s."
                )
            )
            values = entry._remote_as_confirmed()
            if entry._is_moved():
                # theirs stays where it was moved to; ours is registered anew
                values |= entry._settled_values() | {
                    "tripletex_id": False,
                    "sent_hours": 0.0,
                    "sent_comment": False,
                    "foreign_hours": 0.0,
                }
            else:
                # no version of the row, nor its comment, is ours: theirs stays
                values |= {
                    "foreign_hours": entry.remote_hours,
                    "sent_comment": False,
                    "tripletex_version": NO_VERSION,
                }
            entry.write(values | {"state": "pending"})
        self._after_decision()
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
