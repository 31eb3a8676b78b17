"""Registered names of the tasks of bulk jobs. Queued messages contain them, so they must not change."""

from typing import Final

RUN: Final = "portal.bulk_jobs.tasks.run"
