"""Rendering the facts of a portfolio report as a tagged, unsigned PDF, in the style of the other reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any, Final

from django.template.defaultfilters import floatformat, pluralize
from django.template.loader import render_to_string
from django.utils import timezone

from portal.portfolio_reports.facts import CustomerFact, PortfolioFacts
from portal.reports.attachment_files import Attachment
from portal.reports.parts.conclusion import severity_list
from portal.reports.presentation import SEVERITIES, truncate
from portal.reports.render import RenderedReport, render_document

MAX_EXCEPTIONS: Final = 60
# (key of the template, title) in their order. The summary has no number.
SECTIONS: Final = (
    ("summary", "Summary"),
    ("customers", "Customers"),
    ("reading", "What could not be read"),
    ("urgent", "Most urgent issues and next steps"),
    ("exceptions", "Exceptions that end within 30 days"),
    ("method", "Method and limitations"),
    ("integrity", "Integrity and verification"),
)
STATES: Final[Mapping[str, str]] = {
    "read": "Read",
    "partly": "Read in part",
    "stale": "Stale",
    "not_read": "Could not be read",
    "never": "Never assessed",
}


def render(facts: PortfolioFacts, attachments: Sequence[Attachment]) -> RenderedReport:
    """Render the report. Times are UTC."""
    return render_document(
        render_html(facts, attachments),
        created=facts.identity.created_at,
        attachments=attachments,
        paper=facts.identity.paper,
    )


def render_html(facts: PortfolioFacts, attachments: Sequence[Attachment]) -> str:
    """Render the cover, the contents and the parts."""
    exceptions, more = truncate(facts.exceptions, MAX_EXCEPTIONS)
    context: dict[str, Any] = {
        "report": facts.identity,
        "facts": facts,
        "totals": facts.totals,
        "attachments": attachments,
        "headline": headline(facts),
        "sentences": list(_sentences(facts)),
        "severities": [(name, facts.totals.open[name]) for name in SEVERITIES],
        "rows": [_row(row) for row in facts.customers],
        "unread": [_row(row) for row in facts.customers if row.state != "read"],
        "urgent": [row for row in facts.customers if row.urgent],
        "calm": [row for row in facts.customers if not row.urgent],
        "exceptions": exceptions,
        "exceptions_more": more,
    }
    with timezone.override(UTC):
        sections = [
            {
                "key": key,
                "title": title,
                "number": number or None,
                "body": render_to_string(
                    f"reports/portfolio/{key}.html",
                    {**context, "part": {"key": key, "title": title}, "number": number or None},
                ),
            }
            for number, (key, title) in enumerate(SECTIONS)
        ]
        return render_to_string("reports/portfolio/report.html", {**context, "sections": sections})


def _row(row: CustomerFact) -> dict[str, Any]:
    return {
        "fact": row,
        "state": STATES[row.state],
        "is_current": row.state in ("read", "partly"),
        "counts": [row.open[name] for name in SEVERITIES],
    }


def headline(facts: PortfolioFacts) -> str:
    """Return the conclusion in one sentence, the worst first."""
    total = facts.totals
    if total.customers == total.not_read + total.never:
        return "No result: no customer could be read"
    for severity in SEVERITIES:
        if number := total.open[severity]:
            affected = sum(row.open[severity] > 0 for row in facts.customers)
            return (
                f"{number} {severity} failure{pluralize(number)} {pluralize(number, 'is,are')} open in {affected} of"
                f" {total.customers} customer{pluralize(total.customers)}"
            )
    return "No failure is open"


def _sentences(facts: PortfolioFacts) -> Iterator[str]:
    total = facts.totals
    open_ = Counter(total.open)
    yield f"Open failures: {severity_list(open_)}."
    if total.mean_score is not None:
        yield f"The mean of the customers’ adjusted scores is {floatformat(total.mean_score, 1)} %."
    known = [row for row in facts.customers if row.difference is not None]
    if known:
        better = sum((row.difference or 0) > 0 for row in known)
        worse = sum((row.difference or 0) < 0 for row in known)
        yield (
            f"Compared with 30 days ago, the score is higher for {better or 'no'} customer{pluralize(better)}, lower"
            f" for {worse or 'none'}, and the same for {len(known) - better - worse or 'none'}."
        )
    yield (
        f"{total.overdue or 'No'} finding{pluralize(total.overdue)} {pluralize(total.overdue, 'is,are')} overdue, and"
        f" {total.overdue_soon or 'no'} more will become overdue within 30 days if nothing changes."
    )
    if missing := total.stale + total.not_read + total.never:
        yield (
            f"For {missing} customer{pluralize(missing)}, the figures are not current: {total.stale} stale,"
            f" {total.not_read} could not be read, {total.never} never assessed. Part 2 says why."
        )
