"""Tables: how far each journal was streamed, and anchors (journal heads sent or stamped outside of the database)."""

from portal.audit.models.anchor import Anchor
from portal.audit.models.cursor import StreamCursor

__all__ = ["Anchor", "StreamCursor"]
