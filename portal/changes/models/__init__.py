"""The models of changes, with one module for each topic."""

from portal.changes.models.approval import ApprovedConfiguration
from portal.changes.models.change import ResourceChange, ReviewEvent
from portal.changes.models.cursor import ChangesCursor
from portal.changes.models.plan import PlannedChange
from portal.changes.models.rule import WatchRule
from portal.changes.models.text import ChangeText

__all__ = [
    "ApprovedConfiguration",
    "ChangeText",
    "ChangesCursor",
    "PlannedChange",
    "ResourceChange",
    "ReviewEvent",
    "WatchRule",
]
