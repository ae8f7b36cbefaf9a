"""One database through installing, upgrading and uninstalling, and what to see of it.

Each step is a process of its own, as on a customer's server.
"""

import json
import os
import subprocess
import zipfile

from ..setup import odoo, paths, postgres, process

NOISE = (" WARNING ", " ERROR ", " CRITICAL ")
#: What a table is made of; without the order of columns, which an upgrade may change.
SCHEMA = """
SELECT format('column %s.%s %s%s', attrelid::regclass, attname,
              format_type(atttypid, atttypmod),
              CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END)
  FROM pg_attribute
  JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
 WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT format('constraint %s.%s %s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
  FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT format('%s %s', relkind, relname) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('i', 'r')
UNION ALL
SELECT format('function %s', oid::regprocedure) FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace
"""
#: What the addon's files make: a change below noupdate would show here. Views as in
#: the source: an upgrade keeps translations unless it is told --i18n-overwrite.
RECORDS = """
SELECT format('%s %s', model, name) FROM ir_model_data WHERE module = '{module}'
UNION ALL
SELECT format('%s %s', name, domain_force)
  FROM ir_rule WHERE name::text ILIKE '%tripletex%'
UNION ALL
SELECT format('%s %s', key, value)
  FROM ir_config_parameter p
 WHERE EXISTS (SELECT FROM ir_model_data WHERE module = '{module}' AND res_id = p.id
                  AND model = 'ir.config_parameter')
UNION ALL
SELECT format('%s %s %s', name, model, md5(arch_db->>'en_US'))
  FROM ir_ui_view WHERE arch_fs LIKE '{module}/%'
UNION ALL
SELECT format('%s %s %s %s %s', name, perm_read, perm_write, perm_create, perm_unlink)
  FROM ir_model_access WHERE name LIKE '%tripletex%'
"""
#: Tables that nobody's daily work fills.
TECHNICAL = """ir_act_server ir_act_window ir_cron ir_filters ir_exports ir_model
ir_model_access ir_model_fields ir_model_relation ir_rule ir_ui_menu ir_ui_view
mail_activity mail_activity_type res_groups""".split()


class Life:
    """A database whose addon comes and goes.

    :param str database: a throw-away database
    :param sandbox: a running ``SandboxServer``
    """

    def __init__(self, database, sandbox):
        self.database = database
        self.sandbox = sandbox
        self.company = ""

    # -- steps -------------------------------------------------------------------

    def install(self, addons=paths.ADDONS, *beside):
        """Install the addon from a folder of addons, and other modules beside it.

        :return: lines of the log that complain; so do the other steps
        """
        modules = ",".join([paths.MODULE, *beside])
        return self._step(addons, [], "-i", modules, "--stop-after-init")

    def upgrade(self):
        """Upgrade to this version."""
        return self._step(paths.ADDONS, [], "-u", paths.MODULE, "--stop-after-init")

    def uninstall(self):
        """Uninstall as the button in Apps does."""
        return self._step(paths.ADDONS, ["module", "uninstall"], paths.MODULE)

    def job(self, name, addons=paths.ADDONS):
        """Run a job of ``life_job`` on the installed version; returns what it prints.

        :raise AssertionError: it failed
        """
        text = f"from dev.proof import life_job\nlife_job.{name}(env)\n"
        environment = process.environment(
            LIFE_URL=self.sandbox.base_url, LIFE_COMPANY=str(self.company)
        )
        environment["PYTHONPATH"] += f"{os.pathsep}{paths.ROOT}"
        done = self._run(
            addons,
            ["shell"],
            "--no-http",
            "--log-level=warn",
            input=text,
            env=environment,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, f"{name} failed:\n{done.stdout}\n{done.stderr}"
        return json.loads(lines[-1])

    def _step(self, addons, command, *arguments):
        if not command:
            arguments = ["--no-http", *arguments]
        done = self._run(addons, command, *arguments)
        assert not done.returncode, done.stderr
        return [
            line
            for line in done.stderr.splitlines()
            if any(level in line for level in NOISE)
        ]

    def _run(self, addons, command, *arguments, **options):
        folders = [addons, paths.ROOT / "dev/addons", *odoo.addons_folders()]
        config = process.write_config(
            self.database, addons_path=",".join(map(str, folders))
        )
        return subprocess.run(
            process.command(*command, "-c", config, *arguments),
            cwd=paths.RUN,
            capture_output=True,
            text=True,
            pass_fds=postgres.inherited(),
            **{"env": process.environment(), **options},
        )

    # -- what is there -----------------------------------------------------------

    def sql(self, statement):
        """Rows of a query, as lines of text."""
        return postgres.sql(statement, self.database)

    def schema(self):
        """Set of texts, one for each column, constraint, index, sequence, function."""
        return set(self.sql(SCHEMA))

    def traces(self):
        """Dict of table to rows that mention the addon or Tripletex anywhere."""
        tables = self.sql(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace"
        )
        count = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM \"{table}\" t "
            "WHERE t::text ILIKE '%tripletex%'"
            for table in tables
        )
        found = (line.split("|") for line in self.sql(count))
        return {table: int(number) for table, number in found if number != "0"}

    def records(self):
        """Set of texts, one for each record that the addon's files make."""
        return set(self.sql(RECORDS.format(module=paths.MODULE)))

    def counts(self):
        """Dict of a technical table to its number of rows."""
        return {t: self.sql(f"SELECT count(*) FROM {t}")[0] for t in TECHNICAL}


def earlier(commit, folder):
    """Unpack the addon as it was at a commit.

    :return: folder to put on the addons path, or None where git does not know it
    """
    archive = folder / "addon.zip"
    command = ["git", "archive", f"--prefix={paths.MODULE}/", "-o", archive, commit]
    if subprocess.run(command, cwd=paths.ROOT, capture_output=True).returncode:
        return None
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder
