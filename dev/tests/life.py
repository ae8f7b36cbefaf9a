"""One database through installing, upgrading and uninstalling, and what to see of it.

Each step is a process of its own, as on a customer's server.
"""

import subprocess

from dev.setup import paths, postgres, process

NOISE = (" WARNING ", " ERROR ", " CRITICAL ")
#: What a table is made of; without the order of columns.
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
        folders = paths.ADDONS, paths.TEST_ADDONS
        self.config = process.write_config(database, *folders)

    # -- steps -------------------------------------------------------------------

    def install(self, *beside):
        """Install the addon, and other modules beside it.

        :return: lines of the log that complain; so do the other steps
        """
        return self._step("-i", ",".join([paths.MODULE, *beside]))

    def upgrade(self):
        """Upgrade to this version."""
        return self._step("-u", paths.MODULE)

    def uninstall(self):
        """Uninstall as the button in Apps does."""
        return self._run("module", "uninstall", "-c", self.config, paths.MODULE)

    def job(self, name, module="life_job"):
        """Run a job of ``life_job`` or another module; returns what it prints."""
        return process.run_script(
            self.config,
            f"from dev.tests import {module}\n{module}.{name}(env)\n",
            "life.log",
            f"{name} failed: the log says why.",
            LIFE_URL=self.sandbox.base_url,
            LIFE_COMPANY=str(self.company),
        )

    def _step(self, *arguments):
        return self._run(
            "-c", self.config, "--no-http", "--stop-after-init", *arguments
        )

    def _run(self, *arguments):
        done = subprocess.run(
            process.command(*arguments),
            cwd=paths.RUN,
            capture_output=True,
            text=True,
            pass_fds=postgres.inherited(),
            env=process.environment(),
        )
        assert not done.returncode, done.stderr
        lines = done.stderr.splitlines()
        return [line for line in lines if any(level in line for level in NOISE)]

    # -- what is there -----------------------------------------------------------

    def sql(self, statement):
        """Rows of a query."""
        return postgres.sql(statement, self.database)

    def schema(self):
        """Set of texts, one for each column, constraint, index, sequence, function."""
        return {text for (text,) in self.sql(SCHEMA)}

    def traces(self):
        """Dict of a table to its number of rows that name the addon."""
        tables = self.sql(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace"
        )
        count = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM \"{table}\" t "
            "WHERE t::text ILIKE '%tripletex%'"
            for (table,) in tables
        )
        return {table: number for table, number in self.sql(count) if number}

    def counts(self):
        """Dict of a technical table to its number of rows."""
        return {t: self.sql(f"SELECT count(*) FROM {t}")[0] for t in TECHNICAL}
