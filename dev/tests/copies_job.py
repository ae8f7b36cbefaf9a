"""What people do in a database and in its copies, in an Odoo shell.

``connect(env)`` connects a company and sends an hour, ``work(env)`` corrects it, logs
another and lets the cron run, and ``confirm(env)`` presses the button of a database
that was moved. Each prints one JSON line. LIFE_URL and LIFE_COMPANY as in ``life_job``.
"""

import json
from datetime import date

from .life_job import Life

DAY = date(2026, 3, 16)


def connect(env):
    """Connect, and send 7.5 hours; leave an update that nobody finished."""
    life = Life(env)
    life.build()
    life.do(lambda env: life.log(env, DAY, 0).action_tripletex_validate())
    life.cron()

    def begin(env):
        values = {"company_id": life.company_id, "environment": "test"}
        setup = env["tripletex.connection.setup"].create(values)
        setup.employee_token = life.connection(env).sudo().employee_token
        setup.action_next()

    life.do(begin)
    tell(life)


def work(env):
    """Correct the hours to 1, log 2 more, press every button, and let the cron run."""
    life = Life(env)

    def change(env):
        line = life.lines(env, ("date", "=", DAY))
        line.action_tripletex_invalidate()
        line.unit_amount = 1
        line.action_tripletex_validate()
        life.log(env, DAY.replace(day=17), 1, unit_amount=2).action_tripletex_validate()

    def press(env):
        life.connection(env).action_test()
        life.connection(env).action_send_now()

    def clean_up(env):
        env["tripletex.connection.setup"].sudo().search([]).unlink()

    life.do(change)
    life.cron()
    for job in (press, clean_up):
        life.do(job)
    life.cron()
    tell(life)


def confirm(env):
    """Press the button of a database that was moved, and let the cron run."""
    life = Life(env)
    life.do(lambda env: life.connection(env).action_confirm_move())
    life.cron()
    tell(life)


def tell(life):
    """Print how the connection stands, and the lines."""

    def job(env):
        connection = life.connection(env)
        [health] = [
            company
            for company in env["tripletex.connection"].health()
            if company["company_id"] == life.company_id
        ]
        return {
            "company": life.company_id,
            "state": connection.state,
            "reason": connection.attention_reason or "",
            "health": health["state"],
            "lines": [
                [line.unit_amount, line.tripletex_state]
                for line in life.lines(env).sorted("date")
            ],
        }

    print(json.dumps(life.do(job)), flush=True)
