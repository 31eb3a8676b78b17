"""Celery tasks for exports and erasures."""

from __future__ import annotations

import smtplib
from uuid import UUID

from celery import shared_task
from django.db import InterfaceError, OperationalError

from portal.offboarding.erasures.all_organizations import withdraw_abandoned
from portal.offboarding.erasures.erase_customer import WORKER, due, run_erasure
from portal.offboarding.erasures.finished import announce_done as mail_administrators
from portal.offboarding.erasures.finished import unannounced
from portal.offboarding.erasures.requests import announce_waiting, delete_old_certificates
from portal.offboarding.erasures.waiting_period import announce_shorter_period
from portal.offboarding.exports.actions import delete_old_exports, resend_lost, run_export
from portal.offboarding.models import Erasure
from portal.offboarding.task_names import ANNOUNCE_DONE, DELETE_EXPORTS, RUN_ERASURE, RUN_EXPORT
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope
from tenants.selectors import organization_ids


@shared_task(name=RUN_EXPORT)
def export(tenant_id: str, export_id: str) -> None:
    """Write an export. A second message for the same export does no harm."""
    run_export(tenant_id=UUID(tenant_id), export_id=UUID(export_id))


@shared_task(name=DELETE_EXPORTS, **RETRY_ON_DATABASE_ERRORS)
def delete_exports(tenant_id: str) -> None:
    """Delete the files of a tenant's expired exports."""
    with tenant_scope(tenant_id):
        delete_old_exports(tenant_id=UUID(tenant_id))


@shared_task(name=RUN_ERASURE)
def erase(organization_id: str, erasure_id: str) -> None:
    """Erase a customer or pseudonymise a person. A second message for the same erasure does no harm."""
    run_erasure(organization_id=UUID(organization_id), erasure_id=UUID(erasure_id))


@shared_task(
    name=ANNOUNCE_DONE,
    autoretry_for=(OSError, smtplib.SMTPException, OperationalError, InterfaceError),
    max_retries=8,
    retry_backoff=5,
    retry_backoff_max=120,
)
def announce_done(organization_id: str, erasure_id: str) -> None:
    """Mail the administrators that a customer is erased. If all attempts fail, the periodic task (`tick`) enqueues this
    task again.
    """
    mail_administrators(organization_id=UUID(organization_id), erasure_id=UUID(erasure_id))


@shared_task(name="portal.leaving.tasks.tick")
def tick() -> None:
    """Run every ten minutes. For each tenant, enqueue lost exports again and delete expired exports.

    For each organization:

    - Delete old certificates of erasures.
    - Withdraw pseudonymisations that another organization has abandoned.
    - Notify the administrators of waiting and finished erasures, and of a shorter waiting period.
    - Enqueue due erasures, and erasures whose worker died.
    """
    for_each_tenant(_enqueue_due)
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            delete_old_certificates(organization_id=organization_id)
            withdraw_abandoned(organization_id=organization_id, by=WORKER)
            announce_waiting(organization_id=organization_id)
            announce_shorter_period(organization_id=organization_id)
            for pk in Erasure.objects.filter(due(), organization=organization_id).values_list(
                "pk", flat=True
            ):
                enqueue(RUN_ERASURE, organization_id, pk)
            for row in unannounced(organization_id):
                enqueue(ANNOUNCE_DONE, organization_id, row.pk)


def _enqueue_due(tenant: Tenant) -> None:
    resend_lost(tenant=tenant)
    enqueue(DELETE_EXPORTS, tenant.pk)
