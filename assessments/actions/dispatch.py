"""Handing work to the workers, only when what it needs is committed."""

from functools import partial
from uuid import UUID

from celery import current_app
from django.db import transaction

PREPARE = "assessments.tasks.prepare"
RUN_UNIT = "assessments.tasks.run_unit"


def enqueue(task: str, *ids: UUID) -> None:
    """Send a task with these ids after the transaction commits. By name: tasks are above actions.

    A message that is lost with the broker is sent again by `recover`.
    """
    transaction.on_commit(partial(_send, task, [str(identifier) for identifier in ids]))


def _send(task: str, arguments: list[str]) -> None:
    current_app.send_task(task, args=arguments, retry=True)
