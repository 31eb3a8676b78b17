"""The command line of `python -m sandbox generate`."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sandbox.generate.clouds import CLOUDS
from sandbox.generate.estate import Settings, generate
from sandbox.generate.output import Output
from sandbox.generate.random_source import NOW


def _count(minimum: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if number < minimum:
            raise argparse.ArgumentTypeError(f"must be {minimum} or more, not {number}")
        return number

    read.__name__ = "whole number"
    return read


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= 1:
        raise argparse.ArgumentTypeError(f"must be from 0 to 1, not {text}")
    return rate


def _guid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"is not a GUID: {text!r}") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"is not an ISO 8601 time: {text!r}") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"has no time zone, use for example {text}Z")
    return moment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command to the parser."""
    parser.add_argument(
        "--subscriptions", type=_count(1), required=True, metavar="N", help="number of subscriptions"
    )
    parser.add_argument(
        "--seed", type=int, required=True, metavar="N", help="seed; the same seed gives the same bytes"
    )
    parser.add_argument(
        "--resources",
        type=_count(0),
        default=200,
        metavar="N",
        help="minimum number of documents per subscription, not counting settings (default 200)",
    )
    parser.add_argument(
        "--directory", type=_guid, metavar="GUID", help="id of the Entra directory (default: generated)"
    )
    parser.add_argument(
        "--fail-rate", type=_rate, default=0.2, metavar="R", help="probability of each fault (default 0.2)"
    )
    parser.add_argument(
        "--rare-rate",
        type=_rate,
        default=0.0,
        metavar="R",
        help="probability of each rare form of a document, such as flow logs with a filter (default 0);"
        " sandbox/README.md lists the forms",
    )
    parser.add_argument(
        "--expect", metavar="FILE", help="write the verdicts that a correct engine must give to FILE"
    )
    parser.add_argument("--name", default="Contoso", help="the customer's name (default Contoso)")
    parser.add_argument("--no-graph", action="store_true", help="no access to Microsoft Graph (403)")
    parser.add_argument(
        "--cloud",
        choices=["AzureCloud", *CLOUDS],
        default="AzureCloud",
        help="the cloud; national clouds refuse newer api-versions (default AzureCloud)",
    )
    parser.add_argument(
        "--unusual",
        action="store_true",
        help="add subscriptions without registered providers, with special offers, and from another directory",
    )
    parser.add_argument(
        "--now",
        type=_moment,
        default=NOW,
        metavar="ISO8601",
        help="the time that all dates are relative to; assess at the same time (default 2026-11-25T12:00:00Z)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the estate to standard output. Return the exit status.

    The exit status is 1 if the program that reads standard output has ended, 2 if the `--expect` file cannot be
    written, and 0 after success.
    """
    settings = Settings(
        subscriptions=args.subscriptions,
        seed=args.seed,
        resources=args.resources,
        fail_rate=args.fail_rate,
        rare_rate=args.rare_rate,
        name=args.name,
        directory=args.directory,
        graph=not args.no_graph,
        cloud="" if args.cloud == "AzureCloud" else args.cloud,
        unusual=args.unusual,
        now=args.now,
    )
    with contextlib.ExitStack() as stack:
        expected = None
        if args.expect:
            try:
                expected = stack.enter_context(open(args.expect, "w", encoding="utf-8"))
            except OSError as error:
                print(  # noqa: T201 - the command's own output
                    f"--expect {args.expect}: could not write: {error.strerror}",
                    file=sys.stderr,
                )
                return 2
        out = Output(sys.stdout, expected)
        try:
            generate(settings, out)
            sys.stdout.flush()
        except BrokenPipeError:
            # The program that reads standard output has ended, as in `| head`. Redirect standard output, so that the
            # flush at exit does not fail too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
    print(  # noqa: T201 - the command's own output
        f"{out.documents} documents, {out.graph_objects} Graph objects, {out.verdicts} verdicts",
        file=sys.stderr,
    )
    return 0


def main(argv: Sequence[str]) -> int:
    """Run `python -m sandbox generate ARGV`. Return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox generate", description="Generate a fictitious estate."
    )
    add_arguments(parser)
    return run(parser.parse_args(argv))
