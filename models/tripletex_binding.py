from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..sending import WAITING
from ..sending.queue import Queue


def is_id(text):
    """Whether a text is an id: Tripletex's are 64-bit numbers (DOCUMENTED)."""
    return text.isascii() and text.isdigit() and 0 < int(text) < 2**63


class TripletexBinding(models.AbstractModel):
    """Link between an Odoo record and its counterpart in Tripletex.

    The binding *is* the Tripletex side: entries refer to it, so it outlives the link
    to the Odoo record (which may be emptied or changed) and the connection's state.
    """

    _name = "tripletex.binding"
    _description = "Tripletex Binding"
    _order = "number, name, id"

    #: Name of the field that holds the linked Odoo record.
    _odoo_field = None
    #: Name of the entry's field that refers to this kind of binding.
    _entry_field = None

    connection_id = fields.Many2one(
        "tripletex.connection",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self._default_connection_id(),
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
    )
    tripletex_id = fields.Char(
        string="Tripletex ID",
        help="Empty for a link made by hand with a number only: it is looked up at "
        "the first sending.",
    )
    number = fields.Char(help="Number in Tripletex.")
    name = fields.Char(string="Name in Tripletex")

    @api.model
    def _default_connection_id(self):
        return self.env.company.sudo().tripletex_connection_id

    @api.depends("number", "name")
    def _compute_display_name(self):
        for binding in self:
            binding.display_name = (
                " ".join(filter(None, [binding.number, binding.name]))
                or binding.tripletex_id
            )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Numbers are texts; 9 stands before 10 all the same."""
        order = super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        if field_name != "number":
            return order
        length = SQL("LENGTH(%s)", self._field_to_sql(alias, field_name, query))
        query._order_groupby.append(length)
        return SQL("%s %s %s, %s", length, direction, nulls, order)

    @api.constrains("tripletex_id", "number")
    def _check_identity(self):
        for binding in self:
            if not (binding.tripletex_id or binding.number):
                raise UserError(binding._ask_for_number())
            if binding.tripletex_id and not is_id(binding.tripletex_id):
                raise UserError(
                    self.env._(
                        "“%(text)s” is no Tripletex ID: an ID is a whole number. Leave "
                        "it empty and enter the number that people see in Tripletex.",
                        text=binding.tripletex_id,
                    )
                )

    def _ask_for_number(self):
        record = self[self._odoo_field].display_name or self.name
        if not record:
            return self.env._(
                "The link has no number. Enter the number that stands in Tripletex."
            )
        return self.env._(
            "Enter the number that %(record)s has in Tripletex.", record=record
        )

    @api.model
    def _clean(self, vals):
        """Numbers are pasted from screens: strip white space, empty is NULL."""
        for name in ("number", "tripletex_id"):
            if name in vals:
                vals[name] = (vals[name] or "").strip() or False
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        self.flush_model()  # a link emptied just before makes room for a new one
        bindings = super().create([self._clean(dict(vals)) for vals in vals_list])
        bindings._resync_lines()
        return bindings

    def write(self, vals):
        self.check_access("write")  # before anything is said about the links
        vals = self._clean(dict(vals))
        if "tripletex_id" in vals or "number" in vals:
            self._check_identity_change(vals)
        if self._odoo_field in vals:
            self._check_nothing_under_way()
            self.flush_model()  # as in ``create``
        result = super().write(vals)
        if vals.keys() & self._resync_fields():
            self._resync_lines(unsent_only=self._odoo_field not in vals)
        return result

    @api.model
    def _resync_fields(self):
        """Fields that decide where hours go, or whether they can."""
        return self._fields.keys() - {"tripletex_id", "number", "name", "email"}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = (
            self.env["tripletex.entry"]
            .sudo()
            .search([(self._entry_field, "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "%(binding)s was used for hours and is kept for the record. Press "
                    "Unlink instead of deleting it.",
                    binding=used[self._entry_field].display_name,
                )
            )

    def action_empty_link(self):
        """Empty the link; hours that were sent stay with the Tripletex record.

        :raise UserError: while hours are on their way through the link
        :raise AccessError: unless the user may write the link
        """
        self.write({self._odoo_field: False})
        return True

    def _check_nothing_under_way(self):
        """Refuse to change a link while hours are on their way through it."""
        waiting = (
            self.env["tripletex.entry"]
            .sudo()
            .search(
                [
                    (self._entry_field, "in", self.ids),
                    ("state", "in", WAITING),
                ],
                limit=1,
            )
        )
        if waiting:
            raise UserError(
                self.env._(
                    "Hours for %(binding)s are on their way to Tripletex. Wait until "
                    "they are sent, then change the link.",
                    binding=waiting[self._entry_field].display_name,
                )
            )

    def _check_identity_change(self, vals):
        """What was sent, or may have been, under a Tripletex record stays with it."""
        sent = (
            self.env["tripletex.entry"]
            .sudo()
            .search(
                [
                    (self._entry_field, "in", self.ids),
                    "|",
                    ("tripletex_id", "!=", False),
                    ("is_unclear", "=", True),
                ]
            )[self._entry_field]
        )
        for binding in sent & self:
            new_id = vals.get("tripletex_id", binding.tripletex_id)
            if binding.tripletex_id and new_id != binding.tripletex_id:
                raise UserError(
                    self.env._(
                        "Hours were sent for %(binding)s. Make a new link for the "
                        "other Tripletex number instead of changing this one.",
                        binding=binding.display_name,
                    )
                )

    def _resync_lines(self, unsent_only=False):
        """Let queued hours of the linked records find their way anew.

        A record that is linked to *another* Tripletex record takes its hours along;
        one whose link was emptied leaves them where they are.

        :param unsent_only: leave alone what Tripletex holds already, for changes
            (activity, way of sending) that are meant for hours to come
        """
        records = self.mapped(self._odoo_field)
        if not records:
            return
        domain = Domain("connection_id", "in", self.connection_id.ids)
        domain &= Domain(f"line_id.{self._odoo_field}", "in", records.ids)
        if unsent_only:
            domain &= Domain("entry_id.tripletex_id", "=", False)
            domain &= Domain("entry_id.state", "in", ("pending", "failed"))
        shares = self.env["tripletex.entry.share"].sudo().search(domain)
        Queue(self.env).sync(shares.line_id)
