"""Templates of the sentences that controls of the section `postgresql` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No PostgreSQL servers",
    "Azure states a standby server, but also that high availability is not enabled",
)
