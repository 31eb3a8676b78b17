"""Celery tasks of the reports."""

from celery import shared_task

from portal.reports.actions import BUILD, build_requested


@shared_task(name=BUILD)
def build(tenant_id: str, report_id: str) -> None:
    """Build a requested report."""
    build_requested(tenant_id=tenant_id, report_id=report_id)
