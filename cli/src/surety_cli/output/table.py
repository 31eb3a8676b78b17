"""Write tables for people. If the output is not a terminal, each row stays on one line, however long the row is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from surety_cli.text import visible
from surety_client.models import Control, Finding, VerdictEnum

_WITHOUT_TERMINAL = 10_000
_COLORS = {"critical": "bold red", "high": "red", "medium": "yellow"}


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]], target: TextIO | None = None) -> None:
    """Write rows of texts. On a terminal with colours, names of severities are coloured."""
    target = target or sys.stdout
    console = Console(
        file=target, width=None if target.isatty() else _WITHOUT_TERMINAL, highlight=False, emoji=False
    )
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(text), style=_COLORS.get(text, "")) for text in row))
    console.print(table)


def write_findings(
    findings: Iterable[Finding], controls: Mapping[str, Control], target: TextIO | None = None
) -> None:
    """Write one row for each finding, the most severe first. The title of a failing finding is the problem that its
    control declares.

    `controls` is {short name: control} for all controls of the catalogue.
    """
    order = {severity: place for place, severity in enumerate(("critical", "high", "medium", "low"))}
    rows = sorted(findings, key=lambda one: (order[one.severity.value], one.control, one.subject))
    write_table(
        ("Severity", "State", "Control", "Subject", "Subscription", "Found"),
        (
            (
                one.severity.value,
                one.state,
                finding_title(one, controls),
                one.subject_name or one.subject,
                one.unit_name,
                one.found,
            )
            for one in rows
        ),
        target,
    )


def finding_title(finding: Finding, controls: Mapping[str, Control]) -> str:
    """Return the title of a finding. The title of a failure is the problem, such as “SSH open to the Internet”. The
    title of any other finding states the requirement of the control.
    """
    control = controls.get(finding.control)
    return control.problem if control and finding.verdict == VerdictEnum.FAIL else finding.title
