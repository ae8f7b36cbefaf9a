"""``python -m dev.sandbox``: the stand-in Tripletex alone."""

import argparse
import dataclasses
import signal
import sys
import threading

from .faults import KINDS
from .server import SandboxServer
from .state import ACCOUNTANT_TOKEN, OTHER_EMPLOYEE_TOKEN, Options


def _parser():
    default = Options()
    parser = argparse.ArgumentParser(
        prog="sandbox",
        description="A stand-in for Tripletex on this machine. Its page, with "
        "everything it holds and buttons for bad days, is at the address without /v2.",
        epilog=f"Besides the ordinary key there are {OTHER_EMPLOYEE_TOKEN} (of another "
        f"company) and {ACCOUNTANT_TOKEN} (an accountant's). "
        "Kinds of faults: "
        + "; ".join(f"{kind}: {words}" for kind, words in KINDS.items()).replace(
            "%", "%%"
        ),
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one")
    for name in ("projects", "salary-types", "employees", "activities", "departments"):
        value = getattr(default, name.replace("-", "_"))
        add(f"--{name}", type=int, default=value, metavar="N", help=f"default {value}")
    add("--seed", type=int, default=default.seed, help="of the master data and the mix")
    add("--plain", action="store_true", help="no awkward rows (closed, no number, ...)")
    add("--rate-limit", type=int, default=default.rate_limit, help="calls; 0 = off")
    add("--rate-window", type=float, default=default.rate_window, help="seconds")
    add("--consumer-token", default=default.consumer_token)
    add("--employee-token", default=default.employee_token)
    add("--language", choices=("no", "en"), default=default.language)
    _add_switches(parser.add_argument_group("switches"))
    return parser


def _add_switches(group):
    add = group.add_argument
    add(
        "--fault",
        action="append",
        default=[],
        metavar="KIND[:times=N][:method=M][:path=P][:ms=N]",
        help="let calls go wrong; times=0 is until switched off",
    )
    add(
        "--mix",
        default="",
        metavar="KIND=RATE,...",
        help="random faults, e.g. 500_json=0.05,drop_after=0.02",
    )
    add("--lock-month", action="append", default=[], metavar="YYYY-MM[:EMPLOYEE]")
    add("--close-project", action="append", default=[], metavar="NUMBER")
    add("--show-salary-type", action="append", default=[], metavar="NUMBER")
    add("--hide-salary-type", action="append", default=[], metavar="NUMBER")
    add("--require-comments", action="store_true")
    add("--revoke-key", action="store_true")
    add("--revoke-rights", action="append", default=[], metavar="RESOURCE[:write]")
    add("--clock-offset", type=float, default=0.0, metavar="SECONDS")


def _fault(text):
    """Read ``drop_after:times=2:path=/timesheet/*`` into arguments of a fault."""
    kind, *words = text.split(":")
    values = dict(word.split("=", 1) for word in words)
    for name in ("times", "ms"):
        if name in values:
            values[name] = int(values[name])
    if values.get("times") == 0:
        values["times"] = None
    return {"kind": kind, **values}


def _rates(text):
    pairs = [word.split("=", 1) for word in text.split(",") if word.strip()]
    return {kind.strip(): float(rate) for kind, rate in pairs}


def switch(sandbox, chosen):
    """Turn the switches of the command line through the control functions."""

    def turn(path, /, **values):
        # Switched before anybody can connect, by the same code as the buttons.
        sandbox.control_api.turn(path, values)

    for text in chosen.fault:
        turn("faults", **_fault(text))
    if chosen.mix:
        turn("mix", rates=_rates(chosen.mix), seed=chosen.seed)
    for text in chosen.lock_month:
        month, _, employee = text.partition(":")
        turn("month", month=month, employee=employee or None, locked=True)
    for number in chosen.close_project:
        turn("project", project=number, isClosed=True)
    for number in chosen.show_salary_type:
        turn("salary_type", salary_type=number, showInTimesheet=True)
    for number in chosen.hide_salary_type:
        turn("salary_type", salary_type=number, showInTimesheet=False)
    if chosen.require_comments:
        turn("settings", require_comments=True)
    if chosen.revoke_key:
        turn("key", revoked=True)
    if chosen.revoke_rights:
        turn("rights", revoked=chosen.revoke_rights)
    if chosen.clock_offset:
        turn("clock", offset=chosen.clock_offset)


def make(arguments):
    """Return the SandboxServer the command line asks for, not yet started.

    Exits with one sentence when an argument makes no sense or the port is taken.
    """
    parser = _parser()
    chosen = parser.parse_args(arguments)
    names = {field.name for field in dataclasses.fields(Options)}
    options = {k: v for k, v in vars(chosen).items() if k in names}
    try:
        sandbox = SandboxServer(chosen.port, oddities=not chosen.plain, **options)
    except (OSError, OverflowError):
        parser.exit(1, f"Port {chosen.port} is not free: choose another with --port.\n")
    try:
        switch(sandbox, chosen)
    except ValueError as problem:
        parser.error(str(problem))
    return sandbox


def main(arguments=None):
    """Serve until interrupted; returns the exit code."""
    sandbox = make(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with sandbox:
        print(f"Tripletex stand-in: {sandbox.base_url}", flush=True)
        print(
            f"Page: {sandbox.root_url}/  consumer token "
            f"{sandbox.state.options.consumer_token}, key "
            f"{sandbox.state.options.employee_token}",
            flush=True,
        )
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
