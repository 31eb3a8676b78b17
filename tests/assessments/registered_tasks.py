"""The Celery tasks of Surety."""

from __future__ import annotations

from typing import Any

from celery import Celery

PACKAGES = ("assessments.", "portal.")


def surety_tasks(celery: Celery) -> dict[str, Any]:
    celery.loader.import_default_modules()
    return {name: task for name, task in celery.tasks.items() if name.startswith(PACKAGES)}
