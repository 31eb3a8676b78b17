"""The entry point of the command `surety`, which can also be started with `python -m surety_cli`."""

from __future__ import annotations

import io
import os
import sys
import traceback

from surety_cli.exits import Exit
from surety_cli.main import main


def run() -> None:
    """Run the command given in the arguments, and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                encoding="utf-8"
            )  # Write UTF-8. By default, Windows would use the terminal's code page.
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # The program that reads the output, for example `head`, has ended. Keep Python from printing an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = Exit.OK
    except Exception:  # noqa: BLE001 - a bug must not look like status 1, “findings fail”
        traceback.print_exc()
        print("surety: This is a bug of the command line. Please report it.", file=sys.stderr)
        status = Exit.INTERNAL
    sys.exit(status)


if __name__ == "__main__":
    run()
