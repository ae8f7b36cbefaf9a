"""The steps of a walk: what people, workers, Tripletex and bad lines do.

Each step draws from the random numbers it is given and returns a few words about what
it did. A step that finds nothing to do says so; one that Odoo or Tripletex refuses is
as good as any other.
"""

import functools
from contextlib import suppress
from datetime import date, timedelta

from ..sandbox import ControlRefused
from .model import LINKED, key_of_place

MONDAY = date(2026, 3, 16)
DAYS = 3
NOTHING = "nothing to do"
#: Tripletex's kind of record behind a field of a line, and its number.
THERE = {
    "employee_id": ("Employee", "employeeNumber"),
    "project_id": ("Project", "number"),
    "work_entry_type_id": ("SalaryType", "number"),
}
#: Hours of ours: quarters, and what rounds to hundredths only after summing.
HOURS = (0, 0.5, 1, 1.25, 1.5, 2, 2.75, 1 / 3, 2 / 3, 0.125, 1.005, 0.1)
#: Hundredths that ours never add up to, so that figures are never equal by chance.
THEIR_HUNDREDTHS = (11, 14, 17, 19, 22, 28, 31, 36, 39, 44, 47, 53, 56, 61, 64)
#: Hours of a company's own unit.
UNITS = (0.5, 1.5, 2)
#: Steps of people while a worker sends; the walk knows what is true after either order.
BESIDE_WORKERS = (
    *("validate", "invalidate", "correct", "negative", "move_task"),
    *("exclude", "unlink", "relink", "correct_number", "settings", "unit"),
)
RATES = {
    **dict.fromkeys(("drop_before", "drop_after"), 0.06),
    **dict.fromkeys(("500_json", "500_json_after", "truncated"), 0.05),
    **dict.fromkeys(("500_html", "500_html_after", "html_200", "409"), 0.03),
    **dict.fromkeys(("429", "429_reset"), 0.02),
    "401": 0.04,
}


def in_odoo(words, then=None):
    """Make a step of what is done in one transaction; ``words`` say what it returned.

    :param then: method of the model that is told what was returned, if anything was
    """

    def decorate(act):
        @functools.wraps(act)
        def step(self, rng=None):
            done = self.world.do(lambda env: act(self, env, rng))
            if done and then:
                getattr(self.model, then)(*done)
            return words.format(NOTHING if done is None else done)

        return step

    return decorate


class LineSteps:
    """What employees and approvers do in Odoo."""

    FIELDS = ("unit_amount", "date", "name", *LINKED)
    #: What a person changes on a line that is there, its unit to the company's of now.
    CHANGES = (*FIELDS, "product_uom_id")
    RECORDS = {"employee_id": "hr.employee", "project_id": "project.project"}

    def _records(self, env, field):
        """Employees, projects or paycodes, without Odoo's own project."""
        if field == "work_entry_type_id":
            return env["hr.work.entry.type"].browse(sorted(self.model.links[field]))
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
        if name == "product_uom_id":
            return self.world.company(env).project_time_mode_id.id
        if name == "work_entry_type_id":
            paycodes = self._links(env, "paycode").work_entry_type_id
            return rng.choice([False, False, *paycodes.ids])
        return rng.choice(self._records(env, name).ids)

    def _day(self, rng):
        return MONDAY + timedelta(days=rng.randrange(DAYS))

    @in_odoo("logged {}")
    def log(self, env, rng):
        """Employees log hours."""
        values = [
            {name: self._draw(env, rng, name) for name in self.FIELDS}
            for _number in range(rng.randint(1, 4))
        ]
        for vals in values:
            if rng.random() < 0.3:
                vals["task_id"] = self._task(env, vals["project_id"]).id
        return env["account.analytic.line"].create(values).ids

    def _task(self, env, project_id):
        """A task of the project; there is one until it moves."""
        task = env["project.task"].search([("project_id", "=", project_id)], limit=1)
        return task or task.create({"name": "Task", "project_id": project_id})

    @in_odoo("moved task {}")
    def move_task(self, env, rng):
        """A task goes to another project; validated lines keep theirs."""
        projects = self._records(env, "project_id")
        tasks = env["project.task"].search([("project_id", "in", projects.ids)])
        if not tasks:
            return NOTHING
        lines = tasks.timesheet_ids.filtered("tripletex_validated")
        before = [line.project_id.id for line in lines]
        task, project = rng.choice(tasks), rng.choice(projects)
        task.project_id = project
        env.flush_all()
        if before != [line.project_id.id for line in lines]:
            self.ledger.violations.append(f"{lines} moved with their task")
        return task.id, project.id

    @in_odoo("corrected by {}")
    def negative(self, env, rng):
        """Negative lines correct validated ones, and are validated with them or not."""
        found = self.world.lines(env, ("unit_amount", ">", 0)).filtered(
            lambda line: line.tripletex_validated or rng.random() < 0.1
        )
        if not found:
            return NOTHING
        line, share = rng.choice(found), rng.choice((0.25, 0.5, 1, 1, 1.5))
        line = line.copy({"unit_amount": -line.unit_amount * share, "name": "Less"})
        return self._act(line, lambda line: line.action_tripletex_validate())

    @in_odoo("opened {}")
    def open_negative(self, env, _rng):
        """All negative lines are opened again."""
        lines = self.world.lines(env, ("unit_amount", "<", 0))
        return self._act(lines, lambda lines: lines.action_tripletex_invalidate())

    def _act(self, lines, act):
        settled = self.model.settled_without(lines)
        told = act(lines)
        self.model.changed(lines.env, lines, settled)
        return lines.ids, told

    def _on_lines(self, rng, validated, act, most=3):
        """Let a person do something to some lines that are validated, or not yet."""

        def job(env):
            lines = self.world.lines(env, ("tripletex_validated", "=", validated))
            count = min(len(lines), rng.randint(1, most))
            lines = lines.browse(sorted(rng.sample(lines.ids, count)))
            return self._act(lines, act)

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
            name = rng.choice(self.CHANGES)
            return lines.write({name: self._draw(lines.env, rng, name)}) and name

        return self._on_lines(rng, False, act)

    def correct(self, rng):
        """Validated lines are opened, changed and validated again in one go."""

        def act(lines):
            names = rng.sample(self.CHANGES, rng.randint(1, 2))
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
        """A project is marked as not sent, or let in, from a date or today on."""

        def job(env):
            projects = self._records(env, "project_id")
            project = rng.choice(projects.filtered("tripletex_excluded") or projects)
            date = project.tripletex_excluded and rng.choice((None, *self._dates()))
            if date:
                project.tripletex_let_in(date)
            else:
                project.tripletex_excluded = not project.tripletex_excluded
            return project.id, project.tripletex_excluded, date

        project, excluded, date = self.world.do(job)
        (self.model.excluded.add if excluded else self.model.excluded.discard)(project)
        if self.world.is_connected():  # else no run is asked for anything
            self.model.ask("project_id", project, date)
        return f"project {project} excluded: {excluded}, from {date}"

    @staticmethod
    def _dates():
        return [MONDAY + timedelta(days=number) for number in range(DAYS)]

    def _linked(self, env, rng, *fields):
        """A field, and a link of its that leads to a record; None where none does."""
        field = rng.choice(fields or tuple(LINKED))
        found = self._links(env, LINKED[field]).filtered(field)
        return (field, rng.choice(found)) if found else (field, None)

    @in_odoo("emptied link: {}", then="unlink")
    def unlink(self, env, rng):
        """The link of an employee or a project is emptied."""
        field, link = self._linked(env, rng, "employee_id", "project_id")
        if not link:
            return None
        record = link[field].id
        link.action_empty_link()
        return field, record

    def _there(self, rng, field):
        """Id and number of a record that Tripletex has, and the number's column."""
        model, column = THERE[field]
        rows = sorted(self.ledger.company.table(model).items())
        usable = [
            row for row in rows if row[1][column] and row[1].get("showInTimesheet", 1)
        ]
        row_id, row = rng.choice(usable[:6])
        return row_id, row[column]

    @in_odoo("linked {}", then="link")
    def relink(self, env, rng):
        """A record is linked to another one that Tripletex has."""
        field = rng.choice(tuple(LINKED))
        connection = self.world.connection(env)
        if not connection:
            return None
        links, records = self._links(env, LINKED[field]), self._records(env, field)
        record = rng.choice((records - links[field]) or records)
        there, number = self._there(rng, field)
        links.filtered(lambda found: found[field] == record)[field] = False
        env.flush_all()
        link = links.filtered(lambda found: found.number == number)
        if link:
            link[field] = record
        else:
            values = {"connection_id": connection.id, "number": number}
            link = links.create({**values, field: record.id})
        return field, record.id, there, link.id

    @in_odoo("corrected the number of {}", then="link")
    def correct_number(self, env, rng):
        """The number in a link is corrected; its id is looked up anew."""
        field, link = self._linked(env, rng)
        if not link:
            return None
        there, link.number = self._there(rng, field)
        return field, link[field].id, there, link.id

    def settings(self, rng):
        """Activities, ways of sending, or the default activity change."""

        def job(env):
            connection = self.world.connection(env)
            if not connection:
                return None
            own = [("connection_id", "=", connection.id)]
            general = [*own, ("activity_type", "=", "PROJECT_GENERAL_ACTIVITY")]
            activity = rng.choice(env["tripletex.activity"].search(general, order="id"))
            if rng.random() < 0.3:
                connection.sudo(False).default_activity_id = activity
                return None, None, None, {"default": int(activity.tripletex_id)}
            field, link = self._linked(env, rng, "project_id", "work_entry_type_id")
            if not link:
                return None
            if field == "work_entry_type_id" and rng.random() < 0.5:
                link.transfer_as = rng.choice(("hours_and_paycode", "paycode", "hours"))
            else:
                link.activity_id = rng.choice((activity, activity.browse()))
            way = int(link.activity_id.tripletex_id) or None
            way = {
                "activity_id": way,
                "transfer_as": "transfer_as" in link and link.transfer_as,
            }
            return field, link[field].id, link.id, way

        done = self.world.do(job)
        if done:
            field, record, link, way = done
            if field:
                self.model.ways[field, link] = way
            else:
                self.model.activity = way["default"]
            self.model.ask(field, record)
        return f"set {done or NOTHING}"

    def move_hours(self, rng):
        """Sent hours of some days move to where the links lead now."""

        def job(env):
            field, link = self._linked(env, rng)
            first, last = sorted((self._day(rng), self._day(rng)))
            if not link:
                return None
            values = {"link": f"{link._name},{link.id}"}
            values |= {"date_from": first, "date_to": last}
            env["tripletex.entry.move"].create(values).action_move()
            return field, link[field].id, str(first), str(last)

        self.later(rng)
        done = self.world.do(job)
        before = self.model.shares()
        if not done:
            return f"moved {NOTHING}"
        self.later(rng)
        query = (
            "DELETE FROM tripletex_lookup WHERE is_move AND connection_id IN "
            "(SELECT id FROM tripletex_connection WHERE company_id = %s) RETURNING id"
        )
        if self.world.sql(query, self.world.company_id):
            return f"could not move {done}"
        self.world.do(lambda env: self.model.moved(env, before, *done))
        return f"moved {done}"

    @in_odoo("logs in {}")
    def unit(self, env, rng):
        """Another length of the company's unit, or another unit to log in."""
        company, hour = self.world.company(env), env.ref("uom.product_uom_hour")
        values = {"name": company.name, "relative_uom_id": hour.id}
        unit = env["uom.uom"].search([("name", "=", company.name)])
        unit = unit or unit.create(values)
        unit.relative_factor = rng.choice(UNITS)
        company.project_time_mode_id = rng.choice((unit, hour))
        return company.project_time_mode_id.name, unit.relative_factor

    @in_odoo("strict: {}")
    def strict(self, env, rng):
        """The company insists on the pre-flight, or not."""
        company = self.world.company(env)
        company.tripletex_strict = not company.tripletex_strict
        return company.tripletex_strict

    def disconnect(self, rng):
        """An administrator removes the connection; what waits is left or handled."""
        unsent = rng.choice(("leave", "handled"))
        waiting, moving = self.model.waiting(), self.model.moves()
        done = self.world.disconnect(unsent)
        if done and unsent == "handled":
            self.world.do(lambda env: self.model.handle(env, waiting, moving))
        return f"removed the connection, hours {unsent}: {done}"

    def connect(self, rng):
        """The set-up once more, connected or not: update, or connecting again."""
        send_from = rng.choice((None, MONDAY, MONDAY + timedelta(days=1)))
        return self._connect(send_from)

    def _connect(self, send_from):
        was_connected = self.world.is_connected()
        if not self.world.connect(send_from=send_from):
            return "connecting was refused"
        self.model.ask(date=send_from, reconnected=not was_connected)
        return f"connected, hours from {send_from}"


class DecisionSteps:
    """What approvers decide about problems."""

    def _entries(self, env, *states):
        own = ("company_id", "=", self.world.company_id)
        domain = [own, ("state", "in", states)]
        return env["tripletex.entry"].search(domain, order="id")

    @in_odoo("retried {}")
    def retry(self, env, rng):
        """Retry everything that failed."""
        failed = self._entries(env, "failed")
        failed.action_retry()
        self.model.retried(env)
        return len(failed)

    @in_odoo("decided {}")
    def decide(self, env, rng):
        """Decide one conflict."""
        conflicts = self._entries(env, "conflict")
        if not conflicts:
            return NOTHING
        decision = rng.choice(("keep", "replace", "replace", "add"))
        return self._decide(rng.choice(conflicts), decision)

    def _decide(self, entry, decision):
        """Decide and note what the person saw."""
        seen = entry.sudo()
        key, moves = key_of_place(seen.place), self.model.moves()
        row_id, figure = int(seen.remote_id or 0), None
        if row_id:
            hours = round(seen.remote_hours, 2)
            version = seen.remote_version
            figure = self.ledger.seen(key[0], row_id, version, hours, key)
        getattr(entry, f"action_{decision}")()
        self.model.decided(entry.env, key, decision, row_id, figure, moves)
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

    def invoice(self, rng):
        """Some hours are invoiced, or no longer."""
        found = self.ledger.rows()
        rows = rng.sample(found, min(len(found), 3))
        return self._invoice(rows, rng.random() < 0.6)

    def _invoice(self, rows, invoiced):
        done = []
        with self.ledger.person():
            for (kind, row_id), _figure in rows:
                if kind == "hours":
                    self.control.invoice_entry(row_id, invoiced)
                    done.append(row_id)
        return f"invoiced {done}: {invoiced}"

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

    def _run(self, *jobs):
        """Do jobs at once; before and after, what administrators planned is looked up.

        A run may have seen a change that somebody made beside it, or not yet.
        """
        self.world.do(self.model.look_up)
        self.ledger.take(self.model.wanted(self.model.moves()))
        done = self.world.parallel(*jobs)
        self.world.do(lambda env: self.model.look_up(env, has_run=True))
        return done

    def cron(self, rng):
        """A run of the sending."""
        self._run(self.world.cron)
        return "ran"

    def later(self, rng):
        """Pauses are over, and the sending runs."""
        self.world.let_time_pass()
        return self.cron(rng)

    def two_workers(self, rng):
        """Two runs at the same time."""
        self.world.let_time_pass()
        self._run(self.world.cron, self.world.cron)
        return "ran twice at once"

    def worker_and_user(self, rng):
        """A run while an approver or an administrator works."""
        self.world.let_time_pass()
        step = getattr(self, rng.choice(BESIDE_WORKERS))
        if step == self.unit and self.model.asked:
            return "which unit a look-up beside it sees is Odoo's choice"
        _none, told = self._run(self.world.cron, lambda: step(rng))
        return f"ran while somebody did {step.__name__}: {told}"

    def worker_and_removal(self, rng):
        """A run while an administrator removes the connection."""
        self.world.let_time_pass()
        _none, removed = self._run(self.world.cron, self.world.disconnect)
        left = self.world.keys_left()
        if left:
            self.ledger.violations.append(f"{left} removed connections hold a key")
        return f"ran while the connection was removed: {removed}"

    def worker_dies(self, rng):
        """A worker is killed somewhere in its run."""
        if rng.random() < 0.7:
            self.world.let_time_pass()
        at, after = rng.randint(1, 7), rng.random() < 0.5
        [died] = self._run(lambda: self.world.cron_dies(at, after))
        return f"died at commit {at}: {died}"
