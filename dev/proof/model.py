"""What Tripletex should hold, from what the walk did.

Nothing here asks the addon where hours go. Kept are the walk's own acts: which records
it linked to which of Tripletex, what it excluded, what a line said when a person
validated it, where that was at the time, and what people decided. Read from Odoo are
the lines as people log them, which hours Tripletex holds or may hold (these stay where
they are), which of them are on their way to another row, and the states people see.
"""

import copy
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
#: A share as Odoo has it; ``key`` as in ``ledger.key_of``. ``settled``: it stays there;
#: ``unsent``: it waits.
Share = namedtuple("Share", "line key state settled unsent hours held leaving handled")
#: What an administrator's change lets the next run look up; see ``Model.look_up``.
Ask = namedtuple("Ask", "field record date reconnected")
WAITING = """
    SELECT place, is_unclear FROM tripletex_entry
     WHERE company_id = %s AND state NOT IN ('sent', 'sending')
"""
SHARES = """
    SELECT share.line_id, entry.place, entry.state, share.settlement != 'open',
           share.settlement = 'open'
           OR share.settlement = 'settled' AND share.is_unsent,
           share.hours, share.is_held, share.is_leaving, share.is_handled
      FROM tripletex_entry_share share JOIN tripletex_entry entry
        ON entry.id = share.entry_id
     WHERE entry.company_id = %s AND share.line_id IS NOT NULL
"""
#: Rows that Tripletex never held, and that nothing is left of without these lines.
VOID = """
    SELECT share.line_id, entry.place
      FROM tripletex_entry_share share JOIN tripletex_entry entry
        ON entry.id = share.entry_id
     WHERE share.line_id = ANY(%s) AND entry.company_id = %s
       AND entry.tripletex_id IS NULL AND entry.sent_at IS NULL
       AND entry.is_unclear IS NOT TRUE AND entry.state != 'sending'
       AND NOT EXISTS (
           SELECT FROM tripletex_entry_share other
            WHERE other.entry_id = entry.id AND other.line_id != ALL(%s)
              AND (other.hours != 0 OR other.is_held OR other.is_leaving))
"""


def to_hundredths(hours):
    """Two decimals, half up, of a number whose sixth decimal is the last."""
    number = Decimal(f"{hours:.6f}") if isinstance(hours, float) else hours
    return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def key_of_place(place):
    """The key of an entry's place, comparable with those of Tripletex's rows."""
    kind, who, *rest = place.split("|")
    if kind == PLACELESS:
        return (kind, int(who))
    return (kind, int(who), rest[0], *(int(i) or None for i in rest[1:]))


class Model:
    """Where the hours of each validated line belong, and what people decided.

    ``links``: by the line's field, Odoo's id to (Tripletex's id, id of the link).
    ``ways``: field and id of a link to what is set on it. ``places``: line id to a set
    of keys as in ``ledger.key_of``; a line without a place in Tripletex has the key
    ``("line", id)``, one that was never queued is not in it. ``were``: all places that
    a line had, by what decided them. ``foreign``: hours that a person added to ours, by
    key. ``kept``: by key, our hours when a person kept Tripletex's.
    """

    def __init__(self, world, ledger):
        self.world = world
        self.ledger = ledger
        self.links = {field: {} for field in LINKED}
        self.ways = defaultdict(lambda: {"activity_id": None, "transfer_as": None})
        self.activity = None
        self.excluded = set()
        self.places = {}
        self.were = defaultdict(lambda: defaultdict(list))
        #: (line id, key): what the line said when it was last there; moved away: ()
        self.last = {}
        self.said = {}  # line id: what the line said when it got its place
        self.hours = {}  # line id: hours when a person validated it, six decimals
        self.handled = set()  # (line id, key)
        self.came = defaultdict(dict)  # line id: like ``were``, before a move
        self.whole = defaultdict(dict)  # the same, with rows that were not sent
        self.asked = []
        self.corrects = defaultdict(dict)  # line id: kinds of rows that it corrects
        self.placeless = set()  # lines whose number was still to be looked up
        self.foreign = defaultdict(Decimal)
        self.kept = {}
        self.theirs = set()  # keys that a person handles while an answer is missing

    def copy(self):
        """What is known now, to :meth:`restore` it."""
        known = {k: v for k, v in vars(self).items() if k not in ("world", "ledger")}
        return copy.deepcopy(known)

    def restore(self, known):
        """Forget what was noted since, by a transaction that Odoo did not keep."""
        vars(self).update(copy.deepcopy(known))

    # -- what administrators do --------------------------------------------------

    def learn(self, env):
        """Take what the first set-up linked and chose, once, as what was wanted."""
        connection = self.world.connection(env)
        self.activity = int(connection.default_activity_id.tripletex_id)
        for field, kind in LINKED.items():
            own = [("connection_id", "=", connection.id), (field, "!=", False)]
            for link in env[f"tripletex.{kind}"].search(own):
                self.link(field, link[field].id, int(link.tripletex_id), link.id)
        self.asked.clear()

    def ask(self, field=None, record=None, date=None, reconnected=False):
        """The next run looks up lines of a record (else all), also from a date on.

        :param reconnected: those as well that changed while nothing was connected
        """
        self.asked.append(Ask(field, record, date, reconnected))

    def unlink(self, field, record_id):
        """The link of a record was emptied."""
        self.links[field].pop(record_id, None)
        self.ask(field, record_id)

    def link(self, field, record_id, there, link_id):
        """A record was linked; whatever was linked to the same is so no longer."""
        for record, (other, link) in list(self.links[field].items()):
            if there == other or link == link_id:
                self.unlink(field, record)
        self.links[field][record_id] = there, link_id
        self.ask(field, record_id)

    # -- where a line's hours belong ---------------------------------------------

    def shares(self, *line_ids):
        """What Odoo knows about the hours of lines (else of all)."""
        found = self.world.sql(SHARES, self.world.company_id)
        shares = [
            Share(line, key_of_place(place), *rest) for line, place, *rest in found
        ]
        return [share for share in shares if not line_ids or share.line in line_ids]

    def waiting(self):
        """Keys of what was not sent yet, also of lines that are gone; their shares.

        :return: these two, and the keys of attempts whose answer is missing
        """
        found = self.world.sql(WAITING, self.world.company_id)
        keys = {key_of_place(place) for place, _is_unclear in found}
        unclear = {key_of_place(place) for place, is_unclear in found if is_unclear}
        return keys, [share for share in self.shares() if share.key in keys], unclear

    def settled(self, *line_ids):
        """By line, the keys that hold or may hold its hours, or were decided about."""
        keys = defaultdict(set)
        for share in self.shares(*line_ids):
            if share.settled:
                keys[share.line].add(share.key)
        return keys

    def settled_without(self, lines):
        """Like :meth:`settled`, for lines that are about to leave their rows.

        A row that came to nothing, by a correction, before it was ever sent is gone
        with them: their hours follow the links then.
        """
        settled = self.settled(*lines.ids)
        own = lines.ids, self.world.company_id, lines.ids
        for line_id, place in self.world.sql(VOID, *own):
            settled[line_id].discard(key_of_place(place))
        return settled

    def _place_now(self, line_id, said):
        """The keys that hours belong to as the walk has linked records by now."""
        if said.project in self.excluded or not said.hours:
            return set()
        who, _link = self.links["employee_id"].get(said.employee, (None, None))
        where, on_project = self.links["project_id"].get(said.project, (None, None))
        types = self.links["work_entry_type_id"]
        what, on_paycode = types.get(said.paycode, (None, None))
        if not who or not where or (said.paycode and not what):
            return {(PLACELESS, line_id)}
        paycode, way = (
            ("paycode", who, said.day, what),
            self.ways["work_entry_type_id", on_paycode],
        )
        activity = (what and way["activity_id"]) or self.ways["project_id", on_project][
            "activity_id"
        ]
        hours = ("hours", who, said.day, where, activity or self.activity)
        if not what:
            return {hours}
        return {"paycode": {paycode}, "hours": {hours}}.get(
            way["transfer_as"], {hours, paycode}
        )

    def _place(self, line, said, settled):
        """The keys of a line that was validated: those it has, else by the links.

        A negative line goes to the hours that it corrects.

        :param settled: keys that stay, whatever the links say
        """
        were, stay = self.were[line.id][said[1:]], {}
        for place in reversed(were):
            for key in self._own(line.id, said, place & settled):
                stay.setdefault(key[0], key)
        corrected = said.hours < 0 and self._corrected(said, line, is_new=not stay)
        now = corrected or self._place_now(line.id, said)
        if stay:
            # a place that was expected before a run beside it sent them says nothing
            rows = set(stay.values())
            lacks = {key[0] for key in next(p for p in reversed(were) if p & rows)}
            if said.hours > 0:  # whatever it was before, it corrects nothing now
                self.corrects[line.id].pop(said[1:], None)
            # it may have corrected one, whose other row waited
            lacks |= self.corrects[line.id].get(said[1:], set())
            lacks -= stay.keys()
            if PLACELESS in lacks:
                rows_of_it = {"hours", "paycode"} if said.paycode else {"hours"}
                lacks = (lacks | rows_of_it) - stay.keys() - {PLACELESS}
            lacks |= {PLACELESS} if lacks else set()
            now = {key for key in now if key[0] in lacks}
        return now | set(stay.values())

    def _own(self, line_id, said, keys):
        """Those of these keys that the line had when it said the same.

        The row of hours of overtime can have been that of ordinary hours since. It is
        theirs again where no link leads to another.
        """
        own = {key for key in keys if self.last[line_id, key] == said[1:]}
        there = {key[0] for key in own | self._place_now(line_id, said)}
        if own and not there & {"hours", PLACELESS}:
            own |= {
                key
                for key in keys
                if key[0] == "hours" and self.last[line_id, key][:-1] == said[1:-1]
            }
        return own

    def _corrected(self, said, line, is_new):
        """The keys of the hours that a negative line corrects, where some were sent.

        Several lines can say the same and stand elsewhere: then it is Odoo's choice.

        :param is_new: it stands nowhere yet, and gets all rows of that line
        """
        settled, found = self.settled(), {}
        for other, place in self.places.items():
            same = other != line.id and self.said[other][1:] == said[1:]
            handled = {key for number, key in self.handled if number == other}
            sent = (place & settled[other]) - handled
            if same and sent and self.hours[other] > 0:
                lacks = place - settled[other]
                rows = frozenset(sent | self._lacking(line, said, lacks, sent))
                were = self.were[other][said[1:]]
                whole = next((p for p in reversed(were) if p & sent), place)
                found.setdefault(rows, {key[0] for key in whole})
        own = line.env["tripletex.entry.share"].sudo()
        own = own.search([("line_id", "=", line.id), ("is_leaving", "!=", True)])
        own = own.filtered("hours")
        chosen = frozenset(key_of_place(entry.place) for entry in own.entry_id)
        if chosen not in found:
            chosen = next(iter(found), frozenset())
        if chosen and is_new:
            self.corrects[line.id][said[1:]] = found[chosen]
        return set(chosen)

    def _lacking(self, line, said, lacks, sent):
        """Where the rows that a corrected line lacks still will be.

        :param lacks: where they are waited for now
        :param sent: keys of its other rows
        """
        kinds = {key[0] for key in lacks}
        if PLACELESS in kinds:
            kinds |= {"hours", "paycode"} - {key[0] for key in sent}
        kinds |= {PLACELESS} if kinds else set()
        return {key for key in self._place_now(line.id, said) if key[0] in kinds}

    @staticmethod
    def _read(line):
        return Said(
            to_hundredths(line._tripletex_hours()),
            line.employee_id.id,
            line.project_id.id,
            str(line.date),
            line.work_entry_type_id.id,
        )

    def _settle(self, line, place, said):
        self.ledger.allow(place | self.places.get(line.id, set()))
        self.places[line.id], self.said[line.id] = place, said
        self.hours.setdefault(line.id, Decimal(f"{line._tripletex_hours():.6f}"))
        were = self.were[line.id][said[1:]]
        lacks = were and place < were[-1] and place <= self.settled(line.id)[line.id]
        if place and not lacks:
            were.append(place)
        for key in place:
            self.last.setdefault((line.id, key), said[1:])

    def _note_last(self):
        """What lines say by now is what they said when they were last on these rows.

        A row that leaves is that of before, also where the line is expected back there:
        its new place can be unknown yet, and it may never come.
        """
        for share in self.shares():
            is_there = share.hours and not share.leaving
            if is_there and share.key in self.places.get(share.line, ()):
                self.last[share.line, share.key] = self.said[share.line][1:]

    def _forget(self, line_id):
        self.ledger.allow(self.places.pop(line_id, set()))
        self.hours.pop(line_id, None)

    def changed(self, env, lines, settled):
        """Lines were validated, invalidated, changed or deleted by a person.

        :param settled: what :meth:`settled_without` said before
        """
        self._note_last()
        connected = self.world.connection(env)
        left = lines.exists()
        for line_id in lines.ids:  # a run beside it may have been the first to send it
            self.ledger.allow(settled[line_id])
        for line_id in (lines - left).ids:
            self._forget(line_id)
        for line in left:
            said, stay = self._read(line), settled[line.id]
            self.hours.pop(line.id, None)  # by the unit as it is now
            handled = {pair for pair in self.handled if pair[0] == line.id}
            self.handled -= handled
            stay = stay - {key for _line, key in handled}  # Tripletex never held them
            place = set()
            if line.tripletex_validated:
                place = self._place(line, said, stay)
                if not connected:  # what it said then returns there, else all is open
                    there = {
                        key
                        for (at, key), was in self.last.items()
                        if at == line.id and was == said[1:]
                    }
                    place &= stay & there
            if place or stay:
                self._settle(line, place, said)
            else:
                self._forget(line.id)

    def look_up(self, env, has_run=False):
        """Around a run: hours that wait follow the links, a date queues others.

        Hours that are settled stay where they are. What is asked stays so until no run
        has to look it up any more: a change beside it may have come first.

        :param has_run: the run is over
        """
        self._note_last()
        self._follow_found(env)
        own = [("connection_id.company_id", "=", self.world.company_id)]
        asked = self.asked
        left = env["tripletex.lookup"].sudo().search(own)
        self.asked = [ask for ask in asked if self._is_still_asked(ask, left)]
        if not any(left.mapped("is_reconnected")):
            self.asked = [ask._replace(reconnected=False) for ask in self.asked]
        connected = self.world.connection(env)
        settled = self.settled()
        lines = self.world.lines(env, ("tripletex_validated", "=", True))
        for ask in asked:
            for line in (
                lines
                if not ask.field
                else lines.filtered(
                    lambda line, ask=ask: line[ask.field].id == ask.record
                )
            ):
                place, said = self.places.get(line.id), self._read(line)
                since = ask.date and str(ask.date) <= said.day
                if since and has_run and self._let_in_later(ask, asked, said):
                    since = bool(self.shares(line.id))
                # of what changed its place while nothing was connected
                lost = place is not None and ask.reconnected and settled[line.id]
                waits = place and place - settled[line.id]
                if waits and has_run and self._was_excluded(ask, asked, line.id):
                    self._forget(line.id)
                    lines -= line  # until a run looks up from the date
                    continue
                if connected and (waits or since or lost):
                    self._follow(line, said, settled[line.id])

    def _follow_found(self, env):
        """Corrections whose number was found go to the hours that they correct now."""
        before, settled = self.placeless, self.settled()
        self.placeless = {s.line for s in self.shares() if s.key[0] == PLACELESS}
        found = ("id", "in", [*before - self.placeless])
        for line in self.world.lines(env, found, ("tripletex_validated", "=", True)):
            said = self._read(line)
            if said.hours < 0 and line.id in self.places:
                self._follow(line, said, settled[line.id])

    @staticmethod
    def _is_still_asked(ask, left):
        """Whether a run has still to look up what was asked; one can stand for many.

        :param left: look-ups that are not done
        """
        if not ask.date:
            return bool(left)
        return any(
            lookup.date_from == ask.date
            and (not ask.field or lookup[ask.field].id == ask.record)
            for lookup in left
        )

    def _was_excluded(self, ask, asked, line_id):
        """Whether a run saw that a project was excluded.

        Beside it the project was let in, or the connection was removed. What waited was
        withdrawn, and only a date brings it back.
        """
        if ask.field != "project_id":
            return False
        if any(share.hours for share in self.shares(line_id)):
            return False
        same = [other for other in asked if other[:2] == ask[:2]]
        return len(same) > 1 or ask.record in self.excluded

    @staticmethod
    def _let_in_later(ask, asked, said):
        """Whether the set-up asks for a line that letting in its project leaves out.

        Which of them a run beside it looked up first is then Odoo's choice.
        """
        return not ask.field and any(
            other[:2] == ("project_id", said.project)
            and not (other.date and str(other.date) <= said.day)
            for other in asked
        )

    def _follow(self, line, said, settled):
        old = self.places.get(line.id, set())
        place = self._place(line, said, settled)
        if not self._place_now(line.id, said):  # a move that is off: back to old rows
            done = {key[0] for key in old & settled}
            came = self.came[line.id].get(said[1:], ())
            back = {key for key in came if key[0] not in done}
            if back:  # what waited when it moved still lacks
                self.were[line.id][said[1:]].append(self.whole[line.id][said[1:]])
            place = place | back
        if old - settled and place <= settled and self.asked:
            if any(not share.settled for share in self.shares(line.id)):
                return  # no run has seen that its project is excluded
        if not old:
            self.hours.pop(line.id, None)  # by the unit as it is now
        if place or settled:
            if place != old:
                self._settle(line, place, said)
        else:
            self._forget(line.id)

    def retried(self, env):
        """Hours without a place look for one."""
        for line_id, place in list(self.places.items()):
            line = env["account.analytic.line"].browse(line_id).exists()
            if line and (PLACELESS, line_id) in place:
                self._follow(line, self._read(line), self.settled()[line_id])

    def moved(self, env, before, field, record, first, last):
        """A person moved sent hours of these days to where the links lead now.

        :param before: all shares before
        """
        settled = defaultdict(list)
        for share in before:
            if share.settled:
                settled[share.line].append(share)
        for line_id, shares in settled.items():
            keys = {share.key for share in shares}
            said, place = self.said.get(line_id), self.places.get(line_id)
            if not place or not keys & place or not first <= said.day <= last:
                continue
            if field and getattr(said, LINKED[field]) != record:
                continue
            decided = {key[0] for line, key in self.handled if line == line_id}
            if PLACELESS in decided:
                continue
            now = self._place_now(line_id, said)
            if decided:  # the other row of overtime moves, where it has one
                kinds = {key[0] for key in place} - decided
                now = {key for key in now if key[0] in kinds}
                if not now:
                    continue
                now |= {key for key in place if key[0] in decided}
            if now and (PLACELESS, line_id) not in now:
                line = env["account.analytic.line"].browse(line_id)
                self.were[line_id].pop(said[1:], None)  # nothing returns there
                self.last |= {(line_id, key): () for key in place - now}
                if now != place:  # else nothing moves, and what waits was nowhere
                    self._note_origin(line_id, said, place, shares)
                self._settle(line, now, said)

    def _note_origin(self, line_id, said, place, shares):
        """Remember where moved hours were: what was never sent does not return.

        :param shares: the line's settled shares before the move
        """
        states = {share.key: share.state for share in shares}
        rows = {key[0]: key for key in self.came[line_id].get(said[1:], ())}
        rows |= {
            key[0]: key
            for key in place & states.keys()
            if states[key] == "sent" or key[0] not in rows
        }
        self.came[line_id][said[1:]] = set(rows.values())
        self.whole[line_id][said[1:]] = set(place)

    # -- what people decide ------------------------------------------------------

    def decided(self, env, key, decision, row_id, figure, moves):
        """A person decided a conflict.

        :param row_id: the row that the person saw, or None
        :param figure: what it said, or None; it may stand at another key
        :param moves: shares of lines that move, before
        """
        hours = figure.hours if figure else 0.0
        moved_on = decision == "add" and figure and figure.key != key
        self.ledger.allow({key, *([figure.key] if figure else [])})
        self.kept.pop(key, None)
        self.foreign.pop(key, None)
        if decision == "keep":
            self._stay(env, key, moves)
            self._stand(env, key)
            # hours that wait to come here are asked about when they come
            stay = {move.line for move in moves if move.leaving and move.key == key}
            others = [move for move in moves if move.line not in stay]
            self.kept[key] = self.wanted(others).get(key, NOTHING)
        elif decision == "add" and not moved_on:
            self.foreign[key] = to_hundredths(hours)
        if decision != "keep" and figure and not moved_on:
            self.ledger.decide(key, row_id, figure)
        self.ledger.know(key, 0.0 if moved_on else hours)

    def _stand(self, env, key):
        """Hours that a person saw at ``key`` stay there, whatever the links say since.

        No run had looked that up.
        """
        for share in self.shares():
            place = self.places.get(share.line, set())
            is_here = share.key == key and share.hours
            is_here = is_here and not (share.leaving or share.held)
            if is_here and place and key not in place:
                line = env["account.analytic.line"].browse(share.line)
                stays = {there for there in place if there[0] != key[0]}
                if not line.work_entry_type_id:
                    stays.discard((PLACELESS, share.line))
                self._settle(line, stays | {key}, self._read(line))

    def _stay(self, env, key, moves):
        """Hours that were to leave ``key`` stay there, with their other rows."""
        for line_id in {
            move.line for move in moves if move.leaving and move.key == key
        }:
            own = [move for move in moves if move.line == line_id]
            new = [move for move in own if move.hours and not move.leaving]
            kinds = {move.key[0] for move in new if move.held} | {key[0]}
            kinds |= {"hours", "paycode"} if PLACELESS in kinds else set()
            kinds -= {move.key[0] for move in new if move.settled and not move.held}
            leaving = {move.key for move in own if move.leaving}
            stands = {move.key for move in new if not move.held}
            goes_to = self.places[line_id] | {move.key for move in new}
            kinds -= self._lost(line_id, leaving, leaving | stands, goes_to)
            back = {move.key for move in own if move.leaving and move.key[0] in kinds}
            stays = {there for there in self.places[line_id] if there[0] not in kinds}
            line = env["account.analytic.line"].browse(line_id)
            said = self._read(line)
            self._settle(line, stays | back, said)
            self.were[line_id][said[1:]].append(stays | back)  # it lacks no other row

    def _lost(self, line_id, leaving, standing, goes_to):
        """Kinds of rows that overtime had beside those that it was to leave.

        They are gone, so what is new of these kinds goes on.

        :param standing: all keys where hours stand, or stay
        :param goes_to: keys to which the hours were to go
        """
        rows = set()
        for key in leaving:
            for place in self.were[line_id][self.last[line_id, key]]:
                if key in place:
                    rows = {row[0] for row in place}
        here = {key[0] for key in standing}
        new = {key[0] for key in goes_to}
        if here <= new and PLACELESS not in new:
            rows = new  # hours that became overtime have a row to come
        lost = rows - here
        return lost | ({PLACELESS} if lost else set())

    def handle(self, env, waiting, moves):
        """What was not sent is handled by hand when the connection is removed.

        :param waiting: what :meth:`waiting` said before
        :param moves: shares of lines that move, before
        """
        keys, unsent, unclear = waiting
        self.theirs |= unclear
        held = {share.line for share in unsent if share.held}
        # also rows to which hours came back, because the new row was refused
        leaving = [
            move
            for move in moves
            if move.leaving and (move.key in keys or (move.hours and move.line in held))
        ]
        moving = {move.line for move in leaving}
        for key in {move.key for move in leaving}:
            self._stay(env, key, moves)
        # what was held on a row that is as sent waits no longer either
        waits = {share for share in unsent if share.unsent}
        waits |= {
            move for move in moves if move.line in moving and move.held and move.unsent
        }
        for line_id in {share.line for share in waits}:
            # others were expected only, or dropped: the hours never came there
            there = {share.key for share in self.shares(line_id)}
            waited = {share.key for share in waits if share.line == line_id}
            waited = waited & there if line_id in moving else waited
            if not waited:
                continue
            kinds, old = {key[0] for key in waited}, self.places[line_id]
            kinds |= {"hours", "paycode"} if PLACELESS in kinds else {PLACELESS}
            stays = {key for key in old if key[0] not in kinds or key in there}
            line = env["account.analytic.line"].browse(line_id)
            self._settle(line, stays | waited, self._read(line))
        for share in waits:
            # a conflict is kept as it is, with all hours that are part of it
            is_kept = share.key in self.places[share.line]
            if share.state != "conflict" and is_kept:
                self.handled.add((share.line, share.key))
        wanted = self.wanted()
        # also of rows that are as sent, and now get what their line says by then
        for key in keys | {move.key for move in leaving}:
            self.kept[key] = wanted.get(key, NOTHING)

    # -- sums --------------------------------------------------------------------

    def wanted(self, moves=(), placeless=()):
        """Hours by key that were validated, rounded once per key.

        :param placeless: lines that wait and whose place is not looked up yet
        :param moves: shares of lines that move: held hours do not count where they go,
            and stand where they were, also where their new place has the same row
        """
        sums = defaultdict(Decimal)
        not_here = {
            (move.line, move.key) for move in moves if move.held or move.leaving
        }
        not_here |= self.handled
        for line_id, place in self.places.items():
            if line_id in placeless:
                place = {(PLACELESS, line_id)} | (place & self.settled()[line_id])
            for key in place:
                if (line_id, key) not in not_here:
                    sums[key] += self.hours[line_id]
        for move in moves:
            if move.leaving:
                sums[move.key] += Decimal(f"{move.hours:.6f}")
        return {key: to_hundredths(hours) for key, hours in sums.items()}

    def moves(self):
        """All shares of lines whose hours are on their way to another row."""
        shares = self.shares()
        lines = {share.line for share in shares if share.leaving or share.held}
        return [share for share in shares if share.line in lines]

    def entries(self, env):
        """Entries of the company by key."""
        found = env["tripletex.entry"].sudo()
        found = found.search([("company_id", "=", self.world.company_id)])
        return {key_of_place(entry.place): entry for entry in found}

    # -- both sides --------------------------------------------------------------

    def differences(self, env):
        """What is not as it should be, as sentences; empty when all is well.

        To be called when faults are off, pauses over and the queue is quiet: what
        Tripletex holds equals what is validated, or a person was told why not.
        """
        self.ledger.check()
        found, moves = list(self.ledger.violations), self.moves()
        told = {s.line for s in self.shares() if s.key[0] == PLACELESS and s.hours}
        entries, held = self.entries(env), self.ledger.held()
        wanted, unclear = self.wanted(moves, told), {move.key for move in moves}
        unclear = unclear.union(*(self.places.get(line_id, ()) for line_id in told))
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
            elif entry and entry.state != "sent":
                unclear.add(key)
        found += self._judge_moves(moves, wanted)
        if not found:
            self.ledger.agree(unclear)
        return found

    def _judge_moves(self, moves, wanted):
        """Hours that move are on one of two rows, and something is in their way.

        But a correction returns to no row where it would be alone.

        :param wanted: what :meth:`wanted` says
        """
        by_line = defaultdict(list)
        for move in moves:
            by_line[move.line].append(move)
        for line_id, parts in by_line.items():
            stuck = any(move.state != "sent" for move in parts)
            stuck = stuck or (PLACELESS, line_id) in self.places.get(line_id, ())
            if not stuck:
                yield f"line {line_id} moves although nothing is in its way: {parts}"
            new = {key[0]: key for key in self.places.get(line_id, ())}
            for move in parts:
                if not move.leaving or move.state != "sent" or move.key[0] not in new:
                    continue
                goes_to = new[move.key[0]]
                if all(m.key != goes_to for m in parts):
                    goes_to = (PLACELESS, line_id)  # it stands for rows not known yet
                waits = any(m.held for m in parts if m.key == goes_to)
                hours = self.hours[line_id]
                is_alone = hours < 0 and wanted.get(move.key, NOTHING) + hours < 0
                if waits != bool(move.hours) and not (waits and is_alone):
                    yield f"line {line_id} counts on both rows or none: {parts}"

    def _judge(self, key, entry, ours, there):
        """What is wrong at one key, or None."""
        total = ours + self.foreign[key]
        if entry and entry.state in ("failed", "conflict"):
            return None if entry.error_message else "a problem without a message"
        if entry and entry.state != "sent" and not entry.is_held:
            return "still waiting although all is quiet"
        if entry and entry.is_held and total < 0:
            return None  # a correction waits for hours that are on their way here
        if not entry and ours:
            return "validated hours that nobody means to send"
        if total == there:
            return None
        if self.kept.get(key) == ours:
            return None
        if not total and (
            self.ledger.is_theirs(key) or key in self.theirs and not entry
        ):
            return None
        if key in self.ledger.touched:
            # A person changed the row and nothing of ours has moved since.
            known = to_hundredths(self.ledger.believed[key])
            return None if total == known else "a person's change hid ours"
        if key in self.kept:
            return "hours changed after a person kept the figure there"
        return "both sides differ"
