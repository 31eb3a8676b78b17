"""The kinds of reports. Each kind has a module of its own, which declares it as `KIND`.

A kind determines the attachments of a report and the fields of its form. Each part (`portal.reports.parts`) declares
which kinds contain it, and docs/reports.md lists the parts of each kind. To add a kind, write a module with its `KIND`
and a test, and name the kind in the parts that it contains.
"""

import pkgutil
from importlib import import_module
from types import MappingProxyType
from typing import Final

from portal.reports.kinds.kind import Kind

DEFAULT_KIND: Final = "full"


def _declared() -> list[Kind]:
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return [module.KIND for module in modules if hasattr(module, "KIND")]


# {key of a kind: kind}, in the order in which lists show the kinds.
KINDS: Final = MappingProxyType(
    {kind.key: kind for kind in sorted(_declared(), key=lambda kind: kind.position)}
)
# The keys of the kinds with a cover and a table of contents, in the same order.
WITH_COVER: Final = tuple(kind.key for kind in KINDS.values() if kind.has_cover)
