"""Templates of the sentences of the section `eventhub`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Event Hubs namespace",)
