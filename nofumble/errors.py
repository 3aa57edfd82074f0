"""What can go wrong, by whose fault it is, and the exit code that says so.

    NofumbleError
    ├── WrongUse              the caller: an option, a file or a value that does not hold      exit 2
    │   └── DefinitionError   the author of a definition: says file:line                       exit 2
    ├── ServiceUnavailable    a service that we need is not to be had: database, broker        exit 3
    └── InternalError         us: a fault of nofumble itself                                   exit 70

Exit 1 is no error: the command ran and found what it was asked to look for (a failed check, a failing example).
70 is EX_SOFTWARE of sysexits(3), so that a script can tell our fault from its own.

A message is one sentence: what, the value, the rule, the remedy; lower case, no full stop. It is made to be shown as
it is: a traceback is never shown to a user, and a message never holds a password.
"""

from enum import IntEnum
from pathlib import Path
from typing import ClassVar


class ExitCode(IntEnum):
    """What a process of nofumble says to the shell when it ends."""

    DONE = 0
    FOUND = 1
    WRONG_USE = 2
    UNAVAILABLE = 3
    INTERNAL = 70


class NofumbleError(Exception):
    """Everything that nofumble raises on purpose; `str(error)` is the sentence that the user reads."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL


class WrongUse(NofumbleError):
    """The caller asked for what cannot be: an unknown id, a file that is not there, a value outside its rule."""

    exit_code = ExitCode.WRONG_USE


class DefinitionError(WrongUse):
    """A definition breaks a rule of the language.

    `file` and `line` (from 1) say where, and stand in front of the sentence as `file:line: `.
    """

    def __init__(self, reason: str, *, file: Path | str | None = None, line: int | None = None) -> None:
        self.reason = reason
        self.file = file
        self.line = line
        place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        super().__init__(f"{place}{reason}")


class ServiceUnavailable(NofumbleError):
    """A service that the command needs is not to be had; the same command may succeed later."""

    exit_code = ExitCode.UNAVAILABLE


class InternalError(NofumbleError):
    """Something that nofumble promises did not hold; the user can do nothing about it but report it."""

    exit_code = ExitCode.INTERNAL
