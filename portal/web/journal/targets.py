"""What an entry is about: in words, and a link to its page for who may open that.

The journal names an object as `<kind>:<id> <its name then>` (`tenants.journal.target_of`), some by a number or
a slug. What is gone since has its name and no link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from assessments.controls.registry import catalogue
from assessments.models import Assessment
from portal.notify.models import Channel
from portal.reports.models import Report
from portal.treatment.models import Attestation, OwnerRule, SavedView
from portal.web.shared.visible import may, visible_exceptions, visible_findings
from tenants import scope
from tenants.ids import parse_uuid
from tenants.models import Directory, Membership, Person, ServicePrincipal, Subscription, Tenant
from tenants.roles import Capability

_TARGET: Final = re.compile(r"(?P<kind>[a-z]+):(?P<id>[^\s]+)(?: (?P<name>.*))?", re.DOTALL)


class Parsed(NamedTuple):
    """`kind` is empty for what is no object, such as "12 findings"; `name` is then all of it."""

    kind: str
    id: str
    name: str

    @property
    def key(self) -> str:
        """How an address names it; empty for what is no object."""
        return f"{self.kind}:{self.id}" if self.kind else ""


class Link(NamedTuple):
    label: str
    url: str


class Target(NamedTuple):
    """`noun` says what it is and is empty where the label does; `url` is empty for what has no page (any more).

    `named` is False where neither the journal's target nor the object itself gives a name.
    """

    noun: str
    label: str
    url: str
    key: str
    named: bool = True


type Find = Callable[[Tenant, Collection[str]], Mapping[str, Link]]


@dataclass(frozen=True, slots=True)
class Sort:
    """Objects of one kind. `find` gives those of the ids that are there, `needs` what their page asks for."""

    noun: str
    find: Find | None = None
    needs: Capability = Capability.VIEW


def parse(target: str) -> Parsed:
    found = _TARGET.fullmatch(target)
    if found is None or found["kind"] not in SORTS:
        return Parsed("", "", target)
    return Parsed(found["kind"], found["id"], found["name"] or "")


def resolve(tenant: Tenant, targets: Iterable[str]) -> dict[str, Target]:
    """Each target as the journal has it -> what the page says of it; a query for each kind of object."""
    parsed = {target: parse(target) for target in targets}
    wanted: dict[str, set[str]] = {}
    for one in parsed.values():
        if one.kind:
            wanted.setdefault(one.kind, set()).add(one.id)
    links = {kind: _links(tenant, kind, ids) for kind, ids in wanted.items()}
    return {target: _target(one, links) for target, one in parsed.items()}


def _links(tenant: Tenant, kind: str, ids: set[str]) -> Mapping[str, Link]:
    sort = SORTS[kind]
    return sort.find(tenant, ids) if sort.find and may(sort.needs, tenant) else {}


def _target(one: Parsed, links: Mapping[str, Mapping[str, Link]]) -> Target:
    if not one.kind:
        return Target("", "1 finding" if one.name == "1 findings" else one.name, "", "")
    noun = SORTS[one.kind].noun
    link = links[one.kind].get(one.id)
    # A name that begins with its noun ("Exception 3") says it already.
    label = one.name or (link.label if link else f"{noun} {_short(one.id)}")
    said = label.casefold().startswith(noun.casefold())
    return Target("" if said else noun, label, link.url if link else "", one.key, bool(one.name or link))


def _short(identifier: str) -> str:
    return identifier[:8] if parse_uuid(identifier) else identifier


def _rows(rows: QuerySet[Any], ids: Collection[str]) -> QuerySet[Any]:
    return rows.filter(pk__in=[pk for one in ids if (pk := parse_uuid(one))]).order_by()


def _findings(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    rows = _rows(visible_findings(tenant), ids).only("control", "subject_name")
    return {str(row.pk): Link(str(row), reverse("finding", args=[tenant.slug, row.pk])) for row in rows}


def _exceptions(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    rows = _rows(visible_exceptions(tenant), ids).values_list("pk", "number")
    return {
        str(pk): Link(f"Exception {number}", reverse("exception", args=[tenant.slug, pk]))
        for pk, number in rows
    }


def _attestations(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    theirs = Attestation.objects.filter(tenant=tenant, finding__in=visible_findings(tenant).order_by())
    rows = _rows(theirs, ids).select_related("finding").only("finding__control", "finding__subject_name")
    return {
        str(row.pk): Link(f"answer to {row.finding}", reverse("attest", args=[tenant.slug, row.finding_id]))
        for row in rows
    }


def _numbered(model: type[Assessment | Report], page: Callable[[Tenant, Any], str]) -> Find:
    def find(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
        numbers = [int(one) for one in ids if re.fullmatch(r"[0-9]{1,9}", one)]
        rows = model._default_manager.filter(tenant=tenant, number__in=numbers).values_list("number", "pk")
        noun = str(model._meta.verbose_name).capitalize()
        return {str(number): Link(f"{noun} {number}", page(tenant, pk)) for number, pk in rows}

    return find


def _controls(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    known = catalogue()
    return {one: Link(known[one].title, reverse("control", args=[one])) for one in ids if one in known}


def _people(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    """A person has no page: what they own is what there is of them. Those who have or had access here alone:
    people are of all organizations, and an address can name anybody's id.
    """
    page = reverse("findings", args=[tenant.slug])
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    held = Membership.objects.filter(place, person=OuterRef("pk"))
    rows = _rows(Person.objects.filter(Exists(held.order_by())), ids)
    return {str(row.pk): Link(str(row), f"{page}?owner={row.pk}") for row in rows}


def _views(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    """Those that are shared, and one's own."""
    seen = SavedView.objects.filter(Q(shared=True) | Q(person=scope.current().person), tenant=tenant)
    page = reverse("findings", args=[tenant.slug])
    return {str(row.pk): Link(row.name, f"{page}?{row.query}") for row in _rows(seen, ids)}


def _on(url_name: str, model: Any, *, own: bool = False) -> Find:
    """Objects of the tenant with a page of their `own`, or that the tenant's one page lists."""

    def find(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
        rows = _rows(model._default_manager.filter(tenant=tenant), ids)
        return {
            str(row.pk): Link(str(row), reverse(url_name, args=[tenant.slug, *([row.pk] if own else [])]))
            for row in rows
        }

    return find


def _itself(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    return {str(tenant.pk): Link(tenant.name, reverse("tenant", args=[tenant.slug]))}


SORTS: Final[Mapping[str, Sort]] = {
    "assessment": Sort(
        "assessment", _numbered(Assessment, lambda t, pk: reverse("assessment", args=[t.slug, pk]))
    ),
    "attestation": Sort("answer", _attestations),
    "batch": Sort("bulk action"),
    "channel": Sort("channel", _on("channel", Channel, own=True), Capability.ADMINISTER),
    "control": Sort("control", _controls),
    "directory": Sort("directory", _on("tenant-settings", Directory), Capability.VIEW_ALL),
    "finding": Sort("finding", _findings),
    "findingexception": Sort("exception", _exceptions),
    "invitation": Sort("invitation"),
    "membership": Sort("membership"),
    "notice": Sort("notice"),
    "organization": Sort("organization"),
    "ownerrule": Sort("owner rule", _on("owner-rule", OwnerRule, own=True), Capability.ASSIGN),
    "person": Sort("to", _people),
    "report": Sort(
        "report", _numbered(Report, lambda t, pk: reverse("reports", args=[t.slug])), Capability.READ_REPORTS
    ),
    "savedview": Sort("view", _views),
    "serviceprincipal": Sort(
        "service principal", _on("tenant-settings", ServicePrincipal), Capability.VIEW_ALL
    ),
    "subscription": Sort("subscription", _on("tenant-settings", Subscription), Capability.VIEW_ALL),
    "tenant": Sort("customer", _itself),
}
