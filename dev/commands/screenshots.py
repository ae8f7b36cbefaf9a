"""make screenshots: the guides' pictures, taken anew in both languages."""

import subprocess

from ..setup import chromium, paths, postgres, prepare, process, template
from ..setup.progress import SetupError, run_logged, step
from . import run

LANGUAGES = {"en": "en_US", "nb": "nb_NO"}
FOLDER = paths.ROOT / "docs" / "images"
SCENE = "from dev.screenshots import scene; scene.{}(env, {!r})\n"


def main(arguments):
    """Take the pictures of the given languages (``en``, ``nb``), else of both.

    :return: exit code
    :raise SetupError: there is no browser, or a screen is not as expected
    """
    prepare()
    if not chromium.ensure():
        raise SetupError("Pictures need Chromium: install it and run this again.")
    with postgres.running():
        for word in arguments or LANGUAGES:
            if word not in LANGUAGES:
                raise SetupError(f"{word} is not one of {', '.join(LANGUAGES)}.")
            with template.copy() as database, run.tripletex() as access:
                _tell(word, database, access)
    return 0


def _tell(word, database, access):
    language = LANGUAGES[word]
    _act("company", language, database, access)
    with run.serving(database, run.choose_port()) as (_odoo, address):
        command = [paths.PYTHON, "-m", "dev.screenshots.story", chromium.find()]
        command += [address, access["TRIPLETEX_EMPLOYEE_TOKEN"], FOLDER / word]
        with (
            step(f"Pictures ({word})"),
            subprocess.Popen(
                command,
                cwd=paths.ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as story,
        ):
            if story.stdout.readline().strip() == "connected":
                _act("week", language, database, access)
                story.communicate("\n")
        if story.returncode:
            raise SetupError("A screen is not as the pictures expect: see above.")


def _act(name, language, database, access):
    """Let a function of dev/screenshots/scene.py change the database."""
    script = paths.RUN / f"{database}.py"
    script.write_text(SCENE.format(name, language), encoding="utf-8")
    # The server that is running has written its own configuration by this name.
    config = paths.RUN / f"{database}.conf"
    if not config.exists():
        process.write_config(database)
    with open(script, encoding="utf-8") as text:
        run_logged(
            process.command("shell", "-c", config, "--no-http", "--log-level=warn"),
            "screenshots.log",
            "The pictures' company could not be made; the end of the log says why.",
            env=run.odoo_environment(access),
            stdin=text,
            cwd=paths.RUN,
            pass_fds=postgres.inherited(),
        )
    script.unlink()
