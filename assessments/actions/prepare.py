"""Prepare an assessment: sign in to each directory, list its subscriptions, create the units."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assessments.actions.credentials.delegated_reads import DIRECTORY_NOT_READ, refresh_delegations
from assessments.actions.credentials.principal_roles import record_roles
from assessments.actions.unassessed_findings import mark_unassessed_findings
from assessments.actions.units.dispatch import dispatch
from assessments.actions.units.finish import WORKER, finish
from assessments.models import Assessment, Unit
from tenants.actions.service_principals import lock_principals, record_credential_check
from tenants.actions.subscriptions import lock_subscriptions, sync_subscriptions
from tenants.azure import credentials
from tenants.azure.credentials import CredentialResult
from tenants.locks import Lock, lock
from tenants.models import Directory, ServicePrincipal, Subscription
from tenants.scope import tenant_scope


def prepare(*, tenant_id: UUID | str, assessment_id: UUID | str) -> None:
    """Create the units of a queued assessment and enqueue them. A second call has no effect.

    After a refused sign-in, the directory and its stored subscriptions still get units. These units end with `unknown`
    findings that state the reason.
    """
    with tenant_scope(tenant_id):
        if not Assessment.objects.filter(pk=assessment_id, state=Assessment.State.QUEUED).exists():
            return
        enabled = ServicePrincipal.objects.filter(disabled_at=None)
        principals = list(enabled.select_related("directory", "directory__tenant"))
    found = {principal.pk: credentials.check(principal) for principal in principals}
    refresh_delegations(tenant_id=UUID(str(tenant_id)), by=WORKER)
    with tenant_scope(tenant_id):
        lock(Lock.VERDICTS, tenant_id)
        assessment = (
            Assessment.objects.select_for_update()
            .filter(pk=assessment_id, state=Assessment.State.QUEUED)
            .first()
        )
        if assessment is None:
            return
        # Storing a sign-in result can write a journal entry, so lock all rows before the first entry (`tenants.locks`).
        lock_principals(principal.pk for principal in principals)
        lock_subscriptions([assessment.tenant_id])
        for principal in principals:
            _record_check(principal, found[principal.pk], _seen_by_others(principal, principals, found))
        _make_units(assessment, principals, found)
    # Read the Azure roles of the principals while the units already run. Reports print these roles, but no verdict
    # depends on them.
    for principal in principals:
        if found[principal.pk].ok:
            record_roles(tenant_id=principal.tenant_id, service_principal_id=principal.pk)


def _seen_by_others(
    principal: ServicePrincipal, principals: list[ServicePrincipal], found: dict[UUID, CredentialResult]
) -> set[str]:
    """Return the GUIDs of the subscriptions that service principals other than `principal` see in its directory."""
    return {
        line.subscription_id
        for other in principals
        if other.directory_id == principal.directory_id and other.pk != principal.pk
        for line in found[other.pk].subscriptions or ()
    }


def _record_check(principal: ServicePrincipal, result: CredentialResult, also_seen: set[str]) -> None:
    record_credential_check(by=WORKER, service_principal=principal, result=result)
    # None means that the subscriptions could not be listed. In this case, the stored subscriptions stay unchanged.
    if result.subscriptions is not None:
        sync_subscriptions(
            by=WORKER,
            service_principal=principal,
            discovered=result.subscriptions,
            also_seen=also_seen,
        )


@transaction.atomic
def _make_units(
    assessment: Assessment,
    principals: list[ServicePrincipal],
    found: dict[UUID, CredentialResult],
) -> None:
    # {directory: its reader}. The reader is the oldest principal of the directory that can sign in or, if none can, the
    # oldest principal.
    best: dict[UUID, ServicePrincipal] = {}
    for principal in sorted(principals, key=lambda p: (not found[p.pk].ok, p.created_at)):
        best.setdefault(principal.directory_id, principal)
    sees = {pk: {line.subscription_id for line in result.subscriptions or ()} for pk, result in found.items()}
    delegated = _delegated_directories()
    units = [
        *(
            _directory_unit(assessment, directory, best[directory.pk], found)
            if directory.pk in best
            else _unread_directory_unit(assessment, directory)
            for directory in _directories({*best, *delegated})
        ),
        *(
            _subscription_unit(assessment, row, _reader_or_best(row, principals, sees, best))
            for row in _subscriptions(best)
        ),
    ]
    if assessment.only:
        units = [unit for unit in units if unit.scope_id in assessment.only]
    else:
        scope_ids = [unit.scope_id for unit in units]
        mark_unassessed_findings(assessment=assessment, scope_ids=scope_ids, at=timezone.now())
    Unit.objects.bulk_create(units)
    assessment.state = Assessment.State.RUNNING
    assessment.started_at = timezone.now()
    assessment.units_total = len(units)
    assessment.save(update_fields=["state", "started_at", "units_total"])
    if not units:
        finish(assessment)
    dispatch(assessment)


def _directories(ids: Collection[UUID]) -> list[Directory]:
    return list(Directory.objects.filter(pk__in=ids).order_by("name", "pk"))


def _delegated_directories() -> set[UUID]:
    """Return the directories of the subscriptions that the organization's principal reads."""
    rows = Subscription.objects.filter(Subscription.assessed(), is_delegated=True)
    return set(rows.values_list("directory_id", flat=True))


def _subscriptions(best: dict[UUID, ServicePrincipal]) -> list[Subscription]:
    read = Q(directory_id__in=best) | Q(is_delegated=True)
    rows = Subscription.objects.filter(Subscription.assessed(), read)
    return list(rows.select_related("service_principal").order_by("display_name", "subscription_id"))


def _directory_unit(
    assessment: Assessment,
    directory: Directory,
    principal: ServicePrincipal,
    found: dict[UUID, CredentialResult],
) -> Unit:
    result = found[principal.pk]
    seen_none = result.ok and result.subscriptions == ()
    return _unit_of_directory(
        assessment,
        directory,
        service_principal=principal,
        error_code="no_subscriptions" if seen_none else "",
        error=(
            "The service principal can sign in but sees no subscription. Assign it the Reader role on the"
            " subscriptions or a management group. “Check permissions” lists the commands."
            if seen_none
            else ""
        ),
    )


def _unread_directory_unit(assessment: Assessment, directory: Directory) -> Unit:
    """Return the unit of a directory of which only subscriptions are delegated. The directory itself cannot be read,
    because Azure Lighthouse does not delegate directories. The findings of the directory's controls become unknown.
    """
    return _unit_of_directory(
        assessment,
        directory,
        is_delegated=True,
        error_code="directory_not_delegated",
        error=DIRECTORY_NOT_READ,
    )


def _unit_of_directory(assessment: Assessment, directory: Directory, **more: Any) -> Unit:
    return Unit(
        tenant_id=assessment.tenant_id,
        assessment=assessment,
        kind=Unit.Kind.DIRECTORY,
        azure_id=directory.directory_id,
        name=directory.name,
        directory=directory,
        **more,
    )


def _reader_or_best(
    row: Subscription,
    principals: list[ServicePrincipal],
    sees: dict[UUID, set[str]],
    best: dict[UUID, ServicePrincipal],
) -> ServicePrincipal | None:
    return _reader(row, principals, sees) or (None if row.is_delegated else best[row.directory_id])


def _reader(
    row: Subscription, principals: list[ServicePrincipal], sees: dict[UUID, set[str]]
) -> ServicePrincipal | None:
    """Return the service principal that reads the subscription, and store it in `row`.

    The reader must be able to sign in and see the subscription. Prefer the principal that is already stored in `row`,
    then the oldest principal.

    If no principal of the customer sees the subscription, the result depends on the subscription:

    - If it is delegated, return None, because the organization's principal reads it.
    - Otherwise, return the principal that is stored in `row`, so that the findings become unknown with the error of
      this principal as the reason. Return None if this principal is not in `principals`.
    """
    seeing = [
        principal
        for principal in sorted(principals, key=lambda p: (p.pk != row.service_principal_id, p.created_at))
        if principal.directory_id == row.directory_id and row.subscription_id in sees[principal.pk]
    ]
    if not seeing and row.is_delegated:
        return None
    if not seeing:
        return next((one for one in principals if one.pk == row.service_principal_id), None)
    if seeing[0].pk != row.service_principal_id:
        row.service_principal = seeing[0]
        row.save(update_fields=["service_principal"])
    return seeing[0]


def _subscription_unit(assessment: Assessment, row: Subscription, reader: ServicePrincipal | None) -> Unit:
    return Unit(
        is_delegated=reader is None,
        tenant_id=assessment.tenant_id,
        assessment=assessment,
        kind=Unit.Kind.SUBSCRIPTION,
        azure_id=row.subscription_id,
        name=row.display_name,
        directory_id=row.directory_id,
        service_principal=reader,
        subscription=row,
    )
