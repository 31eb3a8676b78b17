"""Build the rows of controls in the list of findings. A page can have dozens of such rows, and a template would take
four times as long as these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.tickets.models import Ticket
from portal.web.components.badges import icon, only_mark
from portal.web.components.formatting import format_thousands
from portal.web.templatetags.frame import initials

register = template.Library()

_NOTHING = SafeString("")
_OUT_OF_BAND = mark_safe(' hx-swap-oob="true"')


@register.simple_tag
def group_head(group: Mapping[str, Any], title_span: int) -> SafeString:
    """Return the row of a control. `group` is a result of `portal.web.findings.rows.group`.

    A closed group also gets an empty table body, into which the browser loads its findings.
    """
    control = group["control"]
    closed = not group["open"]
    load = (
        format_html(' hx-get="{}" hx-trigger="click once" hx-target="#rows-{}"', group["rows_url"], control)
        if closed
        else _NOTHING
    )
    return format_html(
        '<tbody class="group-head" role="rowgroup">'
        '<tr class="group" role="row" data-href="{url}" data-control="{control}" tabindex="0">'
        '<td class="c-first" role="cell"><span class="twist">{twist}</span></td>'
        '<td class="c-mark" role="cell">{severity}</td>'
        '<th scope="rowgroup" role="rowheader" class="c-title" colspan="{span}">'
        '<a class="row-link group-toggle" href="{url}" data-group="rows-{control}" aria-expanded="{expanded}"'
        ' aria-controls="rows-{control}"{load}>{title}</a>'
        ' <a class="about" href="{about}" title="About this control">{note}'
        '<span class="visually-hidden">About the control {title}</span></a>{tickets}</th>{cells}</tr></tbody>{body}',
        url=group["url"],
        control=control,
        twist=icon("right"),
        severity=only_mark("severity", group["severity"]),
        span=title_span,
        expanded="false" if closed else "true",
        load=load,
        title=group["title"],
        about=group["control_url"],
        note=icon("note"),
        tickets=_tickets(group.get("tickets", ())),
        cells=group_cells(group),
        body=format_html('<tbody id="rows-{}" role="rowgroup" hidden></tbody>', control) if closed else "",
    )


def _tickets(tickets: Iterable[Ticket]) -> SafeString:
    """Return links to the tickets about the control."""
    return format_html_join(
        "",
        ' <a class="small" href="{}" rel="noopener noreferrer" target="_blank">{}'
        '<span class="visually-hidden"> (ticket, {})</span></a>',
        (
            (ticket.url, ticket.remote_key, ticket.get_remote_state_display().lower())
            for ticket in tickets
            if ticket.url
        ),
    )


@register.simple_tag
def group_cells(group: Mapping[str, Any], oob: bool = False) -> SafeString:
    """Return the cells of a control's row: bar and number, owners, and due date.

    If `oob` (out of band) is True, the browser has already shown the row without numbers, and htmx fills the cells of
    that row.
    """
    facts = group.get("facts")
    swap = _OUT_OF_BAND if oob else _NOTHING
    word = group.get("number_word")
    return format_html(
        '<td class="c-bar" role="cell"><span class="barcell">'
        '<span id="bar-{control}" class="barplace"{swap}>{bar}</span>'
        '<span class="nowrap"><b>{number}</b> {word} '
        '<span id="judged-{control}" class="faint judged"{swap}>{judged}</span></span></span></td>'
        '<td class="c-owner" role="cell"><span id="owners-{control}" class="owners"{swap}>{owners}</span></td>'
        '<td class="c-due" role="cell"><span id="due-{control}"{swap}>{due}</span></td>',
        control=group["control"],
        swap=swap,
        bar=group.get("bar", ""),
        number=format_thousands(group.get("number", "")),
        word=format_html('<span class="faint word">{}</span>', word) if word else "",
        judged=f"of {facts.judged:,}" if facts else "",
        owners=_owners(group) if facts else "",
        due=_due(group) if facts else "",
    )


def _owners(group: Mapping[str, Any]) -> SafeString:
    unassigned, more = group["facts"].unassigned, group["more_owners"]
    return format_html(
        "{}{}{}",
        format_html_join(
            "",
            '<span class="avatar small" title="{}" aria-hidden="true">{}</span><span class="visually-hidden">{}</span>',
            ((owner, initials(owner), owner) for owner in group["owners"]),
        ),
        format_html('<span class="faint small">+{}</span>', more) if more else "",
        format_html(
            '<span class="avatar small nobody" title="{0} unassigned">{1}'
            '<span class="visually-hidden">{0} unassigned</span></span>',
            unassigned,
            icon("person"),
        )
        if unassigned
        else "",
    )


def _due(group: Mapping[str, Any]) -> SafeString | str:
    if overdue := group["facts"].overdue:
        return format_html('<strong class="bad">{} overdue</strong>', overdue)
    label: SafeString | str = group["due_label"]
    return label
