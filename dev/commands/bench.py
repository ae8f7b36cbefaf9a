"""make bench: what the addon costs, each figure beside its reference."""

import json
import os
import re
import subprocess
from contextlib import contextmanager

from ..bench import report
from ..setup import paths, postgres, prepare, process, template
from ..setup.progress import SetupError

JOB = "from dev.bench import job; job.main(env)\n"
TOKENS = {
    "TRIPLETEX_CONSUMER_TOKEN": "test-consumer-token",
    "TRIPLETEX_EMPLOYEE_TOKEN": "test-employee-token",
}
STAND_IN = ["--port", "0", "--rate-limit", "0", "--seed", "3", "--plain"]
STAND_IN += ["--projects", "5000", "--salary-types", "300", "--employees", "1000"]


PICTURE = paths.ROOT / "docs" / "performance.png"


def main(arguments):
    """Measure, print the table and, if asked with `docs`, write docs/performance.*.

    :return: 0 if every goal was reached
    """
    prepare()
    with (
        postgres.running(),
        template.copy() as database,
        template.copy(with_addon=False) as plain,
        _stand_in() as address,
    ):
        result = _measure(database, plain, address, "docs" in arguments)
    print("\n".join(["", *report.table(result["rows"]), ""]))
    if "docs" in arguments:
        report.write(result)
    return 0 if all(row["holds"] for row in result["rows"]) else 1


@contextmanager
def _stand_in():
    """Give the address of a stand-in with a large company, in a process of its own."""
    log = paths.LOGS / "stand-in-bench.log"
    with open(log, "w", encoding="utf-8") as errors:
        stand_in = subprocess.Popen(
            [paths.PYTHON, "-m", "dev.sandbox", *STAND_IN],
            cwd=paths.ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        found = re.search(r"http://\S+", stand_in.stdout.readline())
        if not found:
            raise SetupError(f"The stand-in does not start: see {log}.")
        yield found[0]
    finally:
        stand_in.terminate()
        stand_in.wait()


def _measure(database, plain, address, draw):
    """Run the benchmark in an Odoo shell; it prints each row as it comes.

    :param draw: whether to draw the plot
    :return: dict of rows, points of the plot and the machine
    :raise SetupError: it failed
    """
    config = process.write_config(database)
    answer = paths.RUN / f"{database}.json"
    script = paths.RUN / f"{database}.py"
    script.write_text(JOB, encoding="utf-8")
    environment = process.environment(
        **TOKENS,
        TRIPLETEX_BASE_URL=address,
        PLAIN_DATABASE=plain,
        BENCH_RESULT=str(answer),
    )
    environment["PYTHONPATH"] += f"{os.pathsep}{paths.ROOT}"
    try:
        with open(script, encoding="utf-8") as text:
            subprocess.run(
                process.command("shell", "-c", config, "--no-http", "--log-level=warn"),
                env=environment,
                stdin=text,
                cwd=paths.RUN,
                pass_fds=postgres.inherited(),
            )
        if not answer.exists():
            raise SetupError("The benchmark did not finish: see the error above.")
        if draw:
            command = [paths.PYTHON, "-m", "dev.bench.plot", answer, PICTURE]
            subprocess.run(command, cwd=paths.ROOT, check=True)
        return json.loads(answer.read_text(encoding="utf-8"))
    finally:
        script.unlink()
        answer.unlink(missing_ok=True)
