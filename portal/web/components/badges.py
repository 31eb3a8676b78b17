"""Icons and badges as HTML."""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.web.components.icons import ICONS
from portal.web.components.vocabulary import mark


# The results are cached, because a page of findings repeats the same few icons and badges hundreds of times.
@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """Return a decorative icon. Assistive technology skips it, because the word beside it says the same."""
    inner = mark_safe(ICONS[name])  # noqa: S308 - our own constants
    return format_html('<svg class="icon {}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', css, inner)


def badge(kind: str, key: object, *, plain: bool = False) -> SafeString:
    """Return a badge with icon, label and colour role, such as “High” for the kind `severity` and the key `high` (see
    `vocabulary`).
    """
    return _badge(kind, str(key), plain)


@lru_cache(maxsize=512)
def _badge(kind: str, key: str, plain: bool) -> SafeString:
    it = mark(kind, key)
    css = f"badge role-{it.role}{' calm' if it.calm else ''}{' plain' if plain else ''}"
    return format_html(
        '<span class="{}" data-{}="{}">{}{}</span>', css, kind, it.key, icon(it.icon), it.label
    )


@lru_cache(maxsize=512)
def only_mark(kind: str, key: str) -> SafeString:
    """Return a badge that shows only its icon. The label is in the tooltip, and in hidden text for screen readers."""
    it = mark(kind, key)
    return format_html(
        '<span class="badge plain only role-{}" data-{}="{}" title="{}">{}'
        '<span class="visually-hidden">{}</span></span>',
        it.role,
        kind,
        it.key,
        it.label,
        icon(it.icon),
        it.label,
    )
