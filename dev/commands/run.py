"""make run: from nothing to hours in Tripletex, then keep serving."""

import datetime
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlsplit

from ..demo import reader, report
from ..setup import paths, postgres, prepare, process, template
from ..setup.progress import SetupError, run_logged, step

TEST_ENVIRONMENT = "https://api-test.tripletex.tech/v2"
STAND_IN_TOKENS = {
    "TRIPLETEX_CONSUMER_TOKEN": "test-consumer-token",
    "TRIPLETEX_EMPLOYEE_TOKEN": "test-employee-token",
}
STAND_IN = ["--port", "0", "--projects", "20", "--salary-types", "30"]
STAND_IN += ["--employees", "15", "--activities", "5", "--seed", "1"]
JOB = "from dev.demo import job; job.main(env)\n"
START_LIMIT = 120


def main(_arguments):
    """Do the main job, print what arrived and, unless ONCE is set, keep serving.

    :return: 0 if both sides hold the same hours
    """
    port = choose_port()
    prepare()
    with postgres.running(), template.copy() as database, tripletex() as access:
        equal = _main_job(database, access)
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
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(wanted or 8069)))
        except OSError as error:
            if wanted:
                raise SetupError(
                    f"Port {wanted} is in use: choose another, as in PORT="
                    f"{int(wanted) % 65000 + 1}, or leave PORT out."
                ) from error
            with socket.socket() as other:
                other.bind(("127.0.0.1", 0))
                return other.getsockname()[1]
        return probe.getsockname()[1]


@contextmanager
def tripletex():
    """Give address and tokens: the stand-in's, or the test environment's."""
    tokens = {name: os.environ.get(name) for name in STAND_IN_TOKENS}
    if any(tokens.values()):
        yield _test_environment(tokens)
        return
    command = [paths.PYTHON, "-m", "dev.sandbox", *STAND_IN]
    log = paths.LOGS / "stand-in.log"
    with open(log, "w", encoding="utf-8") as errors:
        stand_in = subprocess.Popen(
            command, cwd=paths.ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        found = re.search(r"http://\S+", stand_in.stdout.readline())
        if not found:
            raise SetupError(f"The stand-in does not start: see {log}.")
        yield {"TRIPLETEX_BASE_URL": found[0], **STAND_IN_TOKENS}
    finally:
        stand_in.terminate()
        stand_in.wait()


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


def _main_job(database, access):
    """Connect, import, log, validate and send; print the table; say if equal."""
    first, last = _period()
    tripletex = reader.Reader(*access.values())
    before = tripletex.rows(first, last)
    with step("Connect, import, log a month of hours, validate, send"):
        summary = _run_job(database, access)
    rows = report.arrived(before, tripletex.rows(first, last))
    tripletex.close()
    lines, equal = report.sums(rows, summary)
    print("\n".join(["", *report.table(rows), "", *lines, ""]), flush=True)
    return equal


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


def _run_job(database, access):
    config = process.write_config(database)
    lines = []
    script = paths.RUN / f"{database}.py"
    script.write_text(JOB, encoding="utf-8")
    with open(script, encoding="utf-8") as text:
        run_logged(
            process.command("shell", "-c", config, "--no-http", "--log-level=warn"),
            "run-job.log",
            "The main job failed; the end of the log says why.",
            on_line=lines.append,
            env=odoo_environment(access),
            stdin=text,
            cwd=paths.RUN,
            pass_fds=postgres.inherited(),
        )
    script.unlink()
    return json.loads(next(line for line in reversed(lines) if line.startswith("{")))


def odoo_environment(access):
    """Return the environment of an Odoo shell whose script may import from dev."""
    result = process.environment(**access)
    result["PYTHONPATH"] += f"{os.pathsep}{paths.ROOT}"
    return result


def _serve(database, port, access):
    with serving(database, port) as (odoo, address):
        tripletex = access["TRIPLETEX_BASE_URL"].removesuffix("/v2")
        print(f"Odoo:       {address}   (login admin, password admin)")
        print(f"Tripletex:  {tripletex}")
        print("Ctrl-C ends both.", flush=True)
        try:
            odoo.wait()
        except KeyboardInterrupt:
            print()


@contextmanager
def serving(database, port):
    """Have Odoo serve the database for the time of the block.

    :param int port: a free one on the loopback address
    :return: Odoo's process and its address
    :raise SetupError: Odoo does not start
    """
    config = process.write_config(database, http_port=port, max_cron_threads=1)
    log = paths.LOGS / "odoo.log"
    with open(log, "w", encoding="utf-8") as output:
        odoo = subprocess.Popen(
            process.command("-c", config),
            env=process.environment(),
            cwd=paths.RUN,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=postgres.inherited(),
            # Ctrl-C is for us: Odoo is then stopped in order.
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        with step("Start Odoo"):
            _wait_for(f"{address}/web/login", odoo, log)
        yield odoo, address
    finally:
        if odoo.poll() is None:
            odoo.send_signal(signal.SIGTERM)
            odoo.wait()


def _wait_for(address, odoo, log):
    give_up = time.monotonic() + START_LIMIT
    while time.monotonic() < give_up and odoo.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=30):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.5)
    raise SetupError(f"Odoo does not start: the end of {log} says why.")
