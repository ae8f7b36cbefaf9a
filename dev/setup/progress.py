"""What a person sees while the set-up works, and how it fails."""

import errno
import subprocess
import sys
import time

from . import paths


class SetupError(Exception):
    """The set-up cannot go on; the text is one sentence that says what to do."""


class step:
    """A line on standard error for the time of the block: a name, dots, the duration.

    :raise SetupError: with one sentence when the disk is full or a file is refused
    """

    def __init__(self, name):
        self.name, self.word = name, "done"

    def __enter__(self):
        self._started = self._dotted = time.monotonic()
        self._write(f"  {self.name} ")
        return self

    def __exit__(self, _kind, error, _trace):
        word = "failed" if error else self.word
        self._write(f" {word} ({time.monotonic() - self._started:.1f} s)\n")
        if isinstance(error, OSError):
            raise explain_os_error(error) from error

    def dot(self, _line=""):
        """Show a dot, one a second: a program has printed a line."""
        if time.monotonic() - self._dotted >= 1:
            self._dotted = time.monotonic()
            self._write(".")

    def _write(self, text):
        sys.stderr.write(text)
        sys.stderr.flush()


def explain_os_error(error):
    """Return the SetupError for an operating system error."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full()
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetupError(
            f"{error.filename or paths.CACHE} cannot be written: make it writable or "
            "set XDG_CACHE_HOME to a folder that is."
        )
    return SetupError(f"{error}: put this right and run the same command again.")


def disk_full():
    return SetupError(
        f"The disk that holds {paths.CACHE} is full: free about 4 GB or set "
        "XDG_CACHE_HOME to a folder on another disk, then run the same command again."
    )


def run_logged(command, log_name, advice, on_line=None, **options):
    """Run a program, its output in a log file.

    :param list command: program and arguments
    :param str log_name: file name in the log folder
    :param str advice: what the person shall do if it fails
    :param on_line: called with each line as it comes
    :raise SetupError: the program failed; the sentence names the log
    """
    log = paths.LOGS / log_name
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(part) for part in command]
    options = {"stdin": subprocess.DEVNULL, **options}
    try:
        with (
            open(log, "w", encoding="utf-8") as out,
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                **options,
            ) as process,
        ):
            for line in process.stdout:
                out.write(line)
                if on_line:
                    on_line(line)
    except FileNotFoundError as error:
        raise SetupError(f"{command[0]} was not found: {advice}") from error
    if process.returncode:
        text = log.read_text(encoding="utf-8", errors="replace")
        if "No space left on device" in text or "Disk quota exceeded" in text:
            raise disk_full()
        raise SetupError(f"{advice} (Details: {log})")
