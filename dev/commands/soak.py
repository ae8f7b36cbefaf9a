"""make soak: random work, kills and restarts for as long as wanted.

MINUTES=30 is the time for the random walks; SEED and STEPS repeat one walk; KILLS=50
is how often real processes are killed (0: not at all).
"""

import os
import subprocess

from ..setup import paths, postgres, prepare, process, template

JOB = "import sys\nfrom dev.proof import soak\nsys.exit(soak.main(env))\n"


def main(_arguments):
    """Run the walks, then the kills; return 0 only if nothing was lost or doubled."""
    prepare()
    code = _walks()
    if not code and not os.environ.get("SEED") and os.environ.get("KILLS") != "0":
        from ..proof import kill

        code = kill.main()
    return code


def _walks():
    wanted = {
        f"SOAK_{name}": os.environ[name]
        for name in ("MINUTES", "SEED", "STEPS")
        if os.environ.get(name)
    }
    with postgres.running(), template.copy() as database:
        config = process.write_config(database)
        environment = process.environment(**wanted)
        environment["PYTHONPATH"] += f"{os.pathsep}{paths.ROOT}"
        return subprocess.run(
            process.command("shell", "-c", config, "--no-http", "--log-level=warn"),
            input=JOB,
            text=True,
            env=environment,
            cwd=paths.RUN,
            pass_fds=postgres.inherited(),
        ).returncode
