"""The models of anchors, and of the progress of each journal's stream. An anchor is the head of a journal, sent to a
receiver or time-stamped outside of the database.
"""

from portal.audit.models.anchor import Anchor
from portal.audit.models.cursor import StreamCursor

__all__ = ["Anchor", "StreamCursor"]
