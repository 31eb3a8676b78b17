"""Define the registered names of the tasks. Queued messages contain these names, so the names must not change."""

from typing import Final

RUN: Final = "portal.retention.tasks.run"
ANNOUNCE: Final = "portal.retention.tasks.announce"
