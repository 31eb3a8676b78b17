"""The Celery application. Its settings are in portal/settings/celery.py."""

import gc
import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("surety")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "assessments",
        "portal.reports",
        "portal.treatment",
        "portal.notify",
        "portal.members",
        "portal.audit",
        "portal.accounts",
    ]
)


@signals.worker_before_create_process.connect
def freeze_loaded_objects(**_signal: Any) -> None:
    """Exclude the objects loaded before a fork from garbage collection.

    The collector would otherwise write to their memory pages, so that each worker process gets its own copy.
    """
    gc.freeze()
