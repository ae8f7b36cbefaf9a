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
HOW_MANY = {"project_line_ids": 6, "paycode_line_ids": 3}
HOURS_A_DAY = 7.5
OVERTIME_EVERY = 9
OVERTIME_HOURS = 2.0
DAYS_OFF = 2  # of the last person
MISTYPED_HOURS = 17.5  # of the first person; an approver rejects them
# Sending pauses for the rate limit; this bounds how long the demonstration waits.
LONGEST_WAIT = 300
PATIENCE = 4  # rounds without progress
WAITING = [("state", "in", ("pending", "sending"))]


def main(env):
    """Do the main job in an Odoo shell on a throw-away database, and commit it."""
    env = as_administrator(env)
    company = make_company(env, COMPANY)
    env.user.company_id = company
    env = in_company(env)
    company.tripletex_send_in = True
    people = {"employee_line_ids": int(os.environ.get("PEOPLE") or 5)}
    connect(env, company, os.environ["TRIPLETEX_EMPLOYEE_TOKEN"], HOW_MANY | people)
    away = _take_days_off(env, company, month())
    lines = log_hours(env, company, month(), away)
    lines.action_tripletex_send_in()
    lines -= _reject_one(lines)
    lines.action_tripletex_validate()
    env.cr.commit()
    send(env)
    board = read_back(env, month())
    summary = _summary(env, lines | away)
    print(json.dumps({**summary, "equal": [row.is_equal for row in board]}))
    env.cr.commit()


def as_administrator(env):
    """Work as the person who would press the buttons, with no more rights."""
    return env(user=env.ref("base.user_admin"), su=False)


def in_company(env):
    """Work in the user's company alone."""
    return env(context={**env.context, "allowed_company_ids": env.user.company_id.ids})


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
    # kinds of absence for which an activity is suggested, where Time Off is installed
    setup.absence_line_ids.filtered("activity_id").write({"selected": True})
    setup.send_from = send_from
    setup.action_complete()


def begin_setup(env, company, key):
    """Return the set-up of a test company, with its key entered."""
    values = {"company_id": company.id, "environment": "test", "employee_token": key}
    return env["tripletex.connection.setup"].create(values)


def _is_useful(row):
    """Leave out paycodes that Tripletex does not take hours on."""
    return "show_in_timesheet" not in row._fields or row.show_in_timesheet


def month():
    """Return the first day of the month to log: MONTH=YYYY-MM, else the last one."""
    if given := os.environ.get("MONTH"):
        return datetime.date.fromisoformat(f"{given}-01")
    return datetime.date.today().replace(day=1) - relativedelta(months=1)


def _take_days_off(env, company, first):
    """Have the last person's vacation approved; return its timesheet lines."""
    person = linked(env, company, "employee", "employee_id")[-1]
    vacation = env.ref("hr_holidays.leave_type_paid_time_off")
    vacation.requires_allocation = False
    monday = first + datetime.timedelta(days=7 - first.weekday())
    leave = env["hr.leave"].create(
        {
            "employee_id": person.id,
            "holiday_status_id": vacation.id,
            "request_date_from": monday,
            "request_date_to": monday + datetime.timedelta(days=DAYS_OFF - 1),
        }
    )
    while leave.state != "validate":  # Odoo asks for two approvals
        leave.action_approve()
    return leave.timesheet_ids


def log_hours(env, company, first, away):
    """Log a month: every working day on one project, now and then overtime.

    :param away: lines of days on which their person does not work
    """
    projects = linked(env, company, "project", "project_id", ("is_closed", "=", False))
    paycodes = linked(env, company, "paycode", "work_entry_type_id")
    employees = linked(env, company, "employee", "employee_id")
    days = [first + datetime.timedelta(days=n) for n in range(31)]
    days = [day for day in days if day.month == first.month and day.weekday() < 5]
    free = {(line.employee_id, line.date) for line in away}
    values = []
    for number, (employee, day) in enumerate(itertools.product(employees, days)):
        if (employee, day) in free:
            continue
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


def _reject_one(lines):
    """Log hours that were typed wrong and have them rejected; return their line."""
    mistyped = lines[0].copy({"unit_amount": MISTYPED_HOURS, "name": "Driving"})
    mistyped.action_tripletex_send_in()
    reject = {"line_ids": mistyped.ids, "reason": "17.50 or 7.50 hours?"}
    lines.env["tripletex.line.reject"].create(reject).action_reject()
    return mistyped


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


def read_back(env, first):
    """Press Check Now and check; return the rows of a month on the month board."""
    domain = [("connection_id", "=", env.company.tripletex_connection_id.id)]
    domain += [("month", "=", first)]
    env["tripletex.month"].search(domain).action_check()
    return check(env, domain)


def check(env, domain):
    """Call the cron's method until nothing is asked of these months; return them.

    A running Odoo may be at it already, and Tripletex may ask for a pause.
    """
    months = env["tripletex.month"]
    give_up = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < give_up:
        months.sudo()._cron_check()
        env.cr.commit()
        env.invalidate_all()
        found = months.search(domain)
        if found and not any(found.mapped("is_asked")):
            break
        time.sleep(1)
    return found


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
