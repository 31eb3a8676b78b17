"""Find all kinds of bulk jobs by importing the modules of this package."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from portal.bulk_jobs import kinds as package
from portal.bulk_jobs.kinds.base import JobKind


@cache
def job_kinds() -> Mapping[str, JobKind]:
    """Return all kinds by their keys, sorted by key."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    found: list[JobKind] = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.key: kind for kind in sorted(found, key=lambda kind: kind.key)}
