"""make shell: an Odoo shell reading standard input on a throw-away database."""

import subprocess

from ..setup import paths, postgres, prepare, process, template


def main(arguments):
    """Run the script on standard input and return its exit code."""
    prepare()
    with postgres.running(), template.copy() as database:
        config = process.write_config(database)
        return subprocess.run(
            process.command(
                *("shell", "-c", config, "--no-http", "--log-level=warn"), *arguments
            ),
            env=process.environment(),
            cwd=paths.ROOT,
            pass_fds=postgres.inherited(),
        ).returncode
