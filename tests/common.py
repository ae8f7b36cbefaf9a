"""Common base of the tests: a real Odoo and the stand-in Tripletex over HTTP."""

from contextlib import contextmanager
from datetime import date, timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..dev.sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN, SandboxServer
from ..models.database_identity import database_identity

#: A Monday; the stand-in's projects have started by then.
MONDAY = date(2026, 3, 16)
BASE_URL = "hr_timesheet_tripletex.base_url"
CONSUMER = "hr_timesheet_tripletex.consumer_token"


class SandboxMixin:
    """A stand-in Tripletex per test class. For test cases with ``cls.env``."""

    sandbox_options = {}

    @classmethod
    def start_sandbox(cls):
        """Start the stand-in and store its address in Odoo."""
        options = {"rate_limit": 0, "seed": 7, "oddities": False}
        cls.sandbox = SandboxServer(**(options | cls.sandbox_options)).start()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.control = cls.sandbox.control
        parameters = cls.env["ir.config_parameter"]
        parameters.set_param(BASE_URL, cls.sandbox.base_url)
        parameters.set_param(CONSUMER, CONSUMER_TOKEN)

    @contextmanager
    def fault(self, kind, **options):
        """Switch on a fault of the stand-in for the duration of the block."""
        self.control.fault(kind, **options)
        try:
            yield
        finally:
            self.control.clear_faults()


class TripletexGround(SandboxMixin):
    """A company connected to its own stand-in, with a few links of each kind."""

    #: Whether lines have the dates of these tests, which become unlikely one day.
    fixed_dates = True

    @classmethod
    def allow_fixed_dates(cls):
        """Let nobody be asked about the dates of these tests."""
        Dialog = cls.registry["tripletex.line.validate"]
        usual = Dialog._usual_dates

        def with_ours(dialog):
            first, last = usual(dialog)
            return min(first, MONDAY - timedelta(60)), last

        cls.classPatch(Dialog, "_usual_dates", with_ours)

    @classmethod
    def lay_ground(cls):
        """Start the stand-in, create the company and connect it."""
        cls.start_sandbox()
        if cls.fixed_dates:
            cls.allow_fixed_dates()
        cls.company = cls.env["res.company"].create(
            {"name": f"Fjordbygg {cls.__name__} AS"}
        )
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.company = cls.company.with_env(cls.env)
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env.ref("base.user_admin").lang = "en_US"
        cls.connection = cls.connect()
        cls.employees = cls.link_employees(3)
        cls.employee = cls.employees[0]
        cls.projects = cls.link_projects(3)
        cls.project = cls.projects[0]
        cls.overtime = cls.link_paycode()
        # the cron has looked up what making the links planned
        cls.env["tripletex.lookup"].sudo().search([]).unlink()
        cron = cls.env.ref("hr_timesheet_tripletex.ir_cron_send")
        cls.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()

    # -- ground ------------------------------------------------------------------

    @classmethod
    def connect(cls, company=None, token=EMPLOYEE_TOKEN):
        """Create a connection as Complete does, without the wizard."""
        connection = (
            cls.env["tripletex.connection"]
            .sudo()
            .create(
                {
                    "company_id": (company or cls.company).id,
                    "environment": "test",
                    "tripletex_company_id": "1",
                    "tripletex_company_name": "Fjordbygg Demo AS",
                    "database_identity": database_identity(cls.env),
                    "responsible_id": cls.env.ref("base.user_admin").id,
                    "connected_at": fields.Datetime.now(),
                }
            )
        )
        connection.employee_token = token
        with connection._client() as client:
            activities = client.list_activities()
        records = cls.env["tripletex.activity"].create(
            [
                {
                    "connection_id": connection.id,
                    "tripletex_id": str(row["id"]),
                    "name": row["name"],
                    "is_project_activity": bool(row["isProjectActivity"]),
                }
                for row in activities
            ]
        )
        connection.default_activity_id = records.filtered("is_project_activity")[:1]
        connection.default_internal_activity_id = records.filtered(
            lambda activity: not activity.is_project_activity
        )[:1]
        return connection

    @classmethod
    def _rows(cls, method):
        with cls.connection._client() as client:
            return getattr(client, method)()

    @classmethod
    def link_employees(cls, count):
        """Create Odoo employees linked to the stand-in's first ``count`` employees."""
        rows = [row for row in cls._rows("list_employees") if row["employeeNumber"]]
        employees = cls.env["hr.employee"].create(
            [
                {"name": row["displayName"], "company_id": cls.company.id}
                for row in rows[:count]
            ]
        )
        cls.env["tripletex.employee"].create(
            [
                {
                    "connection_id": cls.connection.id,
                    "employee_id": employee.id,
                    "tripletex_id": str(row["id"]),
                    "number": row["employeeNumber"],
                    "name": row["displayName"],
                }
                for employee, row in zip(employees, rows, strict=False)
            ]
        )
        return employees

    @classmethod
    def link_projects(cls, count, skip=0):
        """Create Odoo projects linked to open projects of the stand-in."""
        rows = [
            row
            for row in cls._rows("list_projects")
            if not row["isClosed"]
            and row["number"]
            and row["startDate"] <= str(MONDAY - timedelta(days=60))
            and not row["endDate"]
        ][skip : skip + count]
        projects = cls.env["project.project"].create(
            [
                {
                    "name": row["name"],
                    "company_id": cls.company.id,
                    "allow_timesheets": True,
                    "privacy_visibility": "employees",
                }
                for row in rows
            ]
        )
        cls.env["tripletex.project"].create(
            [
                {
                    "connection_id": cls.connection.id,
                    "project_id": project.id,
                    "tripletex_id": str(row["id"]),
                    "number": row["number"],
                    "name": row["name"],
                    "start_date": row["startDate"],
                }
                for project, row in zip(projects, rows, strict=True)
            ]
        )
        return projects

    @classmethod
    def link_paycode(cls):
        """Create a work entry type linked to a salary type of the time sheet."""
        row = next(r for r in cls._rows("list_salary_types") if r["showInTimesheet"])
        overtime = cls.env["hr.work.entry.type"].create(
            {"name": row["name"], "code": f"TT{row['number']}"}
        )
        cls.paycode = cls.env["tripletex.paycode"].create(
            {
                "connection_id": cls.connection.id,
                "work_entry_type_id": overtime.id,
                "tripletex_id": str(row["id"]),
                "number": row["number"],
                "name": row["name"],
            }
        )
        return overtime

    # -- actions of users --------------------------------------------------------

    def log(self, hours=7.5, **values):
        """Create a timesheet line; ``values`` override the default ones."""
        return self.env["account.analytic.line"].create(
            {
                "employee_id": self.employee.id,
                "project_id": self.project.id,
                "date": MONDAY,
                "unit_amount": hours,
                "name": "Work",
            }
            | values
        )

    def validated(self, hours=7.5, **values):
        """Create a validated timesheet line."""
        line = self.log(hours, **values)
        line.action_tripletex_validate()
        return line

    def correct(self, line, **values):
        """Invalidate, change and validate again."""
        line.action_tripletex_invalidate()
        line.write(values)
        line.action_tripletex_validate()

    def let_time_pass(self):
        """End every pause."""
        self.env["tripletex.entry"].search([]).next_attempt_at = False
        self.connection.next_attempt_at = False

    def entries_of(self, lines):
        """Return the entries of the lines."""
        shares = self.env["tripletex.entry.share"].search(
            [("line_id", "in", lines.ids)]
        )
        return shares.entry_id

    # -- rows in Tripletex -------------------------------------------------------

    def held(self):
        """Return the hours in the stand-in, sorted."""
        return sorted(entry["hours"] for entry in self.control.entries())

    def held_rows(self):
        """Return the hours on paycodes in the stand-in, sorted."""
        return sorted(row["count"] for row in self.control.rows())


@tagged("post_install", "-at_install")
class TripletexCase(TripletexGround, TransactionCase):
    """Each test has its own transaction and an empty stand-in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lay_ground()

    def setUp(self):
        super().setUp()
        self.sandbox.reset()

    def plan(self, query):
        """Return how the database runs a query where it uses indexes if it can."""
        for name in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            off = SQL("SET LOCAL %s = off", SQL.identifier(f"enable_{name}"))
            self.env.cr.execute(off)
        rows = self.env.execute_query(SQL("EXPLAIN (COSTS OFF) %s", query.select()))
        return "\n".join(row for (row,) in rows)

    def send(self):
        """Run the cron once, as Odoo's scheduler does."""
        cron = self.env.ref("hr_timesheet_tripletex.ir_cron_send")
        with (
            self.assertNoLogs("odoo.addons.hr_timesheet_tripletex", level="ERROR"),
            self.enter_registry_test_mode(),
        ):
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()
