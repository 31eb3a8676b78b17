"""Registered names of the tasks that actions enqueue. Messages and stored settings hold them: do not change."""

from typing import Final

PREPARE: Final = "assessments.tasks.prepare"
RUN_UNIT: Final = "assessments.tasks.run_unit"
