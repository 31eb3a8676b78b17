"""The site: composition root, and what people do."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
