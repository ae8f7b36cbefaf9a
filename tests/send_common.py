"""Ground for what happens between a look and a write."""

from unittest.mock import patch

from odoo import fields
from odoo.tools import mute_logger

from ..tools import TripletexClient
from .common import MONDAY, TripletexCase

SENDER = "odoo.addons.hr_timesheet_tripletex.sending.run"
ENTRIES = "/timesheet/entry/list"
ROWS = "/timesheet/salaryTypeSpecification"


class TroubleCase(TripletexCase):
    """Ground for what happens between a look and a write."""

    def many(self, count, **values):
        """``count`` validated lines, each of a key of its own."""
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
        """``count`` validated lines that make one paycode row each."""
        self.paycode.transfer_as = "paycode"
        return self.many(count, work_entry_type_id=self.overtime.id)

    def before(self, name, act):
        """Let ``act()`` happen right before the client's call ``name`` leaves."""
        original = getattr(TripletexClient, name)

        def call(client, *args, **kwargs):
            act()
            return original(client, *args, **kwargs)

        return patch.object(TripletexClient, name, call)

    def binding(self, record):
        """The link of an Odoo employee or project."""
        model, name = {
            "hr.employee": ("tripletex.employee", "employee_id"),
            "project.project": ("tripletex.project", "project_id"),
        }[record._name]
        return self.env[model].search([(name, "=", record.id)])

    def person_registers(self, hours):
        """A person's own hours where the usual line belongs."""
        return self.control.person_creates_entry(
            int(self.binding(self.employee).tripletex_id),
            str(MONDAY),
            hours,
            int(self.connection.default_activity_id.tripletex_id),
            int(self.binding(self.project).tripletex_id),
        )

    def run_cron(self):
        """One run of the cron's method, whatever it logs."""
        with (
            mute_logger(SENDER),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr)["tripletex.entry"]._cron_send()
        self.env.invalidate_all()

    def posts(self, template):
        return len(self.control.calls("POST", template))
