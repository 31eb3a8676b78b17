"""Templates of the sentences of the section `recovery`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No Recovery Services vaults or Backup vaults",
    "Soft delete is on, for at least {number} days",
    "Soft delete is on, for at least 1 day",
)
