"""What administrators do in Odoo."""

from datetime import timedelta

from .common import MONDAY, NOTHING


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
