"""How pages name types of resources."""

from __future__ import annotations

from typing import Final

_PREFIX: Final = "microsoft."


def type_label(type_: str) -> str:
    """Return the type without Microsoft's prefix, which nearly all types have."""
    return type_[len(_PREFIX) :] if type_.lower().startswith(_PREFIX) else type_
