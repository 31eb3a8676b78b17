"""Tables: the progress of each journal's stream, and the anchors (heads of journals that were sent or stamped outside
of the database).
"""

from portal.audit.models.anchor import Anchor
from portal.audit.models.cursor import StreamCursor

__all__ = ["Anchor", "StreamCursor"]
