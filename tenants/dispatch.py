"""Send background tasks after the commit, repeat tasks while the database is unreachable, and call a function for each
tenant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog
from celery import current_app
from django.db import InterfaceError, OperationalError, transaction

from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.selectors import tenant_ids

log = structlog.get_logger(__name__)
# Options for `shared_task`. While the database is unreachable, Celery runs the task again after 1, 2, 4, 8, 8, ...
# seconds, without limit. If a task did not have these options, its message would be lost, and only the next run of the
# periodic task (“tick”) would find the work.
RETRY_ON_DATABASE_ERRORS: Final[dict[str, Any]] = {
    "autoretry_for": (OperationalError, InterfaceError),
    "max_retries": None,
    "retry_backoff": 1,
    "retry_backoff_max": 8,
    "retry_jitter": False,
}
# Options for `shared_task` with `autoretry_for`, for tasks that send mails or posts. Celery runs the task again after
# 5, 10, 20, ..., 640, 900, 900, ... seconds, for two hours in total. An attempt may take minutes, because a mail server
# can have many addresses, and each of them is tried for 20 seconds. If the broker delivered the task's message again
# during an attempt, recipients would get two mails. So the broker waits longer before it delivers these messages again:
# see `redelivery_seconds` in `portal.workers.checked_broker`.
RETRY_FOR_TWO_HOURS: Final[dict[str, Any]] = {
    "redelivery_seconds": 900,
    "max_retries": 15,
    "retry_backoff": 5,
    "retry_backoff_max": 900,
    "retry_jitter": False,
}


def enqueue(task: str, *ids: UUID) -> None:
    """Send the task with these ids as arguments after the current transaction commits.

    Actions may not import the modules with tasks, so `task` is the registered name. If the broker loses the message,
    the periodic ticks find the unfinished work.
    """
    transaction.on_commit(partial(_send, task, [str(identifier) for identifier in ids]))


def for_each_tenant(function: Callable[[Tenant], None]) -> None:
    """Call `function` with every tenant, each in that tenant's scope and in its own transaction.

    An error for one tenant is logged, and raised again after `function` was called with all other tenants. An error of
    the database is raised immediately.
    """
    failed: Exception | None = None
    for tenant_id in tenant_ids():
        try:
            with tenant_scope(tenant_id):
                function(Tenant.objects.get(pk=tenant_id))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("periodic work of a tenant failed", tenant=str(tenant_id))
            failed = failed or error
    if failed is not None:
        raise failed


def _send(task: str, arguments: list[str]) -> None:
    # Workers refuse messages with time limits. Pass None, because otherwise Celery would write the limits of the task
    # into the message. The worker knows the limits of the task, and applies them.
    current_app.send_task(task, args=arguments, retry=True, time_limit=None, soft_time_limit=None)
