"""Start the command line: are the packages ours? Then hand over, and turn errors into one sentence and an exit code."""

import os
import sys
import traceback

from nofumble.errors import ExitCode, NofumbleError
from nofumble.guard import foreign_package

INTERRUPTED = 130
"""The exit code of a process that Ctrl-C ended, as shells count it: 128 + SIGINT."""


def main() -> None:
    """Run one command and leave the process with its exit code; show a traceback only at log level DEBUG."""
    problem = foreign_package()
    if problem is not None:
        _say(problem)
        sys.exit(ExitCode.WRONG_USE)
    try:
        from nofumble.cli.app import app

        app()
    except NofumbleError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output left (`nofumble tasks | head`): no error, but Python must not write to it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.DONE)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a user reads a sentence, not a traceback
        _say(_unforeseen(error))
        sys.exit(ExitCode.INTERNAL)


def _unforeseen(error: Exception) -> str:
    if os.environ.get("NOFUMBLE_LOG_LEVEL", "").upper() == "DEBUG":
        return "".join(traceback.format_exception(error)).rstrip()
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" at {os.path.basename(frame.filename)}:{frame.lineno}" for frame in last)  # noqa: PTH119 - a name, not a path
    return (
        f"a fault of nofumble itself: {type(error).__name__}{place}; nothing that was committed is lost; "
        "run it again with NOFUMBLE_LOG_LEVEL=DEBUG to see the whole report"
    )


def _say(sentence: str) -> None:
    sys.stderr.write(f"nofumble: {sentence}\n")


if __name__ == "__main__":
    main()
