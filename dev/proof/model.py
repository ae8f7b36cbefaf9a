"""What Tripletex should hold, worked out apart from the addon's own figures.

Read from Odoo: the lines, the links, and the states that people see. Kept here: where
each line's hours belong, which follows from what people did, and what they decided.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

PLACELESS = "line"
HOURS_IN_A_DAY = 24


def to_hundredths(hours):
    """Two decimals, half up, of a number whose sixth decimal is the last."""
    number = Decimal(f"{hours:.6f}") if isinstance(hours, float) else hours
    return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


class Model:
    """Where the hours of each validated line belong, and what people decided.

    ``places``: line id to a set of keys as in ``ledger.key_of``; a line without a
    place in Tripletex has the key ``("line", id)``. ``foreign``: hours that a person
    added to ours, by key. ``kept``: by key, our hours when a person kept Tripletex's.
    """

    def __init__(self, world, ledger):
        self.world = world
        self.ledger = ledger
        self.places = {}
        self._placed_as = {}  # line id: what the line said when it got its place
        self.foreign = defaultdict(Decimal)
        self.kept = {}

    # -- where a line's hours belong ---------------------------------------------

    def tripletex_id(self, binding, model, number="number"):
        """The id in Tripletex that a link stands for, made by number or by id."""
        if binding.tripletex_id:
            return int(binding.tripletex_id)
        return self.ledger.company.find(model, binding.number, number)

    def _links(self, env, line):
        connection = self.world.connection(env)
        found = []
        for model, name in (
            ("tripletex.employee", "employee_id"),
            ("tripletex.project", "project_id"),
            ("tripletex.paycode", "work_entry_type_id"),
        ):
            domain = [("connection_id", "=", connection.id), (name, "=", line[name].id)]
            empty = env[model].sudo().browse()
            found.append(env[model].sudo().search(domain) if line[name] else empty)
        return connection, *found

    def place_of(self, env, line):
        """The keys that the hours of ``line`` belong to as the links are now."""
        if line.project_id.tripletex_excluded:
            return set()
        connection, employee, project, paycode = self._links(env, line)
        activity = (
            paycode.activity_id
            or project.activity_id
            or (
                connection.default_internal_activity_id
                if project.is_internal
                else connection.default_activity_id
            )
        )
        unlinked = line.work_entry_type_id and not paycode
        if not employee or not project or unlinked or not activity:
            return {(PLACELESS, line.id)}
        who = self.tripletex_id(employee, "Employee", "employeeNumber")
        day, keys = str(line.date), set()
        if not paycode or paycode.transfer_as != "paycode":
            internal = project.is_internal or not activity.is_project_activity
            where = None if internal else self.tripletex_id(project, "Project")
            keys.add(("hours", who, day, where, int(activity.tripletex_id)))
        if paycode and paycode.transfer_as != "hours":
            salary_type = self.tripletex_id(paycode, "SalaryType")
            keys.add(("paycode", who, day, salary_type))
        return keys

    # -- what happens to places --------------------------------------------------

    def sent_lines(self, env):
        """Lines with hours that Tripletex is known to hold."""
        shares = env["tripletex.entry.share"].sudo()
        return set(shares.search([("entry_id.tripletex_id", "!=", False)]).line_id.ids)

    def changed(self, env, lines):
        """Lines were validated, invalidated or changed by a person."""
        if not self.world.connection(env):
            return
        for line in lines:
            place = self.place_of(env, line) if line.tripletex_validated else set()
            self._place(line, place)

    def _place(self, line, place):
        self.places[line.id] = place
        self._placed_as[line.id] = self._said(line)

    def _said(self, line):
        hours = to_hundredths(line.unit_amount)
        paycode = line.work_entry_type_id.id
        return hours, line.employee_id.id, line.project_id.id, line.date, paycode

    def gone(self, env, line_ids):
        """Lines were deleted."""
        if self.world.connection(env):
            for line_id in line_ids:
                self.places.pop(line_id, None)

    def resync(self, env, line_ids, sent):
        """Something around the lines changed: they find their way anew.

        Hours that Tripletex holds stay there when they have no other place to go.

        :param sent: ids of lines that Tripletex held hours of before the change
        """
        if not self.world.connection(env):
            return
        for line in env["account.analytic.line"].sudo().browse(line_ids).exists():
            if not line.tripletex_validated:
                self.places.pop(line.id, None)
                continue
            place = self.place_of(env, line)
            lost = not place or place == {(PLACELESS, line.id)}
            stays = line.id in sent and self._said(line) == self._placed_as.get(line.id)
            if not (lost and stays and self.places.get(line.id)):
                self._place(line, place)

    def placed(self):
        """Ids of lines that have a place, or one of their own for want of it."""
        return [line_id for line_id, place in self.places.items() if place]

    # -- what people decide ------------------------------------------------------

    def decided(self, key, decision, ours, remote, moved):
        """A person decided a conflict.

        :param ours: our validated hours that the person saw
        :param remote: ``(row id or None, Figure or None)`` that the person saw
        :param moved: whether the conflict is about our row at another place
        """
        row_id, figure = remote
        hours = figure.hours if figure else 0.0
        self.kept.pop(key, None)
        self.foreign.pop(key, None)
        if decision == "keep":
            self.kept[key] = to_hundredths(ours)
        elif decision == "add" and not moved:
            self.foreign[key] = to_hundredths(hours)
        if decision != "keep" and figure and not (moved and decision == "add"):
            self.ledger.decide(key, row_id, figure)
        self.ledger.know(key, 0.0 if moved and decision == "add" else hours)

    # -- sums --------------------------------------------------------------------

    def wanted(self, env):
        """Hours by key that are validated in Odoo, rounded once per key."""
        lines = env["account.analytic.line"].sudo().browse(self.placed()).exists()
        sums = defaultdict(Decimal)
        for line in lines.filtered("tripletex_validated"):
            for key in self.places[line.id]:
                sums[key] += Decimal(f"{line.unit_amount:.6f}")
        return {key: to_hundredths(hours) for key, hours in sums.items()}

    def key_of_entry(self, entry):
        """The key of an entry, comparable with those of places and rows."""
        who, day = entry.tripletex_employee_id, str(entry.date)
        if not who or not (entry.activity_id or entry.tripletex_paycode_id):
            return (PLACELESS, entry.share_ids.line_id.id)
        who = self.tripletex_id(who, "Employee", "employeeNumber")
        if entry.kind == "paycode":
            paycode = self.tripletex_id(entry.tripletex_paycode_id, "SalaryType")
            return ("paycode", who, day, paycode)
        project = entry.tripletex_project_id
        where = self.tripletex_id(project, "Project") if project else None
        return ("hours", who, day, where, int(entry.activity_id.tripletex_id))

    def entries(self, env):
        """Entries of the company by key."""
        found = env["tripletex.entry"].sudo()
        found = found.search([("company_id", "=", self.world.company_id)])
        return {self.key_of_entry(entry): entry for entry in found}
