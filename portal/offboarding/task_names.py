"""Registered names of the tasks. Queued messages contain these names, so the names keep the earlier name of this
package.
"""

from typing import Final

RUN_EXPORT: Final = "portal.leaving.tasks.export"
DELETE_EXPORTS: Final = "portal.leaving.tasks.delete_exports"
RUN_ERASURE: Final = "portal.leaving.tasks.erase"
ANNOUNCE_DONE: Final = "portal.leaving.tasks.announce_done"
