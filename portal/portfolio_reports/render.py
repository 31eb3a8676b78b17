"""Render the facts of a portfolio report as a tagged, unsigned PDF, in the style of the other reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.template.defaultfilters import floatformat
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_noop, ngettext

from portal.portfolio_reports.facts import CustomerFact, PortfolioFacts, Totals
from portal.reports.attachment_files import Attachment
from portal.reports.branding.logos import Logo
from portal.reports.facts.presentation import SEVERITIES, truncate
from portal.reports.parts.conclusion import open_failures, severity_list
from portal.reports.render import RenderedReport, logo_context, render_document
from portal.reports.wording.languages import SOURCE, printed_in

MAX_EXCEPTIONS: Final = 60
# The sections of the report in their order: (key of the template, title). The summary is not numbered.
SECTIONS: Final = (
    ("summary", gettext_noop("Summary")),
    ("customers", gettext_noop("Customers")),
    ("reading", gettext_noop("What could not be read")),
    ("urgent", gettext_noop("Most urgent issues and next steps")),
    ("exceptions", gettext_noop("Exceptions that end within 30 days")),
    ("method", gettext_noop("Method and limitations")),
    ("integrity", gettext_noop("Integrity and verification")),
)
STATES: Final[Mapping[str, str]] = {
    "read": gettext_noop("Read"),
    "partly": gettext_noop("Read in part"),
    "stale": gettext_noop("Stale"),
    "not_read": gettext_noop("Could not be read"),
    "never": gettext_noop("Never assessed"),
}


def render(
    facts: PortfolioFacts, attachments: Sequence[Attachment], logo: Logo | None = None
) -> RenderedReport:
    """Render the report. Times are UTC."""
    return render_document(
        render_html(facts, attachments, logo),
        created=facts.identity.created_at,
        attachments=attachments,
        paper=facts.identity.paper,
    )


def render_html(facts: PortfolioFacts, attachments: Sequence[Attachment], logo: Logo | None = None) -> str:
    """Render the cover, the table of contents and the sections as HTML, in the report's language. Times are UTC."""
    with printed_in(facts.identity.language):
        return _html(facts, attachments, logo)


def _html(facts: PortfolioFacts, attachments: Sequence[Attachment], logo: Logo | None) -> str:
    exceptions, more = truncate(facts.exceptions, MAX_EXCEPTIONS)
    is_known = not _nothing_known(facts.totals)
    context: dict[str, Any] = {
        "report": facts.identity,
        "branding": facts.identity.branding,
        "logo": logo_context(logo, facts.identity),
        "language": facts.identity.language,
        "title": _title(facts),
        "kind_name": gettext(facts.identity.kind_name),
        "facts": facts,
        "totals": facts.totals,
        "attachments": attachments,
        "headline": headline(facts),
        "sentences": list(_sentences(facts)),
        "severities": [(name, facts.totals.open[name] if is_known else None) for name in SEVERITIES],
        "critical": facts.totals.open["critical"] if is_known else None,
        "overdue": facts.totals.overdue if is_known else None,
        "rows": [_row(row) for row in facts.customers],
        "unread": [_row(row) for row in facts.customers if row.state != "read"],
        "urgent": [row for row in facts.customers if row.urgent],
        "calm": [row for row in facts.customers if not row.urgent],
        "exceptions": exceptions,
        "exceptions_more": more,
    }
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


def _title(facts: PortfolioFacts) -> str:
    """Return the title that the PDF shows, in the report's language. The stored title, which lists and attachments
    show, is always English.
    """
    report = facts.identity
    if report.language == SOURCE:
        return report.title
    return gettext("Portfolio report of %(organization)s") % {"organization": report.organization}


def _row(row: CustomerFact) -> dict[str, Any]:
    return {
        "fact": row,
        "state": STATES[row.state],
        "is_current": row.state in ("read", "partly"),
        "counts": [row.open[name] for name in SEVERITIES] if row.open else [],
        # The template reads this value for a customer without a score. It shows “none” if the customer was read and no
        # verdict is unknown, because then no automatic check applies. Otherwise, it shows “not known”.
        "judged": {"unknown": row.unknown} if row.state not in ("not_read", "never") else {},
    }


def _nothing_known(total: Totals) -> bool:
    """Return whether no customer could be read. If so, do not show a sum of 0, because the 0 would look like a pass."""
    return total.customers == total.not_read + total.never


def headline(facts: PortfolioFacts) -> str:
    """Return the most serious conclusion as one sentence."""
    total = facts.totals
    if _nothing_known(total):
        if not total.customers:
            return gettext("No result: the report has no customers")
        return gettext("No result: no customer could be read")
    for severity in SEVERITIES:
        if number := total.open[severity]:
            return gettext("%(failures)s in %(affected)s of %(customers)s") % {
                "failures": open_failures(severity, number),
                "affected": sum(bool(row.open and row.open[severity]) for row in facts.customers),
                "customers": ngettext("%(number)s customer", "%(number)s customers", total.customers)
                % {"number": total.customers},
            }
    if total.unknown:
        return ngettext(
            "No failure is open, but %(number)s verdict is unknown",
            "No failure is open, but %(number)s verdicts are unknown",
            total.unknown,
        ) % {"number": total.unknown}
    if missing := total.not_read + total.never:
        return ngettext(
            "No failure is open, but %(number)s customer could not be read or was never assessed",
            "No failure is open, but %(number)s customers could not be read or were never assessed",
            missing,
        ) % {"number": missing}
    if old := total.partly + total.stale:
        return ngettext(
            "No failure is open, but the figures of %(number)s customer are incomplete or outdated",
            "No failure is open, but the figures of %(number)s customers are incomplete or outdated",
            old,
        ) % {"number": old}
    return gettext("No failure is open")


def _sentences(facts: PortfolioFacts) -> Iterator[str]:
    total = facts.totals
    if not _nothing_known(total):
        yield from _known_sentences(facts)
    if total.unknown:
        yield ngettext(
            "%(number)s verdict is unknown.", "%(number)s verdicts are unknown.", total.unknown
        ) % {"number": total.unknown}
    if missing := total.stale + total.not_read + total.never:
        yield ngettext(
            "The figures of %(number)s customer are not current (outdated: %(stale)s, could not be read:"
            " %(not_read)s, never assessed: %(never)s). Part 2 states the reasons.",
            "The figures of %(number)s customers are not current (outdated: %(stale)s, could not be read:"
            " %(not_read)s, never assessed: %(never)s). Part 2 states the reasons.",
            missing,
        ) % {
            "number": missing,
            "stale": total.stale,
            "not_read": total.not_read,
            "never": total.never,
        }


def _known_sentences(facts: PortfolioFacts) -> Iterator[str]:
    """Yield the sentences on the customers that were read."""
    total = facts.totals
    yield gettext("Open failures: %(list)s.") % {"list": severity_list(Counter(total.open))}
    if total.mean_score is not None:
        yield gettext("The mean of the customers’ adjusted scores is %(score)s %%.") % {
            "score": floatformat(total.mean_score, 1)
        }
    known = [row for row in facts.customers if row.difference is not None]
    if known:
        better = sum((row.difference or 0) > 0 for row in known)
        worse = sum((row.difference or 0) < 0 for row in known)
        yield gettext(
            "Scores of the customers compared with 30 days ago: higher for %(better)s, lower for %(worse)s, the same"
            " for %(same)s."
        ) % {"better": better, "worse": worse, "same": len(known) - better - worse}
    yield (
        ngettext("%(number)s finding is overdue.", "%(number)s findings are overdue.", total.overdue)
        % {"number": total.overdue}
        if total.overdue
        else gettext("No findings are overdue.")
    )
    yield (
        gettext("%(number)s more will become overdue within 30 days if nothing changes.")
        % {"number": total.overdue_soon}
        if total.overdue_soon
        else gettext("No other finding will become overdue within 30 days if nothing changes.")
    )
