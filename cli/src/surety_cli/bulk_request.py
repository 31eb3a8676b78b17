"""Declare the arguments of `surety bulk`, and build the API requests from their values."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias
from uuid import UUID

from surety_cli.arguments import (
    TIME_HELP,
    Commands,
    add_connection,
    add_format,
    add_output,
    add_waiting,
    end_time,
    start_time,
)
from surety_cli.bulk_values import add_values, given_values
from surety_cli.commands.findings import add_filters, given_filters
from surety_cli.exits import Exit, UsageFailure
from surety_client.models import ActionEnum, ListBulkJobResultsStateItem, StartBulkJobRequest

CUSTOMER_HELP: Final = "short name, as surety customers prints it"
_MAX_KEY: Final = 255

_Run: TypeAlias = Callable[[Namespace], Exit]
_Values: TypeAlias = Callable[[Namespace], dict[str, Any]]


def register_actions(actions: Commands, run: _Run) -> None:
    """Add a command for each bulk action of the API. All of these commands call the function `run`."""
    for name in ActionEnum:
        action = _ACTIONS.get(name, _Action(f"carry out the action {name}"))
        parser = _add_action(actions, run, name, action.text)
        if action.add_values is not None:
            parser.set_defaults(values=action.add_values(parser))
        else:
            add_values(parser, name, action.helps)
            parser.set_defaults(values=partial(given_values, action=name))


def _assign(parser: ArgumentParser) -> _Values:
    owner = parser.add_mutually_exclusive_group(required=True)
    owner.add_argument("--to", metavar="EMAIL", help="email address of the new owner")
    owner.add_argument("--unassign", action="store_true", help="remove the owner")
    return lambda given: {"assign": {"email": given.to}}


def _attest(parser: ArgumentParser) -> _Values:
    def values(given: Namespace) -> dict[str, Any]:
        if not given.seen and not given.preview:
            raise UsageFailure(
                "Run the command with --preview, read the findings, then run it with --seen and the digest that was"
                " printed."
            )
        until = given.valid_until.isoformat()
        seen = {"seen_digest": given.seen} if given.seen else {}
        return {"attest": {"met": given.met, "statement": given.statement, "valid_until": until}, **seen}

    met = parser.add_mutually_exclusive_group(required=True)
    met.add_argument("--met", action="store_true", help="the controls are met")
    met.add_argument("--not-met", action="store_true", help="the controls are not met")
    parser.add_argument("--statement", metavar="TEXT", required=True, help="what was checked and found")
    parser.add_argument("--valid-until", metavar="TIME", type=end_time, required=True, help=TIME_HELP)
    parser.add_argument(
        "--seen",
        metavar="DIGEST",
        help="the digest that --preview printed before you read the findings; nothing starts if a value has changed",
    )
    return values


def _request_exception(parser: ArgumentParser) -> _Values:
    def values(given: Namespace) -> dict[str, Any]:
        terms = {"reason": given.reason, "ends_at": given.ends_at.isoformat()}
        terms["compensating_control"] = given.compensating_control
        starts = {"starts_at": given.starts_at.isoformat()} if given.starts_at else {}
        return {"request_exception": terms | starts}

    parser.add_argument("--reason", metavar="TEXT", required=True, help="at least three words")
    parser.add_argument("--ends-at", metavar="TIME", type=end_time, required=True, help=TIME_HELP)
    parser.add_argument("--starts-at", metavar="TIME", type=start_time, help=f"{TIME_HELP} (default: now)")
    parser.add_argument(
        "--compensating-control", metavar="TEXT", default="", help="what limits the risk meanwhile"
    )
    return values


@dataclass(frozen=True)
class _Action:
    """The parts of an action's command that cannot be derived from the API.

    - `text`: what the command does, for its help
    - `helps`: {name of a value: help of its argument, in place of the API's text}
    - `add_values`: adds arguments that cannot be derived from the API, and returns a function that converts their
      parsed values to fields of the request's body; None if all arguments can be derived
    """

    text: str
    helps: Mapping[str, str] = field(default_factory=dict)
    add_values: Callable[[ArgumentParser], _Values] | None = None


_ACTIONS: Final[Mapping[str, _Action]] = {
    ActionEnum.CLAIM: _Action("become the owner of findings without an owner"),
    ActionEnum.ASSIGN: _Action("change the owner of findings", add_values=_assign),
    ActionEnum.ACKNOWLEDGE: _Action(
        "acknowledge failures",
        helps={
            "plan": "how the failures will be corrected",
            "planned_for": "the day until which the failures will be corrected",
        },
    ),
    ActionEnum.ATTEST: _Action("answer manual controls", add_values=_attest),
    ActionEnum.REQUEST_EXCEPTION: _Action(
        "request one exception for failures", add_values=_request_exception
    ),
}
"""{action of the API: the parts of its command that cannot be derived from the API}. Other actions need no entry."""


def _add_action(actions: Commands, run: _Run, name: str, text: str) -> ArgumentParser:
    """Add the command of an action, with the arguments that all actions have."""
    parser = actions.add_parser(
        name,
        help=text,
        description=f"Start a job: {text}. Select the findings with --finding, with --all, or with the filters of the"
        " command surety findings.",
    )
    parser.add_argument("customer", metavar="CUSTOMER", help=CUSTOMER_HELP)
    add_filters(parser)
    parser.add_argument(
        "--finding",
        metavar="ID",
        action="append",
        type=identifier,
        help="a finding instead of filters (repeatable)",
    )
    parser.add_argument("--all", action="store_true", help="all findings, instead of filters")
    parser.add_argument("--preview", action="store_true", help="count the findings and start nothing")
    parser.add_argument(
        "--expect",
        metavar="NUMBER",
        type=int,
        help="start nothing if the number of matching findings is not NUMBER",
    )
    parser.add_argument(
        "--idempotency-key",
        metavar="KEY",
        type=_key,
        help="a text of your choice that identifies this job. If you repeat the command with the same text"
        " within 24 hours, no second job starts (default: a new random text each time)",
    )
    add_result(parser)
    add_waiting(parser, "the job")
    add_format(parser, "table", "json")
    add_output(parser, "with --wait: write the results to this file instead of standard output")
    add_connection(parser)
    parser.set_defaults(run=run, action=name)
    return parser


def add_result(parser: ArgumentParser) -> None:
    """Add the option `--result`, which selects the results to print."""
    # This option cannot be named `--state`, because the option `--state` already filters findings by their state.
    parser.add_argument(
        "--result",
        action="append",
        choices=[one.value for one in ListBulkJobResultsStateItem],
        help="print only results of this kind (repeatable)",
    )


def request_of(arguments: Namespace) -> StartBulkJobRequest:
    """Return the body of the request. Raise UsageFailure unless exactly one of filters, ids and `--all` is given."""
    filters = given_filters(arguments)
    if sum(map(bool, (filters, arguments.finding, arguments.all))) != 1:
        raise UsageFailure("Select the findings either with filters, with --finding or with --all.")
    body: dict[str, Any] = {"action": arguments.action, **arguments.values(arguments)}
    if arguments.finding:
        body["findings"] = [str(one) for one in arguments.finding]
    else:
        body["filters"] = filters
    if arguments.expect is not None:
        body["expected_count"] = arguments.expect
    return StartBulkJobRequest.from_dict(body)


def identifier(text: str) -> UUID:
    """Parse an id (UUID). Raise ArgumentTypeError for other texts."""
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not an id") from None


def _key(text: str) -> str:
    if not 0 < len(text) <= _MAX_KEY or not text.isascii() or not text.isprintable():
        raise argparse.ArgumentTypeError(f"use 1 to {_MAX_KEY} printable ASCII characters")
    return text
