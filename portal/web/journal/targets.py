"""Find the target of an entry: its name, and a link to its page for people who may open the page.

The journal names a target as `<kind>:<id> <name at that time>` (`tenants.journal.target_of`). Some ids are numbers or
slugs. A deleted object is shown with its name and without a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from assessments.controls.registry import known_controls
from assessments.display.names import Names
from assessments.display.subjects import subject_text
from assessments.models import Assessment, Finding
from assessments.presentation.finding_names import names_for_findings
from portal.notify.models import Channel
from portal.reports.models import Report
from portal.treatment.models import Attestation, OwnerRule, SavedView
from portal.web.shared.visible import may, visible_exceptions, visible_findings
from tenants import scope
from tenants.ids import parse_uuid
from tenants.models import (
    Directory,
    ExclusionRule,
    Membership,
    Organization,
    Person,
    ServicePrincipal,
    Subscription,
    Tenant,
)
from tenants.roles import Capability

_TARGET: Final = re.compile(r"(?P<kind>[a-z]+):(?P<id>[^\s]+)(?: (?P<name>.*))?", re.DOTALL)


class Parsed(NamedTuple):
    """A parsed target. If the target names no object, as in “12 findings”, `kind` is empty and `name` is the whole
    text.
    """

    kind: str
    id: str
    name: str

    @property
    def key(self) -> str:
        """Return the object in the form that URLs use, ``kind:id``. Return an empty text if the target names no
        object.
        """
        return f"{self.kind}:{self.id}" if self.kind else ""


class Link(NamedTuple):
    label: str
    url: str


class Target(NamedTuple):
    """A target as pages show it: `noun label`. If the object has a page, this text is linked to `url`.

    `noun` is empty if the label already contains the noun. `named` is False if neither the entry nor the object has a
    name.
    """

    noun: str
    label: str
    url: str
    key: str
    named: bool = True


type Find = Callable[[Tenant, Collection[str]], Mapping[str, Link]]


@dataclass(frozen=True, slots=True)
class TargetKind:
    """One kind of object that entries are about.

    `find` returns {id: link to the object}. Ids whose objects no longer exist are left out. `needs` is the right that
    the page of such an object requires.
    """

    noun: str
    find: Find | None = None
    needs: Capability = Capability.VIEW


def parse(target: str) -> Parsed:
    found = _TARGET.fullmatch(target)
    if found is None or found["kind"] not in TARGET_KINDS:
        return Parsed("", "", target)
    return Parsed(found["kind"], found["id"], found["name"] or "")


def resolve(tenant: Tenant, targets: Iterable[str]) -> dict[str, Target]:
    """Return {target as recorded: target as shown}, with one query per kind of object."""
    parsed = {target: parse(target) for target in targets}
    wanted: dict[str, set[str]] = {}
    for one in parsed.values():
        if one.kind:
            wanted.setdefault(one.kind, set()).add(one.id)
    links = {kind: _links(tenant, kind, ids) for kind, ids in wanted.items()}
    return {target: _target(one, links) for target, one in parsed.items()}


def resolve_in_organization(organization: Organization, targets: Iterable[str]) -> dict[str, Target]:
    """Return {target as recorded: target as shown} for the journal of an organization.

    Only customers and people are linked.
    """
    parsed = {target: parse(target) for target in targets}
    links: dict[str, Mapping[str, Link]] = {one.kind: {} for one in parsed.values() if one.kind}
    if "tenant" in links:
        ids = [one.id for one in parsed.values() if one.kind == "tenant"]
        found = _rows(Tenant.objects.filter(organization=organization), ids)
        links["tenant"] = {str(row.pk): Link(row.name, reverse("tenant", args=[row.slug])) for row in found}
    if "person" in links:
        page = reverse("organization-people", args=[organization.slug])
        members = Membership.objects.filter(organization=organization, person=OuterRef("pk"))
        ids = [one.id for one in parsed.values() if one.kind == "person"]
        people = _rows(Person.objects.filter(Exists(members.order_by())), ids)
        links["person"] = {
            str(row.pk): Link(str(row), f"{page}?{urlencode({'q': row.email})}") for row in people
        }
    return {target: _target(one, links) for target, one in parsed.items()}


def _links(tenant: Tenant, kind: str, ids: set[str]) -> Mapping[str, Link]:
    target = TARGET_KINDS[kind]
    return target.find(tenant, ids) if target.find and may(target.needs, tenant) else {}


def _target(one: Parsed, links: Mapping[str, Mapping[str, Link]]) -> Target:
    if not one.kind:
        return Target("", "1 finding" if one.name == "1 findings" else one.name, "", "")
    noun = TARGET_KINDS[one.kind].noun
    link = links[one.kind].get(one.id)
    label = one.name or (link.label if link else f"{noun} {_short(one.id)}")
    # A label such as "Exception 3" already contains the noun.
    has_noun = label.casefold().startswith(noun.casefold())
    return Target("" if has_noun else noun, label, link.url if link else "", one.key, bool(one.name or link))


def _short(identifier: str) -> str:
    return identifier[:8] if parse_uuid(identifier) else identifier


def _rows(rows: QuerySet[Any], ids: Collection[str]) -> QuerySet[Any]:
    return rows.filter(pk__in=[pk for one in ids if (pk := parse_uuid(one))]).order_by()


def _name(finding: Finding, names: Names) -> str:
    return f"{finding.control} on {subject_text(finding.subject, finding.subject_name, names)}"


def _findings(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    rows = list(_rows(visible_findings(tenant), ids).only("control", "subject", "subject_name"))
    names = names_for_findings(tenant, rows)
    return {
        str(row.pk): Link(_name(row, names), reverse("finding", args=[tenant.slug, row.pk])) for row in rows
    }


def _exceptions(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    rows = _rows(visible_exceptions(tenant), ids).values_list("pk", "number")
    return {
        str(pk): Link(f"Exception {number}", reverse("exception", args=[tenant.slug, pk]))
        for pk, number in rows
    }


def _attestations(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    theirs = Attestation.objects.filter(tenant=tenant, finding__in=visible_findings(tenant).order_by())
    columns = ("finding__control", "finding__subject", "finding__subject_name")
    rows = list(_rows(theirs, ids).select_related("finding").only(*columns))
    names = names_for_findings(tenant, [row.finding for row in rows])
    return {
        str(row.pk): Link(
            f"answer to {_name(row.finding, names)}", reverse("attest", args=[tenant.slug, row.finding_id])
        )
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
    known = known_controls()
    return {one: Link(known[one].title, reverse("control", args=[one])) for one in ids if one in known}


def _people(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    """Link people to the findings that they own, because people have no page.

    The ids can come from the URL of the request and could be anybody's. So only people who have or had access to this
    tenant are found.
    """
    page = reverse("findings", args=[tenant.slug])
    place = Q(tenant=tenant) | Q(tenant__isnull=True, organization=tenant.organization_id)
    memberships = Membership.objects.filter(place, person=OuterRef("pk"))
    rows = _rows(Person.objects.filter(Exists(memberships.order_by())), ids)
    return {str(row.pk): Link(str(row), f"{page}?owner={row.pk}") for row in rows}


def _views(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    """Return links to saved views: the shared views and the person's own views."""
    visible = SavedView.objects.filter(Q(shared=True) | Q(person=scope.current().person), tenant=tenant)
    page = reverse("findings", args=[tenant.slug])
    return {str(row.pk): Link(row.name, f"{page}?{row.query}") for row in _rows(visible, ids)}


def _on(url_name: str, model: Any, *, own: bool = False) -> Find:
    """Return a function that finds the links to objects of this model.

    If `own` is True, each object is linked to its own page. If `own` is False, it is linked to the page that lists all
    objects.
    """

    def find(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
        rows = _rows(model._default_manager.filter(tenant=tenant), ids)
        return {
            str(row.pk): Link(str(row), reverse(url_name, args=[tenant.slug, *([row.pk] if own else [])]))
            for row in rows
        }

    return find


def _tenant(tenant: Tenant, ids: Collection[str]) -> Mapping[str, Link]:
    return {str(tenant.pk): Link(tenant.name, reverse("tenant", args=[tenant.slug]))}


TARGET_KINDS: Final[Mapping[str, TargetKind]] = {
    "assessment": TargetKind(
        "assessment", _numbered(Assessment, lambda t, pk: reverse("assessment", args=[t.slug, pk]))
    ),
    "attestation": TargetKind("answer", _attestations),
    "batch": TargetKind("bulk action"),
    "channel": TargetKind("channel", _on("channel", Channel, own=True), Capability.ADMINISTER),
    "control": TargetKind("control", _controls),
    "directory": TargetKind("directory", _on("tenant-settings", Directory), Capability.VIEW_ALL),
    "exclusionrule": TargetKind(
        "exclusion rule", _on("exclusion-rule", ExclusionRule, own=True), Capability.ADMINISTER
    ),
    "finding": TargetKind("finding", _findings),
    "findingexception": TargetKind("exception", _exceptions),
    "invitation": TargetKind("invitation"),
    "membership": TargetKind("membership"),
    "notice": TargetKind("notice"),
    "organization": TargetKind("organization"),
    "ticket": TargetKind("ticket"),
    "ticketrule": TargetKind("ticket rule"),
    "ticketsystem": TargetKind("ticket system"),
    "ownerrule": TargetKind("owner rule", _on("owner-rule", OwnerRule, own=True), Capability.ASSIGN),
    "person": TargetKind("to", _people),
    "report": TargetKind(
        "report", _numbered(Report, lambda t, pk: reverse("reports", args=[t.slug])), Capability.READ_REPORTS
    ),
    "savedview": TargetKind("view", _views),
    "serviceaccount": TargetKind("service account"),
    "serviceprincipal": TargetKind(
        "service principal", _on("tenant-settings", ServicePrincipal), Capability.VIEW_ALL
    ),
    "subscription": TargetKind("subscription", _on("tenant-settings", Subscription), Capability.VIEW_ALL),
    "tenant": TargetKind("customer", _tenant),
}
