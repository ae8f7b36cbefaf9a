"""The steps of a walk: what people, workers, Tripletex and bad lines do.

Each step draws from the random numbers it is given and returns a few words about what
it did. A step that finds nothing to do says so; one that Odoo or Tripletex refuses is
as good as any other.
"""

from contextlib import suppress
from datetime import date, timedelta

from ..sandbox import ControlRefused
from .model import LINKED

MONDAY = date(2026, 3, 16)
DAYS = 3
NOTHING = "nothing to do"
#: Hours of ours: quarters, and what rounds to hundredths only after summing.
HOURS = (0.5, 1, 1.25, 1.5, 2, 2.75, 1 / 3, 2 / 3, 0.125, 1.005, 0.1)
#: Hundredths that ours never add up to, so that figures are never equal by chance.
THEIR_HUNDREDTHS = (11, 14, 17, 19, 22, 28, 31, 36, 39, 44, 47, 53, 56, 61, 64)
RATES = {
    **dict.fromkeys(("drop_before", "drop_after"), 0.06),
    **dict.fromkeys(("500_json", "500_json_after", "truncated"), 0.05),
    **dict.fromkeys(("500_html", "500_html_after", "html_200", "409"), 0.03),
    **dict.fromkeys(("429", "429_reset"), 0.02),
    "401": 0.04,
}


class LineSteps:
    """What employees and approvers do in Odoo."""

    FIELDS = ("unit_amount", "date", "name", *LINKED)
    RECORDS = {"employee_id": "hr.employee", "project_id": "project.project"}

    def _records(self, env, field):
        """Employees or projects of the company, without Odoo's own project."""
        own = [("company_id", "=", self.world.company_id)]
        found = env[self.RECORDS[field]].search(own, order="id")
        internal = self.world.company(env).internal_project_id
        return found - internal if field == "project_id" else found

    def _draw(self, env, rng, name):
        """A value for one field of a line."""
        if name == "unit_amount":
            return rng.choice(HOURS)
        if name == "date":
            return self._day(rng)
        if name == "name":
            return rng.choice(("Work", "More work", "Snow", "/"))
        if name == "work_entry_type_id":
            paycodes = self._links(env, "paycode").work_entry_type_id
            return rng.choice([False, False, *paycodes.ids])
        return rng.choice(self._records(env, name).ids)

    def _day(self, rng):
        return MONDAY + timedelta(days=rng.randrange(DAYS))

    def log(self, rng):
        """Employees log hours."""

        def job(env):
            values = [
                {name: self._draw(env, rng, name) for name in self.FIELDS}
                for _number in range(rng.randint(1, 4))
            ]
            return env["account.analytic.line"].create(values).ids

        return f"logged {self.world.do(job)}"

    def _on_lines(self, rng, validated, act, most=3):
        """Let a person do something to some lines that are validated, or not yet."""

        def job(env):
            lines = self.world.lines(env, ("tripletex_validated", "=", validated))
            count = min(len(lines), rng.randint(1, most))
            lines = lines.browse(sorted(rng.sample(lines.ids, count)))
            told = act(lines)
            self.model.changed(env, lines)
            return lines.ids, told

        return str(self.world.do(job))

    def validate(self, rng):
        """An approver validates some lines."""
        return self._on_lines(rng, False, lambda ln: ln.action_tripletex_validate(), 6)

    def invalidate(self, rng):
        """An approver opens some lines again."""
        return self._on_lines(rng, True, lambda ln: ln.action_tripletex_invalidate())

    def edit(self, rng):
        """Lines that are not validated are changed."""

        def act(lines):
            name = rng.choice(self.FIELDS)
            return lines.write({name: self._draw(lines.env, rng, name)}) and name

        return self._on_lines(rng, False, act)

    def correct(self, rng):
        """Validated lines are opened, changed and validated again in one go."""

        def act(lines):
            names = rng.sample(self.FIELDS, rng.randint(1, 2))
            values = {name: self._draw(lines.env, rng, name) for name in names}
            lines.action_tripletex_invalidate()
            lines.write(values)
            lines.action_tripletex_validate()
            return values

        return self._on_lines(rng, True, act)

    def delete(self, rng):
        """Lines that are not validated are deleted."""
        return self._on_lines(rng, False, lambda lines: lines.unlink())

    def cascade(self, rng):
        """A validated line goes below the ORM, as by a cascade of the database."""

        def act(lines):
            query = "DELETE FROM account_analytic_line WHERE id = ANY(%s)"
            lines.env.cr.execute(query, [lines.ids])
            lines.env.invalidate_all()

        return self._on_lines(rng, True, act, most=1)


class LinkSteps:
    """What administrators do: links, exclusions, connecting, strictness."""

    def _links(self, env, kind):
        domain = [("connection_id", "=", self.world.connection(env).id)]
        return env[f"tripletex.{kind}"].search(domain, order="id")

    def exclude(self, rng):
        """A project is marked as not sent, or no longer."""

        def job(env):
            projects = self._records(env, "project_id")
            project = rng.choice(projects.filtered("tripletex_excluded") or projects)
            sent = self.model.sent_lines(env)
            project.tripletex_excluded = not project.tripletex_excluded
            own = ("project_id", "=", project.id), ("tripletex_validated", "=", True)
            lines = [i for i in self.world.lines(env, *own).ids if i not in sent]
            return project.id, project.tripletex_excluded, lines, sent

        project, excluded, lines, sent = self.world.do(job)
        (self.model.excluded.add if excluded else self.model.excluded.discard)(project)
        self._resync(lines, sent)
        return f"project {project} excluded: {excluded}"

    def _resync(self, lines, sent):
        self.world.do(lambda env: self.model.resync(env, lines, sent))

    def unlink(self, rng):
        """The link of an employee or a project is emptied."""

        def job(env):
            field = rng.choice(("employee_id", "project_id"))
            linked = self._links(env, LINKED[field]).filtered(field)
            if not linked:
                return None
            link = rng.choice(linked)
            record = link[field].id
            link.action_empty_link()
            return field, record

        done = self.world.do(job)
        if done:
            self.model.unlink(*done)
        return f"emptied link: {done or NOTHING}"

    def relink(self, rng):
        """An employee or a project is linked to a record that Tripletex has."""

        def job(env):
            field, model, column = rng.choice(
                (
                    ("employee_id", "Employee", "employeeNumber"),
                    ("project_id", "Project", "number"),
                )
            )
            connection = self.world.connection(env)
            if not connection:
                return None
            links, records = self._links(env, LINKED[field]), self._records(env, field)
            record = rng.choice((records - links[field]) or records)
            rows = sorted(self.ledger.company.table(model).items())
            row_id, row = rng.choice([row for row in rows if row[1][column]][:6])
            sent = self.model.sent_lines(env)
            links.filtered(lambda found: found[field] == record)[field] = False
            env.flush_all()
            link = links.filtered(lambda found: found.number == row[column])
            if link:
                link[field] = record
            else:
                values = {"connection_id": connection.id, "number": row[column]}
                links.create({**values, field: record.id})
            return field, record.id, row_id, sent

        done = self.world.do(job)
        if not done:
            return f"linked: {NOTHING}"
        field, record, row_id, sent = done
        self.model.link(field, record, row_id)
        self._resync(self.model.placed(field, record), sent)
        return f"linked {field} {record} to {row_id}"

    def strict(self, rng):
        """The company insists on the pre-flight, or not."""

        def job(env):
            company = self.world.company(env)
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
        sent = self.world.do(self.model.sent_lines)
        if not self.world.connect(send_from=send_from):
            return "connecting was refused"

        def job(env):
            lines = self.model.placed()
            if send_from:
                since = ("date", ">=", send_from), ("tripletex_validated", "=", True)
                lines += self.world.lines(env, *since).ids
            self.model.resync(env, lines, sent)

        self.world.do(job)
        return f"connected, hours from {send_from}"


class DecisionSteps:
    """What approvers decide about problems."""

    def _entries(self, env, *states):
        own = ("company_id", "=", self.world.company_id)
        domain = [own, ("state", "in", states)]
        return env["tripletex.entry"].search(domain, order="id")

    def retry(self, rng):
        """Retry everything that failed."""

        def job(env):
            failed, sent = self._entries(env, "failed"), self.model.sent_lines(env)
            failed.action_retry()
            self.model.resync(env, self.model.placeless(), sent)
            return len(failed)

        return f"retried {self.world.do(job)}"

    def decide(self, rng):
        """Decide one conflict."""

        def job(env):
            conflicts = self._entries(env, "conflict")
            if not conflicts:
                return NOTHING
            decision = rng.choice(("keep", "replace", "replace", "add"))
            return self._decide(rng.choice(conflicts), decision)

        return f"decided {self.world.do(job)}"

    def _decide(self, entry, decision):
        """Decide and note what the person saw."""
        seen = entry.sudo()
        key = self.model.key_of_entry(seen)
        row_id, figure = int(seen.remote_id or 0), None
        if row_id:
            hours = round(seen.remote_hours, 2)
            version = seen.remote_version
            figure = self.ledger.seen(key[0], row_id, version, hours, key)
        getattr(entry, f"action_{decision}")()
        self.model.decided(key, decision, row_id, figure)
        return key, decision, figure


class TripletexSteps:
    """What people do in Tripletex itself, and how its days are."""

    def _by_person(self, what, kind, *arguments, **columns):
        """Let a person do something to the rows of a kind; words about it."""
        name = f"person_{what}_{'entry' if kind == 'hours' else 'row'}"
        done = False
        with self.ledger.person(), suppress(ControlRefused):
            getattr(self.control, name)(*arguments, **columns)
            done = True
        return f"a person {what} {kind} {arguments} {columns}: {done}"

    def person_edits(self, rng):
        """A person changes the hours, the comment or the date of a row."""
        if not (found := self.ledger.rows()):
            return NOTHING
        (kind, row_id), _figure = rng.choice(found)
        amount, comment = (
            ("hours", "comment") if kind == "hours" else ("count", "description")
        )
        change = rng.choice(
            (
                {amount: self._their_hours(rng)},
                {amount: self._their_hours(rng)},
                {comment: "Seen by Kari"},
                {"date": str(self._day(rng))},
            )
        )
        return self._by_person("edits", kind, row_id, **change)

    def person_deletes(self, rng):
        """A person deletes a row."""
        if not (found := self.ledger.rows()):
            return NOTHING
        (kind, row_id), _figure = rng.choice(found)
        return self._by_person("deletes", kind, row_id)

    def person_creates(self, rng):
        """A person registers hours where ours may come."""
        keys = {key for place in self.model.places.values() for key in place}
        keys = sorted((key for key in keys if key[0] != "line"), key=str)
        if not keys:
            return NOTHING
        kind, who, _day, *rest = rng.choice(keys)
        day, hours = str(self._day(rng)), self._their_hours(rng)
        # hours: project and activity; paycode: salary type
        return self._by_person("creates", kind, who, day, hours, *reversed(rest))

    def _their_hours(self, rng):
        return round(rng.randint(1, 3) + rng.choice(THEIR_HUNDREDTHS) / 100, 2)

    def lock_month(self, rng):
        """The month is approved, for everybody or one person, or opened again."""
        who = rng.choice([None, *sorted(self.ledger.company.table("Employee"))[:3]])
        locked = rng.random() < 0.5
        self.control.lock_month(f"{MONDAY:%Y-%m}", who, locked)
        return f"month of {who} locked: {locked}"

    def close_project(self, rng):
        """A project is closed in Tripletex, or opened again."""
        project = rng.choice(sorted(self.ledger.company.table("Project"))[:4])
        closed = rng.random() < 0.5
        self.control.close_project(project, closed)
        return f"project {project} closed: {closed}"

    def key(self, rng):
        """The API user key is revoked, or given back."""
        revoked = rng.random() < 0.3
        self.control.revoke_key(revoked)
        self.control.kill_sessions()
        return f"key revoked: {revoked}"

    def rights(self, rng):
        """The key loses a right, or gets all back."""
        right = ("timesheet/entry:write", "timesheet/salaryTypeSpecification")
        lost = rng.choice(([], [], right[:1], right[1:]))
        self.control.revoke_rights(*lost)
        return f"rights lost: {lost}"

    def weather(self, rng):
        """Calls go wrong at random from now on, or no more."""
        share = rng.choice((0, 0, 0.3, 1, 1.5))
        rates = {kind: rate * share for kind, rate in RATES.items()} if share else {}
        self.control.mix(rates, seed=rng.randrange(10**6))
        return f"faults: {share}"

    def fault(self, rng):
        """The next call of a kind goes wrong."""
        kind = rng.choice(sorted(RATES))
        method = rng.choice(("POST", "PUT", "DELETE", "GET", None))
        self.control.fault(kind, times=rng.randint(1, 3), method=method)
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
        return f"ran while an approver did {step.__name__} {told}"

    def worker_and_removal(self, rng):
        """A run while an administrator removes the connection."""
        self.world.let_time_pass()
        _none, removed = self.world.parallel(self.world.cron, self.world.disconnect)
        left = self.world.keys_left()
        if left:
            self.ledger.violations.append(f"{left} removed connections hold a key")
        return f"ran while the connection was removed: {removed}"

    def worker_dies(self, rng):
        """A worker is killed somewhere in its run."""
        if rng.random() < 0.7:
            self.world.let_time_pass()
        at, after = rng.randint(1, 7), rng.random() < 0.5
        return f"died at commit {at}: {self.world.cron_dies(at, after)}"
