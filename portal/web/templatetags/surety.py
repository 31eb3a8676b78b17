"""The components that are more than a class name. Markup lives in ``templates/_components/``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from assessments.controls.registry import SECTIONS
from portal.web.components.facets import Facet
from portal.web.components.icons import ICONS
from portal.web.components.spans import span
from portal.web.components.values import in_words
from portal.web.components.vocabulary import mark
from portal.web.shared import undo

if TYPE_CHECKING:
    from django.contrib.messages.storage.base import Message
    from django.template.context import Context

register = template.Library()
_ids = count(1)


# A page of findings has hundreds of icons and badges, of few kinds.
@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """A decorative icon; the word beside it carries the meaning."""
    inner = mark_safe(ICONS[name])  # noqa: S308 - our own constants
    return format_html('<svg class="icon {}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', css, inner)


def _badge(kind: str, key: object, *, plain: bool = False) -> SafeString:
    return _made_badge(kind, str(key), plain)


@lru_cache(maxsize=512)
def _made_badge(kind: str, key: str, plain: bool) -> SafeString:
    it = mark(kind, key)
    css = f"badge role-{it.role}{' calm' if it.calm else ''}{' plain' if plain else ''}"
    return format_html(
        '<span class="{}" data-{}="{}">{}{}</span>', css, kind, it.key, icon(it.icon), it.label
    )


@register.simple_tag
def verdict(key: object, plain: bool = False) -> SafeString:
    return _badge("verdict", key, plain=plain)


@register.simple_tag
def severity(key: object, plain: bool = False) -> SafeString:
    return _badge("severity", key, plain=plain)


@register.simple_tag
def state(key: object, plain: bool = False) -> SafeString:
    return _badge("state", key, plain=plain)


@register.simple_tag
def run(key: object, plain: bool = False) -> SafeString:
    """The status of an assessment or of one of its units."""
    return _badge("run", key, plain=plain)


@register.simple_tag
def exception_state(key: object, plain: bool = False) -> SafeString:
    """Where an exception is in its life."""
    return _badge("exception", key, plain=plain)


@register.simple_tag
def delivery(key: object, plain: bool = False) -> SafeString:
    """What became of a post to a channel."""
    return _badge("delivery", key, plain=plain)


@register.simple_tag
def answer(key: object, plain: bool = False) -> SafeString:
    """How a manual control stands with its answer."""
    return _badge("answer", key, plain=plain)


@register.filter
def day(moment: datetime | None) -> SafeString:
    """``2027-03-01``, with the exact time (UTC) in the tooltip and for machines."""
    if moment is None:
        return mark_safe('<span class="faint">none</span>')
    exact = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        exact.isoformat(),
        f"{exact:%Y-%m-%d %H:%M:%S} UTC",
        f"{exact:%Y-%m-%d}",
    )


@register.filter
def section_name(key: str) -> str:
    """``vm`` -> ``Virtual machines``; a section that the catalogue no longer has keeps its own word."""
    return SECTIONS.get(key, key.replace("-", " ").capitalize())


@register.inclusion_tag("_components/facet.html")
def facet(
    facet: Facet, noun: str = "findings", oob: bool = False, urls: Mapping[str, str] | None = None
) -> dict[str, object]:
    """A group of filter links; ``noun`` is what it counts. With ``oob`` it takes the place that the page keeps
    for it; ``urls`` says by names where those that wait are fetched one by one."""
    return {"facet": facet, "noun": noun, "oob": oob, "url": (urls or {}).get(facet.name, "")}


@register.inclusion_tag("_components/pagination.html")
def pagination(page: Page[Any], query: QueryDict | None = None) -> dict[str, object]:
    """Page links that keep the filters. ``query`` is ``request.GET``."""
    kept = query.copy() if query is not None else QueryDict(mutable=True)
    kept.pop("page", None)
    prefix = f"?{kept.urlencode()}&page=" if kept else "?page="
    return {
        "page": page,
        "prefix": prefix,
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "ellipsis": page.paginator.ELLIPSIS,
    }


@register.inclusion_tag("_components/copy_command.html")
def copy_command(text: str, label: str = "command") -> dict[str, object]:
    return {"text": text, "label": label, "id": f"copy-{next(_ids)}"}


@register.inclusion_tag("_components/field.html")
def field(bound: BoundField) -> dict[str, object]:
    """A form field with its label, hint and errors tied to the control for assistive technology.

    Django writes aria-describedby and aria-invalid on the control itself when the help text or the errors
    are there; the component gives those elements the ids that it names.
    """
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    attrs: dict[str, str | bool] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    control = bound.as_widget(attrs={**bound.field.widget.attrs, **attrs})
    return {"field": bound, "control": control, "is_check": isinstance(bound.field.widget, CheckboxInput)}


@register.inclusion_tag("_components/key_values.html")
def key_values(
    pairs: Mapping[str, object] | Iterable[tuple[str, object]], css: str = ""
) -> dict[str, object]:
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return {"pairs": list(items), "css": css}


@register.inclusion_tag("_components/timeline.html")
def timeline(entries: Sequence[object]) -> dict[str, object]:
    """Entries with ``at, icon, role, title, before, after, note, who`` (``portal.web.components.timeline.Entry``)."""
    return {"entries": entries}


@register.inclusion_tag("_components/diff.html")
def diff(observed: object, expected: object, failed: bool = True) -> dict[str, object]:
    """Observed against expected, side by side; a key that both name and that differs is marked."""
    left, right = _rows(observed), _rows(expected)
    other_left, other_right = dict(left), dict(right)
    return {
        "failed": failed,
        "observed": [(k, v, failed and k in other_right and other_right[k] != v) for k, v in left],
        "expected": [(k, v, failed and k in other_left and other_left[k] != v) for k, v in right],
    }


def _rows(value: object) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [(str(k), in_words(v)) for k, v in value.items()]
    return [("", in_words(value))]


@register.filter
def undo_address(message: Message) -> str:
    """Where the undo of a message is posted to; empty for one that cannot be undone."""
    return undo.address(message)


@register.filter
def prose(text: str) -> SafeString:
    """A control's text: paragraphs without the source's line ends, `names` as code, a capital first."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    shown = (re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(part)) for part in paragraphs)
    return mark_safe("".join(f"<p>{part[:1].upper()}{part[1:]}</p>" for part in shown))  # noqa: S308 - escaped


@register.filter
def pretty_json(value: object) -> str:
    return json.dumps(value, indent=2, default=str, ensure_ascii=False, sort_keys=True)


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """``3 hours ago`` with the exact time (UTC) in the tooltip and for machines; ``never`` for none."""
    if moment is None:
        return mark_safe('<span class="faint">never</span>')
    exact = moment.astimezone(UTC)
    now = datetime.now(UTC)
    words = span(exact, now)
    past = f"{words} ago" if words else "just now"
    text = past if exact <= now else f"in {words or 'less than a minute'}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', exact.isoformat(), f"{exact:%Y-%m-%d %H:%M:%S} UTC", text
    )


@register.filter
def utc(moment: datetime | None) -> SafeString:
    """The exact time, to the second, in UTC: what an auditor cites."""
    if moment is None:
        return mark_safe('<span class="faint">never</span>')
    exact = moment.astimezone(UTC)
    return format_html('<time datetime="{}">{}</time>', exact.isoformat(), f"{exact:%Y-%m-%d %H:%M:%S} UTC")


@register.simple_block_tag(takes_context=True)
def card(context: Context, content: str, title: str = "", flush: bool = False, css: str = "") -> SafeString:
    """A panel: ``{% card title="Coverage" %} ... {% endcard %}``; ``flush`` lets a table touch its edges."""
    return mark_safe(  # noqa: S308 - rendered by the template engine, which escaped it
        render_to_string(
            "_components/card.html", {"title": title, "content": content, "flush": flush, "css": css}
        )
    )


@register.simple_block_tag(takes_context=True)
def empty(
    context: Context, content: str, title: str, icon_name: str = "search", level: int = 2
) -> SafeString:
    """An empty state: what is not there, and in the content what to do next."""
    return mark_safe(  # noqa: S308 - as above
        render_to_string(
            "_components/empty.html",
            {"title": title, "content": content, "icon_name": icon_name, "level": level},
        )
    )


@register.simple_block_tag(takes_context=True)
def notice(context: Context, content: str, role: str = "accent", icon_name: str = "note") -> SafeString:
    """A message inside the page: what happened, what was kept, what to do."""
    return mark_safe(  # noqa: S308 - as above
        render_to_string(
            "_components/notice.html", {"role": role, "content": content, "icon_name": icon_name}
        )
    )


@register.simple_block_tag(takes_context=True)
def dialog(context: Context, content: str, ident: str, title: str) -> SafeString:
    """A modal dialog, opened by any element with ``data-dialog="<ident>"``."""
    return mark_safe(  # noqa: S308 - as above
        render_to_string("_components/dialog.html", {"ident": ident, "title": title, "content": content})
    )
