"""make i18n: the template of translations, and nb.po brought up to date with it.

What is translated already stays; new texts are added empty, texts that are gone go.
"""

import subprocess
import sys

from ..setup import paths, postgres, prepare, process, template

FOLDER = paths.ROOT / "i18n"
POT = FOLDER / f"{paths.MODULE}.pot"
#: Merges the template into nb.po; runs in the virtual environment, which has polib.
MERGE = """
import sys
import polib

pot, po = polib.pofile(sys.argv[1]), polib.pofile(sys.argv[2])
known = {entry.msgid: entry.msgstr for entry in po}
merged = polib.POFile(wrapwidth=78)
merged.metadata = po.metadata
for entry in pot:
    entry.msgstr = known.get(entry.msgid, "")
    merged.append(entry)
merged.save(sys.argv[2])
missing = [entry.msgid for entry in merged if not entry.msgstr]
for text in missing:
    print(f"not translated: {text!r}")
print(f"{len(merged)} texts, {len(missing)} not translated")
"""


def main(_arguments):
    """Write both files.

    :return: 0 if everything is translated
    """
    prepare()
    FOLDER.mkdir(exist_ok=True)
    with postgres.running(), template.copy() as database:
        config = process.write_config(database)
        export = process.command(
            *("i18n", "export", "-c", config, "-d", database, "-l", "pot"),
            *("-o", str(POT), paths.MODULE),
        )
        done = subprocess.run(
            export,
            env=process.environment(),
            cwd=paths.ROOT,
            pass_fds=postgres.inherited(),
            stderr=subprocess.DEVNULL,
        )
    if done.returncode:
        print("Odoo could not export the texts.", file=sys.stderr)
        return done.returncode
    po = FOLDER / "nb.po"
    if not po.exists():
        po.write_text(
            'msgid ""\nmsgstr ""\n"Language: nb\\n"\n'
            '"Content-Type: text/plain; charset=UTF-8\\n"\n'
            '"Content-Transfer-Encoding: 8bit\\n"\n'
            '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n',
            encoding="utf-8",
        )
    return subprocess.run([paths.PYTHON, "-c", MERGE, POT, po]).returncode
