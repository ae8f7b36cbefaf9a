"""Developer commands: `python3 -m dev COMMAND`, usually through make."""

import importlib
import shutil
import signal
import sys

if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit("Python 3.10 or newer is needed: run make PYTHON=python3.12.")

from .setup import paths, venv
from .setup.progress import SetupError, explain_os_error

#: Command to the module below `dev` whose function of that name runs it.
COMMANDS = {
    **dict.fromkeys(("shell", "sandbox", "i18n", "soak", "clean"), "commands.small"),
    **dict.fromkeys(("test", "others", "coverage"), "commands.test"),
    **{
        name: f"commands.{name}"
        for name in ("run", "lint", "dist", "bench", "neighbours")
    },
    "screenshots": "screenshots.story",
}


def main(arguments):
    """Run one command; every failure ends in one sentence, not in a traceback.

    :return: exit code
    """
    if not arguments or arguments[0] not in COMMANDS:
        print(f"usage: python3 -m dev {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    name, *rest = arguments
    try:
        if name == "clean" and not venv.is_ready():
            # nothing was finished, so no server and no database can be there
            shutil.rmtree(paths.CACHE, ignore_errors=True)
            return 0
        venv.enter()
        module = importlib.import_module(f".{COMMANDS[name]}", __package__)
        return getattr(module, name)(rest)
    except SetupError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(explain_os_error(error), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
