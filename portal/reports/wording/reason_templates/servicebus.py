"""Templates of the sentences that controls of the section `servicebus` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = ("No Service Bus namespace",)
