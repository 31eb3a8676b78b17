"""The tables of streams and anchors."""

from portal.audit.models.anchor import Anchor
from portal.audit.models.cursor import StreamCursor

__all__ = ["Anchor", "StreamCursor"]
