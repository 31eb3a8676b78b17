"""Collections whose properties were compared with the installed version of one of Azure's Python libraries."""

from __future__ import annotations

import importlib
import importlib.metadata
import re

from assessments.estate.compared_definitions import compared

LIBRARY = re.compile(r"(azure-mgmt-[a-z-]+) (\d[\w.]*)")


def installed_version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def libraries() -> dict[str, tuple[str, str]]:
    """Return {collection: (library, version)} of the collections that were compared with a library."""
    found = {name: LIBRARY.fullmatch(one.source) for name, one in compared().items()}
    return {name: (library[1], library[2]) for name, library in found.items() if library}


INSTALLED = sorted(
    name for name, (library, version) in libraries().items() if installed_version(library) == version
)
