"""Common base of tests about errors and changes during a run."""

from unittest.mock import patch

from odoo import fields
from odoo.tools import mute_logger

from ..tools import TripletexClient
from .common import MONDAY, TripletexCase

SENDER = "odoo.addons.hr_timesheet_tripletex.sending.run"
ENTRIES = "/timesheet/entry/list"
ROWS = "/timesheet/salaryTypeSpecification"


class BakeryBeside:
    """A small company with a connection of its own, for ``TripletexCase``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first = cls.company, cls.connection, cls.employee, cls.project
        cls.company = cls.env["res.company"].create({"name": "Lita Bakeri AS"})
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": (first[0] + cls.company).ids,
            }
        )
        cls.bakery = cls.connection = cls.connect()
        cls.baker = cls.link_employees(4)[3]
        cls.baking = cls.link_projects(1)
        cls.company, cls.connection, cls.employee, cls.project = first
        cls.env["tripletex.lookup"].sudo().search([]).unlink()


class TroubleCase(TripletexCase):
    """Common base of tests about errors and changes during a run."""

    def many(self, count, **values):
        """Return ``count`` validated lines, each with its own place."""
        lines = self.env["account.analytic.line"].browse()
        for index in range(count):
            lines += self.validated(
                1 + index / 100,
                employee_id=self.employees[index % 3].id,
                date=fields.Date.add(MONDAY, days=index // 3),
                **values,
            )
        return lines

    def overtime_only(self, count):
        """Return ``count`` validated lines that become one paycode row each."""
        self.paycode.transfer_as = "paycode"
        return self.many(count, work_entry_type_id=self.overtime.id)

    def before(self, name, act):
        """Patch the client's method ``name`` to call ``act()`` first."""
        original = getattr(TripletexClient, name)

        def call(client, *args, **kwargs):
            act()
            return original(client, *args, **kwargs)

        return patch.object(TripletexClient, name, call)

    def binding(self, record):
        """Return the link of an Odoo employee or project."""
        model, name = {
            "hr.employee": ("tripletex.employee", "employee_id"),
            "project.project": ("tripletex.project", "project_id"),
        }[record._name]
        return self.env[model].search([(name, "=", record.id)])

    def person_registers(self, hours):
        """Register hours in Tripletex in the place of the default line."""
        return self.control.person_creates_entry(
            int(self.binding(self.employee).tripletex_id),
            str(MONDAY),
            hours,
            int(self.connection.default_activity_id.tripletex_id),
            int(self.binding(self.project).tripletex_id),
        )

    def run_cron(self, name="_cron_send", **context):
        """Run the cron's method once without checking its log."""
        with (
            mute_logger(SENDER),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            entries = self.env(cr=cr)["tripletex.entry"]
            getattr(entries.with_context(**context), name)()
        self.env.invalidate_all()

    def posts(self, template):
        return len(self.control.calls("POST", template))
