"""The properties that controls read, and Azure's definitions in which these properties were found. Pure data.

`make docs` writes the folder `definitions/` from the declarations of the collections, the installed libraries of Azure,
and the modules with Microsoft's examples (`tests/assessments/official/bodies.py` explains these modules). The folder
has one file for each resource provider, and one for Microsoft Graph. A file has one entry for each collection:

- `api_version`: the api-version that is requested first; the definition belongs to this version
- `source`: a Python library of Azure with its version, or a file of a repository with its commit
- `definition`: the model of the library, or the name of the definition in the file
- `properties`: the paths of those properties that controls read and that the definition has; `{}` is any key of a
  dictionary
- `undefined`: properties that controls read although the definition lacks them, with the reason
- `request`: the request as Microsoft’s data describe it; only entries of Microsoft Graph have this key

The keys of `request`:

- `method`, `path`: `{scope}` in the path is the key of an entity or the argument of a function
- `returns`: the type that a request for `path` returns in all clouds
- `query_properties`: the properties that the query of the request names
- `permissions`: those permissions of the collection that the file GRAPH_PERMISSIONS lists for the request
- `documented_permissions`: the other permissions of the collection, each with the page that documents it
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "definitions"
GRAPH_METADATA = (
    "microsoftgraph/msgraph-metadata/schemas/v1.0-{Prod,Fairfax,Mooncake}.csdl"
    "@f54f11b60956ea7b185ca0447b2b80805836ec7b"
)
"""Microsoft Graph’s metadata of three clouds, which define the types and properties."""
GRAPH_PERMISSIONS = (
    "microsoftgraph/microsoft-graph-devx-content/permissions/new/permissions.json"
    "@6cbd6bbd665a877560fdefbad74f3bdb5b57af88"
)
"""The data from which Microsoft makes the lists of permissions on the pages of Microsoft Graph’s reference."""


@dataclass(frozen=True, slots=True)
class ComparedRequest:
    """A request of Microsoft Graph as Microsoft’s metadata and permission data describe it."""

    method: str
    path: str
    returns: str
    query_properties: tuple[str, ...]
    permissions: tuple[str, ...]
    documented_permissions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """The definition with which one collection was compared."""

    api_version: str
    source: str
    definition: str
    properties: tuple[str, ...]
    undefined: Mapping[str, str] = field(default_factory=dict)
    request: ComparedRequest | None = None


@cache
def compared() -> Mapping[str, Compared]:
    """Return {name of a collection: its entry}. Raise ValueError if two files have an entry for the same collection."""
    found: dict[str, Compared] = {}
    for file in sorted(FOLDER.glob("*.json")):
        for name, entry in json.loads(file.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(
                    f"{file.name} and another file of {FOLDER.name} have an entry for {name}. Remove one of them."
                )
            found[name] = _compared(entry)
    return dict(sorted(found.items()))


def _compared(entry: Mapping[str, Any]) -> Compared:
    request = entry.get("request")
    if request is not None:
        lists = {key: tuple(request[key]) for key in ("query_properties", "permissions")}
        request = ComparedRequest(**{**request, **lists})
    return Compared(**{**entry, "properties": tuple(entry["properties"]), "request": request})
