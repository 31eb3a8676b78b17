"""Registered names of the tasks of bulk jobs. Queued messages contain these names, so the names must not change."""

from typing import Final

RUN: Final = "portal.bulk_jobs.tasks.run"
