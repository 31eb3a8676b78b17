"""Registered names of the tasks of imports. Queued messages contain these names, so the names must not change."""

from typing import Final

IMPORT_CUSTOMERS: Final = "portal.imports.tasks.import_customers"
DELETE_PREVIEWS: Final = "portal.imports.tasks.delete_previews"
