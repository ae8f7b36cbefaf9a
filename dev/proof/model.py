"""What Tripletex should hold, from what the walk did.

Nothing here asks the addon where hours go. Kept are the walk's own acts: which records
it linked to which of Tripletex, what it excluded, what a line said when a person
validated it, and what people decided. Read from Odoo are the lines as people log them,
which hours are known to be in Tripletex, and the states that people see.
"""

from collections import defaultdict, namedtuple
from decimal import ROUND_HALF_UP, Decimal

PLACELESS = "line"
NOTHING = Decimal("0.00")
#: The field of a line, and the kind of link of its record.
LINKED = {
    "employee_id": "employee",
    "project_id": "project",
    "work_entry_type_id": "paycode",
}
#: What a line says that decides where its hours belong.
Said = namedtuple("Said", "hours employee project day paycode")


def to_hundredths(hours):
    """Two decimals, half up, of a number whose sixth decimal is the last."""
    number = Decimal(f"{hours:.6f}") if isinstance(hours, float) else hours
    return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


class Model:
    """Where the hours of each validated line belong, and what people decided.

    ``links``: by the line's field, Odoo's id to Tripletex's. ``places``: line id to a
    set of keys as in ``ledger.key_of``; a line without a place in Tripletex has the
    key ``("line", id)``. ``foreign``: hours that a person added to ours, by key.
    ``kept``: by key, our hours when a person kept Tripletex's.
    """

    def __init__(self, world, ledger):
        self.world = world
        self.ledger = ledger
        self.links = {field: {} for field in LINKED}
        self.activity = None
        self.excluded = set()
        self.places = {}
        self.said = {}  # line id: what the line said when it got its place
        self.hours = {}  # line id: its hours then, to the sixth decimal
        self.foreign = defaultdict(Decimal)
        self.kept = {}

    # -- what administrators do --------------------------------------------------

    def learn(self, env):
        """Take what the first set-up linked and chose, once, as what was wanted."""
        connection = self.world.connection(env)
        self.activity = int(connection.default_activity_id.tripletex_id)
        for field, kind in LINKED.items():
            own = [("connection_id", "=", connection.id), (field, "!=", False)]
            for link in env[f"tripletex.{kind}"].search(own):
                self.links[field][link[field].id] = int(link.tripletex_id)

    def unlink(self, field, record_id):
        """The link of a record was emptied."""
        self.links[field].pop(record_id, None)

    def link(self, field, record_id, tripletex_id):
        """A record was linked; whatever was linked to the same is so no longer."""
        others = self.links[field].items()
        self.links[field] = {i: there for i, there in others if there != tripletex_id}
        self.links[field][record_id] = tripletex_id

    # -- where a line's hours belong ---------------------------------------------

    def _place_now(self, line_id, said):
        """The keys that hours belong to as the walk has linked records by now."""
        if said.project in self.excluded:
            return set()
        who = self.links["employee_id"].get(said.employee)
        where = self.links["project_id"].get(said.project)
        what = said.paycode and self.links["work_entry_type_id"].get(said.paycode)
        if not who or not where or what is None:
            return {(PLACELESS, line_id)}
        place = {("hours", who, said.day, where, self.activity)}
        return place | {("paycode", who, said.day, what)} if what else place

    @staticmethod
    def _read(line):
        return Said(
            to_hundredths(line.unit_amount),
            line.employee_id.id,
            line.project_id.id,
            str(line.date),
            line.work_entry_type_id.id,
        )

    def _settle(self, line, place, said):
        self.places[line.id], self.said[line.id] = place, said
        self.hours[line.id] = Decimal(f"{line.unit_amount:.6f}")

    def sent_lines(self, env):
        """Lines with hours that Tripletex is known to hold."""
        shares = env["tripletex.entry.share"].sudo()
        return set(shares.search([("entry_id.tripletex_id", "!=", False)]).line_id.ids)

    def changed(self, env, lines):
        """Lines were validated, invalidated, changed or deleted by a person."""
        if not self.world.connection(env):
            return
        there = lines.exists()
        for line_id in (lines - there).ids:
            self.places.pop(line_id, None)
        for line in there:
            said = self._read(line)
            valid = line.tripletex_validated
            self._settle(line, self._place_now(line.id, said) if valid else set(), said)

    def resync(self, env, line_ids, sent):
        """Something around the lines changed: they find their way anew.

        Hours that Tripletex holds stay there when they have no other place to go.

        :param sent: ids of lines that Tripletex held hours of before the change
        """
        if not self.world.connection(env):
            return
        for line in env["account.analytic.line"].sudo().browse(line_ids):
            if not line.exists() or not line.tripletex_validated:
                self.places.pop(line.id, None)
                continue
            said = self._read(line)
            place = self._place_now(line.id, said)
            lost = not place or place == {(PLACELESS, line.id)}
            stays = line.id in sent and said == self.said.get(line.id)
            if not (lost and stays and self.places.get(line.id)):
                self._settle(line, place, said)

    def placed(self, field=None, record_id=None):
        """Ids of lines that have a place, or one of their own for want of it.

        :param field: only lines that said ``record_id`` there
        """
        name = {"employee_id": "employee", "project_id": "project"}.get(field)
        return [
            line_id
            for line_id, place in self.places.items()
            if place and (not name or getattr(self.said[line_id], name) == record_id)
        ]

    def placeless(self):
        """Ids of lines whose hours have no place in Tripletex."""
        return [i for i, place in self.places.items() if place == {(PLACELESS, i)}]

    # -- what people decide ------------------------------------------------------

    def decided(self, key, decision, row_id, figure):
        """A person decided a conflict.

        :param row_id: the row that the person saw, or None
        :param figure: what it said, or None; it may stand at another key
        """
        hours = figure.hours if figure else 0.0
        moved_on = decision == "add" and figure and figure.key != key
        self.kept.pop(key, None)
        self.foreign.pop(key, None)
        if decision == "keep":
            self.kept[key] = self.wanted().get(key, NOTHING)
        elif decision == "add" and not moved_on:
            self.foreign[key] = to_hundredths(hours)
        if decision != "keep" and figure and not moved_on:
            self.ledger.decide(key, row_id, figure)
        self.ledger.know(key, 0.0 if moved_on else hours)

    # -- sums --------------------------------------------------------------------

    def wanted(self):
        """Hours by key that were validated, rounded once per key."""
        sums = defaultdict(Decimal)
        for line_id, place in self.places.items():
            for key in place:
                sums[key] += self.hours[line_id]
        return {key: to_hundredths(hours) for key, hours in sums.items()}

    def key_of_entry(self, entry):
        """The key of an entry, comparable with those of places and rows."""
        who, day = entry.tripletex_employee_id, str(entry.date)
        if not who or not (entry.activity_id or entry.tripletex_paycode_id):
            return (PLACELESS, entry.share_ids.line_id.id)
        who = self._id_of(who, "Employee", "employeeNumber")
        if entry.kind == "paycode":
            what = self._id_of(entry.tripletex_paycode_id, "SalaryType")
            return ("paycode", who, day, what)
        project = entry.tripletex_project_id
        where = self._id_of(project, "Project") if project else None
        return ("hours", who, day, where, int(entry.activity_id.tripletex_id))

    def _id_of(self, link, model, number="number"):
        """Tripletex's id of a link, which may know the number only so far."""
        known = link.tripletex_id
        return int(known or self.ledger.company.find(model, link.number, number))

    def entries(self, env):
        """Entries of the company by key."""
        found = env["tripletex.entry"].sudo()
        found = found.search([("company_id", "=", self.world.company_id)])
        return {self.key_of_entry(entry): entry for entry in found}

    # -- both sides --------------------------------------------------------------

    def differences(self, env):
        """What is not as it should be, as sentences; empty when all is well.

        To be called when faults are off, pauses over and the queue is quiet: what
        Tripletex holds equals what is validated, or a person was told why not.
        """
        found = list(self.ledger.violations)
        entries, wanted, held = self.entries(env), self.wanted(), self.ledger.held()
        for key in sorted({*entries, *wanted, *held}, key=str):
            entry = entries.get(key)
            there = to_hundredths(held.get(key, 0.0))
            ours = wanted.get(key, NOTHING)
            problem = self._judge(key, entry, ours, there)
            if problem:
                found.append(
                    f"{key}: {problem}. Validated {ours}, added {self.foreign[key]}, "
                    f"held {there}, known to Odoo {self.ledger.believed[key]:.2f}, "
                    f"{entry.state if entry else 'no entry'}: "
                    f"{entry and entry.error_message}"
                )
        return found

    def _judge(self, key, entry, ours, there):
        """What is wrong at one key, or None."""
        total = ours + self.foreign[key]
        if entry and entry.state in ("failed", "conflict"):
            return None if entry.error_message else "a problem without a message"
        if entry and entry.state != "sent":
            return "still waiting although all is quiet"
        if not entry and ours:
            return "validated hours that nobody means to send"
        if total == there:
            return None
        if key in self.kept:
            same = self.kept[key] == ours
            return None if same else "hours changed after a kept figure, nobody asked"
        if not total and self.ledger.is_theirs(key):
            return None
        if key in self.ledger.touched:
            # A person changed the row and nothing of ours has moved since.
            known = to_hundredths(self.ledger.believed[key])
            return None if total == known else "a person's change hid ours"
        return "both sides differ"
