from collections import Counter, defaultdict

from odoo import api, fields, models

from ..sending.namesakes import full_name
from ..tools import is_too_long, natural_key
from .tripletex_setup_suggest import Suggestions, named


class TripletexSetupLine(models.AbstractModel):
    """A row of Tripletex that the set-up offers to link.

    What every kind of row does the same way is here: comparing what was read with the
    links, keeping the list up to date, checking ticked rows, and linking them on
    Complete. Each kind has in its own file:

    - ``_read_rows(client, setup)``: the rows as the client returns them
    - ``_row_values(row)``: the values that only this kind has
    - ``_sort_key(vals)``: where a row with these values stands in the list
    - ``_why_left_out(row)``: why a row is not offered
    - ``_suggest(setup, pairs)``: ``Suggestions`` for the rows; a pair is a row as read
      and its link with an Odoo record, or None
    - ``_create_records()``: creates one Odoo record for each row, in the same order
    - ``_figures(new, linked)``: a sentence with the numbers of records that are created
      and linked
    """

    _name = "tripletex.setup.line"
    _description = "Row Offered by the Tripletex Set-up"
    _inherit = "tripletex.dialog"
    _order = "sequence, id"

    _named_fields = ("setup_id",)
    #: Model of the links that Complete creates from these rows.
    _link_model = None
    #: Name of the field that holds the Odoo record, on the row and on the link.
    _odoo_field = None
    #: Name under which the client returns the number.
    _number_key = "number"
    #: Fields that a link copies from Tripletex besides its id, number and name.
    _copied_fields = ()
    #: Fields that a person may change: reading again leaves them as they are.
    _chosen_fields = ()
    #: Whether the set-up goes on without this list when the key may not read it.
    _is_optional = False

    setup_id = fields.Many2one(
        "tripletex.connection.setup", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="setup_id.company_id")
    connection_id = fields.Many2one(related="setup_id.connection_id")
    sequence = fields.Integer()
    selected = fields.Boolean(string="Add")
    selectable = fields.Boolean(default=True, readonly=True)
    is_linked = fields.Boolean(
        readonly=True, help="Linked earlier: not changed by this set-up."
    )
    tripletex_id = fields.Char(string="Tripletex ID", required=True, readonly=True)
    number = fields.Char(readonly=True)
    name = fields.Char(readonly=True)
    hindrance = fields.Char(
        readonly=True,
        help="Why the row should not be ticked, or what to correct in Tripletex first.",
        export_string_translation=False,
    )
    doubt = fields.Char(
        readonly=True,
        help="Why no Odoo record is suggested although some match.",
        export_string_translation=False,
    )
    reason = fields.Char(
        string="Remark",
        compute="_compute_reason",
        help="Why the row cannot be ticked, or what to know before ticking it.",
    )
    change = fields.Char(
        string="Changed in Tripletex",
        readonly=True,
        help="How the linked row differs in Tripletex by now.",
    )
    accept_change = fields.Boolean(
        help="Update the link with the change. Otherwise the link stays as it is.",
    )

    @api.depends("number", "name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = " ".join(filter(None, [line.number, line.name]))

    @api.depends(lambda self: ("hindrance", "doubt", *filter(None, [self._odoo_field])))
    def _compute_reason(self):
        for line in self:
            doubt = not line[line._odoo_field] and line.doubt
            line.reason = " ".join(filter(None, [line.hindrance, doubt])) or False

    def write(self, vals):
        if not vals.get("selected"):
            return super().write(vals)
        # rows that cannot be ticked stay unticked when all are ticked at once
        selectable = self.filtered("selectable")
        result = super(TripletexSetupLine, selectable).write(vals)
        vals = {name: value for name, value in vals.items() if name != "selected"}
        return super(TripletexSetupLine, self - selectable).write(vals) and result

    def _to_add(self):
        """Return the rows that Complete links."""
        return self.filtered(lambda line: line.selected and line.selectable)

    # -- reading -----------------------------------------------------------------

    @api.model
    def _offer(self, setup, rows):
        """Make the list show the rows as read; ticks stay."""
        links = self._used_links(setup)
        pairs = [(row, links.of(str(row["id"]), row[self._number_key])) for row in rows]
        vals_list = self._values_to_offer(setup, pairs)
        sentences = self._explain_left_out(pairs, vals_list)
        setup.left_out = (setup.left_out or {}) | {self._name: sentences}
        existing = self.search([("setup_id", "=", setup.id)]).grouped("tripletex_id")
        create = []
        for sequence, vals in enumerate(vals_list):
            vals["sequence"] = sequence
            line = existing.pop(vals["tripletex_id"], None)
            if line and vals["selectable"]:
                chosen = self._chosen_fields
                line.write({name: vals[name] for name in vals if name not in chosen})
            elif line:
                line.write(vals | {"selected": False})
            else:
                create.append(vals | {"setup_id": setup.id})
        self.union(*existing.values()).unlink()
        self.create(create)

    @api.model
    def _values_to_offer(self, setup, pairs):
        """Return the values of the rows to offer, in order."""
        suggestions = self._suggest(setup, pairs)
        numbers = Counter(row[self._number_key] for row, _link in pairs)
        vals_list = []
        for row, link in pairs:
            if not self._is_offered(row, link):
                continue
            number = row[self._number_key]
            vals = {
                "tripletex_id": str(row["id"]),
                "number": number or False,
                "name": self._row_name(row),
                **self._row_values(row),
            }
            vals |= self._link_state(link, vals)
            if vals["selectable"]:
                vals["hindrance"], blocks = self._hindrance(row, numbers[number] > 1)
                vals["selectable"] = not blocks
            vals |= self._suggested_values(row, vals, suggestions, link)
            vals_list.append(vals)
        return sorted(vals_list, key=self._sort_key)

    @api.model
    def _is_offered(self, row, link):
        return True

    @api.model
    def _why_left_out(self, row):
        return self.env._("No number in Tripletex. Enter one there.")

    @api.model
    def _explain_left_out(self, pairs, vals_list):
        """Return a sentence for each cause why rows are not offered to be ticked."""
        names = defaultdict(list)
        for row, link in pairs:
            if not self._is_offered(row, link):
                names[self._why_left_out(row)].append(self._row_text(row))
        for vals in vals_list:
            if not (vals["selectable"] or vals["is_linked"]):
                text = " ".join(filter(None, [vals["number"], vals["name"]]))
                names[vals["hindrance"]].append(text)
        return [
            f"{reason} ({len(texts)}: {named(texts, str)})"
            for reason, texts in names.items()
        ]

    @api.model
    def _sort_key(self, vals):
        return natural_key(vals["number"])

    @api.model
    def _hindrance(self, row, is_shared):
        """Return what is wrong in Tripletex, or False, and whether it forbids to tick.

        :param is_shared: whether another row has the same number
        """
        return False, False

    @api.model
    def _suggestions(self, setup, rows, domain):
        """Return empty ``Suggestions`` of the Odoo records of a domain."""
        records = self.env[self._fields[self._odoo_field].comodel_name].search(domain)
        linked = self._links(setup)[self._odoo_field]
        return Suggestions(rows, records, linked, self._row_text)

    @api.model
    def _links(self, setup):
        """Return the links of this kind that the known connection has."""
        return self.env[self._link_model].search(
            [("connection_id", "=", setup.connection_id.id)]
        )

    @api.model
    def _used_links(self, setup):
        """Return a LinkIndex of those that have an Odoo record."""
        return LinkIndex(self._links(setup).filtered(self._odoo_field))

    @api.model
    def _link_state(self, link, vals):
        """Return whether a row is, or can be, linked, and what changed, as values."""
        hindrance, changes = False, []
        if is_too_long(vals["number"]):
            hindrance = self.env._(
                "The number is too long to be linked. Correct it in Tripletex."
            )
        elif link and link.tripletex_id not in (False, vals["tripletex_id"]):
            hindrance = self.env._(
                "The number is linked already, to another row in Tripletex. Correct "
                "the link under Timesheets, Configuration, Tripletex."
            )
        elif link:
            hindrance = self.env._("Linked already.")
            changes = [
                self._change_text(link, name, vals[name])
                for name in ("number", "name", *self._copied_fields)
                if (link[name] or False) != (vals[name] or False)
            ]
        return {
            "selectable": not hindrance,
            "is_linked": bool(link),
            "hindrance": hindrance,
            "change": "; ".join(changes) or False,
        }

    @api.model
    def _suggested_values(self, row, vals, suggestions, link):
        """Return the Odoo record that a row gets to begin with, or why it gets none.

        A linked row shows what it is linked to.
        """
        if not vals["selectable"]:
            record = link and link[self._odoo_field]
            return {self._odoo_field: record and record.id, "doubt": False}
        record = suggestions.found.get(row["id"])
        return {
            self._odoo_field: record and record.id,
            "doubt": suggestions.doubts.get(row["id"], False),
        }

    @api.model
    def _row_text(self, row):
        """Return how a row as read is shown in a sentence."""
        parts = row[self._number_key], self._row_name(row), row.get("customerName")
        return " ".join(filter(None, parts))

    @api.model
    def _row_name(self, row):
        return row["name"] or row.get("displayName") or False

    @api.model
    def _change_text(self, link, name, value):
        field = link._fields[name]
        label = field._description_string(self.env)
        if field.type == "boolean":
            return f"{label}: {'✓' if value else '–'}"
        return f"{label}: {link[name] or '–'} → {value or '–'}"

    # -- figures before Complete -------------------------------------------------

    @api.model
    def _count_to_add(self, setup):
        """Return how many Odoo records Complete creates, and how many it links."""
        domain = [
            ("setup_id", "=", setup.id),
            ("selected", "=", True),
            ("selectable", "=", True),
        ]
        linked = self.search_count([*domain, (self._odoo_field, "!=", False)])
        return self.search_count(domain) - linked, linked

    @api.model
    def _count_changed(self, setup):
        """Return how many linked rows changed, and how many are to be accepted."""
        changed = [("setup_id", "=", setup.id), ("change", "!=", False)]
        accepted = [*changed, ("accept_change", "=", True)]
        return self.search_count(changed), self.search_count(accepted)

    # -- Complete ----------------------------------------------------------------

    def _untick_linked(self):
        """Untick rows that somebody linked since the list was read."""
        links = self._used_links(self.setup_id)
        self.filtered(
            lambda line: line.selected and links.of(line.tripletex_id, line.number)
        ).selected = False

    def _problems(self):
        """Return a sentence for each reason why the ticked rows cannot be linked."""
        return self._linked_twice() + self._numbered_twice()

    def _linked_twice(self):
        field, seen, problems = self._odoo_field, set(), []
        linked = self._links(self.setup_id)[field]
        for line in self._to_add().filtered(field):
            record = line[field]
            if record in seen or record in linked:
                problems.append(
                    self.env._(
                        "%(row)s: %(record)s is linked to another row. Choose "
                        "another one, or none to create a new one.",
                        row=line.display_name,
                        record=full_name(record),
                    )
                )
            seen.add(record)
        return problems

    def _numbered_twice(self):
        """A link is found by its number, so a number has one link."""
        return [
            self.env._(
                "%(rows)s: these have the same number. Untick all but one, or correct "
                "the numbers in Tripletex.",
                rows=", ".join(same.mapped("display_name")),
            )
            for same in self._to_add().filtered("number").grouped("number").values()
            if len(same) > 1
        ]

    def _of_other_companies(self, field):
        """The lists offer none; a program can write one, or it is moved later."""
        allowed = (self.setup_id.company_id, self.env["res.company"])
        return [
            self.env._(
                "%(row)s: %(record)s belongs to another company. Choose another one, "
                "or none.",
                row=line.display_name,
                record=full_name(line[field]),
            )
            for line in self._to_add()
            if line[field].company_id not in allowed
        ]

    def _link(self):
        """Create missing records, link all ticked rows; return how many of each."""
        field, lines = self._odoo_field, self._to_add()
        new = lines.filtered(lambda line: not line[field])
        for line, record in zip(new, new._create_records(), strict=True):
            line[field] = record
        links = self._links(self.setup_id)
        free = LinkIndex(links.filtered(lambda link: not link[field]))
        create = []
        for line in lines:
            vals = line._link_values()
            link = line._claim_link(free)
            if link:
                link.write(vals)
            else:
                create.append(vals | {"connection_id": self.setup_id.connection_id.id})
        links.create(create)
        return len(new), len(lines) - len(new)

    def _claim_link(self, free):
        """Return the link without an Odoo record that belongs to the row, or None.

        Where a link holds the row's number for another Tripletex record, the number is
        removed from it: what was sent stays with the record it was sent for.

        :param free: LinkIndex of the links without an Odoo record
        """
        own = free.by_id.get(self.tripletex_id)
        holder = free.by_number.get(self.number)
        if not holder or holder == own:
            return own
        if holder.tripletex_id:
            holder.number = False
            return own
        return own or holder

    def _copied_values(self):
        """Return the values of a link that come from Tripletex."""
        names = ("tripletex_id", "number", "name", *self._copied_fields)
        return {name: self[name] for name in names}

    def _link_values(self):
        """Return the values of the link that Complete creates."""
        return self._copied_values() | {self._odoo_field: self[self._odoo_field].id}

    def _accept_changes(self):
        """Bring links up to date where Accept Change is ticked; return how many."""
        links = self._links(self.setup_id)
        by_id = {link.tripletex_id: link for link in links}
        # links created by hand have no id yet
        by_number = {link.number: link for link in links if not link.tripletex_id}
        changed = 0
        for line in self.filtered(lambda line: line.accept_change and line.change):
            link = by_id.get(line.tripletex_id) or by_number.get(line.number)
            if link:
                link.write(line._copied_values())
                changed += 1
        return changed


class LinkIndex:
    """Finds the link of a row by number, which is what counts, then by id."""

    def __init__(self, links):
        self.by_number = {link.number: link for link in links if link.number}
        self.by_id = {link.tripletex_id: link for link in links if link.tripletex_id}

    def of(self, tripletex_id, number):
        """Return the link; by id where Tripletex changed the row's number."""
        return self.by_number.get(number) or self.by_id.get(tripletex_id)
