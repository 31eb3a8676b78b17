"""Requests with each bulk action, for the tests of the API, of the page of a job and of the command line."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from tests.portal.bulk_jobs import bulk_actions as package


@dataclass(frozen=True, slots=True)
class Case:
    """A request with a bulk action.

    - `values`: the fields of the request besides its filter
    - `words`: the arguments with which the command `surety bulk ACTION CUSTOMER` sends the same values
    - `shown`: texts that the page of the job shows
    - `verdict`: the filter of the request selects the findings with this verdict
    """

    action: str
    words: Sequence[str]
    values: Mapping[str, Any]
    shown: Sequence[str]
    verdict: str = "fail"

    @property
    def body(self) -> dict[str, Any]:
        """The body of the request: the values, and a filter for findings with the verdict."""
        return {**self.values, "filters": {"verdict": [self.verdict]}}


@cache
def cases() -> Sequence[Case]:
    """Return the `CASES` of the test modules of all bulk actions."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [import_module(f"{package.__name__}.{name}") for name in names if name.startswith("test_")]
    return [case for module in modules for case in module.CASES]


def body_of(action: str) -> dict[str, Any]:
    """Return the body of the first case with this action."""
    return next(case.body for case in cases() if case.action == action)
