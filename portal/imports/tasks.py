"""Celery tasks of imports."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from portal.imports.actions import run_import
from portal.imports.task_names import IMPORT_CUSTOMERS
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS


@shared_task(name=IMPORT_CUSTOMERS, **RETRY_ON_DATABASE_ERRORS)
def import_customers(organization_id: str, import_id: str) -> None:
    """Import the lines of a file. A second message for the same import does no harm."""
    run_import(organization_id=UUID(organization_id), import_id=UUID(import_id))
