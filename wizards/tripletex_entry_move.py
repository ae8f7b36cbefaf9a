from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.client_action import notification
from ..sending.queue import Queue
from ..sending.words import LockWords


class TripletexEntryMove(models.TransientModel):
    """Moves sent hours to where the links lead now: never on both, never on none."""

    _name = "tripletex.entry.move"
    _description = "Move Sent Hours"
    _inherit = "tripletex.dialog"

    _named_fields = ("link",)

    link = fields.Reference(
        [
            ("tripletex.connection", "Connection"),
            ("tripletex.employee", "Employee"),
            ("tripletex.project", "Project"),
            ("tripletex.paycode", "Paycode"),
            ("tripletex.absence", "Absence"),
        ],
        required=True,
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    entry_ids = fields.Many2many(
        "tripletex.entry", string="Rows That Move", compute="_compute_entries"
    )
    entry_count = fields.Integer("Rows", compute="_compute_entries")
    hours = fields.Float(compute="_compute_entries", digits=(16, 2))
    added_count = fields.Integer("Rows Added", compute="_compute_entries")
    added_hours = fields.Float(
        "Hours on Added Rows", compute="_compute_entries", digits=(16, 2)
    )
    locked_count = fields.Integer("Locked Rows", compute="_compute_entries")
    locked_months = fields.Text(compute="_compute_entries")
    problem_count = fields.Integer("Needs Attention", compute="_compute_entries")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        active = self.env.context
        if "link" in fields and active.get("active_model", "").startswith("tripletex."):
            values["link"] = f"{active['active_model']},{active.get('active_id')}"
        return values

    @api.depends("link", "date_from", "date_to")
    def _compute_entries(self):
        for dialog in self:
            entries, added = self.env["tripletex.entry"], {}
            if dialog.link and dialog.date_from and dialog.date_to:
                lookup = self.env["tripletex.lookup"].sudo().new(dialog._lookup())
                entries, added = Queue(self.env).preview_move(lookup)
            dialog.entry_ids = entries.ids
            dialog.entry_count = len(entries)
            dialog.hours = sum(entries.mapped("sent_hours"))
            dialog.added_count, dialog.added_hours = len(added), sum(added.values())
            locked = dialog._locked(entries.sudo())
            dialog.locked_count = len(locked)
            dialog.locked_months = "\n".join(dict.fromkeys(locked.values())) or False
            dialog.problem_count = len(entries._in_need())

    def _locked(self, entries):
        """Which rows cannot leave, as the last check of months read it, and why.

        :return: dict of entry to a sentence
        """
        keys = {
            entry: (entry.connection_id, entry.employee_id, entry.date)
            for entry in entries
        }
        locks, words = self.env["tripletex.month"]._locks(keys), LockWords(self.env)
        return {entry: words.hint(entry, *lock) for entry, lock in locks.items()}

    def _lookup(self):
        """Values of the look-up that moves the hours.

        :raise UserError: when the link leads to no record of Odoo
        """
        link, values = self.link, {"is_move": True}
        values |= {"date_from": self.date_from, "date_to": self.date_to}
        if link._name == "tripletex.connection":
            return values | {"connection_id": link.id}
        record = link[link._odoo_field]
        if not record:
            raise UserError(
                self.env._(
                    "%(link)s is not linked. Link it first: hours move to where the "
                    "link leads.",
                    link=link.display_name,
                )
            )
        return values | {
            "connection_id": link.connection_id.id,
            link._lookup_field or link._odoo_field: record.id,
        }

    def action_move(self):
        """Move the sent hours of these dates; the cron does it.

        :return: notification action
        :raise AccessError: unless the user may write the link
        """
        self.ensure_one()
        self.link.check_access("write")
        values = self._lookup()
        connection = self.link
        if connection._name != "tripletex.connection":
            connection = connection.connection_id
        self.env["tripletex.gate"]._change(connection.sudo().company_id)
        self.env["tripletex.lookup"].sudo().create(values)
        self.env["tripletex.entry"]._wake_cron()
        connection.sudo().message_post(
            body=self.env._(
                "%(user)s moved sent hours of %(link)s, %(date_from)s to %(date_to)s: "
                "%(count)s rows moved, %(added)s added.",
                user=self.env.user.name,
                link=self.link.display_name,
                date_from=self.date_from,
                date_to=self.date_to,
                count=self.entry_count,
                added=self.added_count,
            )
        )
        return notification(self.env._("The hours are being moved."), "info")
