"""What the demonstration prints."""

from __future__ import annotations

import io
from types import SimpleNamespace

from rich.console import Console

from portal.demo.console import portfolio_table, step, verified
from portal.reports.keys.signing_identity import ensure_signing_identity


def test_the_console_says_once_that_the_certificate_is_self_signed(db: None) -> None:
    identity = ensure_signing_identity()
    text = verified("B-B", identity.name, is_self_signed=identity.self_signed)
    assert text.count("self-signed") == 1
    assert text.endswith(
        "signed by Surety report signing (self-signed). The certificate can be used only for this demonstration."
    )


def test_scores_and_coverage_are_rounded_as_on_pages() -> None:
    figures = SimpleNamespace(
        raw={"score": 72.5, "coverage": 99.9, "counts": {"pass": 3}},
        adjusted={"score": None},
        is_known=True,
        open=lambda severity: 1,
    )
    table = portfolio_table([{"name": "Contoso", "figures": figures, "note": "finished"}])
    cells = [next(iter(column.cells)) for column in table.columns]
    assert cells[:4] == ["Contoso", "73", "unknown", "99.9 %"]


def test_a_step_is_printed_at_its_beginning_if_the_output_is_a_file() -> None:
    """A step can take minutes, in which nothing else is printed."""
    console = Console(file=(out := io.StringIO()))
    with step(console, "Creating the database"):
        assert out.getvalue() == "Creating the database …\n"
    assert out.getvalue() == "Creating the database …\n"
