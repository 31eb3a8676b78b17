"""The Celery application. Its settings: portal/settings/celery.py."""

import gc
import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("surety")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["assessments", "portal.reports", "portal.treatment", "portal.notify"])


@signals.worker_before_create_process.connect
def keep_pages_shared(**_signal: Any) -> None:
    """Before a fork: what is loaded by now stays, so the collector need not touch (and so copy) its pages."""
    gc.freeze()
