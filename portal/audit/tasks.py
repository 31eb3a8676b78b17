"""Celery tasks of journals. Once a minute, they record the failed sign-ins that were only counted so far, and send new
entries to the receiver of the stream. Once a day, they anchor the heads of the chains.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from celery import current_app, shared_task

from portal.audit import receivers
from portal.audit.actions import anchors
from portal.audit.actions.stream import stream_organization
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS
from tenants.journal.failed_sign_ins import record_counted_failures
from tenants.selectors import organization_ids

STREAM: Final = "portal.audit.tasks.stream"
ANCHOR: Final = "portal.audit.tasks.anchor"


@shared_task(name="portal.audit.tasks.tick")
def tick() -> None:
    """Run once a minute: record the failed sign-ins that were counted for each account (`record_counted_failures`).

    Then, if a receiver is configured, enqueue for each organization a task that sends the organization's new entries.
    """
    record_counted_failures()
    if receivers.configured() is not None:
        _for_each(STREAM)


@shared_task(name=STREAM, **RETRY_ON_DATABASE_ERRORS)
def stream(organization_id: str) -> None:
    """Send the new entries of an organization's chains."""
    stream_organization(UUID(organization_id))


@shared_task(name="portal.audit.tasks.anchor_all")
def anchor_all() -> None:
    """If a receiver is configured, enqueue a task per organization that anchors the heads of its chains."""
    if anchors.configured():
        _for_each(ANCHOR)


@shared_task(name=ANCHOR, **RETRY_ON_DATABASE_ERRORS)
def anchor(organization_id: str) -> None:
    """Anchor the heads of an organization's chains."""
    anchors.anchor_organization(UUID(organization_id))


def _for_each(task: str) -> None:
    for organization_id in organization_ids():
        current_app.send_task(task, args=[str(organization_id)], retry=True)
