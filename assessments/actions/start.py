"""Start an assessment, and retry the units that failed."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Max

from assessments.actions.profiles import overrides_of
from assessments.actions.task_names import PREPARE
from assessments.controls.registry import catalogue_hash
from assessments.errors import AlreadyRunning, NotActive, NothingToAssess
from assessments.models import Assessment, Unit
from assessments.version import VERSION
from tenants import journal
from tenants.actions import refuse_archived
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.models import Person, ServicePrincipal, Subscription, Tenant


@transaction.atomic
def start(
    *,
    tenant: Tenant,
    by: Actor,
    trigger: Assessment.Trigger = Assessment.Trigger.MANUAL,
    only: Iterable[str] = (),
) -> Assessment:
    """Queue an assessment of the tenant. If `only` is given, the assessment covers only the units with these scope ids.

    Raise Conflict for an archived tenant, and AlreadyRunning if another assessment is queued or running. Raise
    NothingToAssess if the tenant has neither an enabled service principal nor a delegated subscription.
    """
    refuse_archived(tenant)
    principals = ServicePrincipal.objects.filter(tenant=tenant)
    is_delegated = Subscription.objects.filter(tenant=tenant, is_delegated=True).exists()
    if not is_delegated and not principals.exists():
        raise NothingToAssess(
            f"{tenant.name} has no service principal yet. Add one under Settings, then start the assessment again."
        )
    if not is_delegated and not principals.filter(disabled_at=None).exists():
        raise NothingToAssess(
            f"All service principals of {tenant.name} are disabled. Enable one under Settings, then start the"
            " assessment again."
        )
    last = Assessment.objects.filter(tenant=tenant).aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            assessment = Assessment.objects.create(
                tenant=tenant,
                number=last + 1,
                trigger=trigger,
                requested_by=by if isinstance(by, Person) else None,
                catalogue_hash=catalogue_hash(),
                product_version=VERSION,
                parameters=overrides_of(tenant),
                only=sorted(only),
            )
    except IntegrityError:
        raise AlreadyRunning(
            f"An assessment of {tenant.name} is already running. Wait until it ends, or cancel it, then start again."
        ) from None
    journal.record(
        tenant=tenant,
        actor=by,
        action="assessment.start",
        target=f"assessment:{assessment.number}",
        details={"trigger": str(trigger), "only": assessment.only},
    )
    enqueue(PREPARE, tenant.pk, assessment.pk)
    return assessment


@transaction.atomic
def retry(*, assessment: Assessment, by: Actor) -> Assessment:
    """Start an assessment of the units that failed, were cancelled or have gaps in an earlier assessment. Raise
    NotActive if there is no such unit.
    """
    units = Unit.objects.filter(assessment=assessment)
    scope_ids = [
        unit.scope_id
        for unit in units
        if unit.gaps or unit.state in (Unit.State.FAILED, Unit.State.CANCELLED)
    ]
    if not scope_ids:
        raise NotActive(
            "This assessment read all subscriptions and directories completely. There is nothing to retry."
        )
    return start(tenant=assessment.tenant, by=by, trigger=Assessment.Trigger.RETRY, only=scope_ids)
