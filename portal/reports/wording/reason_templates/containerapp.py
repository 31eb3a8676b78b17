"""Templates of the sentences that controls of the section `containerapp` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Microsoft does not document whether the rules of an app apply to requests that an HTTP route forwards",
    "The container app {resource} is not in the list that Azure returned",
    "No container apps",
    "No environments of container apps",
)
