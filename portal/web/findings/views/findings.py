"""Findings of a tenant: grouped by control or as a list, with facets; and the parts that are fetched later."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import quote
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from assessments.selectors import words_of
from portal.treatment.selectors.owners import candidates
from portal.web.findings import rows as show
from portal.web.findings.address import COLUMNS, SORTS, Address
from portal.web.findings.counts import FACETS, Slice, fetched_alone, later
from portal.web.findings.facets import facets, places, tag_facet
from portal.web.findings.filters import FindingFilter
from portal.web.findings.saved_views import tabs
from portal.web.findings.tags import tag_counts
from portal.web.shared.treatment_forms import AcknowledgeForm, person_choices
from portal.web.shared.visible import may, person, unit_names, visible_findings
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
PER_GROUP: Final = 50
# More are not opened at once by one address.
MOST_OPEN: Final = 5
ALL: Final = "all"


class _Counted(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """A paginator that is told the count, which the facets know already."""

    def __init__(self, rows: Any, per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self.__dict__["count"] = count


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for findings: whose, which, at what moment, and how they are to be shown."""

    tenant: Tenant
    now: datetime
    address: Address
    chosen: FindingFilter
    visible: QuerySet[Finding]

    @classmethod
    def of(cls, request: HttpRequest, slug: str, free: Collection[str] = ()) -> Self:
        """`free`: the filters that will be left out for the counts of their own facets."""
        tenant = access.tenant(slug, needs=Capability.VIEW)
        now = timezone.now()
        visible = visible_findings(tenant)
        chosen = FindingFilter.from_query(request.GET, tenant, now).searched(visible, free)
        return cls(tenant, now, Address.of(request.GET), chosen, visible)

    def rows(self, control: str = "") -> QuerySet[Finding]:
        found = self.chosen.apply(self.visible)
        if control:
            found = found.filter(control=control)
        return show.ordered(found, self.address.sort, self.tenant, self.now)

    def page_of_ids(self, start: int, end: int, dated: int) -> list[UUID]:
        """The ids of a page of the list, of which the first `dated` have a due date."""
        if self.address.sort != "due":
            return list(self.rows()[start:end].values_list("pk", flat=True))
        ids: list[UUID] = []
        parts = show.by_due(self.chosen.apply(self.visible), self.tenant, self.now)
        for rows, first, last in ((parts[0], 0, dated), (parts[1], dated, end)):
            if start < last and end > first:
                ids += rows[max(0, start - first) : min(end, last) - first].values_list("pk", flat=True)
        return ids

    def shown(self, rows: Any, names: dict[str, str]) -> list[dict[str, Any]]:
        """A page of the findings. Its ids first: only for them is everything read that a row shows."""
        return self.shown_of(list(rows.values_list("pk", flat=True)), names)

    def shown_of(self, ids: list[UUID], names: dict[str, str]) -> list[dict[str, Any]]:
        found = {row.pk: row for row in show.shown(Finding.objects.filter(pk__in=ids), self.now)}
        return [show.row(self.tenant, found[pk], names, self.now) for pk in ids]


def findings(request: HttpRequest, slug: str) -> HttpResponse:
    all_counts = request.GET.get("facets") == ALL
    asked = Asked.of(request, slug, free=FACETS if all_counts else ())
    tenant, address = asked.tenant, asked.address
    see_all = may(Capability.VIEW_ALL, tenant)
    names = unit_names(tenant)
    # Without JavaScript the other counts come when they are asked for, and with the page.
    rest = () if all_counts else later(asked.chosen)
    part = Slice.of(asked.visible, asked.chosen, whole=see_all, wanted=set(FACETS) - set(rest))
    waiting = places(part, asked.chosen, rest, len(names))
    context = {
        "tenant": tenant,
        "address": address,
        "facets": facets(request.GET, part, names, tenant if see_all else None, waiting=waiting),
        **_later(asked, rest),
        "later": bool(rest) and bool(part.everything),
        "all_counts_url": f"?{address.text}&facets={ALL}",
        **_tags(asked, request.GET, part.count, later=not all_counts),
        "active": asked.chosen.active,
        "count": part.count,
        "total": part.everything,
        "see_all": see_all,
        "q": asked.chosen.q,
        "unsearched": words_of(asked.chosen.q)[1],
        "tags_url": address.having(tags="1"),
        "kept": address.hidden("q"),
        "tabs": tabs(tenant, person(), address, see_all=see_all),
        **_choices(address),
        **_bulk(tenant),
        **(_groups(asked, part, names) if address.in_groups else _page(request, asked, part, names)),
    }
    return render(request, "findings/list.html", context)


def _tags(asked: Asked, query: QueryDict, count: int, *, later: bool) -> dict[str, Any]:
    """The facet of tags, counted where it was asked for; where one is chosen, `later`."""
    if "tags" in query or (asked.chosen.has("tag") and not later):
        return {"tags": tag_facet(query, tag_counts(asked.visible, asked.chosen))}
    if not asked.chosen.has("tag"):
        return {"tags": None}
    values = asked.chosen.values["tag"]
    known = {values[0]: count} if len(values) == 1 else {}
    url = f"{reverse('findings-tags', args=[asked.tenant.slug])}?{asked.address.text}&facet=1"
    return {"tags": tag_facet(query, known, waiting=True), "tags_later": {"tag": url}}


def _later(asked: Asked, rest: Collection[str]) -> dict[str, Any]:
    """Where the counts of the facets in `rest` are fetched: of most at once, of the others one by one."""
    url = f"{reverse('findings-facets', args=[asked.tenant.slug])}?{asked.address.text}"
    alone = [name for name in rest if name in fetched_alone(asked.chosen)]
    return {
        "facet_urls": {name: f"{url}&of={name}" for name in alone},
        "facets_url": f"{url}&places=1{''.join(f'&of={name}' for name in rest if name not in alone)}",
    }


def _choices(address: Address) -> dict[str, Any]:
    """How else the same findings can be shown."""
    return {
        "columns": address.columns,
        "all_columns": [(key, label, key in address.columns) for key, label in COLUMNS.items()],
        "sorts": [
            (key, label, key == address.sort, address.having(sort=key)) for key, label in SORTS.items()
        ],
        "sort_label": SORTS[address.sort],
        "groups_url": address.having(layout=None),
        "list_url": address.having(layout="list"),
        "for_columns": address.hidden("col"),
    }


def _bulk(tenant: Tenant) -> dict[str, Any]:
    """What the person may do with several findings at once."""
    may_assign, may_treat = may(Capability.ASSIGN, tenant), may(Capability.TREAT, tenant)
    return {
        "may_assign": may_assign,
        "may_treat": may_treat,
        "may_select": may_assign or may_treat,
        "people": person_choices(candidates(tenant)) if may_assign else [],
        "acknowledge_form": AcknowledgeForm(auto_id="bulk_%s") if may_treat else None,
    }


def _groups(asked: Asked, part: Slice, names: dict[str, str]) -> dict[str, Any]:
    address = asked.address
    opened = address.opened[:MOST_OPEN]
    in_list = address.having(control=None, layout="list")
    groups = []
    # Addresses of controls are made once and not for each.
    fragments, about = _of_control("findings-group", asked.tenant.slug), _of_control("control")
    for found in show.in_order(part.groups, address.sort):
        group = show.group(found, address, in_list, found.control in opened)
        if group["open"]:
            group["rows"] = asked.shown(asked.rows(found.control)[:PER_GROUP], names)
        groups.append(
            {
                **group,
                "rest": max(0, found.count - PER_GROUP),
                "fragment": f"{fragments(found.control)}?{address.text}",
                "about": about(found.control),
            }
        )
    return {"groups": groups}


def _of_control(name: str, *args: str) -> Callable[[str], str]:
    """Of a control's slug the address of that name."""
    before, _, after = reverse(name, args=[*args, "CONTROL"]).partition("CONTROL")
    return lambda slug: f"{before}{quote(slug)}{after}"


def _page(request: HttpRequest, asked: Asked, part: Slice, names: dict[str, str]) -> dict[str, Any]:
    # The paginator is asked for no rows.
    page = _Counted(asked.visible.none(), PER_PAGE, part.count).get_page(request.GET.get("page"))
    start = (page.number - 1) * PER_PAGE
    ids = asked.page_of_ids(start, min(start + PER_PAGE, part.count), part.dated(asked.tenant))
    return {"page": page, "rows": asked.shown_of(ids, names), "groups": None}


def group(request: HttpRequest, slug: str, control: str) -> HttpResponse:
    """The first findings of one control under the filters: the rows that open beneath its line."""
    asked = Asked.of(request, slug)
    # One more than is shown says whether there are more.
    found = asked.shown(asked.rows(control)[: PER_GROUP + 1], unit_names(asked.tenant))
    context = {
        "tenant": asked.tenant,
        "rows": found[:PER_GROUP],
        "columns": asked.address.columns,
        "more": len(found) > PER_GROUP,
        "all_url": reverse("findings", args=[slug]) + asked.address.having(control=control, layout="list"),
        **_bulk_marks(asked.tenant),
    }
    return render(request, "findings/_group_rows.html", context)


def later_facets(request: HttpRequest, slug: str) -> HttpResponse:
    """The facets that the page leaves a place for and that `of` names, any number of times: their counts need
    passes of their own over the findings. With `places` each says whose place it takes."""
    of = request.GET.getlist("of")
    asked = Asked.of(request, slug, free=of)
    names, see_all = [name for name in FACETS if name in of], may(Capability.VIEW_ALL, asked.tenant)
    part = Slice.of(asked.visible, asked.chosen, whole=see_all, wanted=names, groups=False)
    tenant = asked.tenant if see_all else None
    found = facets(asked.address.query, part, unit_names(asked.tenant), tenant, names=names)
    return render(request, "findings/_facets.html", {"facets": found, "places": "places" in request.GET})


def _bulk_marks(tenant: Tenant) -> dict[str, bool]:
    return {"may_select": may(Capability.ASSIGN, tenant) or may(Capability.TREAT, tenant)}


def tags(request: HttpRequest, slug: str) -> HttpResponse:
    """The tags with their counts, when the facet is opened; with `facet` the whole of it, where one is chosen."""
    asked = Asked.of(request, slug)
    found = tag_facet(asked.address.query, tag_counts(asked.visible, asked.chosen))
    template = "findings/_facets.html" if "facet" in request.GET else "findings/_tags.html"
    return render(request, template, {"facet": found, "facets": [found], "places": False, "noun": "findings"})
