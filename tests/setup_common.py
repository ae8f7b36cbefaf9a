"""Base of the set-up's tests: a company that is not connected yet."""

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..dev.sandbox import EMPLOYEE_TOKEN
from .common import SandboxMixin


@tagged("post_install", "-at_install")
class SetupCase(SandboxMixin, TransactionCase):
    """An administrator, a company without connection, and a stand-in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_sandbox()
        cls.company = cls.env["res.company"].create(
            {"name": "Fjordbygg AS", "country_id": cls.env.ref("base.no").id}
        )
        cls.admin = new_test_user(
            cls.env,
            "setup.admin@example.org",
            groups="base.group_system",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.env = cls.env(user=cls.admin, su=False)
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.company = cls.company.with_env(cls.env)

    def setUp(self):
        super().setUp()
        self.sandbox.reset()

    # -- going through the steps -------------------------------------------------

    def start(self, token=EMPLOYEE_TOKEN, **vals):
        """Return a new set-up with a key typed, on its first step."""
        return self.env["tripletex.connection.setup"].create(
            {
                "company_id": self.company.id,
                "environment": "production",
                "employee_token": token,
            }
            | vals
        )

    def go_to(self, step, setup=None, **kwargs):
        """Return a set-up on ``step``."""
        setup = setup or self.start(**kwargs)
        for _attempt in range(4):
            if setup.step == step:
                return setup
            setup.action_next()
        raise AssertionError(f"The set-up never came to {step}: it is on {setup.step}")

    def tick(self, lines, count=None):
        """Tick the first ``count`` rows that can be ticked, and return them."""
        lines = lines.filtered("selectable")[:count]
        lines.selected = True
        return lines

    def complete(self, projects=3, paycodes=2, employees=3, **vals):
        """Return a completed set-up; the first rows of each list were ticked."""
        setup = self.go_to("employees", **vals)
        self.tick(setup.project_line_ids, projects)
        self.tick(setup.paycode_line_ids, paycodes)
        self.tick(setup.employee_line_ids, employees)
        setup.action_complete()
        return setup

    @property
    def connection(self):
        """The company's active connection, as root."""
        return self.company.sudo().tripletex_connection_id

    # -- checks ------------------------------------------------------------------

    def places_of(self, *secrets):
        """Return the tables and columns that hold one of the texts ``secrets``."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns
             WHERE table_schema = 'public' AND is_updatable = 'YES'
               AND data_type IN ('character varying', 'text', 'jsonb')
            """
        )
        found = []
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT 1 FROM "{table}" WHERE '
                + " OR ".join([f'"{column}"::text LIKE %s'] * len(secrets))
                + " LIMIT 1",
                [f"%{secret}%" for secret in secrets],
            )
            if self.env.cr.fetchone():
                found.append(f"{table}.{column}")
        return found

    def refusal(self, setup, button="action_next"):
        """Return the sentence with which a button refuses."""
        with self.assertRaises(UserError) as caught:
            getattr(setup, button)()
        self.assertFalse(self.open_sessions(), "a refused key left a session open")
        return str(caught.exception)

    def open_sessions(self):
        return self.control.state()["sessions"]


class EmployeeSetupCase(SetupCase):
    """A stand-in with many employees, and helpers for both sides' records."""

    sandbox_options = {"employees": 32, "departments": 4, "oddities": True}

    def setUp(self):
        super().setUp()
        self.Employee = self.env["hr.employee"].sudo()
        self.User = self.env["res.users"].sudo()

    def bindings(self):
        return (
            self.env["tripletex.employee"]
            .sudo()
            .search([("connection_id", "=", self.connection.id)])
        )

    def employee(self, **vals):
        return self.Employee.create({"company_id": self.company.id} | vals)

    def first(self, setup):
        """Return the first row that can be ticked."""
        return setup.employee_line_ids.filtered("selectable")[0]

    def row(self, setup, number):
        return setup.employee_line_ids.filtered(lambda line: line.number == number)


class ProjectSetupCase(SetupCase):
    """A stand-in with projects of every kind."""

    sandbox_options = {"projects": 60, "oddities": True}

    def bindings(self):
        return (
            self.env["tripletex.project"]
            .sudo()
            .search([("connection_id", "=", self.connection.id)])
        )

    def offered(self):
        return self.go_to("projects").project_line_ids
