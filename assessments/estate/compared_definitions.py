"""The definitions of Azure with which the properties that controls read were compared. Pure data.

`compared_definitions.json` has an entry for each collection:

- `api_version`: the api-version that is requested first; the definition is of this version.
- `source`: a Python library of Azure with its version, or a file of a repository with its commit.
- `definition`: the model of the library, or the name of the definition in the file.
- `properties`: the properties that controls read and the definition has. In a path, `{}` is any key of a dictionary.
- `undefined`: properties that controls read although the definition lacks them, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "compared_definitions.json"


@dataclass(frozen=True, slots=True)
class Compared:
    """The definition with which one collection was compared."""

    api_version: str
    source: str
    definition: str
    properties: tuple[str, ...]
    undefined: Mapping[str, str] = field(default_factory=dict)


@cache
def compared() -> Mapping[str, Compared]:
    """Return the comparisons by the names of the collections."""
    entries = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: Compared(**{**entry, "properties": tuple(entry["properties"])})
        for name, entry in entries.items()
    }
