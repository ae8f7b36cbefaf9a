"""The main job inside Odoo, through the methods behind the buttons.

Runs in an Odoo shell: `main(env)` prints one JSON line that says what Odoo holds. The
benchmark, the walks and the pictures begin with the same company and set-up.
"""

import datetime
import itertools
import json
import os
import time
from urllib.parse import urlsplit

from dateutil.relativedelta import relativedelta

from odoo import fields

PARAMETERS = "hr_timesheet_tripletex."
COMPANY = "Fjordbygg Demo AS"
HOW_MANY = {"project_line_ids": 6, "paycode_line_ids": 3, "employee_line_ids": 5}
HOURS_A_DAY = 7.5
OVERTIME_EVERY = 9
OVERTIME_HOURS = 2.0
# Sending pauses for the rate limit; this bounds how long the demonstration waits.
LONGEST_WAIT = 300
PATIENCE = 4  # rounds without progress
WAITING = [("state", "in", ("pending", "sending"))]


def main(env):
    """Do the main job in an Odoo shell on a throw-away database, and commit it."""
    env = as_administrator(env)
    company = make_company(env, COMPANY)
    env.user.company_id = company
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    connect(env, company, os.environ["TRIPLETEX_EMPLOYEE_TOKEN"], HOW_MANY)
    lines = _log_hours(env, company, _month())
    lines.action_tripletex_validate()
    env.cr.commit()
    send(env)
    board = _read_back(env, _month())
    print(json.dumps({**_summary(env, lines), "board": board}))
    env.cr.commit()


def as_administrator(env):
    """Work as the person who would press the buttons, with no more rights."""
    return env(user=env.ref("base.user_admin"), su=False)


def make_company(env, name, base_url=None, consumer_token=None):
    """Make a company of the user, in a database that knows Tripletex's address.

    :param base_url: else TRIPLETEX_BASE_URL of the process's environment, as the token
    """
    norway = env.ref("base.no").id
    company = env["res.company"].create({"name": name, "country_id": norway})
    env.user.company_ids |= company
    set_parameters(env, base_url, consumer_token)
    return company


def set_parameters(env, base_url=None, consumer_token=None):
    """Let the database know the stand-in's address and the consumer token.

    The parameter is obeyed for this machine only. Another address is read by the addon
    itself, from the same variable of the environment.
    """
    base_url = base_url or os.environ["TRIPLETEX_BASE_URL"]
    set_param = env["ir.config_parameter"].sudo().set_param
    if urlsplit(base_url).scheme == "http":
        set_param(f"{PARAMETERS}base_url", base_url)
    token = consumer_token or os.environ["TRIPLETEX_CONSUMER_TOKEN"]
    set_param(f"{PARAMETERS}consumer_token", token)


def connect(env, company, key, ticked=None, send_from=None):
    """Do the whole set-up, from the key to Complete.

    :param dict ticked: how many rows to tick, by list
    :param send_from: day from which earlier hours are sent, or None
    """
    setup = begin_setup(env, company, key)
    while setup.step != "employees":
        setup.action_next()
    for name, count in (ticked or {}).items():
        rows = setup[name].filtered("selectable").filtered(_is_useful)
        rows[:count].write({"selected": True})
    setup.send_from = send_from
    setup.action_complete()


def begin_setup(env, company, key):
    """Return the set-up of a test company, with its key entered."""
    values = {"company_id": company.id, "environment": "test", "employee_token": key}
    return env["tripletex.connection.setup"].create(values)


def _is_useful(row):
    """Leave out paycodes that Tripletex does not take hours on."""
    return "show_in_timesheet" not in row._fields or row.show_in_timesheet


def _month():
    """Return the first day of the month to log: MONTH=YYYY-MM, else the last one."""
    if given := os.environ.get("MONTH"):
        return datetime.date.fromisoformat(f"{given}-01")
    return datetime.date.today().replace(day=1) - relativedelta(months=1)


def _log_hours(env, company, first):
    """Log a month: every working day on one project, now and then overtime."""
    projects = linked(env, company, "project", "project_id", ("is_closed", "=", False))
    paycodes = linked(env, company, "paycode", "work_entry_type_id")
    employees = linked(env, company, "employee", "employee_id")
    days = [first + datetime.timedelta(days=n) for n in range(31)]
    days = [day for day in days if day.month == first.month and day.weekday() < 5]
    values = []
    for number, (employee, day) in enumerate(itertools.product(employees, days)):
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


def linked(env, company, kind, field, *domain):
    """Return the Odoo records that the company's connection has linked."""
    connection = company.tripletex_connection_id
    domain = [("connection_id", "=", connection.id), *domain]
    return env[f"tripletex.{kind}"].search(domain)[field]


def send(env):
    """Call the cron's method until nothing waits, with the pauses it asks for."""
    entries, connection = env["tripletex.entry"], env.company.tripletex_connection_id
    give_up = time.monotonic() + LONGEST_WAIT
    counts = [entries.search_count(WAITING)]
    while counts[-1] and time.monotonic() < give_up:
        entries.sudo()._cron_send()
        env.cr.commit()
        env.invalidate_all()
        counts.append(entries.search_count(WAITING))
        is_stuck = counts[-PATIENCE:] == PATIENCE * counts[-1:]
        until = connection.next_attempt_at
        if is_stuck and not (until and until > fields.Datetime.now()):
            return
        time.sleep(1)


def _read_back(env, first):
    """Check the month in Tripletex; return the rows of the month board."""
    months, connection = env["tripletex.month"], env.company.tripletex_connection_id
    domain = [("connection_id", "=", connection.id), ("month", "=", first)]
    for _round in range(PATIENCE):
        months.sudo()._cron_check()
        env.cr.commit()
        env.invalidate_all()
        if months.search_count(domain):
            break
        until = connection.next_attempt_at or fields.Datetime.now()
        time.sleep(max(1, (until - fields.Datetime.now()).total_seconds()))
    return [
        {
            "employee": month.employee_id.name,
            "validated": month.hours_validated,
            "there": month.hours_there,
            "paycodes": month.paycode_there,
            "state": month.state_there,
            "equal": month.is_equal,
            "message": month.message or "",
        }
        for month in months.search(domain)
    ]


def _summary(env, lines):
    env.invalidate_all()
    problems = env["tripletex.entry"].search([("state", "!=", "sent")])
    paid = lines.filtered("work_entry_type_id")
    return {
        "hours": round(sum(lines.mapped("unit_amount")), 2),
        "paycode_hours": round(sum(paid.mapped("unit_amount")), 2),
        "problems": [
            f"{entry.display_name}: {entry.state}, {entry.error_message or ''}"
            for entry in problems
        ],
    }
