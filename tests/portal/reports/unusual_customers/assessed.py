"""Customers in unusual states, assessed by the engine without a network, for tests of what reports state."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from django.utils import timezone

from assessments.actions.start import start
from assessments.actions.unassessed_findings import mark_unassessed_findings
from assessments.actions.units.finish import finish
from assessments.actions.units.lease import claim
from assessments.actions.units.run import _nothing_read
from assessments.actions.units.write import Gathered, write_unit
from assessments.controls.profiles import asking
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.evaluate import controls_for
from assessments.models import Assessment, Unit
from assessments.own.control import controls_under
from portal.reports.actions import request_report
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from portal.reports.parts.part import ReportFacts
from portal.reports.render import render_html
from tenants.models import Directory, Organization, Person, Subscription, Tenant
from tests import factories
from tests.portal.web.world import account

_RESTRICTED: Final = "2af84b1e-32c8-42b7-82bc-daa82404023b"
_SAME_AS_MEMBERS: Final = "a0b1b346-4d3e-4e8b-98f8-753987be4970"


@dataclass(frozen=True)
class Read:
    """A subscription or directory to assess.

    For a subscription, `safe` says of each storage account whether it passes. For a directory, it says whether the
    access of guests is limited. If `safe` is None, nothing could be read. With `gap`, a permission for network security
    groups was missing.
    """

    place: Subscription | Directory
    safe: Sequence[bool] | None
    gap: bool = False


@dataclass(frozen=True)
class Customer:
    """A customer with a directory, and with subscriptions that its service principal sees."""

    tenant: Tenant
    directory: Directory
    subscriptions: tuple[Subscription, ...]
    by: Person


def customer(owner: Organization, by: Person, subscriptions: int = 1) -> Customer:
    """Register a customer that was not assessed yet."""
    tenant = factories.tenant(owner, f"UnusualCustomer {uuid4().hex[:6]}")
    directory = factories.directory(tenant, name="UnusualCustomer directory")
    principal = factories.service_principal(directory, name="reader")
    rows = tuple(factories.subscription(principal, f"Sub {number}") for number in range(1, subscriptions + 1))
    return Customer(tenant, directory, rows, by)


def assess(customer: Customer, units: Sequence[Read], *, only: bool = False) -> Assessment:
    """Write a finished assessment of these subscriptions and directories."""
    tenant = customer.tenant
    with factories.in_tenant(tenant):
        scopes = [_unit(read, None).scope_id for read in units] if only else []
        assessment = start(tenant=tenant, by=customer.by, only=scopes)
        rows = [_unit(read, assessment) for read in units]
        if not only:
            mark_unassessed_findings(
                assessment=assessment, scope_ids=[unit.scope_id for unit in rows], at=timezone.now()
            )
        Unit.objects.bulk_create(rows)
        Assessment.objects.filter(pk=assessment.pk).update(
            state=Assessment.State.RUNNING, started_at=timezone.now(), units_total=len(rows)
        )
        assessment.refresh_from_db()
        if not rows:
            finish(assessment)
    for read, unit in zip(units, rows, strict=True):
        lease = claim(tenant_id=tenant.pk, unit_id=unit.pk, worker="tests")
        assert lease is not None
        controls = controls_for(UnitKind(unit.kind), controls_under(assessment.parameters))
        write_unit(lease=lease, controls=controls, gathered=_gathered(read, unit, controls, assessment))
    with factories.in_tenant(tenant):
        assessment.refresh_from_db()
    return assessment


def _unit(read: Read, assessment: Assessment | None) -> Unit:
    place = read.place
    is_directory = isinstance(place, Directory)
    return Unit(
        tenant_id=place.tenant_id,
        assessment=assessment,
        kind=Unit.Kind.DIRECTORY if is_directory else Unit.Kind.SUBSCRIPTION,
        azure_id=place.directory_id if isinstance(place, Directory) else place.subscription_id,
        name=place.name if isinstance(place, Directory) else place.display_name,
        directory_id=place.pk if isinstance(place, Directory) else place.directory_id,
        subscription=None if isinstance(place, Directory) else place,
        steps_planned=1,
    )


def _gathered(read: Read, unit: Unit, controls: Any, assessment: Assessment) -> Gathered:
    is_directory = unit.kind == Unit.Kind.DIRECTORY
    estate = Estate(
        kind=UnitKind(unit.kind),
        unit_id=unit.azure_id,
        subscriptions=[] if is_directory else [unit.azure_id],
        now=timezone.now(),
    )
    if read.safe is None:
        wanted = asking(controls, assessment.parameters)
        return _nothing_read(estate, wanted, "AADSTS7000222", "The client secret has expired.")
    if is_directory:
        role = _RESTRICTED if all(read.safe) else _SAME_AS_MEMBERS
        estate.add_documents(
            "authorization_policy", "", [{"id": "authorizationPolicy", "guestUserRoleId": role}]
        )
        return Gathered(estate, requests=3)
    accounts = [account(unit.azure_id, f"store{number}", safe=safe) for number, safe in enumerate(read.safe)]
    estate.add_documents("storage_accounts", estate.scope_id, accounts)
    for one in accounts:
        service = {"id": f"{one['id']}/fileServices/default", "name": "default", "properties": {}}
        estate.add_documents("file_services", str(one["id"]), [service])
    if read.gap:
        permission = "Microsoft.Network/networkSecurityGroups/read"
        estate.add_gap(
            Gap(
                "network_security_groups",
                estate.scope_id,
                Reason.FORBIDDEN,
                status=403,
                permission=permission,
            )
        )
    else:
        estate.add_documents("network_security_groups", estate.scope_id, [])
    return Gathered(estate, requests=5)


def facts_of(tenant: Tenant, **choices: Any) -> ReportFacts:
    """Return the facts of a report. Needs the tenant's scope."""
    report = request_report(tenant=tenant, by=factories.BY, **choices)
    facts = gather_facts(report, ensure_signing_identity())
    Report.objects.filter(pk=report.pk).update(state=Report.State.CANCELLED)
    return facts


def words_of(facts: ReportFacts) -> str:
    """Return the words of a report, without markup and layout."""
    pages = render_html(facts, [])
    return " ".join(
        html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|script).*?</\1>", "", pages))).split()
    )
