"""`surety assess`: start an assessment, follow it and, with `--fail-on`, exit with 1 if severe findings fail."""

from __future__ import annotations

import sys
from argparse import Namespace

from surety_cli import settings
from surety_cli.arguments import Commands, add_connection, add_format, add_gate, add_output, add_waiting
from surety_cli.commands.findings import FORMATS, catalogue, counted, require_all_findings, write
from surety_cli.connection import client_for, send
from surety_cli.exits import Exit, NotCompleted, Refused, UsageFailure
from surety_cli.gate import judge
from surety_cli.output.files import refuse_missing_folder
from surety_cli.output.json_array import write_object
from surety_cli.output.table import write_findings
from surety_cli.waiting import progress, wait
from surety_client import AuthenticatedClient
from surety_client.api.assessments import cancel_assessment, get_assessment, start_assessment
from surety_client.models import Assessment, AssessmentStateEnum


def register(commands: Commands) -> None:
    """Add the command `assess` with its arguments."""
    parser = commands.add_parser(
        "assess",
        help="assess a customer",
        description="Start an assessment of all included subscriptions and directories. With --fail-on, wait for the"
        " end of the assessment and let the findings decide about the exit status.",
    )
    parser.add_argument("customer", metavar="CUSTOMER", help="short name, as surety customers prints it")
    add_waiting(parser, "the assessment")
    add_gate(parser)
    add_format(parser, *FORMATS)
    add_output(parser, "write all findings to this file in the form of --format")
    add_connection(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> Exit:
    """Start an assessment. If `--wait` or `--fail-on` is given, wait until the assessment has ended."""
    waits = arguments.wait or arguments.fail_on is not None
    if arguments.output and not waits:
        raise UsageFailure("--output needs --wait or --fail-on: findings exist only after the assessment.")
    if arguments.format in ("sarif", "junit") and not waits:
        raise UsageFailure(f"--format {arguments.format} needs --wait or --fail-on.")
    if arguments.output:
        refuse_missing_folder(arguments.output)
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    customer = arguments.customer
    if arguments.fail_on is not None:
        require_all_findings(client, customer)
    started, content = send(lambda: start_assessment.sync_detailed(customer, client=client))
    if not waits:
        if arguments.format == "json":
            write_object(content)
        else:
            print(f"Assessment {started.number} of {customer} has started.")
        return Exit.OK
    ended = _follow(client, customer, started, arguments.timeout)
    if ended.state != AssessmentStateEnum.FINISHED:
        raise NotCompleted(f"Assessment {ended.number} was cancelled.")
    print(f"Assessment {ended.number} of {customer} has finished.", file=sys.stderr)
    if arguments.output or arguments.format != "table":
        write(client, customer, arguments.format, arguments.output, {})
    if arguments.fail_on is None:
        return Exit.OK
    findings = list(counted(client, customer, arguments.fail_on))
    if findings and (arguments.output or arguments.format == "table"):
        write_findings(findings, catalogue(client))
    status, text = judge(findings, allow_unknown=arguments.allow_unknown)
    print(f"Severity {arguments.fail_on} or worse: {text}", file=sys.stderr)
    return status


def _follow(client: AuthenticatedClient, customer: str, started: Assessment, minutes: float) -> Assessment:
    """Wait until the assessment has ended, and return it. Ctrl-C asks whether to cancel the assessment."""
    name = f"Assessment {started.number}"

    def read() -> Assessment:
        return send(lambda: get_assessment.sync_detailed(customer, started.number, client=client))[0]

    try:
        with progress(name, "subscriptions and directories") as show:
            return wait(
                read,
                lambda one: one.ended_at is not None,
                lambda one: show(one.units_ended, one.units_total),
                minutes,
                name,
            )
    except KeyboardInterrupt:
        _ask_to_cancel(client, customer, started.number)
        raise


def _ask_to_cancel(client: AuthenticatedClient, customer: str, number: int) -> None:
    """Ask at the terminal whether to cancel the assessment, and cancel it after “y”. If there is no terminal, the
    assessment continues.
    """
    cancels = False
    if sys.stdin.isatty():
        print(file=sys.stderr)
        print(
            f"Cancel assessment {number} on the server as well? [y/N] ", end="", file=sys.stderr, flush=True
        )
        cancels = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not cancels:
        print(f"Assessment {number} continues on the server.", file=sys.stderr)
        return
    try:
        send(lambda: cancel_assessment.sync_detailed(customer, number, client=client))
    except Refused as refused:
        print(f"Assessment {number} was not cancelled: {refused.message}", file=sys.stderr)
    else:
        print(f"Assessment {number} is being cancelled.", file=sys.stderr)
