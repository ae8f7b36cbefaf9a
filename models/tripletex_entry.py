from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, float_compare

#: Longest comment we send. ASSUMED: no limit is documented or recorded; a longer one
#: could be refused, so ours stays within what every text column holds.
COMMENT_MAX_LENGTH = 255
HUNDREDTH = Decimal("0.01")


def round_hours(hours):
    """Two decimals, half up.

    :param hours: Decimal, or a float whose sixth decimal is the last that counts
    :return: Decimal with two decimals
    """
    if not isinstance(hours, Decimal):
        hours = Decimal(f"{hours:.6f}")
    return hours.quantize(HUNDREDTH, rounding=ROUND_HALF_UP)


def same_hours(one, other):
    """Whether two numbers of hours are equal to the hundredth."""
    return float_compare(one, other, precision_digits=2) == 0


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

    connection_id = fields.Many2one(
        "tripletex.connection", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
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
    hours = fields.Float(
        digits=(16, 2), readonly=True, help="Validated hours in Odoo."
    )
    comment = fields.Char(readonly=True)
    foreign_hours = fields.Float(
        string="Hours Added",
        digits=(16, 2),
        readonly=True,
        help="Hours of somebody else that a person chose to keep beside ours (Add).",
    )

    # Confirmed: what Tripletex was last known to hold.
    tripletex_id = fields.Char(string="Tripletex ID", readonly=True, index=True)
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
            ("pending", "Waiting"),
            ("sending", "Being sent"),
            ("sent", "In Tripletex"),
            ("failed", "Needs attention"),
            ("conflict", "Conflict"),
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

    @api.depends("employee_id", "date", "project_id", "work_entry_type_id")
    def _compute_display_name(self):
        for entry in self:
            subject = (
                entry.work_entry_type_id if entry.kind == "paycode" else entry.project_id
            )
            entry.display_name = ", ".join(
                filter(
                    None,
                    [
                        entry.employee_id.name,
                        fields.Date.to_string(entry.date),
                        subject.sudo().display_name,
                    ],
                )
            )

    def write(self, vals):
        if "state" in vals:
            # the lines' state is read by SQL, which no dependency can express cheaply
            self.env["account.analytic.line"].invalidate_model(
                ["tripletex_state"], flush=False
            )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions: they reset state and wake the cron, which alone sends
    # ------------------------------------------------------------------

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
                self.env._("Only timesheet approvers can decide about sent hours.")
            )

    def action_retry(self):
        """Try failed entries again, with the links as they are now."""
        self._check_may_decide()
        failed = self.sudo().filtered(lambda entry: entry.state == "failed")
        failed._reset_attempts()
        # A line that had no place in Tripletex may have one now: its share moves to
        # another entry and this one goes.
        failed.filtered(lambda e: not e._is_resolved()).share_ids.line_id._tripletex_sync()
        failed = failed.exists().filtered(lambda entry: entry._is_resolved())
        failed.write({"state": "pending"})
        self._wake_cron()
        return True

    def action_keep(self):
        """Accept the figure that Tripletex holds; nothing is sent.

        A later change of the timesheet lines asks again.
        """
        for entry in self._conflicts_to_decide():
            entry.message_post(
                body=self.env._(
                    "Kept Tripletex's figure: %(theirs).2f hours (validated here: "
                    "%(ours).2f).",
                    theirs=entry.remote_hours,
                    ours=entry.hours,
                ),
                author_id=self.env.user.partner_id.id,
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
        """Let the validated hours win over the figure that Tripletex holds."""
        for entry in self._conflicts_to_decide():
            entry.message_post(
                body=self.env._(
                    "Replace Tripletex's figure %(theirs).2f by the validated "
                    "%(ours).2f hours.",
                    theirs=entry.remote_hours,
                    ours=entry.hours,
                ),
                author_id=self.env.user.partner_id.id,
            )
            entry.write(
                entry._remote_as_confirmed()
                | {"state": "pending", "foreign_hours": 0.0}
            )
        self._after_decision()
        return True

    def action_add(self):
        """Add the validated hours to the figure that Tripletex holds."""
        for entry in self._conflicts_to_decide():
            entry.message_post(
                body=self.env._(
                    "Add the validated %(ours).2f hours to Tripletex's figure "
                    "%(theirs).2f.",
                    theirs=entry.remote_hours,
                    ours=entry.hours,
                ),
                author_id=self.env.user.partner_id.id,
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
                values["foreign_hours"] = entry.remote_hours
            entry.write(values | {"state": "pending"})
        self._after_decision()
        return True

    def _conflicts_to_decide(self):
        """The conflicts among ``self``, locked, as root.

        The lock makes a second press of a button, or a second person, come after the
        first and find nothing left to decide.
        """
        self._check_may_decide()
        entries = self.sudo()
        entries._lock()
        return entries.filtered(lambda entry: entry.state == "conflict")

    def _is_moved(self):
        """Whether the conflict is about our row in another place in Tripletex."""
        self.ensure_one()
        sender = self.env[f"tripletex.sender.{self.kind}"]
        return bool(self.remote_key) and self.remote_key != str(sender._key(self))

    def _remote_as_confirmed(self):
        """Values that take the figure found in Tripletex as the known one."""
        return self._settled_values() | {
            "tripletex_id": self.remote_id,
            "tripletex_version": self.remote_version,
            "sent_hours": self.remote_hours,
            "sent_comment": self.remote_comment,
            "known_key": self.remote_key,
        }

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

    def _reset_attempts(self):
        self.write(
            {
                "attempts": 0,
                "next_attempt_at": False,
                "error_message": False,
                "request_id": False,
            }
        )

    def _after_decision(self):
        self.sudo().connection_id._notify_responsible()
        self._wake_cron()

    # ------------------------------------------------------------------
    # Desired: keys, shares and sums
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

    @api.model
    def _get_or_create(self, targets):
        """Entries for the given keys, made where they are missing.

        ``ON CONFLICT`` keeps two transactions that queue hours for one key at the
        same time from failing each other: the second waits and shares the row.

        :param targets: dict of (connection id, key) to column values
        :return: dict of (connection id, key) to entry id
        """
        if not targets:
            return {}
        columns = [
            "connection_id",
            "company_id",
            "key",
            "kind",
            "date",
            "employee_id",
            "project_id",
            "work_entry_type_id",
            "tripletex_employee_id",
            "tripletex_project_id",
            "tripletex_paycode_id",
            "activity_id",
        ]
        rows = [
            SQL(
                "(%s, 'pending', 0, 0, 0, %s, now() at time zone 'UTC')",
                SQL(", ").join(SQL("%s", value) for value in row),
                self.env.uid,
            )
            for row in (
                [({"key": key} | values)[name] or None for name in columns]
                for (_connection, key), values in targets.items()
            )
        ]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO tripletex_entry
                       (%s, state, hours, foreign_hours, sent_hours,
                        create_uid, create_date)
                VALUES %s
                ON CONFLICT (connection_id, key) DO NOTHING
                RETURNING id
                """,
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(rows),
            )
        )
        entries = self.search(
            [
                ("connection_id", "in", [connection for connection, _key in targets]),
                ("key", "in", [key for _connection, key in targets]),
            ]
        )
        entries.invalidate_recordset()
        return {(entry.connection_id.id, entry.key): entry.id for entry in entries}

    def _refresh(self, problems=None):
        """Recompute what is desired from the shares and queue what became dirty.

        Two transactions that change the same entry meet at its row lock; the later
        one is repeated by Odoo with the earlier one's shares in view.

        :param problems: dict of entry to the reason why it cannot be sent as it is
            (only where the company does not insist on the pre-flight)
        """
        if not self:
            return
        self._lock()
        hours, comments = self._sum_shares()
        dirty = self.browse()
        for entry in self:
            values = {"hours": float(hours[entry.id]), "comment": comments[entry.id]}
            changed = {
                name: value
                for name, value in values.items()
                if (entry[name] or False) != (value or False)
            }
            if changed:
                entry.write(changed)
            entry._requeue((problems or {}).get(entry))
            if entry.state == "pending":
                dirty |= entry
        never_sent = self.filtered(lambda entry: entry._is_void())
        never_sent.unlink()
        if dirty - never_sent:
            self._wake_cron()

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

    def _is_void(self):
        """Nothing desired, nothing sent, nothing under way: no reason to exist."""
        return (
            not self.share_ids
            and not self.tripletex_id
            and not self.is_unclear
            and self.state != "sending"
            and not self.sent_at
        )

    def _requeue(self, problem=None):
        """Set the state that follows from desired, confirmed and ``problem``."""
        self.ensure_one()
        if self.state == "sending":
            return  # the worker compares again when its answer is there
        if problem and self._is_dirty():
            self.write({"state": "failed", "error_message": problem})
        elif self.state == "conflict":
            return  # a person decides; the sides shown are up to date
        elif self.is_kept and self._is_dirty():
            self.write(self._kept_conflict_values())
        elif self._is_dirty():
            if self.state != "pending":
                self.write({"state": "pending"})
                self._reset_attempts()
        elif self.state != "sent":
            self.write({"state": "sent"})
            self._reset_attempts()

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

    def _sum_shares(self):
        """Exact sums and joined descriptions of the shares of these entries.

        :return: dict of entry id to Decimal hours, dict of entry id to comment
        """
        self.env["tripletex.entry.share"].flush_model()
        self.env["account.analytic.line"].flush_model(["name"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT share.entry_id, share.hours, line.name
                  FROM tripletex_entry_share share
                  JOIN account_analytic_line line ON line.id = share.line_id
                 WHERE share.entry_id IN %s
                 ORDER BY share.entry_id, line.id
                """,
                tuple(self.ids),
            )
        )
        hours = defaultdict(Decimal)
        names = defaultdict(dict)
        for entry_id, share_hours, name in rows:
            # psycopg2 hands numeric columns over as floats: back to six decimals
            hours[entry_id] += Decimal(f"{share_hours:.6f}")
            if name and name.strip() != "/":
                names[entry_id][" ".join(name.split())] = True
        return (
            {entry.id: round_hours(hours[entry.id]) for entry in self},
            {entry.id: join_comments(names[entry.id]) for entry in self},
        )

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
        self.env["tripletex.sender"].sudo()._send_all()


def join_comments(names):
    """Join descriptions to one comment, cut to what Tripletex is sure to take."""
    comment = "; ".join(names)
    if len(comment) > COMMENT_MAX_LENGTH:
        comment = comment[: COMMENT_MAX_LENGTH - 1].rstrip() + "…"
    return comment

