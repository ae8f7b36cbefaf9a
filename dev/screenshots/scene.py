"""What the pictures show, made in an Odoo shell: a company, and a week of its hours."""

import datetime
import os

from ..demo import job, month_end
from ..sandbox.control import SandboxControl

#: What people write about their hours, by language.
WORK = {
    "en_US": ["Framing", "Site meeting", "Kitchen fitting", "Painting", "Clean-up"],
    "nb_NO": ["Stenderverk", "Byggemøte", "Kjøkkenmontering", "Maling", "Rydding"],
}
HOURS = [7.5, 7.5, 6.0, 8.0, 7.5]
REASON = {
    "en_US": "Was this on the extension, or on the other house?",
    "nb_NO": "Var dette på tilbygget, eller på det andre huset?",
}


def company(env, language):
    """Before connecting: the company, and an administrator who reads ``language``."""
    env = job.as_administrator(env)
    made = job.make_company(env, job.COMPANY)
    env.user.write({"lang": language, "tz": "Europe/Oslo", "company_id": made.id})
    env.user.company_ids = made
    env.cr.commit()


def week(env, language):
    """After connecting: two weeks of hours, last week's validated and sent.

    A project was closed in Tripletex meanwhile, somebody registered hours there too,
    and one line is for a project that Tripletex does not know.
    """
    env = job.in_company(job.as_administrator(env))
    env.company.tripletex_send_in = True
    of_company = [("connection_id", "=", env.company.tripletex_connection_id.id)]
    employees = env["tripletex.employee"].search(of_company, order="number")
    employees.employee_id.filtered(lambda e: not e.user_id)[:1].user_id = env.user
    monday = _monday()
    lines = _log(env, language, employees.employee_id, monday)
    unknown = _log_unknown(
        env, language, employees.employee_id.sorted("name")[0], monday
    )
    _trouble(lines, employees, monday)
    (lines | unknown).action_tripletex_send_in()
    _reject(lines.filtered(lambda line: line.date > monday), REASON[language])
    lines.filtered(lambda line: line.date < monday).action_tripletex_validate()
    env.cr.commit()
    job.send(env)


def month(env, _language):
    """Last month: two people's months finished, one changed, one not validated."""
    env = job.in_company(job.as_administrator(env))
    # so that the board opens on last month, whatever today is
    env.company.tripletex_cut_off_day = 28
    control = SandboxControl(os.environ["TRIPLETEX_BASE_URL"])
    control.close_project(_closed(env).tripletex_project_ids.number, closed=False)
    nothing = env["account.analytic.line"]
    lines = job.log_hours(env, env.company, job.month(), nothing)
    lines[:-3].action_tripletex_validate()
    env.cr.commit()
    job.send(env)
    someone = lines[0].employee_id.name
    row = next(row for row in control.entries() if row["employeeName"] == someone)
    control.person_edits_entry(row["id"], hours=row["hours"] - 1)
    month_end.finish(env)


def _monday():
    """Monday of this week, or of the last one where most of this is still to come."""
    today = datetime.date.today() - datetime.timedelta(days=2)
    return today - datetime.timedelta(days=today.weekday())


def _log(env, language, employees, monday):
    is_open = ("is_closed", "=", False)
    projects = job.linked(env, env.company, "project", "project_id", is_open)
    overtime = job.linked(env, env.company, "paycode", "work_entry_type_id")[-1:]
    values = []
    for number, employee in enumerate(employees):
        for n in range(10):
            day = monday + datetime.timedelta(days=n % 5 - (7 if n < 5 else 0))
            line = {
                "employee_id": employee.id,
                "project_id": projects[:-1][(number + n) % (len(projects) - 1)].id,
                "date": day,
                "name": WORK[language][(number + n) % 5],
                "unit_amount": HOURS[(number + n) % 5],
            }
            values.append(line)
            if overtime and (number + n) % 7 == 2:
                extra = {"work_entry_type_id": overtime.id, "unit_amount": 2}
                values.append({**line, **extra})
    return env["account.analytic.line"].create(values)


def _log_unknown(env, language, employee, monday):
    name = {"en_US": "Warehouse", "nb_NO": "Lager"}[language]
    values = {"name": name, "company_id": env.company.id, "allow_timesheets": True}
    project = env["project.project"].create(values)
    line = {"employee_id": employee.id, "project_id": project.id, "date": monday}
    line |= {"name": WORK[language][4], "unit_amount": 1}
    return env["account.analytic.line"].create(line)


def _reject(lines, reason):
    """Reject the first line of the person who looks at their own hours."""
    own = lines.filtered(lambda line: line.user_id == line.env.user)[0]
    reject = {"line_ids": own.ids, "reason": reason}
    lines.env["tripletex.line.reject"].create(reject).action_reject()


def _trouble(lines, employees, monday):
    """Last Friday in Tripletex: a project is closed, and hours are there already."""
    control = SandboxControl(os.environ["TRIPLETEX_BASE_URL"])
    control.set_language("no")
    friday = monday - datetime.timedelta(days=3)
    on_friday = lines.filtered(lambda line: line.date == friday).grouped("employee_id")
    conflict = on_friday[employees[0].employee_id][0]
    control.person_creates_entry(
        employees[0].number,
        str(friday),
        4.0,
        employees.connection_id.default_activity_id.tripletex_id,
        project=conflict.project_id.tripletex_project_ids.number,
    )
    closed = _closed(lines.env)
    on_friday[employees[2].employee_id][0].project_id = closed
    control.close_project(closed.tripletex_project_ids.number)


def _closed(env):
    """The project that is closed in Tripletex while people log hours on it."""
    return job.linked(env, env.company, "project", "project_id")[-1]
