"""What happens in a database before and after the addon goes, in an Odoo shell.

``fill(env)`` connects a company and makes hours of every state, ``again(env)`` connects
it anew after the addon was away, and ``tell(env)`` prints what is there as one JSON
line. LIFE_URL and LIFE_COMPANY tell which stand-in and which company.
"""

import json
import os
from collections import Counter
from datetime import date

from dev.demo.job import linked, set_parameters
from dev.proof.world import TICKED, World
from dev.sandbox import CONSUMER_TOKEN, SandboxControl

MONTH = date(2026, 3, 1)
LOCKED = date(2026, 2, 10)


class Life(World):
    """People and workers of one company over the years."""

    def __init__(self, env):
        env.cr.rollback()
        company = int(os.environ["LIFE_COMPANY"] or 0)
        super().__init__(env.registry, os.environ["LIFE_URL"], company)
        self.control = SandboxControl(self.base_url)

    def log(self, env, day, number, overtime=False, **values):
        """One line of the linked employee and project of this number."""
        company = self.company(env)
        if overtime:
            paycodes = linked(env, company, "paycode", "work_entry_type_id")
            values["work_entry_type_id"] = paycodes[0].id
        employees = linked(env, company, "employee", "employee_id").sorted("id")
        projects = linked(env, company, "project", "project_id").sorted("id")
        return env["account.analytic.line"].create(
            {
                "employee_id": employees[number % 3].id,
                "project_id": projects[number % 2].id,
                "date": day,
                "unit_amount": 7.5,
                "name": f"Work {day}",
            }
            | values
        )


def fill(env):
    """Connect, and make hours of every state; print the company's id."""
    life = Life(env)
    life.build()
    life.control.lock_month(f"{LOCKED:%Y-%m}")
    life.do(lambda env: _send_first(env, life))
    life.cron()
    life.do(lambda env: _leave_waiting(env, life))
    life.do(lambda env: _leave_about(env, life))
    print(json.dumps({"company": life.company_id}), flush=True)


def _send_first(env, life):
    """Hours that will be sent, refused, and found taken."""
    lines = env["account.analytic.line"]
    for number in range(9):
        lines += life.log(env, MONTH.replace(day=2 + number), number)
    lines += life.log(env, MONTH.replace(day=2), 0, overtime=True, unit_amount=2)
    lines += life.log(env, LOCKED, 1)
    taken = life.log(env, MONTH.replace(day=20), 2)
    (lines + taken).action_tripletex_validate()
    entry = env["tripletex.entry"].search([("share_ids.line_id", "=", taken.id)])
    _kind, employee, day, project, activity = entry.sudo().place.split("|")
    life.control.person_creates_entry(
        employee=int(employee),
        date=day,
        hours=3,
        activity=int(activity),
        project=int(project),
    )


def _leave_waiting(env, life):
    """New hours, and a correction of sent ones, that wait for the cron."""
    life.log(env, MONTH.replace(day=23), 0).action_tripletex_validate()
    line = life.lines(env, ("date", "=", MONTH.replace(day=3)))
    line.action_tripletex_invalidate()
    line.unit_amount = 4
    line.action_tripletex_validate()
    life.log(env, MONTH.replace(day=24), 1)  # stays as logged


def _leave_about(env, life):
    """What else an administrator leaves behind."""
    project = env["project.project"].create(
        {"name": "Not sent", "company_id": life.company_id, "allow_timesheets": True}
    )
    project.tripletex_excluded = True
    values = {"company_id": life.company_id, "environment": "test"}
    setup = env["tripletex.connection.setup"].create({**values, "employee_token": ""})
    setup.action_next()  # an update that nobody finished
    life.connection(env).message_post(body="Tripletex: a note of the administrator")
    env["ir.filters"].create(
        {
            "name": "My sent hours",
            "model_id": "tripletex.entry",
            "domain": "[('state', '=', 'sent')]",
            "user_ids": env.user.ids,
        }
    )


def again(env):
    """Connect the company after the addon was away, validate as before and send."""
    life = Life(env)
    life.do(lambda env: set_parameters(env, life.base_url, CONSUMER_TOKEN))
    life.connect(TICKED, send_from="2026-01-01")
    life.do(lambda env: life.lines(env).action_tripletex_validate())
    for _run in range(4):
        life.let_time_pass()
        life.cron()
    tell(env)


def native(env):
    """Validate hours with Enterprise's flag; print the line's id."""
    project = env["project.project"].create({"name": "Own", "allow_timesheets": True})
    employee = env["hr.employee"].create({"name": "Kari Nordmann"})
    line = env["account.analytic.line"].create(
        {
            "project_id": project.id,
            "employee_id": employee.id,
            "unit_amount": 7.5,
            "validated": True,
        }
    )
    env.cr.commit()
    print(json.dumps({"line": line.id}), flush=True)


def tell(env):
    """Print what is there."""
    life = Life(env)

    def job(env):
        entries = env["tripletex.entry"].search([("company_id", "=", life.company_id)])
        return {
            "lines": {
                str(line.id): [
                    str(line.date),
                    line.unit_amount,
                    line.tripletex_validated,
                    line.work_entry_type_id.code or "",
                    line.tripletex_state or "",
                ]
                for line in life.lines(env)
            },
            "entries": Counter(entries.mapped("state")),
            "made": {
                model: env[model].search_count([])
                for model in ("project.project", "hr.employee", "hr.work.entry.type")
            },
        }

    print(json.dumps(life.do(job)), flush=True)


def leave_to_cron(env):
    """Connect, and leave hours to a cron of Odoo's own; print the company's id."""
    life = Life(env)
    life.build()
    life.do(lambda env: _leave_to_cron(env, life))
    print(json.dumps({"company": life.company_id}), flush=True)


def _leave_to_cron(env, life):
    env["ir.config_parameter"].set_param("hr_timesheet_tripletex.batch_size", 3)
    send = env.ref("hr_timesheet_tripletex.ir_cron_send")
    (env["ir.cron"].search([]) - send).active = False
    lines = env["account.analytic.line"]
    for number in range(9):
        lines += life.log(env, MONTH.replace(day=2 + number), number)
    lines.action_tripletex_validate()
