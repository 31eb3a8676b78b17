"""The Celery application. Its settings: portal/settings/celery.py; its tasks: assessments.tasks."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("surety")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["assessments"])
