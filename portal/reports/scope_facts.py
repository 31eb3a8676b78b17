"""What was to be judged and what was reached: units, exclusions, gaps, service principals, inventory."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count

from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from assessments.models import Assessment, Resource, Unit
from assessments.selectors import current_units as units_now
from portal.reports.facts import Excluded, GapFact, Principal, UnitFact
from tenants.models import ServicePrincipal, Subscription, Tenant


def current_units(assessment: Assessment) -> list[Unit]:
    """The unit that last judged each scope, as of the assessment, by kind and name."""
    found = units_now(assessment).select_related("assessment", "manifest")
    return sorted(found, key=lambda unit: (unit.kind, unit.name.casefold(), unit.azure_id))


def unit_facts(units: list[Unit]) -> list[UnitFact]:
    """The units as the report lists them."""
    return [
        UnitFact(
            kind=unit.kind,
            name=unit.name or unit.azure_id,
            azure_id=unit.azure_id,
            scope_id=unit.scope_id,
            state=unit.state,
            trouble=_trouble(unit),
            requests=unit.requests,
            throttled=unit.throttled,
            gaps=len(unit.gaps),
            started_at=unit.started_at,
            ended_at=unit.ended_at,
            manifest_sha256=unit.manifest.sha256 if unit.manifest else "",
            assessment_number=unit.assessment.number,
        )
        for unit in units
    ]


def _trouble(unit: Unit) -> str:
    if unit.error or unit.error_code:
        return (
            f"{unit.error_code}: {unit.error}"
            if unit.error_code and unit.error
            else unit.error or unit.error_code
        )
    if unit.state == Unit.State.CANCELLED:
        return "The assessment was cancelled before this was judged."
    if unit.gaps:
        return f"{len(unit.gaps)} answer{'s' if len(unit.gaps) > 1 else ''} missing; see the gaps below."
    return ""


def excluded_subscriptions(tenant: Tenant, units: list[Unit]) -> list[Excluded]:
    """Subscriptions that are known and were not judged, each with the reason."""
    judged = {unit.azure_id for unit in units}
    excluded = []
    for row in Subscription.objects.filter(tenant=tenant).order_by("display_name", "subscription_id"):
        if row.subscription_id in judged:
            continue
        if not row.included:
            reason = "Excluded by a person's choice in the customer's settings."
        elif row.state == Subscription.VANISHED:
            reason = (
                f"Azure no longer lists it for the service principal; last seen {row.last_seen_at:%Y-%m-%d}. "
                "It was deleted, or the access to it was taken away."
            )
        else:
            reason = f"Not judged in this assessment (state in Azure: {row.state})."
        excluded.append(Excluded(row.display_name or row.subscription_id, row.subscription_id, reason))
    return excluded


def gap_facts(units: list[Unit]) -> list[GapFact]:
    """What could not be read, alike gaps of a unit as one."""
    places: Counter[tuple[str, str, str, str, str]] = Counter()
    for unit in units:
        for gap in unit.gaps:
            code = " ".join(str(part) for part in (gap.get("status") or "", gap.get("code") or "") if part)
            known = ALL.get(gap["collection"])
            title = known.title if known else gap["collection"]
            key = (
                unit.name or unit.azure_id,
                title,
                _words(gap["reason"]),
                code,
                gap.get("permission") or "",
            )
            places[key] += 1
    return [GapFact(*key, places=count) for key, count in sorted(places.items())]


def _words(reason: str) -> str:
    return Reason(reason).label if reason in Reason else reason


def principals_of(tenant: Tenant) -> list[Principal]:
    """The service principals and how they stand; no credential leaves this."""
    rows = ServicePrincipal.objects.filter(tenant=tenant).select_related("directory")
    return [
        Principal(
            client_id=row.client_id,
            name=row.name,
            directory=row.directory.name,
            directory_id=row.directory.directory_id,
            cloud=row.directory.cloud_name,
            kind=row.get_kind_display(),
            state=_principal_state(row),
        )
        for row in rows.order_by("directory__name", "created_at")
    ]


def _principal_state(row: ServicePrincipal) -> str:
    if row.last_checked_at is None:
        return "never checked"
    if row.last_error_code:
        return f"could not sign in ({row.last_error_code}) on {row.last_checked_at:%Y-%m-%d %H:%M} UTC"
    return f"signed in on {row.last_checked_at:%Y-%m-%d %H:%M} UTC"


def resource_types(tenant: Tenant) -> list[tuple[str, int]]:
    """(ARM type, number) of the resources that are there, most first."""
    rows = Resource.objects.filter(tenant=tenant, gone_at__isnull=True).values_list("type")
    counted = rows.annotate(count=Count("id")).order_by("-count", "type")
    return [(str(name), int(count)) for name, count in counted]
