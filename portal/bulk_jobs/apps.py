"""The Django app of bulk jobs."""

from django.apps import AppConfig


class BulkJobsConfig(AppConfig):
    name = "portal.bulk_jobs"
    label = "bulk_jobs"
