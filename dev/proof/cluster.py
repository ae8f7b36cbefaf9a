"""A PostgreSQL server of its own, so that it can be restarted under Odoo."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from ..setup import paths, postgres
from ..setup.progress import run_logged

NAME = f"tripletex_{paths.CHECKOUT}_kills"
# What is committed must survive the server's death; only power loss is left out.
SETTINGS = {"fsync": "off", "synchronous_commit": "on", "jit": "off"}
SETTINGS["listen_addresses"] = ""
LOG = "kills-postgres.log"


class Cluster:
    """A private server with one database, a copy of a given one."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        #: libpq's variables for clients of this server.
        self.address = {"PGHOST": str(folder), "PGPORT": "5432"}
        self.address["PGUSER"] = postgres.ROLE

    def make(self, source):
        """Make the server and copy the database ``source`` of the ordinary one."""
        postgres.initialise(self.data, LOG)
        self.control(*postgres.options(SETTINGS, self.folder), "start")
        owner = {**self.address, "PGUSER": postgres.SUPERUSER}
        self._client(owner, "createuser", "--superuser", postgres.ROLE)
        self._client(owner, "createdb", NAME)
        dump = self.folder / "dump"
        self._client({}, "pg_dump", "-Fc", "-f", dump, source)
        self._client(self.address, "pg_restore", "--no-owner", "-d", NAME, dump)
        dump.unlink()

    def control(self, *arguments):
        """Run ``pg_ctl``, waiting for the result."""
        postgres.control(self.data, LOG, *arguments)

    def sql(self, statement):
        """Run one statement and return its rows."""
        host = str(self.folder)
        return postgres.sql(statement, NAME, host=host, port=5432, user=postgres.ROLE)

    @staticmethod
    def _client(address, program, *arguments):
        environment = {**postgres.environment(), **address}
        advice = f"{program} failed: the log says why."
        run_logged([program, *arguments], LOG, advice, env=environment)


@contextmanager
def cluster(source):
    """Have a private server with a copy of database ``source`` for the block."""
    folder = Path(tempfile.mkdtemp(prefix=f"{paths.MODULE}-"))
    private = Cluster(folder)
    try:
        private.make(source)
        yield private
    finally:
        if (private.data / "postmaster.pid").exists():
            private.control("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)
