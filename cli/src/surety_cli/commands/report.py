"""`surety report`: build signed reports of a customer, list and download them."""

from __future__ import annotations

import hashlib
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from surety_cli import settings
from surety_cli.arguments import Commands, add_connection, add_format, add_output, add_waiting, day
from surety_cli.connection import PAGE, client_for, pages, send
from surety_cli.exits import Exit, NotCompleted, Unreachable, UsageFailure
from surety_cli.output.files import binary_file, refuse_missing_folder
from surety_cli.output.json_array import write_array, write_object
from surety_cli.output.table import write_table
from surety_cli.text import visible
from surety_cli.waiting import progress, wait
from surety_client import AuthenticatedClient
from surety_client.api.reports import build_report, download_report, get_report, list_reports
from surety_client.models import (
    BuildRequest,
    FrameworkEnum,
    LanguageEnum,
    PaperEnum,
    Report,
    ReportKindEnum,
    ReportStateEnum,
)
from surety_client.types import UNSET

LATEST = "latest"
# Options that only some kinds of reports have.
ONLY_FOR = {
    "--framework": (ReportKindEnum.FRAMEWORK, ReportKindEnum.FULL, ReportKindEnum.PERIOD),
    "--compare-with": (ReportKindEnum.CHANGES,),
    "--first-day": (ReportKindEnum.PERIOD,),
    "--last-day": (ReportKindEnum.PERIOD,),
}


def register(commands: Commands) -> None:
    """Add the command `report` with its subcommands and their arguments."""
    parser = commands.add_parser("report", help="build, list and download signed reports")
    actions = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _register_create(actions)
    listing = actions.add_parser("list", help="list the reports of a customer, the newest first")
    listing.add_argument("customer", metavar="CUSTOMER")
    add_format(listing, "table", "json")
    add_connection(listing)
    listing.set_defaults(run=list_all)
    download = actions.add_parser("download", help="download a report")
    download.add_argument("customer", metavar="CUSTOMER")
    download.add_argument(
        "number", metavar="NUMBER", nargs="?", default=LATEST, type=_number,
        help="number of the report (default: the newest report that is ready)",
    )  # fmt: skip
    _add_file(download)
    add_connection(download)
    download.set_defaults(run=download_one)


def _register_create(actions: Commands) -> None:
    create = actions.add_parser("create", help="build a report")
    create.add_argument("customer", metavar="CUSTOMER")
    create.add_argument(
        "--kind", choices=[one.value for one in ReportKindEnum], default=ReportKindEnum.FULL.value
    )
    create.add_argument(
        "--assessment", metavar="NUMBER", type=int, help="a finished assessment (default: the latest)"
    )
    create.add_argument(
        "--framework",
        choices=[one.value for one in FrameworkEnum],
        help="for --kind framework, full and period",
    )
    create.add_argument(
        "--compare-with", metavar="NUMBER", type=int,
        help="for --kind changes: an earlier finished assessment (default: the previous one)",
    )  # fmt: skip
    create.add_argument(
        "--first-day", metavar="DAY", type=day,
        help="for --kind period: the first day, in UTC (default: 90 days before the last day)",
    )  # fmt: skip
    create.add_argument(
        "--last-day", metavar="DAY", type=day,
        help="for --kind period: the last day, in UTC (default: the day on which the assessment ended)",
    )  # fmt: skip
    create.add_argument("--language", choices=[one.value for one in LanguageEnum])
    create.add_argument("--paper", choices=[one.value for one in PaperEnum])
    create.add_argument(
        "--without-names",
        action="store_true",
        help="show ids instead of the names of people, groups, applications and roles",
    )
    create.add_argument(
        "--classification", metavar="TEXT", help="printed on every page (default: Confidential)"
    )
    create.add_argument(
        "--supersedes", metavar="NUMBER", type=int,
        help="an earlier report of the same kind, which then counts as superseded",
    )  # fmt: skip
    add_waiting(create, "the report is built; --output implies it: until the build")
    add_format(create, "table", "json")
    _add_file(create)
    add_connection(create)
    create.set_defaults(run=create_one)


def _add_file(parser: Any) -> None:
    add_output(parser, "the file to write (default: CUSTOMER-report-NUMBER.pdf)")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")


def create_one(arguments: Namespace) -> Exit:
    """Build a report. If `--wait` or `--output` is given, wait until the report is ready. If `--output` is given,
    download it.
    """
    _refuse_options_of_other_kinds(arguments)
    if arguments.output is not None:
        _check_target(arguments.output, force=arguments.force)
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    body = BuildRequest(
        kind=ReportKindEnum(arguments.kind),
        assessment=_given(arguments.assessment),
        framework=FrameworkEnum(arguments.framework) if arguments.framework else UNSET,
        language=LanguageEnum(arguments.language) if arguments.language else UNSET,
        paper=PaperEnum(arguments.paper) if arguments.paper else UNSET,
        without_names=arguments.without_names,
        compare_with=_given(arguments.compare_with),
        period_first=_given(arguments.first_day),
        period_last=_given(arguments.last_day),
        classification=_given(arguments.classification),
        supersedes=_given(arguments.supersedes),
    )
    customer = arguments.customer
    report, content = send(lambda: build_report.sync_detailed(customer, client=client, body=body))
    number = report.number
    if arguments.wait or arguments.output is not None:
        content = _built(client, customer, number, arguments.timeout)
    if arguments.format == "json":
        write_object(content)
    elif content["state"] == ReportStateEnum.READY.value:
        print(f"Report {number} of {customer} is ready. SHA-256: {content['sha256']}")
    else:
        print(f"Report {number} of {customer} is being built.")
    if arguments.output is not None:
        _save(client, customer, number, content["sha256"], arguments.output)
    return Exit.OK


def _given(value: Any) -> Any:
    """Return UNSET for an option that was left out, so that Surety uses its default."""
    return UNSET if value is None else value


def _refuse_options_of_other_kinds(arguments: Namespace) -> None:
    """Raise UsageFailure for an option that Surety would ignore for this kind of report."""
    for option, kinds in ONLY_FOR.items():
        value = getattr(arguments, option.removeprefix("--").replace("-", "_"))
        if value is not None and arguments.kind not in [kind.value for kind in kinds]:
            choices = " or ".join(kind.value for kind in kinds)
            raise UsageFailure(
                f"{option} is only for --kind {choices}. Leave it out, or choose such a kind of report."
            )


def list_all(arguments: Namespace) -> Exit:
    """List reports."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    listed = _pages(client, arguments.customer)
    if arguments.format == "json":
        write_array(one for _, content in listed for one in content)
        return Exit.OK
    write_table(
        ("Number", "Kind", "State", "Assessment", "As of", "Language"),
        (
            (
                str(one.number),
                one.kind.value,
                _state(one),
                str(one.assessment),
                f"{one.as_of:%Y-%m-%d %H:%M %Z}",
                one.language,
            )
            for items, _ in listed
            for one in items
        ),
    )
    return Exit.OK


def _state(report: Report) -> str:
    """Return the state of a report in words, such as “ready, revoked”."""
    words = [f"{report.state.value}: {report.error}" if report.error else report.state.value]
    if report.revoked_at is not None:
        words.append("revoked")
    if report.superseded_by is not None:
        words.append(f"superseded by {report.superseded_by}")
    return ", ".join(words)


def download_one(arguments: Namespace) -> Exit:
    """Download a report. If the report was revoked or superseded, say so."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    customer, wanted = arguments.customer, arguments.number
    if wanted == LATEST:
        report = _latest(client, customer)
    else:
        report, _ = send(lambda: get_report.sync_detailed(customer, wanted, client=client))
    path = arguments.output or Path(f"{customer}-report-{report.number}.pdf")
    _check_target(path, force=arguments.force)
    _save(client, customer, report.number, report.sha256, path)
    if report.revoked_at is not None:
        reason = visible(report.revoked_because)
        print(
            f"Report {report.number} was revoked on {report.revoked_at:%Y-%m-%d}: {reason}", file=sys.stderr
        )
    if report.superseded_by is not None:
        text = f"Report {report.number} was superseded by report {report.superseded_by}."
        print(text, file=sys.stderr)
    return Exit.OK


def _latest(client: AuthenticatedClient, customer: str) -> Report:
    """Return the newest report that is ready. Raise UsageFailure if no report is ready."""
    for items, _ in _pages(client, customer):
        for one in items:
            if one.state == ReportStateEnum.READY:
                return one
    raise UsageFailure(
        f"{customer} has no report that is ready. Build one with surety report create {customer}."
    )


def _built(client: AuthenticatedClient, customer: str, number: int, minutes: float) -> dict[str, Any]:
    """Wait until the report has been built, and return its JSON. Raise NotCompleted if building failed or was
    cancelled.
    """

    def read() -> tuple[Report, dict[str, Any]]:
        return send(lambda: get_report.sync_detailed(customer, number, client=client))

    name = f"Report {number}"
    with progress(name, "built") as show:
        report, content = wait(
            read,
            lambda found: found[0].state != ReportStateEnum.BUILDING,
            lambda found: show(0, 1),
            minutes,
            name,
        )
    if report.state != ReportStateEnum.READY:
        raise NotCompleted(f"{name}: {report.state.value}. {visible(report.error)}".strip())
    return content


def _pages(client: AuthenticatedClient, customer: str) -> Iterator[tuple[list[Report], list[dict[str, Any]]]]:
    return pages(
        lambda cursor: list_reports.sync_detailed(customer, client=client, cursor=cursor, limit=PAGE), Report
    )


def _check_target(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise UsageFailure(f"{path} exists. Choose another file, or replace it with --force.")
    refuse_missing_folder(path)


def _save(client: AuthenticatedClient, customer: str, number: int, sha256: str, path: Path) -> None:
    """Download the file of a report, check that its SHA-256 is `sha256`, and write it to `path`."""
    file, _ = send(lambda: download_report.sync_detailed(customer, number, client=client))
    content = file.payload.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Unreachable("The file was changed or cut off during the download. Download it again.")
    with binary_file(path) as target:
        target.write(content)
    print(f"{path}: {len(content)} bytes", file=sys.stderr)


def _number(text: str) -> int | str:
    if text == LATEST:
        return text
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise UsageFailure(f"{text} is not the number of a report.")
    return int(text)
