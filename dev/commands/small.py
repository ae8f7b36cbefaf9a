"""The commands that are a few lines each: shell, sandbox, i18n, soak, clean."""

import os
import shutil
import subprocess
import sys

import polib

from ..setup import paths, postgres, prepare, process, state, template
from ..setup.progress import SetupError, run_logged, step


def shell(arguments, script=None, **more):
    """Run a script in an Odoo shell on a throw-away database.

    :param str script: else standard input is read
    :param more: variables of the environment
    :return: exit code
    """
    prepare()
    with postgres.running(), template.copy() as database:
        return subprocess.run(
            process.shell(process.write_config(database), *arguments),
            input=script and script.encode(),
            env=process.environment(*([paths.ROOT] if script else []), **more),
            cwd=paths.RUN if script else paths.ROOT,
            pass_fds=postgres.inherited(),
        ).returncode


def sandbox(arguments):
    """Run the stand-in until Ctrl-C and return its exit code."""
    command = [sys.executable, "-m", "dev.sandbox", *arguments]
    return subprocess.run(command, cwd=paths.ROOT).returncode


def soak(_arguments):
    """Walk for MINUTES (30), or walk SEED and STEPS again, then kill KILLS processes.

    :return: 0 only if nothing was lost or doubled
    """
    names = ("MINUTES", "SEED", "STEPS")
    wanted = {f"SOAK_{name}": os.environ[name] for name in names if name in os.environ}
    script = "import sys\nfrom dev.proof import soak\nsys.exit(soak.main(env))\n"
    code = shell([], script, **wanted)
    if not code and not os.environ.get("SEED") and os.environ.get("KILLS") != "0":
        from ..proof import kill

        code = kill.main()
    return code


def i18n(_arguments):
    """Write the template of translations, and bring ``nb.po`` up to date with it.

    What is translated already stays; new texts are added empty, texts that are gone go.

    :return: 0 if everything is translated
    """
    prepare()
    pot, po = (paths.ROOT / "i18n" / name for name in (f"{paths.MODULE}.pot", "nb.po"))
    with postgres.running(), template.copy() as database:
        config = process.write_config(database)
        export = ["i18n", "export", "-c", config, "-d", database, "-l", "pot", "-o"]
        run_logged(
            process.command(*export, pot, paths.MODULE),
            "i18n.log",
            "Odoo could not export the texts; the end of the log says why.",
            env=process.environment(),
            cwd=paths.ROOT,
            pass_fds=postgres.inherited(),
        )
    old = polib.pofile(str(po))
    merged = polib.POFile(wrapwidth=78)
    merged.metadata = old.metadata
    known = {entry.msgid: entry.msgstr for entry in old}
    for entry in polib.pofile(str(pot)):
        entry.msgstr = known.get(entry.msgid, "")
        merged.append(entry)
    merged.save(str(po))
    missing = [entry.msgid for entry in merged if not entry.msgstr]
    for text in missing:
        print(f"not translated: {text!r}")
    print(f"{len(merged)} texts, {len(missing)} not translated")
    return 1 if missing else 0


def clean(_arguments):
    """Stop the embedded server, delete the cache folder and return the exit code.

    :raise SetupError: another command is at work
    """
    if not paths.CACHE.exists():
        return 0
    if state.POSTGRES_USERS.exists():
        with open(state.POSTGRES_USERS, encoding="utf-8") as handle:
            if not state.is_alone(handle):
                raise SetupError(
                    "Another command is using the database server: end it (make run, "
                    "make test, make shell) and run make clean again."
                )
    with step("Stop PostgreSQL and remove its data"):
        if not postgres.is_external():
            postgres.EMBEDDED.remove()
        else:
            try:
                template.remove_all()
            except SetupError as error:
                # The server is not there; the rest can be removed all the same.
                print(error, file=sys.stderr)
    with step(f"Remove {paths.CACHE}"):
        shutil.rmtree(paths.CACHE)
    return 0
