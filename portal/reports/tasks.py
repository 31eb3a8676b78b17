"""Celery's way in."""

from celery import shared_task

from portal.reports.actions import build_requested


@shared_task(name="portal.reports.tasks.build")
def build(tenant_id: str, report_id: str) -> None:
    """Build a report that was requested."""
    build_requested(tenant_id=tenant_id, report_id=report_id)
