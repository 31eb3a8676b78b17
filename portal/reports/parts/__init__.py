"""The parts of reports. Each part declares which kinds of reports contain it, and its position in them.

To add a part, write a module with its facts and its `PART`, a template in `templates/reports/pdf/`, and a test.
docs/reports.md lists the parts of each kind.
"""

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from portal.reports.kinds import KINDS
from portal.reports.parts.part import Part


def _declared() -> list[Part[Any]]:
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return [module.PART for module in modules if hasattr(module, "PART")]


def by_kind(parts: Sequence[Part[Any]]) -> dict[str, tuple[Part[Any], ...]]:
    """Return {key of a kind: its parts, in the order of the report}.

    Raise ValueError if two parts have the same position, or if a part names a kind that does not exist.
    """
    positions: dict[int, str] = {}
    for part in parts:
        other = positions.setdefault(part.position, part.key)
        if other != part.key:
            raise ValueError(
                f"The parts {other} and {part.key} of reports have the same position, {part.position}. Choose a free"
                " number between those of the parts before and after."
            )
        if unknown := sorted(set(part.kinds) - set(KINDS)):
            raise ValueError(
                f"The part {part.key} names a kind of report that does not exist: {', '.join(unknown)}. Use"
                f" {', '.join(KINDS)}."
            )
    ordered = sorted(parts, key=lambda part: part.position)
    return {kind: tuple(part for part in ordered if kind in part.kinds) for kind in KINDS}


PARTS: Final[tuple[Part[Any], ...]] = tuple(_declared())
PARTS_BY_KIND: Final = MappingProxyType(by_kind(PARTS))
