"""Celery tasks of configuration files."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from portal.configuration.actions import delete_old_files
from portal.configuration.task_names import DELETE_FILES
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue
from tenants.selectors import organization_ids


@shared_task(name=DELETE_FILES, **RETRY_ON_DATABASE_ERRORS)
def delete_files(organization_id: str) -> None:
    """Delete an organization's files that were uploaded more than a day ago and not applied."""
    delete_old_files(organization_id=UUID(organization_id))


@shared_task(name="portal.configuration.tasks.delete_all_files")
def delete_all_files() -> None:
    """Run once an hour: enqueue `delete_files` for each organization."""
    for organization_id in organization_ids():
        enqueue(DELETE_FILES, organization_id)
