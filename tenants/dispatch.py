"""Background tasks: sending them after the commit, retrying them, and running one function per tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from celery import current_app
from django.db import InterfaceError, OperationalError, transaction

from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.selectors import tenant_ids

# Options for `shared_task`: while the database is unreachable, Celery retries the task after 1, 2, 4, 8, 8, ...
# seconds, without limit. Without them, the message of a failed task is lost, and the periodic task (“tick”) finds the
# work only a minute later.
RETRY_ON_DATABASE_ERRORS: Final[dict[str, Any]] = {
    "autoretry_for": (OperationalError, InterfaceError),
    "max_retries": None,
    "retry_backoff": 1,
    "retry_backoff_max": 8,
    "retry_jitter": False,
}


def enqueue(task: str, *ids: UUID) -> None:
    """Send the task with these ids as arguments after the current transaction commits. Nothing is sent on rollback.

    `task` is the registered name of the task, because actions may not import the modules with the tasks. If the broker
    loses the message, the periodic ticks find the unfinished work in the database and send it again.
    """
    transaction.on_commit(partial(_send, task, [str(identifier) for identifier in ids]))


def for_each_tenant(function: Callable[[Tenant], None]) -> None:
    """Call `function` with every tenant, each in that tenant's scope and in its own transaction.

    Periodic tasks use this function. `function` should send a task instead of doing the work, because an error in
    `function` ends the loop. The remaining tenants then wait for the next run of the periodic task.
    """
    for tenant_id in tenant_ids():
        with tenant_scope(tenant_id):
            function(Tenant.objects.get(pk=tenant_id))


def _send(task: str, arguments: list[str]) -> None:
    # Pass None as time limits. Otherwise, a process that has loaded the task, such as a worker, would write the task's
    # limits into the message, and workers refuse such messages. The worker that runs the task applies the limits
    # anyway.
    current_app.send_task(task, args=arguments, retry=True, time_limit=None, soft_time_limit=None)
