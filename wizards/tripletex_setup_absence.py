from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import formatLang

from ..sending.namesakes import full_name
from ..tools import TripletexError, today_in_oslo
from .tripletex_setup_suggest import Suggestions, comparable, named

#: Odoo's own type for vacation, and the activity that alone moves the vacation balance
#: in Tripletex (DOCUMENTED).
VACATION_CODE, VACATION_ACTIVITY = "LEAVE120", "Ferie"
#: Tripletex's activities have Norwegian names, whatever language the person reads.
ACTIVITY_LANGUAGE = "nb_NO"
#: People whose own normal day is asked for: one call each (DOCUMENTED).
MOST_ASKED = 20


class TripletexSetupAbsence(models.TransientModel):
    """A kind of absence that time off uses, and where it is to be sent."""

    _name = "tripletex.setup.absence"
    _description = "Absence Offered by the Tripletex Set-up"
    _inherit = "tripletex.dialog"
    _order = "sequence, id"
    _rec_name = "leave_types"
    _named_fields = ("setup_id", "activity_id")
    _transient_max_hours = 0  # rows go with their set-up, never before it

    setup_id = fields.Many2one(
        "tripletex.connection.setup", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer()
    selected = fields.Boolean(string="Send")
    work_entry_type_id = fields.Many2one(
        "hr.work.entry.type", string="Absence", required=True, readonly=True
    )
    leave_types = fields.Char(string="Time Off Types", readonly=True)
    is_unpaid = fields.Boolean(readonly=True)
    activity_id = fields.Many2one(
        "tripletex.activity",
        string="Internal Activity",
        domain="[('is_project_activity', '=', False), "
        "('id', 'in', parent.activity_ids)]",
        help="Where approved time off of this kind is registered in Tripletex.",
    )
    reason = fields.Char(string="Remark", compute="_compute_reason")

    @api.depends("is_unpaid", "selected", "activity_id")
    def _compute_reason(self):
        for line in self:
            line.reason = False
            if line.selected and not line.activity_id:
                line.reason = self.env._("Choose an internal activity.")
            elif line.is_unpaid:
                line.reason = self.env._(
                    "Unpaid: Tripletex deducts hours on an activity without pay from a "
                    "fixed salary."
                )

    @api.onchange("activity_id")
    def _onchange_activity_id(self):
        self.selected = bool(self.activity_id)

    def write(self, vals):
        if "activity_id" in vals and "selected" not in vals:
            vals = vals | {"selected": bool(vals["activity_id"])}
        return super().write(vals)

    # -- reading -----------------------------------------------------------------

    @api.model
    def _offer(self, setup):
        """Make the list show the kinds of absence that time off uses; choices stay.

        :param setup: ``tripletex.connection.setup`` (sudo), whose activities are read
        """
        if not self.env["tripletex.absence"]._is_available():
            return
        leave_types = self._leave_types(setup)
        links = self._links(setup)
        kinds = leave_types.work_entry_type_id | links.work_entry_type_id
        suggested = self._suggest(setup, kinds, links, leave_types)
        existing = self.search([("setup_id", "=", setup.id)])
        existing.filtered(lambda line: line.work_entry_type_id not in kinds).unlink()
        by_kind = existing.exists().grouped("work_entry_type_id")
        offered = setup._activities()
        for sequence, kind in enumerate(kinds.sorted("display_name")):
            used_by = leave_types.filtered(lambda t, k=kind: t.work_entry_type_id == k)
            vals = {
                "sequence": sequence,
                "leave_types": ", ".join(used_by.mapped("name")),
                "is_unpaid": any(used_by.mapped("unpaid")),
            }
            if kind in by_kind:
                super(TripletexSetupAbsence, by_kind[kind]).write(vals)
                continue
            link = links.filtered(lambda link, k=kind: link.work_entry_type_id == k)
            activity = (link.activity_id & offered) if link else suggested.get(kind)
            vals |= {"setup_id": setup.id, "work_entry_type_id": kind.id}
            vals |= {"activity_id": activity and activity.id, "selected": bool(link)}
            self.create(vals)

    @api.model
    def _leave_types(self, setup):
        """The company's types of time off that make timesheet lines of absence."""
        company = setup.company_id
        return self.env["hr.leave.type"].search(
            [
                ("company_id", "in", (False, company.id)),
                ("country_id", "in", (False, company.country_id.id)),
                ("time_type", "=", "leave"),
                ("work_entry_type_id", "!=", False),
            ]
        )

    @api.model
    def _links(self, setup):
        return self.env["tripletex.absence"].search(
            [
                ("connection_id", "=", setup.connection_id.id),
                ("connection_id", "!=", False),
                ("work_entry_type_id", "!=", False),
            ]
        )

    @api.model
    def _suggest(self, setup, kinds, links, leave_types):
        """Return a dict of kind to the activity of its name, where that is unique.

        Nothing is suggested for unpaid kinds: it could cut somebody's salary.
        """
        internal = setup._activities().filtered(lambda a: not a.is_project_activity)
        rows = [{"id": a.id, "name": a.name, "activity": a} for a in internal]
        unpaid = leave_types.filtered("unpaid").work_entry_type_id

        def names(kind):
            used_by = leave_types.filtered(lambda t: t.work_entry_type_id == kind)
            found = {VACATION_ACTIVITY} if kind.code == VACATION_CODE else set()
            for lang in {self.env.lang, ACTIVITY_LANGUAGE}:
                found.add(kind.with_context(lang=lang).name)
                found.update(used_by.with_context(lang=lang).mapped("name"))
            return set(map(comparable, found))

        taken = links.work_entry_type_id
        suggestions = Suggestions(rows, kinds, taken, lambda row: row["name"])
        suggestions.match(lambda row: comparable(row["name"]), names)
        return {
            suggestions.found[row["id"]]: row["activity"]
            for row in rows
            if row["id"] in suggestions.found
            and suggestions.found[row["id"]] not in unpaid
        }

    # -- Complete ----------------------------------------------------------------

    def _problems(self):
        """Return a sentence for each row that cannot be linked as it is."""
        offered = self.setup_id._activities().filtered(
            lambda activity: not activity.is_project_activity
        )
        return [
            self.env._(
                "%(absence)s: choose an internal activity, or untick it.",
                absence=line.work_entry_type_id.display_name,
            )
            for line in self.filtered("selected")
            if line.activity_id not in offered
        ]

    def _chosen(self):
        """Return a dict of kind to Tripletex's id of its activity, or to None."""
        return {
            line.work_entry_type_id: line.selected and line.activity_id.tripletex_id
            for line in self
        }

    @api.model
    def _link(self, setup, chosen):
        """Create, change and empty the links of the connection.

        :param chosen: as :meth:`_chosen` returned it, before activities were merged
        :return: number of kinds that are sent from now on
        """
        Absence = self.env["tripletex.absence"]
        connection = setup.connection_id
        here = [("connection_id", "=", connection.id)]
        activities = self.env["tripletex.activity"].search(here)
        activities = activities.grouped("tripletex_id")
        links = Absence.search(here)
        free = links.filtered(lambda link: not link.work_entry_type_id)
        free = free.grouped("activity_id")
        links = links.grouped("work_entry_type_id")
        from_date = setup.send_from or fields.Date.context_today(self)
        for kind, tripletex_id in chosen.items():
            link = links.get(kind, Absence)
            if not tripletex_id:
                link.action_empty_link()
                continue
            vals = {"activity_id": activities[tripletex_id].id}
            if link:
                if link.activity_id != activities[tripletex_id]:
                    link.write(vals)
                continue
            vals |= {"work_entry_type_id": kind.id, "send_from": from_date}
            link = free.pop(activities[tripletex_id], Absence)[:1]
            if link:
                link.write(vals)
            else:
                Absence.create(vals | {"connection_id": connection.id})
        return sum(bool(tripletex_id) for tripletex_id in chosen.values())

    @api.model
    def _figures(self, count):
        if not count:
            return self.env._("No kind of absence is chosen: time off is not sent.")
        return self.env._("Kinds of absence that are sent: %s", count)


class NormalDay:
    """Compares the day of the people in Odoo with their normal day in Tripletex.

    Absence is sent in hours, and Tripletex makes days of them: hours ÷ normal day
    (MEASURED arithmetic). One call tells the company's normal day; a person's own is
    asked for only where the day in Odoo differs from it, and of ``MOST_ASKED`` at most.

    :param setup: ``tripletex.connection.setup`` (sudo)
    :param client: ``TripletexClient``
    """

    def __init__(self, setup, client):
        self.setup, self.env, self.client = setup, setup.env, client
        self.today = today_in_oslo()

    def sentences(self):
        """Return what the administrator should know, one sentence for each cause."""
        try:
            normal = self.client.get_standard_time(self.today)["hoursPerDay"]
        except TripletexError:
            # advice alone: it never stops the set-up
            return [
                self.env._(
                    "The normal working day in Tripletex could not be read, so it was "
                    "not compared with Odoo's. The API user key may lack the right."
                )
            ]
        differing, unasked, asked = defaultdict(list), [], 0
        for employee, tripletex_id in self._people().items():
            hours = employee.resource_calendar_id.hours_per_day
            if not hours or self._is_same(hours, normal):
                continue
            if asked == MOST_ASKED:
                unasked.append(employee)
                continue
            asked += 1
            own = self._own(tripletex_id, normal)
            if not self._is_same(hours, own):
                differing[hours, own].append(employee)
        return [
            self._sentence(people, *hours) for hours, people in differing.items()
        ] + self._more(unasked, normal)

    def _is_same(self, hours, other):
        return abs(hours - other) < 0.005

    def _people(self):
        """Return a dict of Odoo employee to Tripletex id: linked, or suggested."""
        links = self.env["tripletex.employee"].search(
            [
                ("connection_id", "=", self.setup.connection_id.id),
                ("connection_id", "!=", False),
            ]
        )
        pairs = [*self.setup.employee_line_ids, *links]
        return {
            row.employee_id: int(row.tripletex_id)
            for row in pairs
            if row.employee_id and row.tripletex_id
        }

    def _own(self, tripletex_id, normal):
        try:
            own = self.client.get_employee_standard_time(tripletex_id, self.today)
        except TripletexError:
            return normal  # nothing of their own is known
        return own["hoursPerDay"]

    def _sentence(self, people, hours, own):
        return self.env._(
            "%(employees)s: a day is %(odoo)s hours in Odoo and %(tripletex)s in "
            "Tripletex.",
            employees=named(people, full_name),
            odoo=formatLang(self.env, hours, digits=2),
            tripletex=formatLang(self.env, own, digits=2),
        )

    def _more(self, unasked, normal):
        if not unasked:
            return []
        return [
            self.env._(
                "%(count)s more people have a working day in Odoo that is not the "
                "company's %(hours)s hours in Tripletex.",
                count=len(unasked),
                hours=formatLang(self.env, normal, digits=2),
            )
        ]
