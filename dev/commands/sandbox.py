"""make sandbox: the stand-in Tripletex alone."""

import subprocess

from ..setup import paths, prepare


def main(arguments):
    """Run the stand-in until Ctrl-C and return its exit code."""
    prepare(with_odoo=False)
    command = [paths.PYTHON, "-m", "dev.sandbox", *arguments]
    return subprocess.run(command, cwd=paths.ROOT).returncode
