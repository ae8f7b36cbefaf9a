"""What the tests of the ledger share: links, settings, locks and the words of a line.

Only names that stay are used (public actions, fields, wizards, the sending cron), and
what the stand-in for Tripletex holds.
"""

from datetime import timedelta

from odoo.exceptions import RedirectWarning, UserError

from ..dev.sandbox import EMPLOYEE_TOKEN
from .common import MONDAY, TripletexCase

#: What validating can be refused with.
REFUSALS = (UserError, RedirectWarning)
#: A day of the month before MONDAY's, on which all linked projects have started.
MONTH_BEFORE = MONDAY.replace(day=1) - timedelta(days=3)
MONTH = f"{MONDAY:%Y-%m}"
#: By Odoo model: link model, its field, the client's list, the number's name there.
KINDS = {
    "hr.employee": (
        "tripletex.employee",
        "employee_id",
        "list_employees",
        "employeeNumber",
    ),
    "project.project": ("tripletex.project", "project_id", "list_projects", "number"),
    "hr.work.entry.type": (
        "tripletex.paycode",
        "work_entry_type_id",
        "list_salary_types",
        "number",
    ),
}


def day(count):
    """The date ``count`` days after MONDAY."""
    return MONDAY + timedelta(days=count)


class LedgerSteps:
    """Steps of administrators and of people in Tripletex, for ``TripletexGround``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.control.state()["company"]
        # the set-up recognises the connection by it
        cls.connection.tripletex_company_id = str(company["id"])
        # read while there is a key
        cls.lists = {call: cls._rows(call) for _m, _f, call, _n in KINDS.values()}

    # -- links -------------------------------------------------------------------

    def link(self, record):
        """The link that a project, an employee or a paycode has now."""
        model, field, _call, _number = KINDS[record._name]
        return self.env[model].search(
            [(field, "=", record.id), ("connection_id", "=", self.connection.id)]
        )

    def free_row(self, record):
        """A row of Tripletex of the record's kind that takes hours and has no link."""
        model, _field, call, number = KINDS[record._name]
        links = self.env[model].search([("connection_id", "=", self.connection.id)])
        used = set(links.mapped("tripletex_id"))
        return next(
            row
            for row in self.lists[call]
            if str(row["id"]) not in used
            and row[number]
            and row.get("showInTimesheet", True)
            and not row.get("isClosed")
            and not row.get("endDate")
            and row.get("startDate", "") <= str(MONDAY - timedelta(days=60))
        )

    def link_to(self, record, row):
        """A link of the record to a row of Tripletex."""
        model, field, _call, number = KINDS[record._name]
        return self.env[model].create(
            {
                "connection_id": self.connection.id,
                field: record.id,
                "tripletex_id": str(row["id"]),
                "number": row[number],
                "name": row.get("displayName") or row["name"],
            }
        )

    def relink(self, record):
        """Empty the record's link, link it to another row and return its number."""
        row = self.free_row(record)
        self.link(record).action_empty_link()
        self.link_to(record, row)
        return row[KINDS[record._name][3]]

    def renumber(self, record):
        """Correct the number of the record's link to another row's; return it."""
        row = self.free_row(record)
        number = row[KINDS[record._name][3]]
        self.link(record).number = number
        return number

    def another_activity(self):
        """An activity for projects that is not the connection's default."""
        return self.env["tripletex.activity"].search(
            [
                ("connection_id", "=", self.connection.id),
                ("is_project_activity", "=", True),
                ("id", "!=", self.connection.default_activity_id.id),
            ],
            limit=1,
        )

    def another_paycode(self, **values):
        """A second work entry type with a link of its own."""
        row = self.free_row(self.overtime)
        paycode = self.env["hr.work.entry.type"].create(
            {"name": row["name"], "code": f"TT{row['number']}"}
        )
        self.link_to(paycode, row).write(values)
        return paycode

    # -- the connection ----------------------------------------------------------

    def wizard(self, **values):
        """The set-up of the company on its last step."""
        setup = self.env["tripletex.connection.setup"].create(
            {
                "company_id": self.company.id,
                "environment": "test",
                "employee_token": EMPLOYEE_TOKEN,
            }
        )
        while setup.step != "employees":
            setup.action_next()
        setup.write(values)
        return setup

    def complete(self, **values):
        """Connect, connect again or update, with the wizard."""
        self.wizard(**values).action_complete()

    def remove(self, unsent="leave"):
        """Remove the connection."""
        self.env["tripletex.connection.remove"].create(
            {"connection_id": self.connection.id, "unsent": unsent}
        ).action_remove()

    def exclude(self, project):
        """Mark a project as not sent."""
        project.tripletex_excluded = True

    def handled_without_place(self):
        """Overtime whose hours are sent; its paycode row, unlinked, is handled."""
        self.company.tripletex_strict = False
        self.control.revoke_rights("timesheet/salaryTypeSpecification")
        line = self.validated(2, work_entry_type_id=self.overtime.id)
        self.settle()
        self.link(self.overtime).action_empty_link()
        self.retry()
        self.settle()
        self.assertEqual(len(self.entries_of(line)), 2)
        self.remove("handled")
        self.control.revoke_rights()

    # -- what happens ------------------------------------------------------------

    def settle(self):
        """Let the cron run as often as an answer and what follows from it need."""
        for _run in range(3):
            self.let_time_pass()
            self.send()

    def sent(self, hours=7.5, **values):
        """One validated line that Tripletex holds."""
        line = self.validated(hours, **values)
        self.send()
        self.assertEqual(line.tripletex_state, "sent")
        return line

    def excluded_while_the_paycode_row_waits(self):
        """Overtime of 3 h: its hours were sent when the project was excluded."""
        self.control.revoke_rights("timesheet/salaryTypeSpecification")
        self.validated(3, work_entry_type_id=self.overtime.id)
        self.settle()
        self.exclude(self.project)
        self.control.revoke_rights()
        self.connection.action_test()
        self.settle()

    def retry(self):
        """Press Retry on everything that failed."""
        self.env["tripletex.entry"].search([("state", "=", "failed")]).action_retry()

    def conflicts(self, line=None):
        """Return the conflicts of the connection, or those of one line."""
        domain = [
            ("connection_id", "=", self.connection.id),
            ("state", "=", "conflict"),
        ]
        if line:
            domain.append(("share_ids.line_id", "=", line.id))
        return self.env["tripletex.entry"].search(domain)

    def ask_move(self):
        """Ask for a move of the week's sent hours to where the links lead now."""
        self.env["tripletex.entry.move"].create(
            {
                "link": f"tripletex.connection,{self.connection.id}",
                "date_from": MONDAY,
                "date_to": day(6),
            }
        ).action_move()

    def move_all(self):
        """Move the sent hours of MONDAY's week to where the links lead now."""
        self.ask_move()
        self.settle()

    def let_minutes_pass(self, minutes=10):
        """As if everything so far had been some minutes earlier."""
        self.env.flush_all()
        self.env.cr.execute(
            r"""
            SELECT table_name, column_name FROM information_schema.columns
             WHERE table_schema = 'public' AND data_type LIKE 'timestamp%'
               AND (table_name LIKE 'tripletex\_%'
                    OR table_name = 'account_analytic_line')
            """
        )
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                f'UPDATE "{table}" SET "{column}" = "{column}" - %s * '
                "interval '1 minute'",
                [minutes],
            )
        self.env.invalidate_all()

    # -- what stands where -------------------------------------------------------

    def held_as(self, *names):
        """Hours in Tripletex with those of their columns, as sorted tuples."""
        return sorted(
            tuple(row[name] for name in (*names, "hours"))
            for row in self.control.entries()
        )

    def held_rows_as(self, *names):
        """Hours on paycodes in Tripletex with those of their columns."""
        return sorted(
            tuple(row[name] for name in (*names, "count"))
            for row in self.control.rows()
        )

    def writes(self):
        """Calls so far that changed hours in Tripletex, or meant to."""
        return [
            call
            for call in self.control.calls()
            if call["method"] != "GET" and "/timesheet/" in call["path"]
        ]

    def told(self, line):
        """What the line and its sent hours say is wrong."""
        line.invalidate_recordset()
        return "\n".join(
            filter(
                None,
                [
                    line.tripletex_refusal,
                    *self.entries_of(line).mapped("error_message"),
                ],
            )
        )

    def refusal(self, act):
        """The message with which ``act()`` is refused; nothing of it remains."""
        try:
            with self.env.cr.savepoint():
                act()
        except REFUSALS as refused:
            self.env.invalidate_all()
            return str(refused.args[0])
        raise AssertionError("It was not refused")

    def press_button(self, warning, user=None):
        """Press the button of a RedirectWarning, as the web client does."""
        _message, action, _label, context = warning.args
        action_id = action if isinstance(action, int) else action.get("id")
        server = self.env["ir.actions.server"].browse(action_id)
        self.assertEqual(server.type, "ir.actions.server", action)
        return server.with_user(user or self.env.user).with_context(**context).run()


class LedgerCase(LedgerSteps, TripletexCase):
    """A connected company, each test in a transaction of its own."""
