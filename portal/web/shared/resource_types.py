"""Write resource types as pages show them."""

from __future__ import annotations

from typing import Final

from assessments.estate.collections import ALL
from assessments.estate.ids import fold

_PREFIX: Final = "microsoft."
_SPELLED: Final = {fold(one.resource_type): one.resource_type for one in ALL.values() if one.resource_type}


def spelled(type_: str) -> str:
    """Return Azure's spelling of a resource type that is stored in lower case.

    If no collection reads the type, return the type unchanged.
    """
    return _SPELLED.get(type_, type_)


def type_label(type_: str) -> str:
    """Return the resource type without the prefix `Microsoft.`, which nearly all types have.

    Azure writes some providers in lower case, such as microsoft.insights. So the first letter of the result is always a
    capital.
    """
    if not type_.lower().startswith(_PREFIX):
        return type_
    label = type_[len(_PREFIX) :]
    return label[:1].upper() + label[1:]
