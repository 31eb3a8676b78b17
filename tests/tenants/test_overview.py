"""The docstring of `tenants` groups all of its modules by what they are for."""

from __future__ import annotations

import pkgutil
import re

import tenants

# Packages and modules that every Django application has.
OF_DJANGO = {"apps", "management", "migrations"}


def test_every_module_is_named_once() -> None:
    _, _, groups = str(tenants.__doc__).partition("\n\n")[2].partition("\n\n")
    modules = {module.name for module in pkgutil.iter_modules(tenants.__path__)} - OF_DJANGO
    assert sorted(re.findall(r"`(\w+)`", groups)) == sorted(modules)
