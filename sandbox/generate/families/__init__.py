"""Generate the resources and settings that families of controls judge. Each module of this package writes the resources
and settings of one family, and the expected verdicts.

`CONTROLS` are the controls of the module that judge resources. If a subscription has no resource that such a control
judges, the expected verdict on the subscription is not_applicable. The optional function `write(sub)` writes the
resources of the family. Each family has its own random source, so a change of one family does not change the other
families.

A module about the directory has `DIRECTORY_CONTROLS`. If there is no access to Microsoft Graph, the verdicts of these
controls are unknown. `write_directory(out, rng, directory)` writes the family's objects of the directory. The optional
function `expect_directory(out, directory, unusual)` writes the expected verdicts on people and the directory. The
generator calls this function after all subscriptions are written.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from sandbox.generate.directory.people import Directory
from sandbox.generate.output import Output
from sandbox.generate.random_source import RandomSource
from sandbox.generate.subscription import Subscription


@cache
def _modules() -> tuple[ModuleType, ...]:
    names = sorted(info.name for info in pkgutil.iter_modules(__path__, f"{__name__}."))
    return tuple(importlib.import_module(name) for name in names)


def family_controls() -> tuple[str, ...]:
    """Return the slugs in `CONTROLS` of all families: controls that judge resources."""
    return tuple(control for module in _modules() for control in module.CONTROLS)


def write_families(sub: Subscription) -> None:
    """Write the resources of all families into a subscription."""
    for module in _modules():
        if (write := getattr(module, "write", None)) is not None:
            with sub.branch(f"families/{module.__name__.rpartition('.')[2]}"):
                write(sub)


def directory_controls() -> tuple[str, ...]:
    """Return the slugs in `DIRECTORY_CONTROLS` of all families.

    If there is no access to Microsoft Graph, the verdicts of these controls are unknown.
    """
    return tuple(control for module in _modules() for control in getattr(module, "DIRECTORY_CONTROLS", ()))


def write_directory_families(out: Output, rng: RandomSource, directory: Directory) -> None:
    """Write the Graph objects of all families."""
    for module in _modules():
        if (write := getattr(module, "write_directory", None)) is not None:
            write(out, rng.branch(module.__name__.rpartition(".")[2]), directory)


def expect_directory_families(out: Output, directory: Directory, *, unusual: bool) -> None:
    """Write the expected verdicts of all families on people and the directory, after all subscriptions are written.

    If `unusual` is True, leave out the directory: Azure refuses some requests, so these verdicts cannot be predicted.
    """
    for module in _modules():
        if (expect := getattr(module, "expect_directory", None)) is not None:
            expect(out, directory, unusual)
