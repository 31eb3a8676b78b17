"""The Celery application. Its settings are in portal/settings/celery.py."""

import gc
import os
from typing import Any, Final

from celery import Celery, signals

from assessments.shutdown import request_stop
from portal.workers.checked_broker import use_checked_transport
from portal.workers.health import ConsumerHeartbeat, SchedulerWatch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

# The packages whose module `tasks` the worker loads.
WITH_TASKS: Final = (
    "assessments",
    "portal.reports",
    "portal.portfolio_reports",
    "portal.distribution",
    "portal.treatment",
    "portal.changes",
    "portal.tickets",
    "portal.bulk_jobs",
    "portal.notify",
    "portal.members",
    "portal.imports",
    "portal.configuration",
    "portal.offboarding",
    "portal.retention",
    "portal.audit",
    "portal.accounts",
)

use_checked_transport()
app = Celery("surety")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["consumer"].update((ConsumerHeartbeat, SchedulerWatch))
app.autodiscover_tasks(list(WITH_TASKS))


@signals.worker_before_create_process.connect
def freeze_loaded_objects(**_signal: Any) -> None:
    """Before a worker process is forked, exempt all present objects from garbage collection.

    Otherwise, the collector would write to the memory pages of these objects, and each process would get copies of the
    pages.
    """
    gc.freeze()


@signals.worker_shutting_down.connect
def end_waits(**_signal: Any) -> None:
    """End the units (parts of assessments) that wait for Azure, so that the worker stops soon after SIGTERM."""
    request_stop()


@signals.celeryd_init.connect
def answer_only_ping(**_signal: Any) -> None:
    """Remove all remote-control commands of the worker except `ping`.

    Otherwise anyone who can write to the broker could stop the worker or change its limits.
    """
    # Import `Panel` only here, because this loads the code of Celery's worker, which the web server does not need.
    from celery.worker.control import Panel

    for command in set(Panel.data) - {"ping"}:
        del Panel.data[command]
