"""The command line of `python -m sandbox generate`."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sandbox.generate.estate import Settings, generate
from sandbox.generate.output import Output
from sandbox.generate.random_source import NOW


def _count(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, not {number}")
        return number

    read.__name__ = "whole number"
    return read


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= 1:
        raise argparse.ArgumentTypeError(f"must lie between 0 and 1, not {text}")
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
        raise argparse.ArgumentTypeError(f"wants a zone, for instance {text}Z")
    return moment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options, on the parser of the subcommand."""
    parser.add_argument("--subscriptions", type=_count(1), required=True, metavar="N")
    parser.add_argument(
        "--seed", type=int, required=True, metavar="N", help="the same seed gives the same bytes"
    )
    parser.add_argument(
        "--resources",
        type=_count(0),
        default=200,
        metavar="N",
        help="documents per subscription, reached by whole workloads; settings come on top (default 200)",
    )
    parser.add_argument(
        "--directory", type=_guid, metavar="GUID", help="the Entra tenant's id (default: made up)"
    )
    parser.add_argument(
        "--fail-rate", type=_rate, default=0.2, metavar="R", help="chance of each fault (default 0.2)"
    )
    parser.add_argument(
        "--expect", metavar="FILE", help="writes the verdicts that a correct engine must give"
    )
    parser.add_argument("--name", default="Contoso", help="the customer's name (default Contoso)")
    parser.add_argument("--no-graph", action="store_true", help="leaves Microsoft Graph shut (403)")
    parser.add_argument(
        "--now",
        type=_moment,
        default=NOW,
        metavar="ISO8601",
        help="the moment all times count from; assess with the same one (default 2026-11-25T12:00:00Z)",
    )


def run(args: argparse.Namespace) -> int:
    """Streams the estate to standard output; 1: nobody reads on, 2: `--expect` cannot be written."""
    settings = Settings(
        subscriptions=args.subscriptions,
        seed=args.seed,
        resources=args.resources,
        fail_rate=args.fail_rate,
        name=args.name,
        directory=args.directory,
        graph=not args.no_graph,
        now=args.now,
    )
    with contextlib.ExitStack() as stack:
        expected = None
        if args.expect:
            try:
                expected = stack.enter_context(open(args.expect, "w", encoding="utf-8"))
            except OSError as error:
                print(  # noqa: T201 - the command's own output
                    f"--expect {args.expect}: {error.strerror}; name a file that can be written",
                    file=sys.stderr,
                )
                return 2
        out = Output(sys.stdout, expected)
        try:
            generate(settings, out)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has had enough (`| head`); nothing more can be written, not at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
    print(  # noqa: T201 - the command's own output
        f"{out.documents} documents, {out.graph_objects} Graph objects, {out.verdicts} verdicts",
        file=sys.stderr,
    )
    return 0


def main(argv: Sequence[str]) -> int:
    """`python -m sandbox generate ARGV`."""
    parser = argparse.ArgumentParser(prog="python -m sandbox generate", description="Makes up an estate.")
    add_arguments(parser)
    return run(parser.parse_args(argv))
