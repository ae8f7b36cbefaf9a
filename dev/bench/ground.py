"""Companies, people and hours to measure on."""

import itertools
import os
from datetime import date, timedelta

from dev.sandbox.control import SandboxControl

from .measure import Meter

#: A Monday by which the stand-in's projects have begun.
FIRST_DAY = date(2026, 3, 2)
EMPLOYEES = 100
PROJECTS = 30
DAYS = 20


class Ground:
    """A connected company and one without a connection, and the work in them.

    :param env: Odoo environment of the superuser on a throw-away database
    """

    def __init__(self, env):
        self.control = SandboxControl(os.environ["TRIPLETEX_BASE_URL"])
        self.env = env(user=env.ref("base.user_admin"), su=False)
        self._add_flag(env)
        self.company = self._company("Fjordbygg AS")
        self.other_company = self._company("Uten Tripletex AS")
        companies = (self.company | self.other_company).ids
        self.env = self.env(context={"allowed_company_ids": companies})
        self.company = self.company.with_env(self.env)
        self.meter = Meter(self.env, self.control)
        self.root = Meter(self.env(user=1, su=True), self.control)
        self._numbers = itertools.count(1)
        self._rounds = itertools.count()
        self.employees = self.projects = None

    def _add_flag(self, env):
        """A plain Boolean on the lines: what the reference writes."""
        env["ir.model.fields"].create(
            {
                "name": "x_bench_flag",
                "model_id": env["ir.model"]._get_id("account.analytic.line"),
                "ttype": "boolean",
                "field_description": "Bench",
            }
        )
        parameters = env["ir.config_parameter"]
        parameters.set_param(
            "hr_timesheet_tripletex.base_url", os.environ["TRIPLETEX_BASE_URL"]
        )
        parameters.set_param(
            "hr_timesheet_tripletex.consumer_token",
            os.environ["TRIPLETEX_CONSUMER_TOKEN"],
        )
        env.cr.commit()

    def _company(self, name):
        company = self.env["res.company"].create({"name": name})
        self.env.user.write({"company_ids": [(4, company.id)]})
        return company

    def connected(self):
        """Take the people and projects that were linked as those who log hours."""
        day = str(FIRST_DAY)
        links = self.env["tripletex.project"].search(
            [("is_closed", "=", False), ("start_date", "<=", day)]
        )
        links = links.filtered(lambda link: not link.end_date)
        self.projects = links.project_id[:PROJECTS]
        links = self.env["tripletex.employee"].search([])
        self.employees = links.employee_id[:EMPLOYEES]
        self.env.cr.commit()

    def unconnected_people(self):
        """People and a project of the company without a connection."""
        return make_people(self.env, self.other_company, EMPLOYEES)

    def lines(self, count, **values):
        """Timesheet lines of the connected company, each of a key of its own."""
        lines = self.env["account.analytic.line"]
        for chunk in range(0, count, EMPLOYEES * DAYS):
            size = min(EMPLOYEES * DAYS, count - chunk)
            project = self.projects[next(self._rounds) % len(self.projects)]
            lines += self.lines_of(self.employees, project, size, **values)
        self.env.cr.commit()
        return lines

    def lines_of(self, employees, project, count, **values):
        """Lines of one project: everybody's first day, then the second, and so on."""
        return self.env["account.analytic.line"].create(
            line_values(employees, project, count, **values)
        )

    def send(self):
        """One run of the cron, as the scheduler runs it."""
        self.root.env["tripletex.entry"]._cron_send()


def make_people(env, company, count):
    """Employees and a project to log hours on, in plain Odoo.

    :return: (employees, project)
    """
    employees = env["hr.employee"].create(
        [{"name": f"Person {i}", "company_id": company.id} for i in range(count)]
    )
    project = env["project.project"].create(
        {"name": "Work", "company_id": company.id, "allow_timesheets": True}
    )
    env.cr.commit()
    return employees, project


def line_values(employees, project, count, **values):
    """Values of ``count`` timesheet lines of half an hour on one project."""
    return [
        {
            "employee_id": employees[index % len(employees)].id,
            "project_id": project.id,
            "date": FIRST_DAY + timedelta(days=index // len(employees)),
            "unit_amount": 0.5,
            "name": f"Work {index}",
        }
        | values
        for index in range(count)
    ]
