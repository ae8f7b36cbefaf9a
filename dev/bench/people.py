"""People who validate over HTTP while a cron worker sends, all in real processes."""

import random
import statistics
import threading
import time

import requests

from .ground import row

PEOPLE = 20
#: Seconds with no worker, and with one that sends; and between two clicks of a person.
SECONDS = (60, 300)
PAUSE = (3, 5)
LIMIT = 0.2
BUTTONS = ("action_tripletex_validate", "action_tripletex_invalidate")


class Person(threading.Thread):
    """Presses Validate and Undo Validation in turn, and looks at the clock.

    :param address: of Odoo
    :param line_ids: the person's own lines
    :param company_id: whose lines they are
    :param lasting: seconds for which the person goes on
    """

    def __init__(self, address, database, line_ids, company_id, lasting):
        super().__init__()
        self.address, self.ids, self.lasting = address, line_ids, lasting
        self.context = {"allowed_company_ids": [company_id]}
        self.session = requests.Session()
        self.session.trust_env = False
        login = {"db": database, "login": "admin", "password": "admin"}
        self._ask("/web/session/authenticate", **login)
        self.seconds, self.errors = [], []

    def _ask(self, path, **params):
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.session.post(f"{self.address}{path}", json=body, timeout=60)
        return answer.json().get("error")

    def run(self):
        until, clicks = time.monotonic() + self.lasting, 0
        while time.monotonic() < until:
            time.sleep(random.uniform(*PAUSE))
            line_id = self.ids[clicks // 2 % len(self.ids)]
            started = time.monotonic()
            error = self._ask(
                "/web/dataset/call_kw",
                model="account.analytic.line",
                method=BUTTONS[clicks % 2],
                args=[[line_id]],
                kwargs={"context": self.context},
            )
            self.seconds.append(time.monotonic() - started)
            self.errors += [error["data"]["message"]] if error else []
            clicks += 1


def press(address, database, lines, lasting):
    """Let everybody press buttons for ``lasting`` seconds.

    :return: seconds of all clicks, and all errors
    """
    shares = [lines[n::PEOPLE] for n in range(PEOPLE)]
    people = [
        Person(address, database, share.ids, share.company_id.id, lasting)
        for share in shares
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    seconds = [second for person in people for second in person.seconds]
    return seconds, [error for person in people for error in person.errors]


def compared(alone, beside, errors):
    """Return the row about clicks without and beside a worker that sends."""
    waits = [statistics.quantiles(clicks, n=20)[-1] for clicks in (alone, beside)]
    longer = waits[1] - waits[0]
    minutes = SECONDS[1] // 60
    return row(
        f"{PEOPLE} people validate while 1 worker sends for {minutes} minutes",
        f"no error, and waits under {LIMIT} s longer at the 95th percentile",
        f"{len(errors)} errors in {len(beside)} clicks, {longer:+.2f} s "
        f"({waits[1]:.2f} s against {waits[0]:.2f} s)",
        not errors and longer < LIMIT,
    )
