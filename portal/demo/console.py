"""Terminal output of the demonstration: progress bars and tables."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from assessments.scoring import coverage_label, whole_percent
from portal.demo.people import Customer


class ProgressBars:
    """One progress bar per customer's assessment."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._bars: dict[str, TaskID] = {}

    def show(self, name: str, percent: float, note: str) -> None:
        """Update the progress bar of one customer. The first call adds the bar."""
        if name not in self._bars:
            self._bars[name] = self.progress.add_task(name, total=100, note=note)
        self.progress.update(self._bars[name], completed=percent, note=note)


def portfolio_table(rows: list[dict[str, Any]]) -> Table:
    """Return the portfolio as a table with one row per customer."""
    table = Table(title="Portfolio", title_justify="left", header_style="bold")
    table.add_column("Customer")
    for heading in (
        *("Raw\nscore", "Adjusted\nscore", "Coverage", "Open\ncritical", "Open\nhigh"),
        *("Pass", "Fail", "Unknown", "Manual"),
    ):
        table.add_column(heading, justify="right")
    table.add_column("Assessment")
    for row in rows:
        figures = row["figures"]
        counts = figures.raw["counts"]
        table.add_row(
            row["name"],
            _number(figures.raw["score"]),
            _number(figures.adjusted["score"]),
            _coverage(figures.raw["coverage"]),
            *(
                str(figures.open(severity)) if figures.is_known else "unknown"
                for severity in ("critical", "high")
            ),
            *(str(counts.get(outcome, 0)) for outcome in ("pass", "fail", "unknown", "manual")),
            row["note"],
        )
    return table


def people_table(rows: list[tuple[str, str, str]]) -> Table:
    """Return the people as a table: email address, password, role."""
    table = Table(title="Sign in as", title_justify="left", header_style="bold")
    for heading in ("Email", "Password", "Role"):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def print_current_secrets(console: Console, customers: list[tuple[Customer, dict[str, Any]]]) -> None:
    """For each customer that has replaced its secret in Azure, print the new secret, and where to enter this secret.

    `customers` are pairs of a customer and the sandbox's description of the customer's directory.
    """
    for customer, directory in customers:
        if customer.wrong_secret:
            text = Text(
                f"\n{customer.name} replaced its client secret in Azure. To let Surety read this customer again,"
                f" open Settings › surety-reader of {customer.name}, and enter the current secret under “Replace"
                " credential”: "
            )
            text.append(directory["clients"][0]["secret"], "bold")
            console.print(text, soft_wrap=True)


def _number(score: float | None) -> str:
    """Return a score in whole percent, rounded as on pages."""
    return "unknown" if score is None else str(whole_percent(score))


def _coverage(coverage: float | None) -> str:
    return "unknown" if coverage is None else coverage_label(coverage)


def verified(level: str, signer: str, *, is_self_signed: bool) -> str:
    """Return a sentence which says that the report is valid, with its PAdES level and signer."""
    # The sentence need not say that the certificate is self-signed: the name of the signer already says so.
    purpose = " The certificate can be used only for this demonstration." if is_self_signed else ""
    return (
        "Verified: the signature is intact and covers the whole file. "
        f"PAdES level {level}, signed by {signer}.{purpose}"
    )


def step(console: Console, text: str) -> AbstractContextManager[object]:
    """Show the text while the block runs. If the output is a file or pipe, which cannot show a spinner, print the text
    once.
    """
    if console.is_terminal:
        return console.status(text)
    console.print(f"{text} …", soft_wrap=True)
    return nullcontext()
