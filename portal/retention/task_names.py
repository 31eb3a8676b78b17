"""Registered names of the tasks. Queued messages contain them, so they must not change."""

from typing import Final

RUN: Final = "portal.retention.tasks.run"
ANNOUNCE: Final = "portal.retention.tasks.announce"
