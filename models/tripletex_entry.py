from decimal import ROUND_HALF_UP, Context, Decimal

from odoo import api, fields, models
from odoo.tools import float_compare, format_date

HUNDREDTH = Decimal("0.01")
#: Digits enough for every float: what is too much is refused, not stumbled over.
ANY_SIZE = Context(prec=400)


def round_hours(hours):
    """Two decimals, half up.

    :param hours: Decimal, or a float whose sixth decimal is the last that counts
    :return: Decimal with two decimals; 0 for what is no number
    """
    if not isinstance(hours, Decimal):
        hours = Decimal(f"{hours:.6f}")
    if not hours.is_finite():
        return Decimal(0)
    return hours.quantize(HUNDREDTH, ROUND_HALF_UP, ANY_SIZE)


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

    def write(self, vals):
        if "state" in vals:
            # the lines' state is read by SQL, which no dependency can express cheaply
            self.env["account.analytic.line"].invalidate_model(
                ["tripletex_state", "tripletex_status", "tripletex_refusal"],
                flush=False,
            )
        return super().write(vals)

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
