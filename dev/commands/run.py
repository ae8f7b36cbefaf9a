"""make run: from nothing to hours in Tripletex, then keep serving."""

import datetime
import os
import re
import socket
import time
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import requests

from ..demo import reader, report
from ..sandbox import CONSUMER_TOKEN, EMPLOYEE_TOKEN, SandboxControl, SandboxServer
from ..setup import paths, postgres, prepare, process, template
from ..setup.progress import SetupError, step

TEST_ENVIRONMENT = "https://api-test.tripletex.tech/v2"
STAND_IN_TOKENS = {
    "TRIPLETEX_CONSUMER_TOKEN": CONSUMER_TOKEN,
    "TRIPLETEX_EMPLOYEE_TOKEN": EMPLOYEE_TOKEN,
}
STAND_IN = {"projects": 20, "salary_types": 30, "activities": 5, "absences": 4}
JOB = "from dev.demo import job; job.main(env)\n"
MONTH_END = "from dev.demo import month_end; month_end.main(env)\n"
TIME_OFF = "project_timesheet_holidays"
PEOPLE = 5
#: Of the months of that many people: one was changed there, one has rejected hours.
NOT_READY = 2
TIME_OFF_ADVICE = "Time Off does not install; the end of the log says why."
START_LIMIT = 120
MONTHS = "hr_timesheet_tripletex.tripletex_month_action"


def run(_arguments):
    """Do the main job and a month end, print them and, without ONCE, keep serving.

    PEOPLE in the environment says how many people the company has (5).

    :return: 0 if both sides hold the same hours, and the months that are ready were
        finished
    """
    port = choose_port()
    prepare()
    with postgres.running(), template.copy() as database, tripletex() as access:
        with step("Install Time Off"):
            config = process.write_config(database)
            process.install(config, "run-time-off.log", TIME_OFF_ADVICE, "-i", TIME_OFF)
        equal = _main_job(config, access)
        equal = _month_end(config, access) and equal
        if not os.environ.get("ONCE"):
            _serve(database, port, access)
    return 0 if equal else 1


def choose_port():
    """Return PORT from the environment, else 8069, else any free port.

    :raise SetupError: PORT is no port, or in use
    """
    wanted = os.environ.get("PORT")
    if wanted and not (wanted.isdigit() and 0 < int(wanted) < 65536):
        raise SetupError(f"PORT={wanted} is no port: choose a number, as in PORT=8069.")
    port = int(wanted or 8069)
    try:
        return _free(port)
    except OSError as error:
        if wanted:
            raise SetupError(
                f"Port {wanted} is in use: choose another, as in PORT="
                f"{port % 65000 + 1}, or leave PORT out."
            ) from error
    return _free(0)


def _free(port):
    with socket.create_server(("127.0.0.1", port)) as server:
        return server.getsockname()[1]


@contextmanager
def tripletex():
    """Give address and tokens: the stand-in's, or the test environment's."""
    tokens = {name: os.environ.get(name) for name in STAND_IN_TOKENS}
    if any(tokens.values()):
        yield _test_environment(tokens)
        return
    with SandboxServer(seed=1, employees=_people() * 3 // 2 + 8, **STAND_IN) as server:
        yield {"TRIPLETEX_BASE_URL": server.base_url, **STAND_IN_TOKENS}


def _test_environment(tokens):
    missing = [name for name, value in tokens.items() if not value]
    if missing:
        raise SetupError(
            f"{missing[0]} is not set: set both tokens to run against Tripletex's test "
            "environment, or neither to run against the stand-in."
        )
    address = os.environ.get("TRIPLETEX_BASE_URL") or TEST_ENVIRONMENT
    if (urlsplit(address).hostname or "").endswith("tripletex.no"):
        raise SetupError(
            "This is a demonstration that writes made-up hours: it refuses to run "
            "against Tripletex's production; use a test company's tokens."
        )
    return {"TRIPLETEX_BASE_URL": address, **tokens}


def _people():
    """Return PEOPLE from the environment, else a few.

    :raise SetupError: it is no such number
    """
    people = os.environ.get("PEOPLE") or str(PEOPLE)
    if not people.isdigit() or not 3 <= int(people) <= 500:
        raise SetupError(f"PEOPLE={people}: choose a number from 3 to 500.")
    return int(people)


def _main_job(config, access):
    """Connect, import, log, validate, send and read back; print what came; say if
    equal."""
    first, last = _period()
    tripletex = reader.Reader(*access.values())
    before = tripletex.rows(first, last)
    with step("Connect, import, log a month of hours, validate, send, read back"):
        advice = "The main job failed; the end of the log says why."
        summary = process.run_script(config, JOB, "run-job.log", advice, **access)
    rows = report.arrived(before, tripletex.rows(first, last))
    tripletex.close()
    lines, equal = report.sums(rows, summary)
    print("\n".join(["", *report.table(rows), "", *lines, ""]), flush=True)
    return equal and bool(summary["equal"]) and all(summary["equal"])


def _month_end(config, access):
    """Let somebody change hours in the stand-in, then finish the months that are ready.

    :return: whether these and no others were finished; of the test environment, which
        may refuse it, this is not asked
    """
    control = None
    if access["TRIPLETEX_BASE_URL"].startswith("http:"):
        control = SandboxControl(access["TRIPLETEX_BASE_URL"])
        row = max(control.entries(), key=lambda entry: (entry["hours"], entry["id"]))
        control.person_edits_entry(row["id"], hours=row["hours"] - 1)
        control.clear_calls()
    with step("Month end: read back, finish what is ready, read again"):
        advice = "The month end failed; the end of the log says why."
        found = process.run_script(config, MONTH_END, "run-month.log", advice, **access)
    title = "The 2nd of the month. Timesheets > Months, as read back from Tripletex:"
    lines = [title, "", *report.board(found["board"]), ""]
    if control:
        calls = control.count_calls()
        lines += [f"{calls} calls to Tripletex, {found['seconds']} seconds.", ""]
    print("\n".join(lines), flush=True)
    finished = [row for row in found["board"] if row["state"] == "finished"]
    wanted = len(found["board"]) - NOT_READY
    return not control or len(finished) == found["ready"] == wanted


def _period():
    """Return first and last day of a period that contains the month of the job."""
    month = os.environ.get("MONTH")
    if month and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise SetupError(f"MONTH={month} is no month: write it as in MONTH=2026-05.")
    if month:
        first = datetime.date.fromisoformat(f"{month}-01")
        return first, first + datetime.timedelta(days=31)
    today = datetime.date.today()
    return today - datetime.timedelta(days=62), today


def _serve(database, port, access):
    address = access["TRIPLETEX_BASE_URL"]
    with serving(database, port, tripletex_base_url=address) as (odoo, address):
        print(f"Odoo:       {address}   (login admin, password admin)")
        print(f"Months:     {address}/odoo/action-{MONTHS}")
        print(f"Tripletex:  {access['TRIPLETEX_BASE_URL'].removesuffix('/v2')}")
        print("Ctrl-C ends both.", flush=True)
        with suppress(KeyboardInterrupt):
            odoo.wait()
        print()


@contextmanager
def serving(database, port, **settings):
    """Have Odoo serve the database for the time of the block.

    :param int port: a free one on the loopback address
    :param settings: further ones of Odoo's configuration file
    :return: Odoo's process and its address
    :raise SetupError: Odoo does not start
    """
    settings |= {"http_port": port, "max_cron_threads": 1}
    config = process.write_config(database, **settings)
    log = paths.LOGS / "odoo.log"
    # Ctrl-C is for us: Odoo is then stopped in order.
    with process.serving(config, log, start_new_session=True) as odoo:
        address = f"http://127.0.0.1:{port}"
        with step("Start Odoo"):
            _wait_for(f"{address}/web/login", odoo, log)
        yield odoo, address


def _wait_for(address, odoo, log):
    give_up = time.monotonic() + START_LIMIT
    while time.monotonic() < give_up and odoo.poll() is None:
        # not through a proxy: Odoo is on this machine
        with requests.Session() as session, suppress(requests.RequestException):
            session.trust_env = False
            session.get(address, timeout=30).raise_for_status()
            return
        time.sleep(0.5)
    raise SetupError(f"Odoo does not start: the end of {log} says why.")
