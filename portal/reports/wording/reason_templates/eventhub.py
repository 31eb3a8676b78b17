"""Templates of the sentences that controls of the section `eventhub` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Event Hubs namespace",)
