"""Read the arguments, run the command, and turn failures into sentences and exit statuses."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from surety_cli import VERSION
from surety_cli.commands import assess, bulk, customers, findings, login, report, verify
from surety_cli.exits import Exit, Failure
from surety_cli.pipeline_commands import protect_output

EPILOG = """\
exit status:
  0  done; with --fail-on, nothing fails
  1  findings fail, or a verified file is invalid
  2  the arguments, the stored sign-in or a local file cannot be used
  3  Surety refused the request
  4  Surety could not be reached, or had an error
  5  the assessment, report or job was cancelled, failed, or did not end in time
  6  something could not be checked
  130  interrupted with Ctrl-C
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    made = argparse.ArgumentParser(
        prog="surety",
        description="Assess customers, read and change findings, and fetch signed reports of Surety.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"surety {VERSION}")
    commands = made.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (login, customers, assess, findings, bulk, report, verify):
        command.register(commands)
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit status. If the arguments are wrong, argparse exits with 2.

    Names of Azure resources can contain text that a pipeline would obey as a command. `protect_output` makes such text
    ineffective in everything that the command prints.
    """
    protect_output()
    try:
        arguments = parser().parse_args(words)
        return int(arguments.run(arguments))
    except Failure as failure:
        print(f"surety: {failure.message}", file=sys.stderr)
        return int(failure.status)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
