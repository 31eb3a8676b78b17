"""The declarations of all collections, in one module per topic.

Code that needs a collection imports it from the module of its topic. `ALL` finds the modules by walking the package, so
a new collection is declared in one place. If a collection declares an `operation`, its api-version is one that the
Azure SDK of November 2026 supports.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from assessments.estate.collection import Collection, Inventory, Source


def _declared() -> Iterator[Collection]:
    for info in pkgutil.iter_modules(__path__, f"{__name__}."):
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, Collection):
                yield value


def _by_name() -> dict[str, Collection]:
    found: dict[str, Collection] = {}
    for collection in _declared():
        if found.setdefault(collection.name, collection) is not collection:
            raise ValueError(f"two collections are named {collection.name}")
    return found


ALL: Mapping[str, Collection] = MappingProxyType(_by_name())
"""Every collection by its name."""

REQUESTED: Mapping[str, Collection] = MappingProxyType(
    {name: one for name, one in ALL.items() if one.source is not Source.IMPORTED}
)
"""The collections that Surety reads from Azure, by name. People import the documents of the other collections."""

CONFIGURATIONS: Mapping[str, Collection] = MappingProxyType(
    {name: one for name, one in ALL.items() if one.inventory is Inventory.CONFIGURATION}
)
"""The collections whose documents are resources with their configuration, by name."""
