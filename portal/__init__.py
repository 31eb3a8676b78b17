"""The portal contains pages, treatments, reports and notifications, and the settings that put all parts together."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
