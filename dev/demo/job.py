"""The main job inside Odoo, through the methods behind the buttons.

Runs in an Odoo shell: `main(env)` prints one JSON line that says what Odoo holds.
"""

import datetime
import itertools
import json
import os
import time

from dateutil.relativedelta import relativedelta

from odoo import fields

COMPANY = "Fjordbygg Demo AS"
HOW_MANY = {"project_line_ids": 6, "paycode_line_ids": 3, "employee_line_ids": 5}
HOURS_A_DAY = 7.5
OVERTIME_EVERY = 9
OVERTIME_HOURS = 2.0
# Sending pauses for the rate limit; this bounds how long the demonstration waits.
LONGEST_WAIT = 300
ROUNDS_WITHOUT_PROGRESS = 4


def main(env):
    """Do the main job and commit it.

    :param env: Odoo environment of the superuser on a throw-away database
    """
    env = _as_administrator(env)
    company = _make_company(env)
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    _set_parameters(env)
    _connect(env, company)
    lines = _log_hours(env, company, _month())
    lines.action_tripletex_validate()
    env.cr.commit()
    _send(env, lines)
    print(json.dumps(_summary(env, lines)))
    env.cr.commit()


def _as_administrator(env):
    """Work as the person who would press the buttons, with no more rights."""
    return env(user=env.ref("base.user_admin"), su=False)


def _make_company(env):
    company = env["res.company"].create(
        {"name": COMPANY, "country_id": env.ref("base.no").id}
    )
    env.user.write({"company_ids": [(4, company.id)], "company_id": company.id})
    return company


def _set_parameters(env):
    parameters = {
        "hr_timesheet_tripletex.base_url": os.environ["TRIPLETEX_BASE_URL"],
        "hr_timesheet_tripletex.consumer_token": os.environ["TRIPLETEX_CONSUMER_TOKEN"],
    }
    for name, value in parameters.items():
        env["ir.config_parameter"].set_param(name, value)


def _connect(env, company):
    wizard = env["tripletex.connection.setup"].create(
        {
            "company_id": company.id,
            "environment": "test",
            "employee_token": os.environ["TRIPLETEX_EMPLOYEE_TOKEN"],
        }
    )
    wizard.action_next()
    for name, count in HOW_MANY.items():
        rows = wizard[name].filtered("selectable").filtered(_is_useful)
        rows[:count].write({"selected": True})
        if name != "employee_line_ids":
            wizard.action_next()
    wizard.action_complete()


def _is_useful(row):
    """Leave out paycodes that Tripletex does not take hours on."""
    return "show_in_timesheet" not in row._fields or row.show_in_timesheet


def _month():
    """Return the first day of the month to log: MONTH=YYYY-MM, else the last one."""
    given = os.environ.get("MONTH")
    if given:
        return datetime.date.fromisoformat(f"{given}-01")
    return datetime.date.today().replace(day=1) - relativedelta(months=1)


def _log_hours(env, company, first):
    """Log a month: every working day on one project, now and then overtime."""
    projects = _bound(
        env, company, "project", "project_id", [("is_closed", "=", False)]
    )
    paycodes = _bound(env, company, "paycode", "work_entry_type_id", [])
    employees = _bound(env, company, "employee", "employee_id", [])
    days = [first + datetime.timedelta(days=n) for n in range(31)]
    days = [day for day in days if day.month == first.month and day.weekday() < 5]
    numbers = itertools.count()
    values = []
    for employee, day in itertools.product(employees, days):
        number = next(numbers)
        line = {
            "employee_id": employee.id,
            "project_id": projects[number % len(projects)].id,
            "date": day,
            "name": f"Work on day {day.day}",
            "unit_amount": HOURS_A_DAY,
        }
        values.append(line)
        if paycodes and number % OVERTIME_EVERY == 0:
            paycode = paycodes[number // OVERTIME_EVERY % len(paycodes)]
            extra = {"work_entry_type_id": paycode.id, "unit_amount": OVERTIME_HOURS}
            values.append({**line, **extra, "name": f"Overtime on day {day.day}"})
    return env["account.analytic.line"].create(values)


def _bound(env, company, kind, field, domain):
    """Return the Odoo records the connection has linked."""
    connection = company.tripletex_connection_id
    domain = [("connection_id", "=", connection.id), *domain]
    return env[f"tripletex.{kind}"].search(domain)[field]


def _send(env, lines):
    """Call the cron's method until nothing waits, with the pauses it asks for."""
    waiting = [("state", "in", ("pending", "sending"))]
    entries, connection = env["tripletex.entry"], env.company.tripletex_connection_id
    give_up = time.monotonic() + LONGEST_WAIT
    counts = [entries.search_count(waiting)]
    while counts[-1] and time.monotonic() < give_up:
        entries.sudo()._cron_send()
        env.cr.commit()
        env.invalidate_all()
        counts.append(entries.search_count(waiting))
        recent = counts[-ROUNDS_WITHOUT_PROGRESS:]
        is_stuck = len(recent) == ROUNDS_WITHOUT_PROGRESS and len({*recent}) == 1
        if is_stuck and not _is_paused(connection):
            return
        time.sleep(1)


def _is_paused(connection):
    """Say whether Tripletex's rate limit has a pause running."""
    until = connection.next_attempt_at
    return bool(until) and until > fields.Datetime.now()


def _summary(env, lines):
    env.invalidate_all()
    states = dict(lines._read_group([], ["tripletex_validated"], ["__count"]))
    problems = env["tripletex.entry"].search([("state", "!=", "sent")])
    paid = lines.filtered("work_entry_type_id")
    return {
        "company": env.company.name,
        "tripletex": env.company.tripletex_connection_id.display_name,
        "lines": len(lines),
        "validated": states.get(True, 0),
        "hours": round(sum(lines.mapped("unit_amount")), 2),
        "paycode_hours": round(sum(paid.mapped("unit_amount")), 2),
        "first": str(min(lines.mapped("date"))),
        "last": str(max(lines.mapped("date"))),
        "problems": [
            f"{entry.display_name}: {entry.state}, {entry.error_message or ''}"
            for entry in problems
        ],
    }
