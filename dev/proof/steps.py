"""The steps of a walk: what people, workers, Tripletex and bad lines do.

Each step draws from the random numbers it is given and returns a few words about what
it did. A step that finds nothing to do says so; one that Odoo or Tripletex refuses is
as good as any other.
"""

from datetime import date, timedelta

from .ledger import Figure

MONDAY = date(2026, 3, 16)
DAYS = 3
#: Hours of ours: quarters, and what rounds to hundredths only after summing.
HOURS = (0.5, 1, 1.25, 1.5, 2, 2.75, 1 / 3, 2 / 3, 0.125, 1.005, 0.1)
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
NOTHING = "nothing to do"


class LineSteps:
    """What employees and approvers do in Odoo."""

    def _lines(self, env, *domain):
        own = [("company_id", "=", self.world.company_id), ("project_id", "!=", False)]
        return env["account.analytic.line"].search([*own, *domain], order="id")

    def _pick(self, env, rng, *domain, most=3):
        lines = self._lines(env, *domain)
        count = min(len(lines), rng.randint(1, most))
        return lines.browse(sorted(rng.sample(lines.ids, count)))

    def _of_company(self, env, model):
        own = [("company_id", "=", self.world.company_id)]
        found = env[model].search(own, order="id")
        if model == "project.project":
            # Odoo's own, made with the company
            found -= (
                env["res.company"].browse(self.world.company_id).internal_project_id
            )
        return found

    def _paycodes(self, env):
        connection = self.world.connection(env)
        domain = [("connection_id", "=", connection.id)]
        return env["tripletex.paycode"].search(domain, order="id").work_entry_type_id

    def _draw(self, env, rng, name):
        """A value for one field of a line."""
        if name == "unit_amount":
            return rng.choice(HOURS)
        if name == "date":
            return MONDAY + timedelta(days=rng.randrange(DAYS))
        if name == "name":
            return rng.choice(("Work", "More work", "Snow", "/"))
        if name == "work_entry_type_id":
            return rng.choice([False, False, *self._paycodes(env).ids])
        model = {"employee_id": "hr.employee", "project_id": "project.project"}[name]
        return rng.choice(self._of_company(env, model).ids)

    FIELDS = (
        "unit_amount",
        "date",
        "name",
        "work_entry_type_id",
        "employee_id",
        "project_id",
    )

    def log(self, rng):
        """Employees log hours."""

        def job(env):
            values = [
                {name: self._draw(env, rng, name) for name in self.FIELDS}
                for _number in range(rng.randint(1, 4))
            ]
            return env["account.analytic.line"].create(values).ids

        return f"logged {self.world.do(job)}"

    def validate(self, rng):
        """An approver validates some lines."""

        def job(env):
            lines = self._pick(env, rng, ("tripletex_validated", "=", False), most=6)
            lines.action_tripletex_validate()
            self.model.changed(env, lines)
            return lines.ids

        return f"validated {self.world.do(job)}"

    def invalidate(self, rng):
        """An approver opens some lines again."""

        def job(env):
            lines = self._pick(env, rng, ("tripletex_validated", "=", True))
            lines.action_tripletex_invalidate()
            self.model.changed(env, lines)
            return lines.ids

        return f"invalidated {self.world.do(job)}"

    def edit(self, rng):
        """Lines that are not validated are changed."""

        def job(env):
            lines = self._pick(env, rng, ("tripletex_validated", "=", False))
            name = rng.choice(self.FIELDS)
            lines.write({name: self._draw(env, rng, name)})
            return lines.ids, name

        return f"edited {self.world.do(job)}"

    def correct(self, rng):
        """Validated lines are opened, changed and validated again in one go."""

        def job(env):
            lines = self._pick(env, rng, ("tripletex_validated", "=", True))
            values = {
                name: self._draw(env, rng, name)
                for name in rng.sample(self.FIELDS, rng.randint(1, 2))
            }
            lines.action_tripletex_invalidate()
            lines.write(values)
            lines.action_tripletex_validate()
            self.model.changed(env, lines)
            return lines.ids, values

        return f"corrected {self.world.do(job)}"

    def delete(self, rng):
        """Lines that are not validated are deleted."""

        def job(env):
            lines = self._pick(env, rng, ("tripletex_validated", "=", False))
            ids = lines.ids
            lines.unlink()
            self.model.gone(env, ids)
            return ids

        return f"deleted {self.world.do(job)}"

    def cascade(self, rng):
        """A validated line goes below the ORM, as by a cascade of the database."""

        def job(env):
            lines = self._pick(env, rng, ("tripletex_validated", "=", True), most=1)
            ids = lines.ids
            if ids:
                env.cr.execute(
                    "DELETE FROM account_analytic_line WHERE id = %s", [ids[0]]
                )
                env.invalidate_all()
            self.model.gone(env, ids)
            return ids

        return f"lost {self.world.do(job)}"


class LinkSteps:
    """What administrators do: links, exclusions, connecting, strictness."""

    def _bindings(self, env, model):
        connection = self.world.connection(env)
        domain = [("connection_id", "=", connection.id)]
        return env[model].search(domain, order="id")

    def exclude(self, rng):
        """A project is marked as not sent, or no longer."""

        def job(env):
            projects = self._of_company(env, "project.project")
            excluded = projects.filtered("tripletex_excluded")
            project = rng.choice(excluded or projects)
            sent = self.model.sent_lines(env)
            project.tripletex_excluded = not project.tripletex_excluded
            lines = self._lines(
                env, ("project_id", "=", project.id), ("tripletex_validated", "=", True)
            )
            moved = [line_id for line_id in lines.ids if line_id not in sent]
            self.model.resync(env, moved, sent)
            return project.name, project.tripletex_excluded

        return f"excluded {self.world.do(job)}"

    def unlink(self, rng):
        """The link of an employee or a project is emptied."""

        def job(env):
            kind = rng.choice(("employee", "project"))
            bindings = self._bindings(env, f"tripletex.{kind}")
            linked = bindings.filtered(lambda found: found[f"{kind}_id"])
            if not linked:
                return NOTHING
            binding = rng.choice(linked)
            binding.action_empty_link()
            return kind, binding.number

        return f"emptied link {self.world.do(job)}"

    def relink(self, rng):
        """An employee or a project is linked to a record that Tripletex has."""

        def job(env):
            kind, model, number = rng.choice(
                (
                    ("employee", "Employee", "employeeNumber"),
                    ("project", "Project", "number"),
                )
            )
            field, name = f"{kind}_id", f"tripletex.{kind}"
            odoo = {"employee": "hr.employee", "project": "project.project"}[kind]
            records = self._of_company(env, odoo)
            linked = self._bindings(env, name)[field]
            record = rng.choice((records - linked) or records)
            if not self.world.connection(env):
                return NOTHING
            rows = sorted(self.ledger.company.table(model).items())
            wanted = [row[number] for _id, row in rows if row[number]][:6]
            wanted = rng.choice(wanted)
            bindings = self._bindings(env, name)
            sent = self.model.sent_lines(env)
            bindings.filtered(lambda found: found[field] == record)[field] = False
            env.flush_all()
            binding = bindings.filtered(lambda found: found.number == wanted)
            if binding:
                binding[field] = record
            else:
                env[name].create(
                    {
                        "connection_id": self.world.connection(env).id,
                        "number": wanted,
                        field: record.id,
                    }
                )
            lines = env["account.analytic.line"].sudo().browse(self.model.placed())
            lines = lines.exists().filtered(lambda line: line[field] == record)
            self.model.resync(env, lines.ids, sent)
            return kind, record.name, wanted

        return f"linked {self.world.do(job)}"

    def strict(self, rng):
        """The company insists on the pre-flight, or not."""

        def job(env):
            company = env["res.company"].browse(self.world.company_id)
            company.tripletex_strict = not company.tripletex_strict
            return company.tripletex_strict

        return f"strict: {self.world.do(job)}"

    def disconnect(self, rng):
        """An administrator removes the connection."""
        return f"removed the connection: {self.world.disconnect()}"

    def connect(self, rng):
        """The set-up once more, connected or not: update, or connecting again."""
        send_from = rng.choice((None, MONDAY, MONDAY + timedelta(days=1)))
        return self._connect(send_from)

    def _connect(self, send_from):
        sent = set(self.world.do(self.model.sent_lines))
        if not self.world.connect(send_from=send_from):
            return "connecting was refused"

        def job(env):
            lines = self.model.placed()
            if send_from:
                domain = ("date", ">=", send_from), ("tripletex_validated", "=", True)
                lines += self._lines(env, *domain).ids
            self.model.places = {
                line_id: place
                for line_id, place in self.model.places.items()
                if env["account.analytic.line"].browse(line_id).exists()
            }
            self.model.resync(env, lines, sent)

        self.world.do(job)
        return f"connected, hours from {send_from}"


class DecisionSteps:
    """What approvers decide about problems."""

    def _entries(self, env, state):
        domain = [("company_id", "=", self.world.company_id), ("state", "=", state)]
        return env["tripletex.entry"].search(domain, order="id")

    def retry(self, rng):
        """Retry everything that failed."""

        def job(env):
            failed = self._entries(env, "failed")
            sent = self.model.sent_lines(env)
            placeless = failed.filtered(
                lambda entry: self.model.key_of_entry(entry)[0] == "line"
            )
            lines = placeless.share_ids.line_id.ids
            failed.action_retry()
            self.model.resync(env, lines, sent)
            return len(failed)

        return f"retried {self.world.do(job)}"

    def decide(self, rng):
        """Decide one conflict."""

        def job(env):
            conflicts = self._entries(env, "conflict")
            if not conflicts:
                return NOTHING
            return self.decide_one(
                rng.choice(conflicts), rng.choice(("keep", "replace", "replace", "add"))
            )

        return f"decided {self.world.do(job)}"

    def decide_one(self, entry, decision):
        """Decide and note what the person saw."""
        entry = entry.sudo()
        key = self.model.key_of_entry(entry)
        row_id, hours = entry.remote_id, round(entry.remote_hours, 2)
        moved = entry._is_moved()
        at = key
        if moved and row_id:
            at = self.ledger.key_at(key[0], int(row_id)) or key
        remote = (int(row_id), Figure(at, hours)) if row_id else (None, None)
        ours = self.model.wanted(entry.env).get(key, 0.0)
        getattr(entry.sudo(False), f"action_{decision}")()
        self.model.decided(key, decision, ours, remote, moved)
        return key, decision, f"ours {ours}, there {hours}, moved {moved}"


class TripletexSteps:
    """What people do in Tripletex itself, and how its days are."""

    def _turn(self, path, **values):
        """A switch of the stand-in, pressed by a person; None when refused."""
        with self.ledger.person():
            api = self.sandbox.control_api
            status, answer = api.handle("POST", path, {}, self._json(values))
        return answer if status == 200 else None

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
        path = "person/entry" if kind == "hours" else "person/row"
        done = self._turn(path, action="edit", id=row_id, **change)
        return f"a person changes {figure} to {change}: {done is not None}"

    def person_deletes(self, rng):
        """A person deletes a row."""
        found = self.ledger.rows()
        if not found:
            return NOTHING
        (kind, row_id), figure = rng.choice(found)
        path = "person/entry" if kind == "hours" else "person/row"
        done = self._turn(path, action="delete", id=row_id)
        return f"a person deletes {figure}: {done is not None}"

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
        values = {"action": "create", "employee": who, "date": str(day)}
        if kind == "hours":
            values |= {"hours": self._their_hours(rng), "project": rest[0]}
            done = self._turn("person/entry", activity=rest[1], **values)
        else:
            values |= {"count": self._their_hours(rng)}
            done = self._turn("person/row", salaryType=rest[0], **values)
        return f"a person registers {values}: {done is not None}"

    def _their_hours(self, rng):
        return round(rng.randint(1, 3) + rng.choice(THEIR_HUNDREDTHS) / 100, 2)

    def lock_month(self, rng):
        """The month is approved, for everybody or one person, or opened again."""
        who = rng.choice([None, *sorted(self.ledger.company.table("Employee"))[:3]])
        locked = rng.random() < 0.5
        self._turn("month", month=f"{MONDAY:%Y-%m}", employee=who, locked=locked)
        return f"month of {who} locked: {locked}"

    def close_project(self, rng):
        """A project is closed in Tripletex, or opened again."""
        project = rng.choice(sorted(self.ledger.company.table("Project"))[:4])
        closed = rng.random() < 0.5
        self._turn("project", project=project, isClosed=closed)
        return f"project {project} closed: {closed}"

    def key(self, rng):
        """The API user key is revoked, or given back."""
        revoked = rng.random() < 0.3
        self._turn("key", revoked=revoked)
        self._turn("sessions/kill")
        return f"key revoked: {revoked}"

    def rights(self, rng):
        """The key loses a right, or gets all back."""
        lost = rng.choice(
            ([], [], ["timesheet/entry:write"], ["timesheet/salaryTypeSpecification"])
        )
        self._turn("rights", revoked=lost)
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
        self._turn("faults", kind=kind, times=rng.randint(1, 3), method=method)
        return f"next {method}: {kind}"


class WorkerSteps:
    """What the servers do."""

    def cron(self, rng):
        """A run of the sending."""
        self.world.cron()
        return "ran"

    def later(self, rng):
        """Pauses are over, and the sending runs."""
        self.world.let_time_pass()
        self.world.cron()
        return "ran after the pauses"

    def two_workers(self, rng):
        """Two runs at the same time."""
        self.world.let_time_pass()
        self.world.parallel(self.world.cron, self.world.cron)
        return "ran twice at once"

    def worker_and_user(self, rng):
        """A run while an approver works."""
        self.world.let_time_pass()
        step = rng.choice((self.validate, self.invalidate, self.correct))
        _none, told = self.world.parallel(self.world.cron, lambda: step(rng))
        return f"ran while an approver {told}"

    def worker_dies(self, rng):
        """A worker is killed somewhere in its run."""
        if rng.random() < 0.7:
            self.world.let_time_pass()
        at, after = rng.randint(1, 7), rng.random() < 0.5
        return f"died at commit {at}: {self.world.cron_dies(at, after)}"
