"""The 2nd of the month inside Odoo: read back, finish what is ready, read again.

Runs in an Odoo shell after the main job, when somebody has changed hours in Tripletex.
"""

import json
import time

from . import job


def main(env):
    """Print the board after `finish` as JSON."""
    started = time.monotonic()
    months, ready = finish(job.in_company(job.as_administrator(env)))
    board = [_row(month) for month in months]
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"board": board, "ready": len(ready), "seconds": seconds}))


def finish(env):
    """Read the month back, finish what is equal, read again, and commit.

    :return: all months of the board, and those that were ready
    """
    months = job.read_back(env, job.month())
    ready = months.filtered(lambda month: month.result == "equal")
    dialog = ready.action_finish()
    if dialog is not True:
        env[dialog["res_model"]].browse(dialog["res_id"]).action_confirm()
    env.cr.commit()
    return job.check(env, [("id", "in", months.ids)]), ready


def _row(month):
    labels = dict(month._fields["result"]._description_selection(month.env))
    return {
        "employee": month.employee_id.name,
        "logged": month.hours_logged,
        "validated": month.hours_validated,
        "there": month.hours_there,
        "paycodes": month.paycode_there,
        "state": month.state_there,
        "result": labels.get(month.result, ""),
        "message": month.message or "",
        "next": month.next_step or "",
    }
