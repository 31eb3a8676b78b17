"""Templates of the sentences that controls of the section `recovery` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No Recovery Services vaults or Backup vaults",
    "Soft delete is on, for at least {number} days",
    "Soft delete is on, for at least 1 day",
    "No Recovery Services vaults",
    "The policy has no full backups",
    "No backup policies of Recovery Services vaults",
    "The longest retention of the policy is at least {number} days",
    "The longest retention of the policy is at least 1 day",
)
