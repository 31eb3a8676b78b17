"""Templates of the sentences that controls of the section `aks` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Azure did not list the plan for {words}",
    "Defender for Cloud is not registered in the subscription, so the plan for {words} is off",
)
