"""Templates of the sentences of the section `servicebus`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Service Bus namespace",)
