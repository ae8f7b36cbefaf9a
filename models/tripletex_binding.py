from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..sending.namesakes import full_name
from ..tools import is_id, is_too_long


class TripletexBinding(models.AbstractModel):
    """Link between an Odoo record and its counterpart in Tripletex.

    The binding *is* the Tripletex side: entries refer to it, so it outlives the link
    to the Odoo record (which may be emptied or changed) and the connection's state.
    """

    _name = "tripletex.binding"
    _description = "Tripletex Binding"
    _inherit = "tripletex.technical"
    _order = "number, name, id"

    #: Name of the field that holds the linked Odoo record.
    _odoo_field = None
    #: Field of ``tripletex.lookup`` for that record, where it has another name.
    _lookup_field = None
    #: Kinds of entries whose place names this kind of record, and in which part.
    _place_kinds = ()
    _place_part = None
    #: Fields that do not say where hours go.
    _quiet_fields = frozenset({"name"})

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
            if is_too_long(binding.number or ""):
                raise UserError(
                    self.env._("The number of %s is too long.", binding.display_name)
                )
            if binding.tripletex_id and not is_id(binding.tripletex_id):
                raise UserError(
                    self.env._(
                        "“%(text)s” is not a valid Tripletex ID: an ID is a whole "
                        "number. Leave it empty and enter the number that people "
                        "see in Tripletex.",
                        text=binding.tripletex_id,
                    )
                )

    def _ask_for_number(self):
        record = full_name(self[self._odoo_field]) or self.name
        if not record:
            return self.env._(
                "The link has no number. Enter the number from Tripletex."
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
        links = super().create([self._clean(dict(vals)) for vals in vals_list])
        links._plan_lookup()
        return links

    def write(self, vals):
        self.check_access("write")  # before anything is said about the links
        vals = self._follow_number(self._clean(dict(vals)))
        if self._odoo_field in vals:
            self.flush_model()  # as in ``create``
            self._plan_lookup()  # the record that it was linked to so far
        result = super().write(vals)
        if vals.keys() - self._quiet_fields:
            self._plan_lookup()
        return result

    def _follow_number(self, vals):
        """Clear the id when the number changes, and the number when the id does.

        The number that a person sees and the id that is used can never differ: the
        cron looks the id up anew.
        """
        for given, other in (("number", "tripletex_id"), ("tripletex_id", "number")):
            if vals.get(given) and other not in vals:
                if any(link[given] != vals[given] for link in self):
                    vals |= {other: False, "name": False}
        return vals

    def _store_id(self, tripletex_id, name):
        """Store what the cron found by the link's number; nothing changes by it."""
        return super().write({"tripletex_id": str(tripletex_id), "name": name})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for link in self:
            if link.tripletex_id and link._is_used():
                raise UserError(
                    self.env._(
                        "%(binding)s was used for hours and is kept for the record. "
                        "Press Unlink instead of deleting it.",
                        binding=link.display_name,
                    )
                )
        self._plan_lookup()

    def _is_used(self):
        """Whether Tripletex holds or held hours of this record that we sent."""
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT FROM tripletex_entry
                 WHERE connection_id = %s AND kind IN %s AND is_placeless IS NOT TRUE
                   AND split_part(place, '|', %s) = %s
                   AND (tripletex_id IS NOT NULL OR is_unclear OR sent_at IS NOT NULL)
                 LIMIT 1
                """,
                self.connection_id.id,
                self._place_kinds,
                self._place_part,
                self.tripletex_id,
            )
        )
        return bool(rows)

    def action_empty_link(self):
        """Empty the link; hours that were sent stay where they are.

        :raise AccessError: unless the user may write the link
        """
        self.write({self._odoo_field: False})
        return True

    def _plan_lookup(self):
        """Let hours that wait follow these links once the change is committed."""
        Lookup = self.env["tripletex.lookup"]
        name = self._lookup_field or self._odoo_field
        for (connection, dates), links in self.grouped(
            lambda link: (link.connection_id, frozenset(link._lookup_dates().items()))
        ).items():
            records = links[self._odoo_field]
            if records:
                Lookup._plan(connection, name, records, **dict(dates))
            else:
                self.env["tripletex.gate"]._change(connection.sudo().company_id)

    def _lookup_dates(self):
        """Return from which date hours that are not queued yet are, too, as values."""
        return {}
