"""A PostgreSQL server of its own, so that it can be restarted under Odoo."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from ..setup import paths, postgres
from ..setup.progress import SetupError

NAME = f"tripletex_{paths.CHECKOUT}_kills"
# What is committed must survive the server's death; only power loss is left out.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "jit": "off",
}


class Cluster:
    """A private server with one database, a copy of a given one."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"

    def environment(self):
        """os.environ for clients of this server."""
        result = postgres.environment()
        result.pop("PGPASSWORD", None)
        result.update(PGHOST=str(self.folder), PGPORT="5432", PGUSER=postgres.ROLE)
        return result

    def make(self, source):
        """Make the server and copy the database ``source`` of the ordinary one."""
        user = postgres.server_user()
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", self.data, "-U", postgres.SUPERUSER, "--auth=trust")
        options = [f"-c {name}='{value}'" for name, value in SETTINGS.items()]
        options.append(f"-c unix_socket_directories='{self.folder}'")
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{o.removeprefix('-c ')}\n" for o in options)
        self.control("start")
        owner = {**self.environment(), "PGUSER": postgres.SUPERUSER}
        for program in (
            ["createuser", "--superuser", postgres.ROLE],
            ["createdb", NAME],
        ):
            self._client(program, owner)
        dump = self.folder / "dump"
        with open(dump, "wb") as file:
            self._client(["pg_dump", "-Fc", source], postgres.environment(), file)
        self._client(
            ["pg_restore", "--no-owner", "-d", NAME, str(dump)], self.environment()
        )
        dump.unlink()

    def control(self, *arguments):
        """Run ``pg_ctl``, waiting for the result."""
        log = ["-l", self.folder / "server.log"] if "stop" not in arguments else []
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", *log, *arguments)

    def sql(self, statement):
        """Run one statement and return its rows as text lines."""
        command = ["psql", "-XAtq", "-d", NAME, "-c", statement]
        done = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True
        )
        return done.stdout.splitlines()

    def _run(self, program, *arguments):
        command = [postgres.binaries() / program, *arguments]
        self._checked(
            [str(part) for part in command], cwd="/", **postgres.as_server_user()
        )

    def _client(self, command, environment, output=subprocess.DEVNULL):
        self._checked(command, env=environment, stdout=output)

    @staticmethod
    def _checked(command, **options):
        options = {"stdout": subprocess.DEVNULL, **options}
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **options
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise SetupError(f"{Path(command[0]).name} failed: {said}")


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
