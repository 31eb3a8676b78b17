"""Serve the page of all customers' findings. It shows controls and, for an expanded control, the customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.controls.registry import SECTIONS
from assessments.models import Finding
from assessments.presentation.finding_names import place_names_of_tenants
from portal.queries.all_findings import conditions
from portal.queries.all_findings.customers import CustomerLine, customers_of, judged, open_work
from portal.queries.all_findings.filters import NAMES, AllFindingsFilter
from portal.queries.all_findings.groups import AllFindings, AllFindingsGroup, all_findings, must_read_many
from portal.queries.all_findings.sources import Sources
from portal.queries.findings.filters import LABELS, OWNER_LABELS, WITHOUT_ACCESS
from portal.queries.findings.groups import bar_counts
from portal.queries.findings.tag_labels import tag_labels
from portal.queries.findings.tags import MAX_TAGS
from portal.treatment import date_buckets
from portal.treatment.models import Campaign, ListView
from portal.treatment.naming import control_problem, control_title
from portal.treatment.states import ShownState
from portal.web.components.bars import group_bar
from portal.web.components.facets import Facet, Option, facet, toggled
from portal.web.components.vocabulary import SEVERITIES
from portal.web.findings.facets import owner_names
from portal.web.findings.rows import count_of_states
from portal.web.findings.saved_views import BUILT_IN, OPEN, OVERDUE, SEVERE, UNASSIGNED, UNKNOWN
from portal.web.shared.list_views import saved_views
from portal.web.shared.parameters import parameters_of
from tenants import access, scope
from tenants.models import Organization, Person, Tenant
from tenants.roles import Capability

# {facet: {value: label}} with the values that are the same for every customer. The page can show these values before it
# counts the findings.
_FIXED: Final[Mapping[str, Mapping[str, str]]] = {
    "owner": OWNER_LABELS,
    "due": date_buckets.DUE_LABELS,
    "age": date_buckets.AGE_LABELS,
}
# The maximum number of controls that a URL can expand. Further controls of the URL are shown collapsed.
MAX_OPEN: Final = 5
_MAX_OWNERS: Final = 2
# If the findings take long to read, the page first appears without them, and then requests itself with this parameter.
_READ: Final = "read"
# If counting takes long, the page first appears without the counts of the filters, and then requests itself with this
# parameter.
_COUNT: Final = "count"
# For at most this many customers, the page counts the values of its filters immediately, without `_COUNT`.
_COUNTED_AT_ONCE: Final = 25
# The page lists at most this many controls, most urgent first, and also all expanded controls. The URL can ask for all
# controls.
_MAX_CONTROLS: Final = 50
# Below an expanded control, the page lists at most this many customers, unless the URL asks for all.
_MAX_CUSTOMERS: Final = 25
_ALL: Final = "all"
_VIEWS: Final = [
    (name, query) for name, query in BUILT_IN if name in {OPEN, SEVERE, OVERDUE, UNASSIGNED, UNKNOWN}
]
_OF_TREATMENT: Final = ("owner", "due", "age")
_PASSED_ON: Final = ("state", *conditions.NAMES)
# The filters that choose the customers of a new campaign.
_CAMPAIGN_FILTERS: Final = ("customer", "label", *_PASSED_ON)
# {facet: the maximum number of values that it lists}.
_MOST: Final = {"owner": 8, "subscription": 8, "tag": MAX_TAGS}


def findings_of_all(request: HttpRequest) -> HttpResponse:
    """Show the findings of all customers, filtered by the parameters of the URL.

    If very many findings must be read, the page first appears without them and then requests itself with the parameter
    `read`.
    """
    now = timezone.now()
    customers = access.tenants(needs=Capability.VIEW_ALL)
    tenants = list(customers.only("name", "slug", "labels", "due_days", "organization"))
    query = request.GET.copy()
    is_reading = query.pop(_READ, None) is not None
    is_counting = query.pop(_COUNT, None) is not None or len(tenants) <= _COUNTED_AT_ONCE
    request.GET = QueryDict(query.urlencode())  # Links and saved views must not contain `_READ` and `_COUNT`.
    chosen = AllFindingsFilter.parse(parameters_of(query))
    context = {
        "views": saved_views(request, ListView.Page.ALL_FINDINGS, _VIEWS),
        "active": chosen.active_count,
        "q": chosen.search,
        "search_fields": [(name, value) for name, values in query.lists() if name != "q" for value in values],
        "customer_total": len(tenants),
    }
    if not is_reading and must_read_many(tenants, chosen):
        context |= {
            "is_waiting": True,
            "reading_url": f"?{query.urlencode()}&{_READ}=1",
            "facets": [_uncounted_facet(name, None, query, tenants) for name in conditions.NAMES],
        }
        return render(request, "all_findings/all_findings.html", context)
    found = all_findings(tenants, chosen, now, counts_values=is_counting)
    opened = list(dict.fromkeys(query.getlist("open")))[:MAX_OPEN]
    states = chosen.values.get("state", ())
    ordered = _ordered(found.groups)
    shown = ordered
    if query.get("controls") != _ALL:
        shown = [one for place, one in enumerate(ordered) if place < _MAX_CONTROLS or one.control in opened]
    # If findings are filtered by owner, due date or age, only the matching findings are read. So the total number of
    # findings of a control is not known.
    is_whole = not any(name in chosen.values for name in _OF_TREATMENT)
    groups = [_group(group, query, opened, states, is_whole=is_whole) for group in shown]
    for group in groups:
        if group["is_open"]:
            _add_customers(group, query, tenants, chosen, now, found.sources, is_whole=is_whole)
    context |= {
        "groups": groups,
        "controls": len(ordered),
        "more": len(ordered) - len(groups),
        "all_url": _with(query, controls=_ALL),
        "facets": _facets(query, found, tenants),
        "counts_url": f"?{query.urlencode()}&{_COUNT}=1" if found.is_partly_counted else "",
        "total": found.total,
        "open": None if states else found.facets["state"].get(ShownState.OPEN, 0),
        "only_open": list(states) == [ShownState.OPEN],
        "customers": found.assessed_customers,
        "is_filtered": bool(chosen.active_count) and (bool(groups) or _any_finding(tenants)),
    }
    return render(request, "all_findings/all_findings.html", context)


def _any_finding(tenants: list[Tenant]) -> bool:
    return Finding.objects.filter(tenant_id__any_of=[tenant.pk for tenant in tenants]).exists()


def _with(query: QueryDict, **values: str) -> str:
    changed = query.copy()
    changed.update(values)
    return f"?{changed.urlencode()}"


def _ordered(groups: list[AllFindingsGroup]) -> list[AllFindingsGroup]:
    """Sort the groups. Groups that have open findings come before the other groups.

    In both parts, sort by severity and then by number of open findings.
    """
    severities = list(SEVERITIES)

    def key(group: AllFindingsGroup) -> tuple[Any, ...]:
        is_failing = group.states[ShownState.OPEN] > 0
        return (
            not is_failing,
            severities.index(group.severity),
            -group.states[ShownState.OPEN],
            -group.count,
            group.control,
        )

    return sorted(groups, key=key)


def _group(
    group: AllFindingsGroup, query: QueryDict, opened: list[str], states: Sequence[str], *, is_whole: bool
) -> dict[str, Any]:
    is_open = group.control in opened
    changed = query.copy()
    others = [slug for slug in opened if slug != group.control]
    changed.setlist("open", others if is_open else [*others, group.control])
    failing = group.states[ShownState.OPEN] > 0
    return {
        "control": group.control,
        "title": control_problem(group.control) if failing else control_title(group.control),
        "severity": group.severity,
        **_urgent_count(group.states, states),
        **_of_all(group.subjects, is_whole=is_whole),
        # Show the number of customers only if the findings are filtered by state. Otherwise, the number could include
        # customers in which the control applies to no resource.
        "customers": group.customers if states else None,
        "assessed_customers": group.assessed_customers,
        "is_open": is_open,
        "url": f"?{changed.urlencode()}#control-{group.control}",
        "control_url": reverse("control", args=[group.control]),
        "rows": [],
    }


def _of_all(subjects: Mapping[str, int], *, is_whole: bool) -> dict[str, Any]:
    """Return the number of subjects to which a control applies, and the bar of the subjects' states.

    If not all subjects were read (`is_whole` is false), both are empty.
    """
    if not is_whole:
        return {"judged": None, "bar": ""}
    return {"judged": judged(subjects), "bar": group_bar(bar_counts(subjects).items())}


def _campaign_urls(control: str, tenants: list[Tenant], chosen: AllFindingsFilter) -> list[tuple[str, str]]:
    """Return (URL, label) of the links to campaigns for a control.

    The links to the running campaigns come first. Then, for each organization in which the person may assign findings,
    there is a link to the form that starts a campaign. The URL of the form contains the filters instead of the
    customers, so it stays short.
    """
    may = scope.current().may_in_organization
    owners = {tenant.organization_id for tenant in tenants}
    allowed = [owner for owner in owners if may(Capability.ASSIGN, owner)]
    rows = Organization.objects.filter(pk__in=allowed).order_by("name", "pk")
    names = dict(rows.values_list("slug", "name"))
    running = Campaign.objects.filter(organization__slug__in=names, control=control, ended_at=None)
    shown = [
        (reverse("campaign", args=[slug, pk]), f"Show the campaign of {started:%Y-%m-%d}")
        for slug, pk, started in running.order_by("-started_at").values_list(
            "organization__slug", "pk", "started_at"
        )
    ]
    passed = [(name, value) for name in _CAMPAIGN_FILTERS for value in chosen.values.get(name, ())]
    query = urlencode([("control", control), *passed])
    return [
        *shown,
        *(
            (
                f"{reverse('campaign-start', args=[slug])}?{query}",
                "Start a campaign" if len(names) == 1 else f"Start a campaign of {name}",
            )
            for slug, name in names.items()
        ),
    ]


def _urgent_count(counts: Mapping[str, int], states: Sequence[str]) -> dict[str, Any]:
    """Return the number of findings in the most urgent state, as `count_of_states` returns it.

    If the filter chooses `states`, findings in other states are ignored.
    """
    return count_of_states({key: counts.get(key, 0) for key in states or counts})


def _add_customers(
    group: dict[str, Any],
    query: QueryDict,
    tenants: list[Tenant],
    chosen: AllFindingsFilter,
    now: datetime,
    sources: Sources,
    *,
    is_whole: bool,
) -> None:
    """Add the rows of the customers to the group of an expanded control. The customer with the largest number of open
    findings comes first.
    """
    control = group["control"]
    found = customers_of(control, tenants, chosen, now, sources)
    group["campaign_urls"] = _campaign_urls(
        control, [line.tenant for line in found if line.counts[ShownState.OPEN]], chosen
    )
    if query.get("all") != control and len(found) > _MAX_CUSTOMERS:
        everything = query.copy()
        everything["all"] = control
        group["all_url"] = f"?{everything.urlencode()}#control-{control}"
        group["more"] = len(found) - _MAX_CUSTOMERS
        del found[_MAX_CUSTOMERS:]
    group["rows"] = _customers(control, found, chosen, now, is_whole=is_whole)


def _customers(
    control: str, found: list[CustomerLine], chosen: AllFindingsFilter, now: datetime, *, is_whole: bool
) -> list[dict[str, Any]]:
    """Return the rows of these customers, with the owners of the open findings."""
    states = chosen.values.get("state", ())
    work = open_work(control, [line.tenant for line in found], chosen, now)
    people = Person.objects.only("name", "email").in_bulk(
        {owner for one in work.values() for owner in one.owners if owner is not None}
    )
    # Pass on only those filters that the list of one customer's findings also has.
    passed = [(name, value) for name in ("severity", *_PASSED_ON) for value in chosen.values.get(name, ())]
    address = urlencode([("control", control), *passed])
    rows = []
    for tenant, counts, number, subjects in found:
        mine = work.get(tenant.pk)
        owners = [people[pk] for pk in (mine.owners if mine else ()) if pk in people]
        rows.append(
            {
                "tenant": tenant,
                "count": number,
                **_urgent_count(counts, states),
                **_of_all(subjects, is_whole=is_whole),
                "open": counts[ShownState.OPEN],
                "owners": owners[:_MAX_OWNERS],
                "more_owners": max(0, len(owners) - _MAX_OWNERS),
                "unassigned": mine.owners.get(None, 0) if mine else 0,
                "overdue": mine.overdue if mine else 0,
                "url": f"{reverse('findings', args=[tenant.slug])}?{address}",
            }
        )
    return rows


def _facets(query: QueryDict, found: AllFindings, tenants: list[Tenant]) -> list[Facet]:
    counted = set(found.facets)
    counts = {name: {key: number for key, number in found.facets[name].items() if number} for name in NAMES}
    names = {tenant.slug: tenant.name for tenant in tenants}
    facets = [
        facet("Severity", "severity", counts["severity"], query, kind="severity"),
        facet("State", "state", counts["state"], query, kind="state"),
        facet("Customer", "customer", counts["customer"], query, labels=names),
        facet("Label", "label", counts["label"], query),
        facet("Section", "section", counts["section"], query, labels=SECTIONS, folded=True),
        *(
            _facet_of_findings(name, counts[name], query, tenants)
            if name in counted and (counts[name] or name not in _FIXED)
            else _uncounted_facet(name, found.total, query, tenants)
            for name in conditions.NAMES
        ),
    ]
    return [one for one in facets if one.options]


def _facet_of_findings(
    name: str, counts: Mapping[str, int], query: QueryDict, tenants: list[Tenant]
) -> Facet:
    """Return a facet with the values that matching findings have, and their counts."""
    labels = _FIXED.get(name, {})
    if name == "owner":
        labels, _ = owner_names(counts)
    else:
        labels = labels or _labels(name, {*counts, *query.getlist(name)}, tenants)
    return facet(
        LABELS[name],
        name,
        counts,
        query,
        labels=labels,
        order=labels if name in _FIXED and name != "owner" else (),
        most=_MOST.get(name, len(labels)),
        first=(WITHOUT_ACCESS,) if name == "owner" else (),
    )


def _uncounted_facet(name: str, total: int | None, query: QueryDict, tenants: list[Tenant]) -> Facet:
    """Return a facet without counts. It has the values that are the same for every customer, and the values that the
    filter chooses.

    `total` is the number of matching findings, or None if it is unknown. If only one value is chosen, this value has
    the count `total`, because all matching findings have this value.
    """
    chosen = query.getlist(name)
    labels = _FIXED.get(name, {})
    others = [key for key in dict.fromkeys(chosen) if key not in labels]
    if name == "owner":
        labels = {**labels, **conditions.names_of_owners(others)}
    elif others:
        labels = {**labels, **_labels(name, set(others), tenants)}
    options = [
        Option(
            labels.get(key, key), total if chosen == [key] else None, toggled(query, name, key), key in chosen
        )
        for key in (*_FIXED.get(name, ()), *others)
    ]
    return Facet(LABELS[name], name, options)


def _labels(name: str, keys: set[str], tenants: list[Tenant]) -> Mapping[str, str]:
    """Return the labels of subscriptions or tags.

    Everybody who opens the page may see all findings of `tenants`, so email addresses in the values of tags are not
    masked.
    """
    if name == "subscription":
        return place_names_of_tenants([tenant.pk for tenant in tenants], keys) if keys else {}
    return tag_labels(tenants, keys, may_see_names=True) if name == "tag" else {}
