"""Models of bulk jobs."""

from portal.bulk_jobs.models.bulk_job import BulkJob, BulkJobItem

__all__ = ["BulkJob", "BulkJobItem"]
