"""Serve the findings of a tenant, grouped by control or as a list, with facets. Also serve the parts that the page
loads later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from assessments.selectors import search_words
from portal.queries.findings.facet_counts import (
    FACETS,
    FacetCounts,
    costly_facets,
    facets_counted_alone,
)
from portal.queries.findings.groups import GroupFacts, group_facts
from portal.queries.findings.ordering import ORDERS
from portal.queries.findings.tag_labels import tag_labels
from portal.queries.findings.tags import tag_counts
from portal.tickets.selectors import tickets_of_controls
from portal.web.components.facets import Facet
from portal.web.findings import rows as finding_rows
from portal.web.findings.address import ALL, COLUMNS, CONTROLS, SELECTED, Address
from portal.web.findings.buttons.registry import offered_buttons, offers_any
from portal.web.findings.facets import facets, placeholders, tag_facet
from portal.web.findings.request import FindingsRequest
from portal.web.findings.saved_views import OPEN, UNKNOWN, tabs, view_counts
from portal.web.shared.visible import may, person, unit_names
from tenants.roles import Capability

PER_PAGE: Final = 50
PER_GROUP: Final = 50
MAX_OPEN_GROUPS: Final = 10
MAX_GROUPS: Final = 50
"""Unless the URL asks for all controls, the page lists the first controls up to this number, and later controls only if
they are expanded.
"""
MAX_FINDINGS_WITH_FACTS: Final = 2000
"""If there are more findings than this, the page loads the bars, owners and due dates of its groups later."""
IN_BAR: Final = ("state", "severity", "owner", "due", "section")
"""The facets that the bar above the list always shows. The other facets are in a menu until somebody uses them."""
COLUMN_CSS: Final[Mapping[str, str]] = {
    "reason": "c-found",
    "subscription": "c-place",
    "section": "c-text",
    "type": "c-text",
    "since": "c-date",
    "exception": "c-date",
    "owner": "c-owner",
    "due": "c-due",
}
"""{column: CSS class of its cells}. In all other columns, each cell contains a single word and has the class `c-word`.
"""
_NONE_COUNTED: Final[Mapping[str, GroupFacts]] = {}


class Column(NamedTuple):
    """The heading and CSS class of a column of the table."""

    label: str
    css: str


class _CountedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """A paginator whose count comes from the facets, which have already computed the count."""

    def __init__(self, rows: Any, per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self.__dict__["count"] = count


def findings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the findings that match the parameters of the URL."""
    # People without JavaScript use the link `?facets=all` to load the page with all counts.
    all_counts = request.GET.get("facets") == ALL
    asked = FindingsRequest.parse(request, slug, removable=FACETS if all_counts else ())
    tenant, address = asked.tenant, asked.address
    see_all = may(Capability.VIEW_ALL, tenant)
    names = unit_names(tenant)
    later = () if all_counts else costly_facets(asked.chosen)
    counts = FacetCounts.of(asked.visible, asked.chosen, complete=see_all, wanted=set(FACETS) - set(later))
    waiting = placeholders(counts, asked.chosen, later, len(names))
    viewed = view_counts(tenant, person(), asked.now) if see_all else None
    context = {
        "tenant": tenant,
        "address": address,
        **_filter_bar(facets(request.GET, counts, names, tenant if see_all else None, waiting=waiting)),
        **_later_counts(asked, later),
        "later": bool(later) and bool(counts.total),
        "all_counts_url": f"?{address.text}&facets={ALL}",
        **_tags(asked, request.GET, counts.count, later=not all_counts),
        "active": asked.chosen.active_count,
        "count": counts.count,
        "total": counts.total,
        "see_all": see_all,
        "q": asked.chosen.search,
        "ignored_terms": search_words(asked.chosen.search)[1],
        "tags_url": address.url(tags="1"),
        "search_fields": address.hidden_fields("q"),
        "tabs": tabs(
            tenant,
            person(),
            address,
            see_all=see_all,
            counts=viewed,
        ),
        **_layout(address),
        "finding_param": SELECTED,
        "bulk_buttons": offered_buttons(tenant),
        **(
            _groups(asked, counts, names, all_counts=all_counts, see_all=see_all)
            if address.in_groups
            else _page(request, asked, counts, names)
        ),
    }
    if not counts.count and counts.total:
        tags = tag_labels([tenant], asked.chosen.values.get("tag", ()), may_see_names=see_all)
        context["conditions"] = asked.chosen.describe({**names, **tags})
        context["only_unknown"] = viewed[UNKNOWN] if viewed and OPEN not in viewed else 0
    context["may_select"] = bool(context["bulk_buttons"])
    context["view_label"] = _view_label(context["tabs"])
    context["lead"] = _lead(counts.count, counts.total, context.get("controls"), see_all=see_all)
    return render(request, "findings/list.html", context)


def _view_label(tabs: Collection[Any]) -> str:
    """Return the label of the button with which people on a phone open the saved views: the name of the current view
    and, if it was counted, the number of its findings.
    """
    current = next((tab for tab in tabs if tab.current), None)
    if current is None:
        return "Views"
    return f"View: {current.name}{'' if current.count is None else f' {current.count:,}'}"


def _lead(count: int, total: int, controls: int | None, *, see_all: bool) -> str:
    """Return the sentence under the heading. `controls` is the number of controls if the page lists controls."""
    text = f"{count:,} of {total:,} match" if total else "No findings yet"
    if controls:
        text += f", in {controls:,} control{'' if controls == 1 else 's'}"
    return text if see_all else f"{text}. You see only your own findings"


def _tags(asked: FindingsRequest, query: QueryDict, count: int, *, later: bool) -> dict[str, Any]:
    """Return the template variables `tags` and `tags_later` for the facet of tags.

    - If the URL opens the facet, `tags` is the facet with its counts.
    - If the URL does not open the facet, but filters by a tag, `later` decides. If it is False, `tags` is the facet
      with its counts. If it is True, `tags` is the facet without most of its counts, and the page loads the counts
      from the URL in `tags_later`.
    - Otherwise, `tags` is None: the page does not show the facet.
    """
    if "tags" in query or (asked.chosen.has("tag") and not later):
        return {"tags": _tag_facet(asked, query, tag_counts(asked.visible, asked.chosen))}
    if not asked.chosen.has("tag"):
        return {"tags": None}
    values = asked.chosen.values["tag"]
    known = {values[0]: count} if len(values) == 1 else {}
    url = f"{reverse('findings-tags', args=[asked.tenant.slug])}?{asked.address.text}&facet=1"
    return {"tags": _tag_facet(asked, query, known, waiting=True), "tags_later": {"tag": url}}


def _tag_facet(
    asked: FindingsRequest, query: QueryDict, counts: Mapping[str, int], *, waiting: bool = False
) -> Facet:
    see_all = may(Capability.VIEW_ALL, asked.tenant)
    return tag_facet(query, counts, asked.tenant, may_see_names=see_all, waiting=waiting)


def _later_counts(asked: FindingsRequest, later: Collection[str]) -> dict[str, Any]:
    """Return the URLs from which the page loads facet counts later.

    Each facet that is counted alone has a URL of its own. All other facets share one URL.
    """
    url = f"{reverse('findings-facets', args=[asked.tenant.slug])}?{asked.address.text}"
    alone = [name for name in later if name in facets_counted_alone(asked.chosen)]
    return {
        "facet_urls": {name: f"{url}&of={name}" for name in alone},
        "facets_url": f"{url}&places=1{''.join(f'&of={name}' for name in later if name not in alone)}",
    }


def _filter_bar(found: list[Facet]) -> dict[str, Any]:
    """Return {template variable: facets}: all facets, the facets in the bar above the list, and the facets outside the
    bar.

    The bar has the facets `IN_BAR` and all facets with a chosen value.
    """
    in_use = [
        facet for facet in found if facet.name in IN_BAR or any(option.active for option in facet.options)
    ]
    return {"facets": found, "bar_facets": in_use, "more_facets": [one for one in found if one not in in_use]}


def _spans(address: Address) -> dict[str, int]:
    """Return the `colspan` of a group's title, and the `colspan` of the line below the group's rows."""
    return {"title_span": max(1, len(address.columns) - 2), "all_span": len(address.columns) + 3}


def _layout(address: Address) -> dict[str, Any]:
    """Return the layout, the order and the columns of the page, and the URLs that change them."""
    return {
        "columns": address.columns,
        "shown_columns": [Column(COLUMNS[key], COLUMN_CSS.get(key, "c-word")) for key in address.columns],
        **_spans(address),
        "all_columns": [(key, label, key in address.columns) for key, label in COLUMNS.items()],
        "sorts": [(label, address.url(sort=key), key == address.sort) for key, label in ORDERS.items()],
        "groups_url": address.url(layout=None),
        "list_url": address.url(layout="list"),
        "column_fields": address.hidden_fields("col"),
    }


def _groups(
    asked: FindingsRequest, counts: FacetCounts, names: dict[str, str], *, all_counts: bool, see_all: bool
) -> dict[str, Any]:
    address = asked.address
    opened = address.opened[:MAX_OPEN_GROUPS]
    list_url = address.url(control=None, layout="list")
    rows_url = _control_urls("findings-group", asked.tenant.slug)
    control_url = _control_urls("control")
    facts_later = not all_counts and max(counts.total, counts.count) > MAX_FINDINGS_WITH_FACTS
    facts = (
        _NONE_COUNTED
        if facts_later
        else group_facts(asked.visible, asked.chosen, counts.groups, complete=see_all)
    )
    groups = []
    everything = finding_rows.ordered_groups(counts.groups, address.sort)
    ordered = everything
    if address.query.get(CONTROLS) != ALL:
        ordered = [one for place, one in enumerate(everything) if place < MAX_GROUPS or one.control in opened]
    # A ticket can be about all findings of a control, so only people who see all findings see the ticket.
    tickets = tickets_of_controls(asked.tenant, [found.control for found in ordered]) if see_all else {}
    for found in ordered:
        group = finding_rows.group(found, address, list_url, may_open=found.control in opened)
        if group["open"]:
            group["rows"] = asked.rows(asked.matching(found.control)[:PER_GROUP], names)
        url = f"{rows_url(found.control)}?{address.text}"
        groups.append(
            {
                **group,
                **finding_rows.facts_of_group(facts.get(found.control), asked.now),
                "rest": max(0, found.count - PER_GROUP),
                "rows_url": url,
                "more_url": f"{url}&from={PER_GROUP}",
                "control_url": control_url(found.control),
                "tickets": tickets.get(found.control, ()),
            }
        )
    later = f"{reverse('findings-groups', args=[asked.tenant.slug])}?{address.text}"
    more = len(everything) - len(ordered)
    if more:
        later += "".join(f"&of={one.control}" for one in ordered)
    return {
        "groups": groups,
        "controls": len(everything),
        "more_groups": more,
        "all_groups_url": address.url(controls=ALL),
        "facts_url": later if facts_later and groups else "",
    }


def _control_urls(name: str, *args: str) -> Callable[[str], str]:
    """Return a function that maps a control's slug to a URL. To save time, the URL's name is reversed only once."""
    before, _, after = reverse(name, args=[*args, "CONTROL"]).partition("CONTROL")
    return lambda slug: f"{before}{quote(slug)}{after}"


def _page(
    request: HttpRequest, asked: FindingsRequest, counts: FacetCounts, names: dict[str, str]
) -> dict[str, Any]:
    # Use the paginator only to compute page numbers. The rows are read by id.
    page = _CountedPaginator(asked.visible.none(), PER_PAGE, counts.count).get_page(request.GET.get("page"))
    start = (page.number - 1) * PER_PAGE
    end = min(start + PER_PAGE, counts.count)
    ids = asked.page_ids(start, end, counts.count_with_due_date(asked.tenant))
    return {"page": page, "rows": asked.rows_of(ids, names), "groups": None}


def group(request: HttpRequest, slug: str, control: str) -> HttpResponse:
    """Return rows that are shown below an expanded control: at most `PER_GROUP` rows, after skipping the first `from`
    rows.
    """
    asked = FindingsRequest.parse(request, slug)
    start = _whole_number(request.GET.get("from", ""))
    # Read one row more than the page shows. The extra row shows whether there are further rows.
    found = asked.rows(asked.matching(control)[start : start + PER_GROUP + 1], unit_names(asked.tenant))
    url = f"{reverse('findings-group', args=[slug, control])}?{asked.address.text}"
    context = {
        "tenant": asked.tenant,
        "rows": found[:PER_GROUP],
        "columns": asked.address.columns,
        **_spans(asked.address),
        "more_url": f"{url}&from={start + PER_GROUP}" if len(found) > PER_GROUP else "",
        "all_url": reverse("findings", args=[slug]) + asked.address.url(control=control, layout="list"),
        "may_select": offers_any(asked.tenant),
        "start": start,
    }
    return render(request, "findings/_group_rows.html", context)


def _whole_number(text: str) -> int:
    """Return the number in a text from the URL. Return 0 if the text is not a number or has more than eight digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def groups(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the bars, owners and due dates of the groups that the parameter `of` names, or of all groups.

    Each returned element replaces its placeholder on the page (out of band).
    """
    of = request.GET.getlist("of")
    asked = FindingsRequest.parse(request, slug)
    see_all = may(Capability.VIEW_ALL, asked.tenant)
    facts = group_facts(asked.visible, asked.chosen, complete=see_all)
    found = [
        {"control": control, **finding_rows.facts_of_group(fact, asked.now)}
        for control, fact in facts.items()
        if not of or control in of
    ]
    return render(request, "findings/_group_facts.html", {"groups": found})


def later_facets(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the facets that the parameter `of` names, with the counts that the page loads later.

    If the request has `places`, each facet replaces its placeholder on the page (out of band).
    """
    of = request.GET.getlist("of")
    asked = FindingsRequest.parse(request, slug, removable=of)
    names, see_all = [name for name in FACETS if name in of], may(Capability.VIEW_ALL, asked.tenant)
    counts = FacetCounts.of(asked.visible, asked.chosen, complete=see_all, wanted=names, with_groups=False)
    tenant = asked.tenant if see_all else None
    found = facets(asked.address.query, counts, unit_names(asked.tenant), tenant, names=names)
    context = {**_filter_bar(found), "places": "places" in request.GET}
    return render(request, "findings/_facets.html", context)


def tags(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the facet of tags with its counts.

    If the request does not have the parameter `facet`, return only the options of this facet.
    """
    asked = FindingsRequest.parse(request, slug)
    found = _tag_facet(asked, asked.address.query, tag_counts(asked.visible, asked.chosen))
    template = "findings/_facets.html" if "facet" in request.GET else "findings/_tags.html"
    return render(
        request, template, {"facet": found, **_filter_bar([found]), "places": False, "noun": "findings"}
    )
