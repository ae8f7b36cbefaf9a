import json
from itertools import accumulate

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: States that a line shows, the one that needs most first.
WORST_FIRST = ("failed", "conflict", "pending", "sent")


class TripletexEntryShare(models.Model):
    """What one validated timesheet line contributes to one entry.

    The entry is the sum of its shares. A share that Tripletex may hold, or that a
    person has decided about, is *settled* and stays in its entry: links, activities,
    units, exclusions and connections do not change it, only its own line does.
    """

    _name = "tripletex.entry.share"
    _description = "Timesheet Line in a Tripletex Entry"
    _inherit = "tripletex.technical"
    _order = "entry_id, line_id, id"
    # who and when stand on the line and the entry; a month has thousands of shares
    _log_access = False

    entry_id = fields.Many2one(
        "tripletex.entry", required=True, ondelete="cascade", index=True
    )
    connection_id = fields.Many2one(related="entry_id.connection_id")
    company_id = fields.Many2one(related="entry_id.company_id")
    line_id = fields.Many2one(
        "account.analytic.line",
        string="Timesheet Line",
        ondelete="set null",
        help="Empty: the line was deleted; its share leaves the entry.",
    )
    description = fields.Char(related="line_id.name", string="Description")
    hours = fields.Float(
        digits=(16, 6),
        required=True,
        help="Six decimals: the entry is rounded once, after summing. 0: the line is "
        "not validated any more, or its hours move to another row.",
    )
    amount = fields.Char(
        help="Amount and unit that the line had; hours are worked out once.",
        export_string_translation=False,
    )
    routing_key = fields.Char(
        help="What decided the place: the line's company, employee, date, project and "
        "paycode when it was queued.",
        export_string_translation=False,
    )
    #: Kinds of all entries that the line was queued for.
    kinds = fields.Char(
        export_string_translation=False,
    )
    #: Kind of entry that the employee did not send beside this one when the line was
    #: queued: only widening what they send, from a date, adds it.
    left_out = fields.Char(
        export_string_translation=False,
    )
    settlement = fields.Selection(
        [
            ("open", "Waits and follows the links"),
            ("attempted", "Tripletex may hold it"),
            ("settled", "Stays where it is"),
        ],
        required=True,
        default="open",
        help="Set when sending begins.",
        export_string_translation=False,
    )
    is_unsent = fields.Boolean(
        help="Stays where it is, but was not sent since it got its hours: a person "
        "decided about its row, or the line returned there.",
        export_string_translation=False,
    )
    is_held = fields.Boolean(
        help="The hours wait until they are removed from another row.",
        export_string_translation=False,
    )
    is_leaving = fields.Boolean(
        help="The line's hours move to another row.", export_string_translation=False
    )
    former_hours = fields.Float(
        digits=(16, 6),
        help="Hours before they were withdrawn, to put back if a move fails.",
        export_string_translation=False,
    )
    is_gone = fields.Boolean(
        help="Tripletex is known to hold none of the hours that were withdrawn.",
        export_string_translation=False,
    )
    is_handled = fields.Boolean(
        help="A person handles the hours by hand: they are never sent.",
        export_string_translation=False,
    )
    is_kept = fields.Boolean(
        help="Somebody kept the row that the hours were to be moved from.",
        export_string_translation=False,
    )

    belongs_to = fields.Date(
        readonly=True,
        help="First day of the month that the hours belong to, where a person chose to "
        "send them as an adjustment in a later one.",
        export_string_translation=False,
    )

    # also the index of ``line_id``; rows without a line do not count as equal
    _line_entry_uniq = models.Constraint(
        "UNIQUE(line_id, entry_id)", "The line is part of this entry already."
    )
    # the cron asks at every run whether lines were deleted
    _orphan_idx = models.Index("(entry_id) WHERE line_id IS NULL")
    # and after each batch whether hours move
    _leaving_idx = models.Index("(line_id) WHERE is_leaving")
    _open_idx = models.Index("(line_id) WHERE settlement != 'settled'")
    # months are summed without what belongs to others
    _belongs_to_idx = models.Index("(entry_id) WHERE belongs_to IS NOT NULL")
    # a negative line looks for the hours that it corrects
    _routing_idx = models.Index("(routing_key) WHERE settlement != 'open'")

    def _kinds(self):
        """Kinds of all entries that the line was queued for."""
        return set(self.kinds.split(",")) if self.kinds else set()

    @api.model
    def _domain_counted(self):
        """Shares that say something about their line: withdrawn ones do not."""
        return (
            Domain("hours", "!=", 0)
            | Domain("is_held", "=", True)
            | Domain("is_leaving", "=", True)
        )

    @api.model
    def _domain_commenting(self):
        """Shares whose lines' texts are part of their entry's comment."""
        return (
            Domain("hours", "!=", 0)
            & Domain("is_held", "=", False)
            & Domain("is_handled", "=", False)
            & Domain("line_id", "!=", False)
        )

    @api.model
    def _domain_adjustable(self):
        """Shares whose hours were not sent, also to a later month that was chosen."""
        stays = Domain("settlement", "=", "settled") & Domain("is_unsent", "=", True)
        return (
            (Domain("settlement", "=", "open") | stays)
            & Domain("hours", "!=", 0)
            & Domain("is_held", "=", False)
            & Domain("is_handled", "=", False)
            & Domain("entry_id.is_placeless", "=", False)
        )

    @api.model
    def _domain_of_lines_not_queued(self, connections):
        """Lines of which these connections send nothing, or not all rows.

        :param connections: ``tripletex.connection`` records
        """
        return self._domain_of_lines_without(
            Domain("connection_id", "in", connections.ids)
            & Domain("left_out", "=", False)
            & self._domain_counted()
        )

    @api.model
    def _domain_of_lines_without(self, domain, line="id"):
        """Lines that have no share of the domain.

        PostgreSQL asks for each line by the index (OFFSET keeps it from joining): a
        million shares do not fit the memory that it has for NOT IN.

        :param line: name of the column that holds the line where the domain is used
        """
        shares = self._search(domain & Domain("line_id", "!=", False))
        return Domain.custom(
            to_sql=lambda _lines, alias, _query: SQL(
                "NOT EXISTS (SELECT FROM %s share WHERE share.line_id = %s OFFSET 0)",
                shares.subselect("line_id"),
                SQL.identifier(alias, line),
            )
        )

    @api.model
    def _domain_shown(self):
        """The shares by which a line shows its state.

        Those of a removed connection count where there is no other share.
        """
        Connection = self.env["tripletex.connection"].sudo()
        counted = self._domain_counted()
        if not Connection.search_count([("state", "=", "disconnected")], limit=1):
            return counted
        active = Connection.search([("state", "!=", "disconnected")])
        present = Domain("entry_id.connection_id", "in", active.ids)
        others = self.sudo()._domain_of_lines_without(present & counted, "line_id")
        return counted & (present | others)

    @api.model
    def _states_of_lines(self, line_ids):
        """The state that each line shows: of several entries, the one that needs most.

        :return: dict of line id to value of ``WORST_FIRST``, of lines that are queued
        """
        if not line_ids:
            return {}
        self.flush_model()
        self.env["tripletex.entry"].flush_model(["state"])
        self.env["tripletex.connection"].flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT share.line_id,
                       COALESCE(
                           array_agg(DISTINCT shown.state)
                           FILTER (WHERE connection.state != 'disconnected'),
                           array_agg(DISTINCT shown.state)
                       )
                  FROM tripletex_entry_share share
                  JOIN tripletex_entry entry ON entry.id = share.entry_id
                  JOIN tripletex_connection connection
                    ON connection.id = entry.connection_id
            CROSS JOIN LATERAL (
                       SELECT CASE WHEN entry.state = 'sending'
                                     OR (share.is_held AND entry.state = 'sent')
                                   THEN 'pending' ELSE entry.state END AS state
                       ) shown
                 WHERE share.line_id IN %s
                   AND (share.hours != 0 OR share.is_held OR share.is_leaving)
              GROUP BY share.line_id
                """,
                tuple(line_ids),
            )
        )
        return {line_id: min(found, key=WORST_FIRST.index) for line_id, found in rows}

    @api.model
    def _domain_of_lines_in(self, wanted):
        """Domain of the lines that show one of these states.

        :param wanted: values of ``WORST_FIRST``; False: lines that are not queued
        """
        shown, domain = self._domain_shown(), Domain.FALSE
        for place, state in enumerate(WORST_FIRST):
            if state in wanted:
                # a line shows the state when an entry has it and none is worse
                having = self._search(shown & self._domain_in_states([state]))
                worse = shown & self._domain_in_states(WORST_FIRST[:place])
                domain |= Domain(
                    "id", "in", having.subselect("line_id")
                ) & self._domain_of_lines_without(worse)
        if False in wanted:
            domain |= self._domain_of_lines_without(shown)
        return domain

    @api.model
    def _domain_in_states(self, states):
        """Shares whose line is in one of these states because of them."""
        sent = Domain("entry_id.state", "=", "sent")
        others = [state for state in states if state != "sent"]
        # nothing is negated: PostgreSQL would look through all that is sent
        if "pending" in states:
            others.append("sending")
        domain = Domain("entry_id.state", "in", others)
        if "pending" in states:
            domain |= sent & Domain("is_held", "=", True)
        if "sent" in states:
            domain |= sent & Domain("is_held", "=", False)
        return domain

    def _update(self, values):
        """Write what differs.

        :return: the entries concerned, none where nothing differs
        """
        self.ensure_one()
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed.keys() & {"hours", "amount", "routing_key"}:
            changed |= {"is_handled": False, "is_kept": False}  # the line changed
        self.write(changed)
        return self.entry_id if changed else self.entry_id.browse()

    def _withdraw(self, is_leaving=True, keep_hours=False):
        """Take the line's hours out of the entry; the share remembers its place.

        :param is_leaving: they go to another row
        :param keep_hours: but not yet: where they go is not known
        :return: the entries concerned
        """
        self.ensure_one()
        values = {"is_leaving": is_leaving, "is_held": False}
        if self.hours:
            values |= {"former_hours": self.hours, "is_gone": self._stays_unsent()}
        if not keep_hours:
            values["hours"] = 0
        return self._update(values)

    def _hours_of(self, line):
        """Hours of a line, worked out once for its amount: a unit's length can change.

        Hours that leave a row can be of an earlier validation: the new row's count.

        :return: those of one of these shares, else by the unit as it is now
        """
        if not self:
            return line._tripletex_hours()
        amount = line._tripletex_amount()
        known = self.filtered(
            lambda s: s.line_id == line and s.hours and s.amount == amount
        ).sorted("is_leaving")
        return known[0].hours if known else line._tripletex_hours()

    def _adjust_to(self, entry):
        """Put hours that were never sent into an entry of a later month.

        A person chose the month: as long as they wait, they follow the links there.
        """
        self.ensure_one()
        there = self.search(
            [("entry_id", "=", entry.id), ("line_id", "=", self.line_id.id)]
        )
        values = {
            "hours": self.hours,
            "amount": self.amount,
            "routing_key": self.routing_key,
            "kinds": self.kinds,
            "settlement": "open",
            "is_unsent": False,
            "belongs_to": self.line_id.date.replace(day=1),
            "is_leaving": False,
            "former_hours": 0,
            "is_gone": False,
        }
        if there:  # withdrawn from there before
            self.unlink()
            there.write(values)
        else:
            self.write(values | {"entry_id": entry.id})

    def _divided(self, parts, amount):
        """Values of a share of each part of a line that was split, its own first.

        :param parts: ``account.analytic.line`` records, together the line of before
        :param amount: what the line's amount was, see ``_tripletex_amount``
        :return: list of dict of values; their hours add up to this share's
        """
        self.ensure_one()
        [common] = self.copy_data()
        # up to where each part goes, so that rounding loses nothing
        ends = list(accumulate(part.unit_amount for part in parts))
        values = []
        before = dict.fromkeys(("hours", "former_hours"), 0.0)
        for part, end in zip(parts, ends, strict=True):
            upto = {name: round(self[name] * end / ends[-1], 6) for name in before}
            # hours of an earlier amount are those of no part
            is_of_amount = self.amount == amount
            values.append(
                common
                | {name: round(upto[name] - before[name], 6) for name in before}
                | {
                    "line_id": part.id,
                    "amount": is_of_amount and part._tripletex_amount(),
                }
            )
            before = upto
        return values

    def _still_stands(self):
        """Whether Tripletex may still hold the share's hours."""
        self.ensure_one()
        if not self._takes_part():
            return False
        may_stand = self.former_hours and not self.is_gone
        return bool(self.hours or (may_stand and not self.entry_id._is_confirmed()))

    def _is_back(self):
        """Whether hours that the share gets now return to a row that holds none."""
        return self._takes_part() and not self._still_stands()

    def _takes_part(self):
        """Whether the connection of the share is there: else nothing of it changes."""
        return self.connection_id.state != "disconnected"

    def _note_gone(self):
        """Their rows are confirmed: of hours that were withdrawn nothing stands there.

        Other lines' hours may change these rows later, which says nothing about ours.
        """
        gone = self.filtered(lambda share: share.former_hours and not share.hours)
        gone.is_gone = True

    def _is_decided(self):
        """Whether a person chose the place or handles the hours: no move takes them."""
        self.ensure_one()
        return bool(self.belongs_to or self.is_handled)

    def _is_unwritten(self):
        """Whether nobody tried to send the share's hours since it has them."""
        self.ensure_one()
        return self.settlement == "open" or self.is_held

    def _stays_unsent(self):
        """Whether the share's hours wait where they are, and no link moves them."""
        self.ensure_one()
        return self.is_unsent and self.settlement == "settled"

    def _settle(self, only_attempted=False):
        """Let shares stay where they are from now on, whatever the links say.

        :param only_attempted: leave alone what joined after the attempt
        """
        self.filtered(
            lambda share: (
                not share.is_held
                and (share.settlement == "attempted" or not only_attempted)
                and (share.settlement != "settled" or share.is_unsent)
            )
        ).write({"settlement": "settled", "is_unsent": False})

    def _bind(self):
        """Let shares stay where they are, sent or not: a person decides about them."""
        self._settle(only_attempted=True)
        self.filtered(
            lambda share: share.settlement == "open" and not share.is_held
        ).write({"settlement": "settled", "is_unsent": True})

    def _note_refused(self):
        """What an attempt meant to add is not there: it waits as before."""
        for share in self.filtered(lambda s: s.settlement == "attempted"):
            share.settlement = "settled" if share.is_unsent else "open"

    @api.model
    def _insert(self, rows):
        """Create missing shares in one statement: a month has thousands.

        :param rows: non-empty list of dict: line_id, entry_id, hours, amount,
            routing_key, kinds, left_out, is_held, belongs_to
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO tripletex_entry_share
                       (line_id, entry_id, hours, amount, routing_key, kinds, left_out,
                        is_held, belongs_to, settlement)
                SELECT line_id, entry_id, hours, amount, routing_key, kinds, left_out,
                       is_held, belongs_to, 'open'
                  FROM json_populate_recordset(NULL::tripletex_entry_share, %s)
                ON CONFLICT (entry_id, line_id) DO NOTHING
                """,
                json.dumps(rows, default=str),
            )
        )
        self.env["tripletex.entry"].invalidate_model(["share_ids"], flush=False)
