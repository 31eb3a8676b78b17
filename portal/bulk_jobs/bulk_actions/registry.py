"""Find all bulk actions by importing the modules of this package."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from portal.bulk_jobs import bulk_actions as package
from portal.bulk_jobs.bulk_actions.base import BulkAction


@cache
def bulk_actions() -> Mapping[str, BulkAction]:
    """Return the `ACTION` of every module of the package by its key, sorted by key."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    found: list[BulkAction] = [module.ACTION for module in modules if hasattr(module, "ACTION")]
    return {action.key: action for action in sorted(found, key=lambda action: action.key)}
