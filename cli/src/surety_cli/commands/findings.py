"""`surety findings`: the findings of a customer, with the filters of the findings page."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from surety_cli import settings
from surety_cli.arguments import Commands, add_connection, add_format, add_gate, add_output
from surety_cli.connection import PAGE, client_for, pages, send
from surety_cli.exits import Exit, Refused, UsageFailure
from surety_cli.gate import STATES, at_least, judge
from surety_cli.output.files import text_file
from surety_cli.output.json_array import write_array
from surety_cli.output.junit import write_junit
from surety_cli.output.sarif import write_sarif
from surety_cli.output.table import write_findings
from surety_cli.pipeline_commands import Notation, standard_output
from surety_client import AuthenticatedClient
from surety_client.api.controls import list_controls
from surety_client.api.customers import get_customer
from surety_client.api.findings import list_findings
from surety_client.models import (
    CapabilitiesEnum,
    Control,
    Finding,
    ListFindingsAgeItem,
    ListFindingsDueItem,
    ListFindingsFieldsItem,
    ListFindingsSectionItem,
    ListFindingsSeverityItem,
    ListFindingsSort,
    ListFindingsStateItem,
    ListFindingsVerdictItem,
)
from surety_client.types import Response

FORMATS = ("table", "json", "sarif", "junit")
_NOTATIONS = {"json": Notation.JSON, "sarif": Notation.JSON, "junit": Notation.XML}
_FORBIDDEN = 403
# `_CHOICES` has the filters with a fixed set of values. `_TEXTS` has the other filters, with their help.
_CHOICES: dict[str, type[StrEnum]] = {
    "severity": ListFindingsSeverityItem,
    "verdict": ListFindingsVerdictItem,
    "state": ListFindingsStateItem,
    "due": ListFindingsDueItem,
    "section": ListFindingsSectionItem,
    "age": ListFindingsAgeItem,
}
_TEXTS = {
    "owner": "id of a person, nobody, or gone for owners who cannot act",
    "subscription": "/subscriptions/ID, or directory:ID for a directory",
    "tag": "NAME or NAME=VALUE",
    "control": "name of a control, such as storage-secure-transfer",
}


def register(commands: Commands) -> None:
    """Add the command `findings` with its arguments."""
    parser = commands.add_parser(
        "findings",
        help="list findings of a customer",
        description="List findings that match all filters. Several values of one filter are alternatives. The"
        " values are the same as in the address of the findings page.",
    )
    parser.add_argument("customer", metavar="CUSTOMER", help="short name, as surety customers prints it")
    add_filters(parser)
    parser.add_argument(
        "--sort", choices=[one.value for one in ListFindingsSort], help="order (default: first seen first)"
    )
    parser.add_argument(
        "--field",
        action="append",
        choices=[one.value for one in ListFindingsFieldsItem],
        metavar="FIELD",
        help="field to print, with --format json (repeat the option; default: all fields)",
    )
    add_format(parser, *FORMATS)
    add_output(parser, "write to this file instead of standard output")
    add_gate(parser)
    add_connection(parser)
    parser.set_defaults(run=run)


def add_filters(parser: ArgumentParser) -> None:
    """Add the options that select findings."""
    filters = parser.add_argument_group("filters (repeat an option for alternatives)")
    for name, values in _CHOICES.items():
        filters.add_argument(f"--{name}", action="append", choices=[one.value for one in values])
    for name, text in _TEXTS.items():
        filters.add_argument(f"--{name}", action="append", metavar=name.upper(), help=text)
    filters.add_argument("--search", metavar="WORDS", help="words in the subject, the control or the reason")


def given_filters(arguments: Namespace) -> dict[str, Any]:
    """Return the filters that were given, as {name of the filter in the API: its values}. In the API, the filter of
    the option `--search` is named `q`.
    """
    filters = {name: given for name in (*_CHOICES, *_TEXTS) if (given := getattr(arguments, name))}
    return {**filters, "q": arguments.search} if arguments.search else filters


def run(arguments: Namespace) -> Exit:
    """List findings."""
    client = client_for(settings.chosen(arguments.server, arguments.ca_file))
    if arguments.fail_on is not None:
        require_all_findings(client, arguments.customer)
    filters = given_filters(arguments)
    for name in filters.keys() & _CHOICES.keys():
        filters[name] = [_CHOICES[name](one) for one in filters[name]]
    if arguments.sort:
        filters["sort"] = ListFindingsSort(arguments.sort)
    if arguments.field:
        if arguments.format != "json":
            raise UsageFailure("--field chooses the fields of JSON, so it needs --format json.")
        filters["fields"] = [ListFindingsFieldsItem(one) for one in arguments.field]
    write(client, arguments.customer, arguments.format, arguments.output, filters)
    if arguments.fail_on is None:
        return Exit.OK
    return gate(client, arguments.customer, arguments.fail_on, allow_unknown=arguments.allow_unknown)


def write(
    client: AuthenticatedClient, customer: str, form: str, output: Path | None, filters: dict[str, Any]
) -> None:
    """Write the matching findings to the file or to standard output. `form` is the output format."""
    found = findings_pages(client, customer, filters)
    if output is None:
        target = standard_output(_NOTATIONS[form]) if form in _NOTATIONS else sys.stdout
        _write(client, customer, form, found, target)
    else:
        with text_file(output) as target:
            _write(client, customer, form, found, target)


def gate(client: AuthenticatedClient, customer: str, severity: str, *, allow_unknown: bool) -> Exit:
    """Decide whether findings of this severity or worse stop a pipeline. Print the result on standard error, and
    return the exit status.
    """
    status, text = judge(counted(client, customer, severity), allow_unknown=allow_unknown)
    print(f"Severity {severity} or worse: {text}", file=sys.stderr)
    return status


def require_all_findings(client: AuthenticatedClient, customer: str) -> None:
    """Raise Refused if the token does not see all findings of the customer. With such a token, a pipeline could pass
    in spite of failures.
    """
    found, _ = send(lambda: get_customer.sync_detailed(customer, client=client))
    if CapabilitiesEnum.VIEW_ALL not in found.capabilities:
        raise Refused(
            f"The token does not see all findings of {customer}, so the result could be wrong. Use a token that has"
            " the right to view all findings (view_all).",
            _FORBIDDEN,
        )


def counted(client: AuthenticatedClient, customer: str, severity: str) -> Iterator[Finding]:
    """Yield the findings that can fail a pipeline with `--fail-on`. They have a state in `STATES`, and this severity or
    a higher severity.
    """
    filters = {
        "severity": [ListFindingsSeverityItem(one) for one in at_least(severity)],
        "state": [ListFindingsStateItem(one) for one in STATES],
    }
    for items, _ in findings_pages(client, customer, filters):
        yield from items


def findings_pages(
    client: AuthenticatedClient, customer: str, filters: dict[str, Any]
) -> Iterator[tuple[list[Finding], list[dict[str, Any]]]]:
    """Yield (findings, their JSON) of each page."""

    def fetch(cursor: Any) -> Response[Any]:
        return list_findings.sync_detailed(customer, client=client, cursor=cursor, limit=PAGE, **filters)

    # If the request selects fields, the answer lacks the fields of `Finding` that were not selected. In this case, only
    # the JSON of the answer is used.
    kind: type[Any] = object if "fields" in filters else Finding
    return pages(fetch, kind)


def _write(
    client: AuthenticatedClient,
    customer: str,
    form: str,
    found: Iterator[tuple[list[Finding], list[dict[str, Any]]]],
    target: TextIO,
) -> None:
    if form == "json":
        write_array((one for _, content in found for one in content), target)
        return
    findings = (one for items, _ in found for one in items)
    if form == "sarif":
        write_sarif(findings, catalogue(client), customer, target)
    elif form == "junit":
        write_junit(findings, customer, target)
    else:
        write_findings(findings, catalogue(client), target)


def catalogue(client: AuthenticatedClient) -> dict[str, Control]:
    """Return {short name: control} of the server's catalogue."""
    listed = pages(
        lambda cursor: list_controls.sync_detailed(client=client, cursor=cursor, limit=PAGE), Control
    )
    return {one.control: one for items, _ in listed for one in items}
