"""Templates of the sentences that controls of the section `keyvault` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No enabled keys in key vaults",
    "No key vaults",
    "Surety did not read the rotation policy, because the subscription has too many keys",
)
