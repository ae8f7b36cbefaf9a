from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date


class TripletexConnectionSetup(models.TransientModel):
    """What Complete will do, and what it did, in numbers."""

    _inherit = "tripletex.connection.setup"

    @api.depends("step", "is_done")
    def _compute_unlinked_count(self):
        for setup in self:
            on_step = setup.step == "employees" and not setup.is_done
            setup.unlinked_count = (
                len(setup.sudo()._unlinked_projects()) if on_step else 0
            )

    @api.depends("company_id")
    def _compute_has_departments(self):
        Department = self.env["hr.department"].sudo()
        for setup in self:
            own = [("company_id", "in", (False, setup.company_id.id))]
            setup.has_departments = bool(Department.search_count(own, limit=1))

    @api.depends("send_from", "step")
    def _compute_earlier(self):
        for setup in self:
            setup.earlier_hours = setup.sudo()._count_earlier_hours()

    def _count_earlier_hours(self):
        """Validated hours that ``send_from`` would send."""
        if self.step != "employees" or not self.send_from:
            return 0.0
        Line = self.env["account.analytic.line"]
        groups = Line._read_group(
            Line._tripletex_earlier_domain(self.company_id, self.send_from)
            & Domain("project_id.tripletex_excluded", "=", False),
            ["product_uom_id"],
            ["unit_amount:sum"],
        )
        return sum(Line._tripletex_to_hours(amount, uom) for uom, amount in groups)

    @api.depends("step", "is_done")
    def _compute_summary(self):
        for setup in self:
            if setup.step != "employees" or setup.is_done:
                setup.summary = False
            else:
                # ticks are stored one by one: what a form is editing has none
                stored = setup._origin.sudo()
                setup.summary = setup._list(stored._summary_lines())

    @api.model
    def _list(self, sentences):
        return Markup("<ul>%s</ul>") % Markup("").join(
            Markup("<li>%s</li>") % sentence for sentence in sentences
        )

    def _figures(self, kind, new, linked):
        """New and linked records of one kind, as a sentence."""
        if kind == "projects":
            return self.env._(
                "Projects: %(new)s new, %(linked)s linked", new=new, linked=linked
            )
        if kind == "paycodes":
            return self.env._(
                "Paycodes: %(new)s new, %(linked)s linked", new=new, linked=linked
            )
        return self.env._(
            "Employees: %(new)s new, %(linked)s linked", new=new, linked=linked
        )

    def _count_ticked(self, model, field):
        """Ticked rows of one list: (without an Odoo record yet, with one)."""
        Line = self.env[model]
        domain = [
            ("setup_id", "=", self.id),
            ("selected", "=", True),
            ("selectable", "=", True),
        ]
        linked = Line.search_count([*domain, (field, "!=", False)])
        return Line.search_count(domain) - linked, linked

    def _count_changed(self):
        """Linked rows that differ in Tripletex by now: (all, those to take over)."""
        counts = {False: 0, True: 0}
        for kind in ("project", "paycode", "employee"):
            for is_taken_over, count in self.env[f"tripletex.setup.{kind}"]._read_group(
                [("setup_id", "=", self.id), ("change", "!=", False)],
                ["take_over"],
                ["__count"],
            ):
                counts[is_taken_over] += count
        return sum(counts.values()), counts[True]

    def _summary_lines(self):
        """What Complete will do, in numbers."""
        sentences = [
            self._figures(kind, *self._count_ticked(model, field))
            for kind, model, field in (
                ("projects", "tripletex.setup.project", "project_id"),
                ("paycodes", "tripletex.setup.paycode", "work_entry_type_id"),
                ("employees", "tripletex.setup.employee", "employee_id"),
            )
        ]
        makers = self.employee_line_ids.filtered(
            lambda line: line._is_to_add() and line._makes_user()
        )
        sentences.append(
            self.env._(
                "Logins: %(users)s new, %(invited)s invited by e-mail",
                users=len(makers),
                invited=len(makers.filtered("invite")),
            )
        )
        changed, taken_over = self._count_changed()
        if changed:
            sentences.append(
                self.env._(
                    "Changed in Tripletex: %(changed)s, of which Take Over is ticked "
                    "on %(taken_over)s",
                    changed=changed,
                    taken_over=taken_over,
                )
            )
        if not self.default_activity_id:
            sentences.append(
                self.env._(
                    "No activity is chosen for project hours: only projects that name "
                    "their own activity can have validated hours."
                )
            )
        return sentences

    def _result_lines(self, made, is_update):
        """What Complete did, in numbers."""
        if is_update:
            first = self.env._(
                "The connection to %s is updated.", self.tripletex_company_name
            )
        else:
            first = self.env._("Connected to %s.", self.tripletex_company_name)
        sentences = [first]
        for kind in ("projects", "paycodes", "employees"):
            if any(made[kind]):
                sentences.append(self._figures(kind, *made[kind]))
        if made["users"]:
            sentences.append(self.env._("New logins: %s", len(made["users"])))
        if made["invited"]:
            sentences.append(
                self.env._("Invitations on their way: %s", len(made["invited"]))
            )
        if made["taken_over"]:
            sentences.append(self.env._("Changes taken over: %s", made["taken_over"]))
        if made["excluded"]:
            sentences.append(
                self.env._("Projects marked as not sent: %s", len(made["excluded"]))
            )
        if self.send_from:
            sentences.append(
                self.env._(
                    "Hours validated earlier are sent too, worked from %s on.",
                    format_date(self.env, self.send_from),
                )
            )
        return sentences
