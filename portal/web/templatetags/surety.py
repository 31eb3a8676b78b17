"""Define tags and filters of the components. The markup is in ``templates/_components/``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from assessments.controls.registry import SECTIONS
from assessments.display.compared import Row
from portal.web.components.badges import badge, icon, only_mark
from portal.web.components.browsers import browser_name
from portal.web.components.facets import Facet
from portal.web.components.formatting import format_breakable, format_prose, format_thousands, sentence_case
from portal.web.components.times import date_element, exact_element, relative_element
from portal.web.shared import undo
from portal.web.shared.resource_types import spelled
from tenants.roles import Capability
from tenants.values import time_display

if TYPE_CHECKING:
    from django.contrib.messages.storage.base import Message
    from django.template.context import Context

register = template.Library()
_ids = count(1)


register.simple_tag(icon)
register.filter("resource_type", spelled)
register.filter("day", date_element)
register.filter("ago", relative_element)
register.filter("utc", exact_element)
register.filter("on", time_display.day)
register.filter("clock", time_display.clock)
register.filter("to_minute", time_display.minute)
register.filter("to_minute_in_zone", time_display.minute_in_named_zone)
register.simple_tag(time_display.zone_name)
register.filter("prose", format_prose)
register.filter("browser_name", browser_name)
register.filter("sentence_case", sentence_case, is_safe=True)
register.filter("breakable", format_breakable)
register.filter("thousands", format_thousands)


@register.filter
def right_label(capability: str) -> str:
    """Return a stored capability in words. If this capability no longer exists in Surety, return the stored text."""
    return str(Capability(capability).label) if capability in Capability else capability


@register.filter
def plain(text: str) -> str:
    """Return a `Text` (`assessments.display.text`) as plain text, for an HTML attribute. As HTML, a `Text` would have
    elements around the names in it.
    """
    return str.__str__(text)


@register.simple_tag
def sentence_case_field(bound: BoundField) -> BoundField:
    """Change the label of a form field to sentence case, for forms of other packages. Return the field.

    A placeholder that repeats the label is removed.
    """
    label = str(bound.label)
    if bound.field.widget.attrs.get("placeholder") == label:
        del bound.field.widget.attrs["placeholder"]
    bound.label = sentence_case(label)
    return bound


@register.simple_tag(name="mark")
def mark_of(vocabulary: str, key: object) -> SafeString:
    """Return the icon of a value. The value's word is only in the tooltip and in the text for screen readers."""
    return only_mark(vocabulary, str(key))


@register.simple_tag(name="badge")
def badge_of(vocabulary: str, key: object, plain: bool = False) -> SafeString:
    """Return the badge of a value such as a verdict or a state. The vocabulary determines the badge's word and
    colour.
    """
    return badge(vocabulary, key, plain=plain)


def _badge_tag(vocabulary: str) -> Callable[..., SafeString]:
    def tag(key: object, plain: bool = False) -> SafeString:
        return badge(vocabulary, key, plain=plain)

    return tag


# Each of these vocabularies has its own tag: {% verdict finding.outcome %} is short for {% badge "verdict"
# finding.outcome %}.
for _tag, _vocabulary in (
    ("verdict", "verdict"),
    ("severity", "severity"),
    ("state", "state"),
    ("run", "run"),
    ("exception_state", "exception"),
    ("delivery", "delivery"),
    ("answer", "answer"),
    ("result", "result"),
    ("coverage", "coverage"),
    ("bar", "bar"),
):
    register.simple_tag(_badge_tag(_vocabulary), name=_tag)


@register.filter
def section_name(key: str) -> str:
    """Return the title of a section of controls: ``vm`` -> ``Virtual machines``.

    A section that is no longer in the catalogue is shown by its key.
    """
    return SECTIONS.get(key, key.replace("-", " ").capitalize())


@register.inclusion_tag("_components/facet.html")
def facet(
    facet: Facet,
    noun: str = "findings",
    urls: Mapping[str, str] | None = None,
    in_bar: bool = False,
) -> dict[str, object]:
    """Show a group of filter links, each with its count. ``noun`` names the counted things.

    ``urls`` is {name of a facet: URL from which its counts are loaded later}. If ``in_bar`` is True, the facet is a
    closed menu above a list, and the label of the menu names the chosen values.
    """
    return _facet(facet, noun, in_bar) | {"url": (urls or {}).get(facet.name, "")}


@register.inclusion_tag("_components/facet_counts.html")
def facet_counts(
    facet: Facet, noun: str = "findings", oob: bool = False, in_bar: bool = False
) -> dict[str, object]:
    """Show the options of a facet with their counts, which are loaded after the page. ``in_bar`` has the same meaning
    as for ``facet``.

    If ``oob`` is True, htmx puts the options into their place on the page (out of band).
    """
    return _facet(facet, noun, in_bar) | {"oob": oob}


def _facet(facet: Facet, noun: str, in_bar: bool) -> dict[str, object]:
    chosen = [option.label for option in facet.options if option.active]
    single = "entry" if noun == "entries" else noun.removesuffix("s")
    return {"facet": facet, "noun": noun, "single": single, "in_bar": in_bar, "chosen": chosen}


@register.inclusion_tag("_components/pagination.html")
def pagination(page: Page[Any], query: QueryDict | None = None) -> dict[str, object]:
    """Show links to the other pages of a list, with the filters of ``query`` (``request.GET``)."""
    filters = query.copy() if query is not None else QueryDict(mutable=True)
    filters.pop("page", None)
    prefix = f"?{filters.urlencode()}&page=" if filters else "?page="
    return {
        "page": page,
        "prefix": prefix,
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "ellipsis": page.paginator.ELLIPSIS,
    }


@register.inclusion_tag("_components/search.html", takes_context=True)
def search_form(context: Context, label: str, placeholder: str) -> dict[str, object]:
    """Show a form that searches a list. The template context has the searched words (``q``), and the other parameters
    of the list (``search_fields``).
    """
    return {
        "label": label,
        "placeholder": placeholder,
        "q": context["q"],
        "search_fields": context["search_fields"],
    }


@register.inclusion_tag("_components/copy_command.html")
def copy_command(text: str, label: str = "command") -> dict[str, object]:
    return {"text": text, "label": label, "id": f"copy-{next(_ids)}"}


def _first_invalid(form: BaseForm) -> str | None:
    return next((name for name in form.fields if name in form.errors), None)


@register.inclusion_tag("_components/field.html")
def field(bound: BoundField, conditional: bool = False) -> dict[str, object]:
    """Show a form field. Its label, hint and errors are linked to its input element for assistive technology.

    If ``conditional`` is True, another field decides whether this field is required, so this field is not marked as
    optional. A form can name such fields in `conditional_fields`.
    """
    conditional = conditional or bound.name in getattr(bound.form, "conditional_fields", ())
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    attrs: dict[str, str | bool] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    # If the form has errors, the first field to correct gets the focus. A group of check boxes or radio buttons has no
    # single input element that could get the focus, so the group itself gets the focus.
    is_first = bool(bound.errors) and bound.name == _first_invalid(bound.form)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if is_first and not bound.use_fieldset:
        attrs["autofocus"] = True
    control = bound.as_widget(attrs={**bound.field.widget.attrs, **attrs})
    return {
        "field": bound,
        "control": control,
        "is_check": isinstance(bound.field.widget, CheckboxInput),
        "focuses_group": is_first and bound.use_fieldset,
        "is_optional": not bound.field.required and not conditional,
    }


@register.inclusion_tag("_components/form_errors.html")
def form_errors(form: BaseForm, intro: str = "") -> dict[str, object]:
    """Show the errors that concern a form as a whole. If the form or a field has an error, ``intro`` is shown first."""
    return {"form": form, "intro": intro}


@register.inclusion_tag("_components/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, object]:
    """Show all fields of a form, below the errors that concern the form as a whole."""
    return {"form": form}


@register.inclusion_tag("_components/key_values.html")
def key_values(
    pairs: Mapping[str, object] | Iterable[tuple[str, object]], css: str = ""
) -> dict[str, object]:
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return {"pairs": list(items), "css": css}


@register.inclusion_tag("_components/timeline.html")
def timeline(entries: Sequence[object]) -> dict[str, object]:
    """Show a timeline of entries with ``at, icon, role, title, before, after, note, who``
    (``portal.web.components.timeline.Entry``).
    """
    return {"entries": entries}


@register.inclusion_tag("_components/compare.html")
def compare(rows: Sequence[Row]) -> dict[str, object]:
    """Show a table of observed values beside the expected values (`assessments.display.compared`)."""
    return {"rows": rows}


# {level of a message: (colour role, icon) of the box that shows it}
_TOASTS: Final = {
    "error": ("role-fail", "fail"),
    "warning": ("role-warn", "note"),
    "success": ("role-pass", "pass"),
}


@register.filter
def message_role(message: Message) -> str:
    """Return the CSS class of a message's colour role. Return an empty text for a plain message."""
    return _TOASTS.get(message.level_tag, ("", ""))[0]


@register.filter
def message_icon(message: Message) -> str:
    return _TOASTS.get(message.level_tag, ("", "note"))[1]


@register.filter
def undo_address(message: Message) -> str:
    """Return the URL that undoes the action that a message reports. Return an empty text if the action cannot be
    undone.
    """
    return undo.undo_url(message)


@register.filter
def pretty_json(value: object) -> str:
    return json.dumps(value, indent=2, default=str, ensure_ascii=False, sort_keys=True)


@register.inclusion_tag("_components/stat.html")
def stat(label: str, value: object, note: str = "") -> dict[str, object]:
    """Show a number with its name, as an entry of a ``<dl class="stats">``."""
    return {"label": label, "value": value, "note": note}


@register.simple_block_tag(takes_context=True)
def card(context: Context, content: str, title: str = "", flush: bool = False, css: str = "") -> SafeString:
    """Return a panel: ``{% card title="Coverage" %} ... {% endcard %}``.

    If ``flush`` is True, the panel has no padding, so that a table touches its edges.
    """
    return _render("card", title=title, content=content, flush=flush, css=css)


@register.simple_block_tag(takes_context=True)
def empty(
    context: Context,
    content: str,
    title: str,
    icon_name: str = "search",
    level: int = 2,
    in_card: bool = False,
) -> SafeString:
    """Return the text that replaces an empty list. The title says what is missing. The content says what to do next."""
    state = _render("empty", title=title, content=content, icon_name=icon_name, level=level)
    return _render("card", content=state, flush=True, css="") if in_card else state


@register.simple_block_tag(takes_context=True)
def notice(context: Context, content: str, role: str = "accent", icon_name: str = "note") -> SafeString:
    """Return a message box inside the page, which says what happened, what was saved and what to do."""
    return _render("notice", role=role, content=content, icon_name=icon_name)


@register.simple_block_tag(takes_context=True)
def dialog(context: Context, content: str, ident: str, title: str) -> SafeString:
    """Return a modal dialog that any element with ``data-dialog="<ident>"`` opens."""
    return _render("dialog", ident=ident, title=title, content=content)


@register.simple_block_tag(takes_context=True)
def filters(context: Context, content: str, active: int, clear_url: str) -> SafeString:
    """Return the facets beside a list. ``active`` is the number of chosen filters. ``clear_url`` removes all
    filters.
    """
    return _render("filters", content=content, active=active, clear_url=clear_url)


def _render(component: str, **values: object) -> SafeString:
    return mark_safe(  # noqa: S308 - rendered by the template engine, which escaped it
        render_to_string(f"_components/{component}.html", values)
    )
