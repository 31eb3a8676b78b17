"""Celery tasks of imports."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from portal.imports.actions import delete_old_previews
from portal.imports.archived import wipe_secrets_of_archived
from portal.imports.run import run_import
from portal.imports.task_names import DELETE_PREVIEWS, IMPORT_CUSTOMERS
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue
from tenants.selectors import organization_ids


@shared_task(name=IMPORT_CUSTOMERS, **RETRY_ON_DATABASE_ERRORS)
def import_customers(organization_id: str, import_id: str) -> None:
    """Import the lines of a file. A second message for the same import does no harm."""
    run_import(organization_id=UUID(organization_id), import_id=UUID(import_id))


@shared_task(name=DELETE_PREVIEWS, **RETRY_ON_DATABASE_ERRORS)
def delete_previews(organization_id: str) -> None:
    """Delete an organization's files that were uploaded more than a day ago and not imported. In the other files,
    delete the secrets of archived customers.
    """
    delete_old_previews(organization_id=UUID(organization_id))
    wipe_secrets_of_archived(organization_id=UUID(organization_id))


@shared_task(name="portal.imports.tasks.delete_all_previews")
def delete_all_previews() -> None:
    """Run once an hour: enqueue `delete_previews` for each organization."""
    for organization_id in organization_ids():
        enqueue(DELETE_PREVIEWS, organization_id)
