"""The levels of protection of tables. Each model declares its level, and docs/data-protection.md lists all tables."""

from __future__ import annotations

from enum import StrEnum


class Protection(StrEnum):
    """How sensitive the data of a table is. A table has the level of its most sensitive column.

    docs/data-protection.md explains what each level requires.
    """

    SECRET = "Secret"  # noqa: S105
    CONFIDENTIAL = "Confidential"
    PERSONAL = "Personal"
    INTERNAL = "Internal"
    PUBLIC = "Public"
