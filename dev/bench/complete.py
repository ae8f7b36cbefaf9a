"""Complete for a large company, beside a bare create of the same records in Odoo.

Runs in an Odoo shell on a throw-away database of its own; `main(env)` prints its row as
one JSON line.
"""

import json
import os
import time

from dev.demo import job

from .ground import Ground, row, take
from .job import machine

#: A tenth of the large company that docs/performance.md reckons with.
EMPLOYEES, LOGINS, PROJECTS = 200, 100, 500
#: What Complete may take in units of the bare create.
LIMIT = 1.3


def main(env):
    """Measure Complete with so many projects and employees ticked."""
    ground = Ground(env)
    key = os.environ["TRIPLETEX_EMPLOYEE_TOKEN"]
    setup = job.begin_setup(ground.env, ground.company, key)
    while setup.step != "employees":
        setup.action_next()
    projects = setup.project_line_ids.filtered("selectable")[:PROJECTS]
    people = setup.employee_line_ids.filtered("selectable")[:EMPLOYEES]
    projects.selected = people.selected = True
    people.filtered("email")[:LOGINS].write({"user_type": "user", "invite": False})
    ground.env.cr.commit()
    print(json.dumps({"rows": [_complete(ground, setup)], "machine": machine(env)}))


def _complete(ground, setup):
    creating = take(ground.env, lambda: _create(ground, setup))
    ground.env.cr.rollback()
    started = time.process_time()
    completing = take(ground.env, setup.action_complete)
    processor = time.process_time() - started
    created = [
        len(ground.root[model].search([("create_date", ">=", ground.env.cr.now())]))
        for model in ("project.project", "hr.employee", "res.users")
    ]
    ground.env.cr.rollback()
    times = completing.seconds / creating.seconds
    return row(
        "Complete with {:,} projects, {:,} employees, {:,} logins".format(*created),
        f"at most {LIMIT} × a bare create of the same records",
        f"{times:.2f} × ({completing.seconds:.0f} s, of them {processor:.0f} s of the "
        f"processor; bare {creating.seconds:.0f} s, {creating.queries:,} queries)",
        times <= LIMIT,
        completing,
    )


def _create(ground, setup):
    """Create the same records as plain Odoo does, mails of invitation apart."""
    env, company = ground.env, ground.company
    projects = setup.project_line_ids.filtered("selected")
    people = setup.employee_line_ids.filtered("selected")
    with_login = people.filtered(lambda line: line.user_type != "none")
    own = {"company_id": company.id, "allow_timesheets": True}
    env["project.project"].create([{**own, "name": line.name} for line in projects])
    users = env["res.users"].with_context(no_reset_password=True)
    users = users.create([line.sudo()._user_values() for line in with_login])
    logins = dict(zip(with_login, users, strict=True))
    env["hr.employee"].create(
        [
            {
                "name": line.name,
                "work_email": line.email,
                "company_id": company.id,
                "user_id": logins[line].id if line in logins else False,
            }
            for line in people
        ]
    )
