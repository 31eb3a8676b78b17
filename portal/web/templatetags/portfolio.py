"""Build the cells of the portfolio. A page has 300 cells, and a template would take ten times as long as these
functions.
"""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessments.scoring import coverage_label
from portal.web.components.badges import icon
from portal.web.components.formatting import format_score
from portal.web.components.times import relative_element
from portal.web.portfolio.rows import Count, Row, address
from portal.web.templatetags.charts import difference, score_mark

register = template.Library()

_ASSESSED: Final = '<td class="num nowrap" data-label="Assessed">{}</td>'


@register.simple_tag
def count_cell(count: Count) -> SafeString:
    """Return the table cell of a number, which links to the list of the counted findings. A zero is shown in faint
    text.
    """
    if not count.value:
        return format_html('<td class="num faint" data-label="{}">0</td>', count.label)
    number = f"{count.value:,}"
    return format_html(
        '<td class="num" data-label="{}"><a class="{}" href="{}" aria-label="{} {}">{}</a></td>',
        count.label,
        "role-fail strong" if count.is_bad else "",
        count.url,
        number,
        count.label.lower(),
        number,
    )


@register.simple_tag
def coverage_cell(row: Row) -> SafeString:
    """Return the table cell of the coverage, which links to the unknown findings."""
    missing = "none" if row.is_known else "unknown"
    shown = missing if row.coverage is None else coverage_label(row.coverage)
    if not row.unknown:
        return format_html('<td class="num nowrap faint" data-label="Coverage">{}</td>', shown)
    return format_html(
        '<td class="num nowrap" data-label="Coverage"><a href="{}?verdict=unknown">{}</a></td>',
        row.findings_url,
        shown,
    )


@register.simple_tag
def assessed_cell(row: Row) -> SafeString:
    """Return the table cell of the newest assessment. The cell says when the assessment ended, or that it is running. A
    partial assessment is marked.
    """
    if row.last is None:
        return format_html(_ASSESSED, format_html('<span class="faint">{}</span>', "never"))
    extent = row.extent[:1].upper() + row.extent[1:]
    mark = (
        format_html(
            '<span title="{}">{}<span class="visually-hidden">{},</span></span> ',
            extent,
            icon("partial"),
            extent,
        )
        if extent
        else ""
    )
    when = "running" if row.last.is_active else relative_element(row.last_at)
    return format_html(
        _ASSESSED,
        format_html('<a href="{}">{}{}</a>', address("assessment", row.tenant.slug, row.last.pk), mark, when),
    )


@register.simple_tag
def urgent_cell(row: Row) -> SafeString:
    """Return the table cell of the most urgent fact about the customer, with a link to the page of the next action."""
    fact = row.urgent
    action = format_html('<a class="nowrap" href="{}">{}</a>', fact.url, fact.action) if fact.action else ""
    return format_html(
        '<td class="urgent"><span class="cell-name"><span class="role-{}">{}</span>'
        '<span class="grow{}">{}</span>{}</span></td>',
        fact.role,
        icon(fact.icon),
        "" if fact.action else " muted",
        fact.text,
        action,
    )


@register.simple_tag
def score_cell(row: Row) -> SafeString:
    """Return the table cell of the adjusted score, with its change in 30 days. If the present score is not known, the
    cell shows the last known score.

    If no automatic check applies to anything at the customer, the customer has no score, and the cell says “none”.
    """
    if row.is_known and row.score is not None:
        change = row.difference
        inner = format_html(
            '<span class="cell-name">{}{}</span>',
            score_mark(row.score, row.critical, "Adjusted score"),
            "" if change is None else difference(change, "in 30 days"),
        )
    elif row.is_known:
        inner = format_html('<span class="faint">{}</span>', "none")
    elif row.last_score is None:
        inner = format_html('<span class="faint">{}</span>', "not known" if row.last else "new")
    else:
        inner = format_html('<span class="muted">was {}</span>', format_score(row.last_score))
    return format_html('<td class="nowrap" data-label="Score">{}</td>', inner)
