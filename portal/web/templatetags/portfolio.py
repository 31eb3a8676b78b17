"""Cells of the portfolio, as functions: a page has 150 of these cells, and a template takes ten times as long."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.web.portfolio.rows import Count

register = template.Library()


@register.simple_tag
def count_cell(count: Count) -> SafeString:
    """Return the table cell of a number, which links to the list of the counted findings. Zero is faint text."""
    if not count.value:
        return format_html('<td class="num faint" data-label="{}">0</td>', count.label)
    return format_html(
        '<td class="num" data-label="{}"><a class="{}" href="{}" aria-label="{} {}">{}</a></td>',
        count.label,
        "role-fail strong" if count.is_bad else "",
        count.url,
        count.value,
        count.label.lower(),
        count.value,
    )
