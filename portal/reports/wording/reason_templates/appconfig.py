"""Templates of the sentences that controls of the section `appconfig` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No App Configuration store",
    "Microsoft does not document whether a private endpoint without approval switches public access off",
)
