"""The link from an exception that ends soon to the form that requests a new exception for the same findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.urls import reverse

from assessments.models import Finding
from portal.queries.findings.selection import MAX_PICKED
from portal.treatment.matching import FIELDS
from portal.treatment.models import ExceptionItem, FindingException
from portal.web.shared.visible import may, visible_findings
from tenants.models import Tenant
from tenants.roles import Capability

State = FindingException.State


@dataclass(frozen=True, slots=True)
class Renewal:
    """The link to the form that requests a new exception, to follow an exception that ends soon.

    For an exception by a rule, the URL contains the conditions of the rule. For any other exception, `findings` are the
    ids of the findings, which are posted to the URL.
    """

    url: str
    findings: tuple[str, ...] = ()


def renewal_of(tenant: Tenant, found: FindingException, now: datetime) -> Renewal | None:
    """Return the link to the form that requests a new exception, to follow `found`. Return None in these cases:

    - `found` does not end soon, or the person may not request the new exception
    - `found` has a rule, and another exception with the same conditions and a later end is requested or approved
    - `found` has no rule, and the new exception would cover no finding or more than `MAX_PICKED` findings

    If `found` has no rule, the new exception covers its findings that still fail, except those for which another
    exception waits for a decision or for its start.
    """
    if not found.ends_soon(now) or not may(Capability.TREAT, tenant):
        return None
    url = reverse("exception-request", args=[tenant.slug])
    if found.scope == FindingException.Scope.RULE:
        # People who see only some findings cannot request an exception by a rule.
        if not may(Capability.VIEW_ALL, tenant):
            return None
        conditions = {name: getattr(found, name) for name in FIELDS}
        others = FindingException.objects.filter(tenant=tenant, scope=found.scope, **conditions)
        states = (*FindingException.PENDING, *FindingException.COVERING)
        if others.filter(state__in=states, ends_at__gt=found.ends_at).exists():
            return None
        rule = {name: value for name, value in conditions.items() if value}
        return Renewal(f"{url}?{urlencode({**rule, 'maximum': found.maximum})}")
    further = ExceptionItem.objects.filter(
        finding=OuterRef("pk"), exception__state__in=(*FindingException.PENDING, State.APPROVED)
    )
    rows = visible_findings(tenant).filter(
        ~Exists(further),
        pk__in=found.items.order_by().values("finding"),
        outcome=Finding.Outcome.FAIL,
        gone_at__isnull=True,
    )
    ids = [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)[: MAX_PICKED + 1]]
    return Renewal(url, tuple(ids)) if 0 < len(ids) <= MAX_PICKED else None
