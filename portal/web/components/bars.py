"""The pass/fail bar of a group of findings as HTML. A page has hundreds of such bars, so the bars are built here, not
by a template.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.web.components.vocabulary import BAR_PARTS

# The minimum width of a part of the bar; narrower parts would be invisible.
_MIN_PERCENT = 1.5


def group_bar(parts: Iterable[tuple[str, int]]) -> SafeString:
    """Return the bar for the counts in `parts`. In all bars, the parts have the order of `BAR_PARTS`.

    The bar has its counts as a text alternative. Callers write the visible number beside the bar.
    """
    counts = dict(parts)
    shown = [(mark, counts[key]) for key, mark in BAR_PARTS.items() if counts.get(key)]
    total = sum(count for _, count in shown)
    widths = [max(_MIN_PERCENT, 100 * count / total) for _, count in shown]
    scale = 100 / sum(widths) if widths else 1
    at, rects = 0.0, []
    for (mark, _), width in zip(shown, widths, strict=True):
        rects.append((mark.role, f"{at:.1f}", f"{width * scale:.1f}"))
        at += width * scale
    words = ", ".join(f"{count} {mark.label.lower()}" for mark, count in shown)
    return format_html(
        '<svg class="groupbar" role="img" aria-label="{}" preserveAspectRatio="none" viewBox="0 0 100 6">{}</svg>',
        words or "nothing judged",
        format_html_join("", '<rect class="role-{}" x="{}" y="0" width="{}" height="6"/>', rects),
    )
