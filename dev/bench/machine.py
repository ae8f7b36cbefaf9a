"""What the benchmark ran on."""

import os
import platform
import re


def words(env):
    """The machine in words: processor, cores, memory, and the versions that matter.

    :param env: Odoo environment
    """
    version = env.cr.connection.server_version
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {_memory():.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}, "
        f"PostgreSQL {version // 10000}.{version % 10000}"
    )


def _processor():
    found = re.search(r"model name\s*: (.+)", _read("/proc/cpuinfo"))
    return found[1] if found else platform.machine()


def _memory():
    found = re.search(r"MemTotal:\s*(\d+)", _read("/proc/meminfo"))
    return int(found[1]) / 1e6 if found else 0


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""
