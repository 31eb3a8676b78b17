"""Templates of the sentences that controls of the section `webapp` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "The plan {resource} is not in the list that Azure returned",
    "The stack {resource} is not in the list that Azure returned",
    "Azure does not state when App Service stops supporting {name}",
    # The next reason occurs only in findings that earlier versions of Surety stored.
    "Azure does not list until when App Service supports {name}",
)
