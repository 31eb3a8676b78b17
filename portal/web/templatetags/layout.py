"""Define tags for the parts that most pages have: title, breadcrumb, tables. The markup is in
``templates/_components/``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django import template
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.web.components.table_cards import as_cards
from portal.web.frame import navigation, navigation_links

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()

# The key of the template context under which `columns` stores a table's columns, and `table` finds them.
_COLUMNS: Final = "surety table columns"


class Column(NamedTuple):
    """The head of a column. If `is_hidden` is True, only screen readers get the name.

    If `selects_all` is True, the head has a checkbox that selects all rows.
    """

    name: str
    css: str
    is_hidden: bool
    selects_all: bool = False


@register.simple_tag(takes_context=True)
def page_title(context: Context) -> SafeString:
    """Return the content of the page's ``title`` block, which is also the page's heading."""
    block: Any = context.render_context[BLOCK_CONTEXT_KEY].get_block("title")
    title: str = block.render(context)
    return mark_safe(title.strip())  # noqa: S308 - rendered by the template engine, which escaped it


@register.inclusion_tag("_components/crumbs.html", takes_context=True)
def crumbs(context: Context, here: object = None) -> dict[str, object]:
    """Return the breadcrumb: the links to the pages above this page, and the name of this page.

    If an entry of the navigation leads to this page, the name is the label of the entry, and ``here`` is None. If this
    page is below the page of its entry, ``here`` is the name, and the entry is one of the links.
    """
    entry = navigation_links.current_page(context["request"])
    if entry is None:
        raise template.TemplateSyntaxError("crumbs: this page belongs to no entry of the navigation.")
    above = [navigation.SETTINGS] if entry.area == navigation.Area.SETTINGS else []
    if here is not None:
        above.append(entry)
    tenant, organization = context.get("tenant"), context.get("organization")
    return {
        "links": [
            (page.label, navigation_links.address(page, tenant, organization))
            for page in above
            if not navigation_links.is_refused_to_reviews(page, tenant)
        ],
        "here": entry.label if here is None else here,
    }


@register.simple_tag(takes_context=True)
def columns(context: Context, *names: str) -> str:
    """Declare the columns of the surrounding table: ``{% columns "No.|num" "Status" "File|hidden" %}``.

    Classes for the head of a column follow a vertical bar. The class ``hidden`` shows the name only to assistive
    technology. The class ``select-all`` puts a checkbox with this name into the head.
    """
    for name in names:
        text, _, css = str(name).partition("|")
        column = Column(text, "" if css == "hidden" else css, css == "hidden")
        if css == "select-all":
            column = Column(text, "select", False, selects_all=True)
        context.render_context[_COLUMNS] = [*_declared(context), column]
    return ""


def _declared(context: Context) -> Sequence[Column]:
    return context.render_context.get(_COLUMNS) or ()


@register.simple_block_tag(takes_context=True)
def table(
    context: Context, content: str, label: str = "", css: str = "", table_css: str = "", caption: str = ""
) -> SafeString:
    """Return a table with the head that ``columns`` has declared.

    A wide table can be scrolled sideways. If the table has a ``label``, the keyboard can scroll it too.
    """
    declared = _declared(context)
    context.render_context[_COLUMNS] = ()
    rows = as_cards(
        content, ["" if column.is_hidden or column.selects_all else column.name for column in declared]
    )
    return mark_safe(  # noqa: S308 - the template engine escaped it
        render_to_string(
            "_components/table.html",
            {
                "content": mark_safe(rows),  # noqa: S308 - the template engine escaped it
                "label": label,
                "css": css,
                "table_css": table_css,
                "caption": caption,
                "columns": declared,
            },
        )
    )


@register.inclusion_tag("_components/form_actions.html")
def form_actions(
    label: str,
    css: str = "primary",
    icon_name: str = "",
    cancel_url: str = "",
    delete_url: str = "",
    delete_label: str = "Delete",
) -> dict[str, object]:
    """Return the button that submits a form, and a link that leaves the form without submitting it.

    ``delete_url`` is the page that asks whether to delete the edited object. Without it, there is no link to delete.
    """
    return {
        "label": label,
        "css": css,
        "icon_name": icon_name,
        "cancel_url": cancel_url,
        "delete_url": delete_url,
        "delete_label": delete_label,
    }


@register.inclusion_tag("_components/form.html")
def post_form(
    form: BaseForm,
    label: str,
    css: str = "primary",
    icon_name: str = "",
    cancel_url: str = "",
    action: str = "",
    autocomplete: str = "",
) -> dict[str, object]:
    """Return a form that has all fields of ``form``, a button and, with ``cancel_url``, a link that leaves the form.

    The form posts to the URL ``action``, or to the page itself. `form_actions` explains the other arguments.
    """
    return {
        "form": form,
        "label": label,
        "css": css,
        "icon_name": icon_name,
        "cancel_url": cancel_url,
        "action": action,
        "autocomplete": autocomplete,
    }


@register.simple_tag(takes_context=True)
def poll(context: Context, is_live: bool, selector: str) -> str:
    """Return attributes of an element that htmx fetches again every two seconds while ``is_live`` is true.

    ``selector`` finds the element in the response of the page's URL. A header marks the request as automatic, so that
    the request does not keep the session alive (`portal.accounts.middleware`).
    """
    if not is_live:
        return ""
    return format_html(
        'hx-get="{}" hx-trigger="every 2s" hx-swap="outerHTML" hx-select="{}" hx-headers="{}"',
        context["request"].get_full_path(),
        selector,
        '{"X-Surety-Refresh": "1"}',
    )


@register.simple_tag
def live_preview(url: str, selector: str, sync: str = "replace") -> SafeString:
    """Return attributes of a part of a form. When a field in this part changes, htmx replaces ``#preview`` with the
    response of ``url``.

    ``selector`` selects the part whose fields htmx sends. ``sync`` is the htmx option for a request that is still
    running (`hx-sync`).
    """
    return format_html(
        'hx-get="{}" hx-trigger="input delay:350ms" hx-include="{}" hx-target="#preview" hx-sync="this:{}"',
        url,
        selector,
        sync,
    )
