"""``python -m dev.sandbox``: the stand-in Tripletex alone."""

import argparse
import signal
import sys
import threading

from .errors import ApiError
from .faults import KINDS
from .server import SandboxServer
from .state import ACCOUNTANT_TOKEN, OTHER_EMPLOYEE_TOKEN, Options
from .switches import LOOKING, SIGNATURES, Switches, arguments

HELP = {"rate_limit": " calls; 0 is off", "rate_window": " seconds"}


def _help():
    lines = [
        f"Besides the ordinary key there are {OTHER_EMPLOYEE_TOKEN} (of another "
        f"company) and {ACCOUNTANT_TOKEN} (an accountant's).",
        "\nSwitches:",
    ]
    for name in SIGNATURES:
        if name not in LOOKING:
            words = " ".join(argument.name for argument in arguments(name))
            told = getattr(Switches, name).__doc__.splitlines()[0]
            lines.append(f"  {f'{name} {words}'.strip()}: {told}")
    lines.append("\nKinds of faults:")
    lines += [f"  {kind}: {words}" for kind, words in KINDS.items()]
    return "\n".join(lines).replace("%", "%%")


def _parser():
    default = Options()
    parser = argparse.ArgumentParser(
        prog="sandbox",
        description="A stand-in for Tripletex on this machine. Its page, with "
        "everything it holds and buttons for bad days, is at the address without /v2.",
        epilog=_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--plain", action="store_true", help="no awkward rows (closed, no number, ...)")
    for name, value in vars(default).items():
        if name != "oddities":
            choices = ("no", "en") if name == "language" else None
            told = f"default {value}{HELP.get(name, '')}"
            flag = f"--{name.replace('_', '-')}"
            add(flag, type=type(value), default=value, choices=choices, help=told)
    add(
        "--switch",
        action="append",
        default=[],
        metavar="'NAME {...}'",
        help="""turn a switch, e.g. 'fault {"kind": "500_json", "times": 2}'""",
    )
    return parser


def make(arguments):
    """Return the SandboxServer asked for, not yet started, or exit with a sentence."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    options = {k: v for k, v in vars(chosen).items() if hasattr(Options, k)}
    try:
        sandbox = SandboxServer(chosen.port, oddities=not chosen.plain, **options)
    except (OSError, OverflowError):
        parser.exit(1, f"Port {chosen.port} is not free: choose another with --port.\n")
    try:
        for text in chosen.switch:
            name, _, values = text.partition(" ")
            sandbox.panel.turn(name, values)
    except (ValueError, ApiError) as problem:
        parser.error(str(problem))
    return sandbox


def main(arguments=None):
    """Serve until interrupted; returns the exit code."""
    sandbox = make(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    options = sandbox.state.options
    with sandbox:
        print(f"Tripletex stand-in: {sandbox.base_url}", flush=True)
        tokens = f"{options.consumer_token}, key {options.employee_token}"
        print(f"Page: {sandbox.root_url}/  consumer token {tokens}", flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
