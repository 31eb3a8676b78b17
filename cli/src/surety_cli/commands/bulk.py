"""`surety bulk`: change many findings of a customer with a job of the server, follow it, cancel it and undo it."""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from surety_cli import settings
from surety_cli.arguments import Commands, add_connection, add_format, add_waiting
from surety_cli.commands.findings import add_filters, given_filters
from surety_cli.connection import PAGE, client_for, pages, send
from surety_cli.exits import Exit, NotCompleted, UsageFailure
from surety_cli.output.json_array import write_array, write_object
from surety_cli.output.table import write_table
from surety_cli.text import visible
from surety_cli.waiting import progress, wait
from surety_client import AuthenticatedClient
from surety_client.api.bulk_jobs import (
    cancel_bulk_job,
    get_bulk_job,
    list_bulk_job_results,
    list_bulk_jobs,
    preview_bulk_job,
    start_bulk_job,
    undo_bulk_job,
)
from surety_client.models import (
    BulkJob,
    BulkJobStateEnum,
    ListBulkJobResultsStateItem,
    StartBulkJobRequest,
)
from surety_client.types import UNSET

CUSTOMER_HELP: Final = "short name, as surety customers prints it"
_TIME_HELP: Final = "a day or a time (ISO 8601), without a zone in the zone of this computer"


def register(commands: Commands) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "bulk",
        help="change many findings of a customer",
        description="Change many findings with a job that the server carries out, as the bulk actions of the findings"
        " page do.",
    )
    actions = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _register_claim(actions)
    _register_assign(actions)
    _register_acknowledge(actions)
    _register_attest(actions)
    _register_request_exception(actions)
    listing = actions.add_parser("list", help="list the jobs of a customer, the newest first")
    listing.add_argument("customer", metavar="CUSTOMER", help=CUSTOMER_HELP)
    add_format(listing, "table", "json")
    add_connection(listing)
    listing.set_defaults(run=list_all)
    results = actions.add_parser("results", help="print what a job has done with each finding")
    _add_job(results, results_of)
    _add_state(results)
    add_waiting(results, "the job")
    _add_job(actions.add_parser("cancel", help="end a job; changed findings stay changed"), cancel)
    _add_job(actions.add_parser("undo", help="restore what a job changed, within 30 minutes"), undo)


def _register_claim(actions: Commands) -> None:
    _add_action(actions, "claim", "become the owner of findings without an owner", lambda given: {})


def _register_assign(actions: Commands) -> None:
    parser = _add_action(
        actions, "assign", "change the owner of findings", lambda given: {"assign": {"email": given.to}}
    )
    owner = parser.add_mutually_exclusive_group(required=True)
    owner.add_argument("--to", metavar="EMAIL", help="email address of the new owner")
    owner.add_argument("--unassign", action="store_true", help="remove the owner")


def _register_acknowledge(actions: Commands) -> None:
    def values(given: Namespace) -> dict[str, Any]:
        planned = given.planned_for.isoformat() if given.planned_for else None
        return {"acknowledge": {"plan": given.plan, "planned_for": planned}}

    parser = _add_action(actions, "acknowledge", "acknowledge failures", values)
    parser.add_argument("--plan", metavar="TEXT", default="", help="how the failures will be corrected")
    parser.add_argument(
        "--planned-for", metavar="DAY", type=_day, help="the day until which they will be corrected"
    )


def _register_attest(actions: Commands) -> None:
    def values(given: Namespace) -> dict[str, Any]:
        if not given.seen and not given.preview:
            raise UsageFailure(
                "Run the command with --preview, read the findings, then run it with --seen and the digest that was"
                " printed."
            )
        until = given.valid_until.isoformat()
        seen = {"seen_digest": given.seen} if given.seen else {}
        return {"attest": {"met": given.met, "statement": given.statement, "valid_until": until}, **seen}

    parser = _add_action(actions, "attest", "answer manual controls", values)
    met = parser.add_mutually_exclusive_group(required=True)
    met.add_argument("--met", action="store_true", help="the controls are met")
    met.add_argument("--not-met", action="store_true", help="the controls are not met")
    parser.add_argument("--statement", metavar="TEXT", required=True, help="what was checked and found")
    parser.add_argument("--valid-until", metavar="TIME", type=_end, required=True, help=_TIME_HELP)
    parser.add_argument(
        "--seen",
        metavar="DIGEST",
        help="the digest that --preview printed before you read the findings; nothing starts if a value has changed",
    )


def _register_request_exception(actions: Commands) -> None:
    def values(given: Namespace) -> dict[str, Any]:
        terms = {"reason": given.reason, "ends_at": given.ends_at.isoformat()}
        terms["compensating_control"] = given.compensating_control
        starts = {"starts_at": given.starts_at.isoformat()} if given.starts_at else {}
        return {"request_exception": terms | starts}

    parser = _add_action(actions, "request-exception", "request one exception for failures", values)
    parser.add_argument("--reason", metavar="TEXT", required=True, help="at least three words")
    parser.add_argument("--ends-at", metavar="TIME", type=_end, required=True, help=_TIME_HELP)
    parser.add_argument("--starts-at", metavar="TIME", type=_start, help=f"{_TIME_HELP} (default: now)")
    parser.add_argument(
        "--compensating-control", metavar="TEXT", default="", help="what limits the risk meanwhile"
    )


def _add_action(
    actions: Commands, name: str, text: str, values: Callable[[Namespace], dict[str, Any]]
) -> ArgumentParser:
    """Add the command of an action. `values` returns the values of the action as fields of the request."""
    parser = actions.add_parser(
        name,
        help=text,
        description=f"Start a job: {text}. Select findings with the filters of surety findings, with --finding or with"
        " --all.",
    )
    parser.add_argument("customer", metavar="CUSTOMER", help=CUSTOMER_HELP)
    add_filters(parser)
    parser.add_argument(
        "--finding", metavar="ID", action="append", type=_id, help="a finding instead of filters (repeatable)"
    )
    parser.add_argument("--all", action="store_true", help="all findings, instead of filters")
    parser.add_argument("--preview", action="store_true", help="count the findings and start nothing")
    parser.add_argument(
        "--expect", metavar="NUMBER", type=int, help="start nothing if another number of findings matches"
    )
    _add_state(parser)
    add_waiting(parser, "the job")
    add_format(parser, "table", "json")
    add_connection(parser)
    parser.set_defaults(run=start, action=name, values=values)
    return parser


def _add_job(parser: ArgumentParser, run: Callable[[Namespace], Exit]) -> None:
    parser.add_argument("customer", metavar="CUSTOMER", help=CUSTOMER_HELP)
    parser.add_argument("job", metavar="JOB", type=_id, help="id, as surety bulk list prints it")
    add_format(parser, "table", "json")
    add_connection(parser)
    parser.set_defaults(run=run)


def _add_state(parser: ArgumentParser) -> None:
    # `--state` is a filter of findings.
    parser.add_argument(
        "--result",
        action="append",
        choices=[one.value for one in ListBulkJobResultsStateItem],
        help="print only results of this kind (repeatable)",
    )


def start(arguments: Namespace) -> Exit:
    """Start a job. With `--preview`, only count its findings. With `--wait`, print its results when it has ended."""
    body = request_of(arguments)
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    customer = arguments.customer
    if arguments.preview:
        counted, content = send(lambda: preview_bulk_job.sync_detailed(customer, client=client, body=body))
        if arguments.format == "json":
            write_object(content)
        else:
            print(f"{counted.total} findings of {customer} match. Nothing was started.")
            if counted.seen_digest:
                print(f"Read the findings, then start with --seen {visible(counted.seen_digest)}")
        return Exit.OK
    job, content = send(lambda: start_bulk_job.sync_detailed(customer, client=client, body=body))
    if arguments.wait:
        return _finish(client, arguments, _follow(client, customer, job.id, arguments.timeout))
    if arguments.format == "json":
        write_object(content)
    else:
        print(f"Job {job.id} of {customer} has started for {job.total} findings.")
    return Exit.OK


def list_all(arguments: Namespace) -> Exit:
    """List jobs."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    listed = pages(
        lambda cursor: list_bulk_jobs.sync_detailed(
            arguments.customer, client=client, cursor=cursor, limit=PAGE
        )
    )
    if arguments.format == "json":
        write_array(one for _, content in listed for one in content)
        return Exit.OK
    write_table(
        ("Job", "Action", "State", "Findings", "Done", "Skipped", "Failed", "Started by"),
        (
            (
                str(one.id),
                one.action.value,
                one.state.value,
                *(str(number) for number in (one.total, one.done, one.skipped, one.failed)),
                one.requested_by.name,
            )
            for items, _ in listed
            for one in items
        ),
    )
    return Exit.OK


def results_of(arguments: Namespace) -> Exit:
    """Print the results of a job; with `--wait`, when it has ended."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    if arguments.wait:
        job = _follow(client, arguments.customer, arguments.job, arguments.timeout)
    else:
        job = _read(client, arguments.customer, arguments.job)
    return _finish(client, arguments, job)


def cancel(arguments: Namespace) -> Exit:
    """Cancel a job."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    job, content = send(
        lambda: cancel_bulk_job.sync_detailed(arguments.customer, arguments.job, client=client)
    )
    if arguments.format == "json":
        write_object(content)
    else:
        print(_summary(job))
    return Exit.OK


def undo(arguments: Namespace) -> Exit:
    """Undo a job."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    job, content = send(lambda: undo_bulk_job.sync_detailed(arguments.customer, arguments.job, client=client))
    if arguments.format == "json":
        write_object(content)
    else:
        print(f"Job {job.id} was undone. Findings that have changed since were left alone.")
    return Exit.OK


def request_of(arguments: Namespace) -> StartBulkJobRequest:
    """Return the body of the request. Raise UsageFailure unless there are filters, ids, or `--all`."""
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


def _read(client: AuthenticatedClient, customer: str, job: UUID) -> BulkJob:
    return send(lambda: get_bulk_job.sync_detailed(customer, job, client=client))[0]


def _follow(client: AuthenticatedClient, customer: str, job: UUID, minutes: float) -> BulkJob:
    """Return the job when it has ended. Ctrl-C ends only the waiting, and says how to go on."""
    try:
        with progress(f"Job {job}", "findings") as show:
            return wait(
                lambda: _read(client, customer, job),
                lambda one: one.ended_at is not None,
                # A job that no worker has begun has no progress.
                lambda one: show(one.done + one.skipped + one.failed, one.total if one.started_at else 0),
                minutes,
                f"Job {job}",
            )
    except KeyboardInterrupt:
        print(
            f"Job {job} continues on the server.\n"
            f"  To wait for it again: surety bulk results {visible(customer)} {job} --wait\n"
            f"  To cancel it: surety bulk cancel {visible(customer)} {job}",
            file=sys.stderr,
        )
        raise


def _finish(client: AuthenticatedClient, arguments: Namespace, job: BulkJob) -> Exit:
    """Print the results. Raise NotCompleted if the job ended early, or if the action was refused for some findings."""
    listed = _results(client, arguments.customer, job.id, arguments.result)
    if arguments.format == "json":
        write_array(one for _, content in listed for one in content)
    else:
        write_table(
            ("Finding", "Result", "Reason"),
            ((str(one.finding), one.state.value, one.reason) for items, _ in listed for one in items),
        )
    ended_early = job.state in (BulkJobStateEnum.STOPPED, BulkJobStateEnum.CANCELLED)
    if ended_early or (job.ended_at is not None and job.failed):
        raise NotCompleted(_summary(job))
    print(_summary(job), file=sys.stderr)
    return Exit.OK


def _results(
    client: AuthenticatedClient, customer: str, job: UUID, states: list[str] | None
) -> Iterator[tuple[list[Any], list[dict[str, Any]]]]:
    wanted = [ListBulkJobResultsStateItem(one) for one in states] if states else UNSET
    return pages(
        lambda cursor: list_bulk_job_results.sync_detailed(
            customer, job, client=client, cursor=cursor, limit=PAGE, state=wanted
        )
    )


def _summary(job: BulkJob) -> str:
    text = (
        f"Job {job.id} ({job.state.value}): {job.done} of {job.total} findings changed, {job.skipped} skipped,"
        f" {job.failed} failed."
    )
    return f"{text} {visible(job.reason)}".strip()


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not an id") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day such as 2027-01-29") from None


def _start(text: str) -> datetime:
    """Return a time; the first moment of a day."""
    return _time(text, time.min)


def _end(text: str) -> datetime:
    """Return a time; the last second of a day."""
    return _time(text, time(23, 59, 59))


def _time(text: str, of_day: time) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if len(text) <= len("2027-01-29"):
            found = datetime.combine(found.date(), of_day)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text} is not a day or a time such as 2027-01-29 or 2027-01-29T18:00+01:00"
        ) from None
    return found if found.tzinfo is not None else found.astimezone()
