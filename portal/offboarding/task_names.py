"""Registered names of the tasks. The names begin with the former name of this package, and must not change, because
queued messages contain them.
"""

from typing import Final

RUN_EXPORT: Final = "portal.leaving.tasks.export"
DELETE_EXPORTS: Final = "portal.leaving.tasks.delete_exports"
RUN_ERASURE: Final = "portal.leaving.tasks.erase"
ANNOUNCE_DONE: Final = "portal.leaving.tasks.announce_done"
