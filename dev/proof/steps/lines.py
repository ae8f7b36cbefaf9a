"""What employees and approvers do in Odoo."""

from datetime import timedelta

from .common import DAYS, MONDAY

#: Hours of ours: quarters, and what rounds to hundredths only after summing.
HOURS = (0.5, 1, 1.25, 1.5, 2, 2.75, 1 / 3, 2 / 3, 0.125, 1.005, 0.1)


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
