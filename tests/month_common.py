"""What the tests of months share."""

from datetime import date

from .common import MONDAY
from .ledger_common import LedgerCase

#: First day of the month of the tests' hours.
MARCH = MONDAY.replace(day=1)
APRIL = date(2026, 4, 1)


class MonthSteps:
    """Checks and actions on months, for ``LedgerSteps``."""

    def check(self):
        """Run the nightly cron once, as Odoo's scheduler does."""
        cron = self.env.ref("hr_timesheet_tripletex.ir_cron_check")
        with (
            self.assertNoLogs("odoo.addons.hr_timesheet_tripletex", level="ERROR"),
            self.enter_registry_test_mode(),
        ):
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def month(self, employee=None, month=MARCH):
        """The row of a person and month."""
        return self.env["tripletex.month"].search(
            [
                ("employee_id", "=", (employee or self.employee).id),
                ("month", "=", month),
            ]
        )

    def checked(self, employee=None, month=MARCH):
        """Check, and return the row of a person and month."""
        self.check()
        return self.month(employee, month)

    def tripletex_id(self, record):
        """The id that a person, project or paycode has in Tripletex."""
        return int(self.link(record).tripletex_id)

    def finish(self, months):
        """Press Finish, confirm what is asked, and let the cron do it."""
        dialog = months.action_finish()
        if dialog is not True:
            self.env[dialog["res_model"]].browse(dialog["res_id"]).action_confirm()
        self.check()

    def month_calls(self, action):
        """Calls of an action on a month so far."""
        return self.control.calls("PUT", f"/timesheet/month/:{action}")

    def there(self, employee=None, month="2026-03"):
        """How a person's month stands in Tripletex, as the stand-in keeps it."""
        number = self.tripletex_id(employee or self.employee)
        return next(
            (
                row
                for row in self.control.months()
                if (row["employee"], row["month"]) == (number, month)
            ),
            {"completed": False, "approved": False},
        )

    def person_logs(self, hours, day=MONDAY, project=None, employee=None):
        """A person registers hours in Tripletex itself; return their id."""
        activity = self.connection.default_activity_id.tripletex_id
        return self.control.person_creates_entry(
            self.tripletex_id(employee or self.employee),
            str(day),
            hours,
            int(activity),
            self.tripletex_id(project or self.projects[1]),
        )


class MonthCase(MonthSteps, LedgerCase):
    """A connected company whose months are checked."""
