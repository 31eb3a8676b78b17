"""The parts of reports. Each kind of report (`portal.reports.kinds`) lists its parts in their order.

To add a part, write a module with its facts and its `PART`, a template in `templates/reports/pdf/`, and a test. Then
add the part to kinds of reports.
"""

import pkgutil
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from portal.reports.parts.part import Part


def _declared() -> list[Part[Any]]:
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return [module.PART for module in modules if hasattr(module, "PART")]


PARTS: Final[tuple[Part[Any], ...]] = tuple(_declared())
PARTS_BY_KEY: Final = MappingProxyType({part.key: part for part in PARTS})
