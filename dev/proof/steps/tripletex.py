"""What people do in Tripletex itself, and how its days are."""

from datetime import timedelta

from .common import DAYS, MONDAY, NOTHING

#: Hundredths that ours never add up to, so that figures are never equal by chance.
THEIR_HUNDREDTHS = (11, 14, 17, 19, 22, 28, 31, 36, 39, 44, 47, 53, 56, 61, 64)
RATES = {
    "drop_before": 0.06,
    "drop_after": 0.06,
    "500_json": 0.05,
    "500_html": 0.03,
    "500_json_after": 0.05,
    "500_html_after": 0.03,
    "truncated": 0.05,
    "html_200": 0.03,
    "429": 0.02,
    "429_reset": 0.02,
    "401": 0.04,
    "409": 0.03,
}


class TripletexSteps:
    """What people do in Tripletex itself, and how its days are."""

    def _turn(self, switch, **values):
        """A switch of the stand-in, turned by a person; whether Tripletex took it."""
        with self.ledger.person():
            status, answer = self.sandbox.panel.handle(switch, self._json(values))
        if status == 400:
            raise ValueError(answer["error"])
        return status == 200

    def person_edits(self, rng):
        """A person changes the hours, the comment or the date of a row."""
        found = self.ledger.rows()
        if not found:
            return NOTHING
        (kind, row_id), figure = rng.choice(found)
        day = MONDAY + timedelta(days=rng.randrange(DAYS))
        comment = "comment" if kind == "hours" else "description"
        hours = "hours" if kind == "hours" else "count"
        change = rng.choice(
            (
                {hours: self._their_hours(rng)},
                {hours: self._their_hours(rng)},
                {comment: "Seen by Kari"},
                {"date": str(day)},
            )
        )
        if kind == "hours":
            done = self._turn("person_edits_entry", entry_id=row_id, **change)
        else:
            done = self._turn("person_edits_row", row_id=row_id, **change)
        return f"a person changes {figure} to {change}: {done}"

    def person_deletes(self, rng):
        """A person deletes a row."""
        found = self.ledger.rows()
        if not found:
            return NOTHING
        (kind, row_id), figure = rng.choice(found)
        if kind == "hours":
            done = self._turn("person_deletes_entry", entry_id=row_id)
        else:
            done = self._turn("person_deletes_row", row_id=row_id)
        return f"a person deletes {figure}: {done}"

    def person_creates(self, rng):
        """A person registers hours where ours may come."""
        keys = sorted(
            {k for place in self.model.places.values() for k in place}, key=str
        )
        keys = [key for key in keys if key[0] != "line"]
        if not keys:
            return NOTHING
        kind, who, _day, *rest = rng.choice(keys)
        day = MONDAY + timedelta(days=rng.randrange(DAYS))
        values = {"employee": who, "date": str(day)}
        if kind == "hours":
            values |= {"hours": self._their_hours(rng), "project": rest[0]}
            done = self._turn("person_creates_entry", activity=rest[1], **values)
        else:
            values |= {"count": self._their_hours(rng)}
            done = self._turn("person_creates_row", salary_type=rest[0], **values)
        return f"a person registers {values}: {done}"

    def _their_hours(self, rng):
        return round(rng.randint(1, 3) + rng.choice(THEIR_HUNDREDTHS) / 100, 2)

    def lock_month(self, rng):
        """The month is approved, for everybody or one person, or opened again."""
        who = rng.choice([None, *sorted(self.ledger.company.table("Employee"))[:3]])
        locked = rng.random() < 0.5
        self._turn("lock_month", month=f"{MONDAY:%Y-%m}", employee=who, locked=locked)
        return f"month of {who} locked: {locked}"

    def close_project(self, rng):
        """A project is closed in Tripletex, or opened again."""
        project = rng.choice(sorted(self.ledger.company.table("Project"))[:4])
        closed = rng.random() < 0.5
        self._turn("close_project", project=project, closed=closed)
        return f"project {project} closed: {closed}"

    def key(self, rng):
        """The API user key is revoked, or given back."""
        revoked = rng.random() < 0.3
        self._turn("revoke_key", revoked=revoked)
        self._turn("kill_sessions")
        return f"key revoked: {revoked}"

    def rights(self, rng):
        """The key loses a right, or gets all back."""
        lost = rng.choice(
            ([], [], ["timesheet/entry:write"], ["timesheet/salaryTypeSpecification"])
        )
        self._turn("revoke_rights", resources=lost)
        return f"rights lost: {lost}"

    def weather(self, rng):
        """Calls go wrong at random from now on, or no more."""
        share = rng.choice((0, 0, 0.3, 1, 1.5))
        rates = {kind: rate * share for kind, rate in RATES.items()} if share else {}
        self._turn("mix", rates=rates, seed=rng.randrange(10**6))
        return f"faults: {share}"

    def fault(self, rng):
        """The next call of a kind goes wrong."""
        kind = rng.choice(sorted(RATES))
        method = rng.choice(("POST", "PUT", "DELETE", "GET", None))
        self._turn("fault", kind=kind, times=rng.randint(1, 3), method=method)
        return f"next {method}: {kind}"
