"""The names of the tasks of this package."""

from typing import Final

AFTER_ASSESSMENT: Final = "portal.changes.tasks.after_assessment"
RECORD: Final = "portal.changes.tasks.record"
