"""Shorthands to declare a collection of ARM, of ARM below each document of another one, or of Graph."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.estate import UnitKind

IN_SCOPE = "{scope}/providers/"
SINGLE = {"shape": Shape.SINGLE}
OPTIONAL = {"shape": Shape.SINGLE, "absent_is_none": True}


def arm(name: str, path: str, action: str, version: str, title: str, **more: object) -> Collection:
    """Declare a collection of a subscription, read from Azure Resource Manager."""
    return Collection(name=name, path=path, permission=action, api_version=version, title=title, **more)  # type: ignore[arg-type]


def child(
    parent: str, name: str, path: str, action: str, version: str, title: str, **more: object
) -> Collection:
    """Declare a collection that is read below each document of `parent`, or below those in `targets`."""
    more.setdefault("targets", t.each(parent))
    more.setdefault("after", (parent,))
    return arm(name, path, action, version, title, **more)


def graph(name: str, path: str, permission: str, title: str, **more: object) -> Collection:
    """Declare a collection of a directory, read from Microsoft Graph."""
    return Collection(
        name=name,
        path=path,
        permission=permission,
        title=title,
        source=Source.GRAPH,
        unit=UnitKind.DIRECTORY,
        **more,  # type: ignore[arg-type]
    )
