"""Developer commands: `python3 -m dev COMMAND`, usually through make."""

import importlib
import signal
import sys

if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit("Python 3.10 or newer is needed: run make PYTHON=python3.12.")

from .setup.progress import SetupError, explain_os_error

COMMANDS = ["run", "test", "lint", "shell", "sandbox", "bench", "i18n"]
COMMANDS += ["screenshots", "dist", "soak", "coverage", "mutants", "clean"]


def main(arguments):
    """Run one command; every failure ends in one sentence, not in a traceback.

    :return: exit code
    """
    if not arguments or arguments[0] not in COMMANDS:
        print(f"usage: python3 -m dev {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    command = importlib.import_module(f".commands.{arguments[0]}", __package__)
    try:
        return command.main(arguments[1:])
    except SetupError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(explain_os_error(error), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
