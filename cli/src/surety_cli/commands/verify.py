"""`surety verify`: verify reports on this computer, with the program that auditors get. No server is needed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Final

from surety_cli.arguments import Commands
from surety_cli.exits import Exit, UsageFailure

PROGRAM: Final = Path(__file__).resolve().parents[1] / "surety_verify.py"
_OLDEST: Final = (3, 12)
# {exit status of the program: exit status of the command}
_STATUS: Final = {0: Exit.OK, 1: Exit.FOUND, 2: Exit.USAGE, 3: Exit.UNKNOWN}


def register(commands: Commands) -> None:
    """Add the command `verify` with its arguments."""
    parser = commands.add_parser(
        "verify",
        help="verify the signature of reports, without a server",
        description="Verify that reports are unchanged since they were signed, and show who signed them. Get the"
        " SHA-256 fingerprint of the signing certificate from the sender, through another channel than the report.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="PDF file of a report")
    parser.add_argument(
        "--fingerprint", action="append", default=[], metavar="SHA256",
        help="accept only the signer's certificate with this SHA-256 (can be repeated)",
    )  # fmt: skip
    parser.add_argument(
        "--authority", action="append", default=[], metavar="SHA256",
        help="also accept archive time stamps of this authority (can be repeated)",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="json: one line for each file"
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> Exit:
    """Run the verification program."""
    if sys.version_info < _OLDEST:
        raise UsageFailure("surety verify needs Python 3.12 or newer.")
    if importlib.util.find_spec("pyhanko") is None:
        raise UsageFailure("surety verify needs pyHanko: install it with pip install 'surety-cli[verify]'.")
    command = [sys.executable, "-P", str(PROGRAM), *(f"--fingerprint={one}" for one in arguments.fingerprint)]
    command += [f"--authority={one}" for one in arguments.authority]
    command += ["--json"] if arguments.format == "json" else []
    # A file name that begins with a dash must not become an option.
    done = subprocess.run([*command, "--", *map(str, arguments.files)], check=False)
    return _STATUS.get(done.returncode, Exit.INTERNAL)
