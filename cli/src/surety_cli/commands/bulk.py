"""`surety bulk`: start a job that changes many findings of a customer, and follow, cancel or undo the job."""

from __future__ import annotations

import shlex
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TextIO
from uuid import UUID, uuid4

from surety_cli import settings
from surety_cli.arguments import Commands, add_connection, add_format, add_output, add_waiting
from surety_cli.bulk_request import CUSTOMER_HELP, add_result, identifier, register_actions, request_of
from surety_cli.connection import PAGE, client_for, pages, send
from surety_cli.exits import Exit, NoAnswer, NotCompleted, Refused, UsageFailure
from surety_cli.output.files import refuse_missing_folder, text_file
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
    BulkJobResult,
    BulkJobStateEnum,
    ListBulkJobResultsStateItem,
    Problem,
    StartBulkJobRequest,
)
from surety_client.types import UNSET, Response

_TRIES: Final = 4
"""The maximum number of attempts to start a job. Another attempt follows if the server did not answer."""
_PAUSE: Final = 2.0
"""Seconds between two attempts."""


def register(commands: Commands) -> None:
    """Add the command `bulk` with its subcommands and their arguments."""
    parser = commands.add_parser(
        "bulk",
        help="change many findings of a customer",
        description="Change many findings with a job that the server carries out, as the bulk actions of the findings"
        " page do.",
    )
    actions = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    register_actions(actions, start)
    listing = actions.add_parser("list", help="list the jobs of a customer, the newest first")
    listing.add_argument("customer", metavar="CUSTOMER", help=CUSTOMER_HELP)
    add_format(listing, "table", "json")
    add_output(listing, "write the jobs to this file instead of standard output")
    add_connection(listing)
    listing.set_defaults(run=list_all)
    results = actions.add_parser("results", help="print what a job has done with each finding")
    _add_job(results, results_of)
    add_result(results)
    add_waiting(results, "the job")
    add_output(results, "write the results to this file instead of standard output")
    _add_job(actions.add_parser("cancel", help="end a job; changed findings stay changed"), cancel)
    _add_job(actions.add_parser("undo", help="restore what a job changed, within 30 minutes"), undo)


def _add_job(parser: ArgumentParser, run: Callable[[Namespace], Exit]) -> None:
    parser.add_argument("customer", metavar="CUSTOMER", help=CUSTOMER_HELP)
    parser.add_argument("job", metavar="JOB", type=identifier, help="id, as surety bulk list prints it")
    add_format(parser, "table", "json")
    add_connection(parser)
    parser.set_defaults(run=run)


def start(arguments: Namespace) -> Exit:
    """Start a job. If `--preview` is given, only count its findings. If `--wait` is given, print the results when the
    job has ended.
    """
    body = request_of(arguments)
    if arguments.output is not None:
        if not arguments.wait or arguments.preview:
            raise UsageFailure("--output writes the results of the job, so it needs --wait.")
        refuse_missing_folder(arguments.output)
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
    key = arguments.idempotency_key or str(uuid4())
    job, content, is_new = _started(client, customer, body, key)
    if arguments.wait:
        return _finish(client, arguments, _follow(client, customer, job.id, arguments.timeout))
    if arguments.format == "json":
        write_object(content)
    else:
        began = "has started" if is_new else "was started before with the same key"
        print(f"Job {job.id} of {customer} {began}. Findings: {job.total}.")
    return Exit.OK


def _started(
    client: AuthenticatedClient, customer: str, body: StartBulkJobRequest, key: str
) -> tuple[BulkJob, Any, bool]:
    """Start a job. Return the job, its JSON, and whether this command has started it.

    If no answer comes, the request is sent again with the same key, so that no second job starts.
    """
    replayed: list[bool] = []

    def request() -> Response[BulkJob | Problem]:
        response = start_bulk_job.sync_detailed(customer, client=client, body=body, idempotency_key=key)
        replayed.append("idempotency-replayed" in response.headers)
        return response

    for number in range(1, _TRIES + 1):
        try:
            job, content = send(request)
        except (NoAnswer, Refused) as error:
            is_running = isinstance(error, Refused) and error.code == "request_in_progress"
            if not (is_running or isinstance(error, NoAnswer)):
                raise
            if number == _TRIES:
                error.message += (
                    f"\nThe job may have started. To repeat the command without starting a second job, add"
                    f" --idempotency-key {shlex.quote(key)}"
                )
                raise
            time.sleep(_PAUSE)
        else:
            # If the first attempt returns a job that exists already, another command has started the job. If a later
            # attempt returns such a job, an earlier attempt of this command may have started the job, and its answer
            # was lost. So the job then counts as started by this command.
            return job, content, number > 1 or not replayed[-1]
    raise AssertionError("the loop returns or raises")


def list_all(arguments: Namespace) -> Exit:
    """List jobs."""
    output: Path | None = arguments.output
    if output is not None:
        refuse_missing_folder(output)
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    listed = pages(
        lambda cursor: list_bulk_jobs.sync_detailed(
            arguments.customer, client=client, cursor=cursor, limit=PAGE
        ),
        BulkJob,
    )
    if output is None:
        _write_jobs(arguments.format, listed)
    else:
        with text_file(output) as target:
            _write_jobs(arguments.format, listed, target)
    return Exit.OK


def _write_jobs(
    form: str, listed: Iterator[tuple[list[BulkJob], list[dict[str, Any]]]], target: TextIO | None = None
) -> None:
    if form == "json":
        write_array((one for _, content in listed for one in content), target)
        return
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
        target,
    )


def results_of(arguments: Namespace) -> Exit:
    """Print the results of a job. If `--wait` is given, first wait until the job has ended."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    if arguments.output is not None:
        refuse_missing_folder(arguments.output)
    if arguments.wait:
        job = _follow(client, arguments.customer, arguments.job, arguments.timeout)
    else:
        job = _read(client, arguments.customer, arguments.job)
    return _finish(client, arguments, job)


def cancel(arguments: Namespace) -> Exit:
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
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    job, content = send(lambda: undo_bulk_job.sync_detailed(arguments.customer, arguments.job, client=client))
    if arguments.format == "json":
        write_object(content)
    else:
        print(f"Job {job.id} was undone. Findings that changed after the job were not restored.")
    return Exit.OK


def _read(client: AuthenticatedClient, customer: str, job: UUID) -> BulkJob:
    return send(lambda: get_bulk_job.sync_detailed(customer, job, client=client))[0]


def _follow(client: AuthenticatedClient, customer: str, job: UUID, minutes: float) -> BulkJob:
    """Wait until the job has ended, and return it. Ctrl-C ends only the waiting, not the job. A message then says
    how to continue waiting.
    """
    try:
        with progress(f"Job {job}", "findings") as show:
            return wait(
                lambda: _read(client, customer, job),
                lambda one: one.ended_at is not None,
                # Until a worker has begun the job, the total is unknown. `show` expects 0 in this case.
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
    output: Path | None = arguments.output
    listed = _results(client, arguments.customer, job.id, arguments.result)
    if output is None:
        _write(arguments.format, listed)
    else:
        with text_file(output) as target:
            _write(arguments.format, listed, target)
    ended_early = job.state in (BulkJobStateEnum.STOPPED, BulkJobStateEnum.CANCELLED)
    if ended_early or (job.ended_at is not None and job.failed):
        raise NotCompleted(_summary(job))
    print(_summary(job), file=sys.stderr)
    return Exit.OK


def _write(
    form: str,
    listed: Iterator[tuple[list[BulkJobResult], list[dict[str, Any]]]],
    target: TextIO | None = None,
) -> None:
    if form == "json":
        write_array((one for _, content in listed for one in content), target)
        return
    write_table(
        ("Finding", "Result", "Reason"),
        ((str(one.finding), one.state.value, one.reason) for items, _ in listed for one in items),
        target,
    )


def _results(
    client: AuthenticatedClient, customer: str, job: UUID, states: list[str] | None
) -> Iterator[tuple[list[BulkJobResult], list[dict[str, Any]]]]:
    wanted = [ListBulkJobResultsStateItem(one) for one in states] if states else UNSET
    return pages(
        lambda cursor: list_bulk_job_results.sync_detailed(
            customer, job, client=client, cursor=cursor, limit=PAGE, state=wanted
        ),
        BulkJobResult,
    )


def _summary(job: BulkJob) -> str:
    text = (
        f"Job {job.id} ({job.state.value}): {job.done} of {job.total} findings changed, {job.skipped} skipped,"
        f" {job.failed} failed."
    )
    return f"{text} {visible(job.reason)}".strip()
