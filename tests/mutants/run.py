"""Do the tests bite? Breaks the code on purpose, one patch at a time, and expects the tests that it names to fail.

`make mutants` runs all of them, `make mutants ARGS="ids_by_chance"` one. A patch begins with what it breaks and with a
line `killed by: ` and the arguments of pytest. The checkout is left alone: everything happens in a copy of it. First
the named tests run on the copy as it is, since where they fail anyway a mutant proves nothing.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parents[2]
PATCHES = Path(__file__).with_name("patches")
PATIENCE_S = 600
NAMES_TESTS = "killed by: "
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "*.pyc")
FAILED_TESTS = 1
"""What pytest exits with when tests ran and failed; anything else but 0 is a fault of the patch or of its line."""


class Mutant(NamedTuple):
    """A way to break the code, and the arguments of pytest for the tests that must notice."""

    name: str
    what: str
    tests: tuple[str, ...]
    patch: Path


def mutants(names: Sequence[str]) -> list[Mutant]:
    """Read the patches of these names, all of them when there are none."""
    files = {file.stem: file for file in sorted(PATCHES.glob("*.patch"))}
    unknown = sorted(set(names) - set(files))
    if unknown:
        raise SystemExit(f"no mutant is called {', '.join(unknown)}; there are {', '.join(files)}")
    return [_read(file) for name, file in files.items() if not names or name in names]


def _read(file: Path) -> Mutant:
    what, killers, *_ = file.read_text(encoding="utf-8").splitlines()
    if not killers.startswith(NAMES_TESTS):
        raise SystemExit(f"{file.name}: the second line is {killers!r}; it begins with {NAMES_TESTS!r} and names tests")
    return Mutant(file.stem, what, tuple(shlex.split(killers.removeprefix(NAMES_TESTS))), file)


def apply(mutant: Mutant, folder: Path, *, back: bool = False) -> None:
    """Apply a patch to the copy, or take it back."""
    how = ["--reverse"] if back else []
    done = subprocess.run(["git", "apply", *how, mutant.patch], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{mutant.name} does not apply any more, write it anew: {done.stderr.strip()}")


def exit_of_tests(arguments: Sequence[str], folder: Path) -> int:
    """Run pytest in the copy until the first failure, and return its exit code; one that hangs has noticed, too."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        return process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.terminate()  # so that it stops its database
        process.wait(PATIENCE_S)
        return FAILED_TESTS


def main(names: Sequence[str]) -> int:
    """Run the mutants; return 1 when one of them survives."""
    chosen = mutants(names)
    survivors = []
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # a patched file may keep its size and its second
    os.environ["PYTEST_ADDOPTS"] = "-p no:randomly -p no:cacheprovider"
    with tempfile.TemporaryDirectory(prefix="nofumble-mutants-") as parent:
        folder = Path(parent) / "checkout"
        shutil.copytree(CHECKOUT, folder, ignore=LEFT_OUT)
        for tests in dict.fromkeys(mutant.tests for mutant in chosen):
            if exit_of_tests(tests, folder) != 0:
                raise SystemExit(f"pytest {shlex.join(tests)} fails without any mutant: mend that first")
        for mutant in chosen:
            started = time.monotonic()
            apply(mutant, folder)
            code = exit_of_tests(mutant.tests, folder)
            apply(mutant, folder, back=True)
            verdict = {0: "SURVIVED", FAILED_TESTS: "killed"}.get(code, f"NO TESTS RAN (pytest exits with {code})")
            survivors += [mutant.name] if code != FAILED_TESTS else []
            sys.stdout.write(f"{verdict:9} {time.monotonic() - started:5.1f} s  {mutant.name}: {mutant.what}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants killed\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
