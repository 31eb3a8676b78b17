"""Registered names of the tasks of configuration files. Queued messages contain these names, so the names must not
change.
"""

from typing import Final

DELETE_FILES: Final = "portal.configuration.tasks.delete_files"
