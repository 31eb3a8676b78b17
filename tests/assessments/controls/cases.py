"""Cases of controls as plain data, swept by the registry and mutation tests.

Each `tests/assessments/controls/<section>/cases_*.py` has a list `CASES`. `expect` is the outcome of the one
subject, or {subject: outcome} of all of them. It may have `IMPOSSIBLE`, {slug: {outcome: why the
control never says it}}, and `ABSENCE_PASSES`, [(slug's pattern, property path's pattern, why)]: the
properties whose absence a control's rule lets pass.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import tests.assessments.controls as package
from assessments.estate.gaps import Gap
from assessments.evaluate import Result
from tests.assessments.controls.judging import judge, outcomes


@dataclass(frozen=True)
class Case:
    """One estate in small, and what a control says of it."""

    slug: str
    name: str
    docs: Mapping[str, Any]
    expect: str | Mapping[str, str]
    gaps: Sequence[Gap] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""  # text that one of the remarks holds
    reason: str = ""  # text that the reason holds

    def __str__(self) -> str:
        return f"{self.slug}: {self.name}"

    def judge(self, docs: Mapping[str, Any] | None = None) -> dict[str, Result]:
        """The results, of the case's documents or of others in their place."""
        return judge(self.slug, self.docs if docs is None else docs, self.gaps, self.params)

    def outcomes(self) -> set[str]:
        """The outcomes that are expected."""
        return {self.expect} if isinstance(self.expect, str) else set(self.expect.values())

    def check(self) -> None:
        """Assert everything that the case says."""
        results = self.judge()
        found = outcomes(results)
        if isinstance(self.expect, str):
            assert list(found.values()) == [self.expect], self._why(results)
        else:
            assert found == dict(self.expect), self._why(results)
        assert self.reason in " | ".join(result.verdict.reason for result in results.values())
        remarks = [remark for result in results.values() for remark in result.verdict.remarks]
        if self.remark:
            assert any(self.remark in remark for remark in remarks), remarks

    def _why(self, results: Mapping[str, Result]) -> str:
        return "; ".join(f"{s}: {r.verdict.outcome}, {r.verdict.reason}" for s, r in results.items())


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every `cases_*` module."""
    found = [info.name for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    names = [name for name in found if name.rsplit(".", 1)[-1].startswith("cases_")]
    return tuple(importlib.import_module(name) for name in names)


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case of every section."""
    return tuple(case for module in modules() for case in module.CASES)


def impossible(slug: str) -> set[str]:
    """Outcomes that a control never has, by its section's cases."""
    return {outcome for module in modules() for outcome in getattr(module, "IMPOSSIBLE", {}).get(slug, {})}


def absence_passes(slug: str, path: str) -> bool:
    """Whether a control's rule lets the absence of a property (`a.b[].c`) pass."""
    listed = [entry for module in modules() for entry in getattr(module, "ABSENCE_PASSES", [])]
    return any(re.fullmatch(slugs, slug) and re.fullmatch(paths, path) for slugs, paths, _ in listed)


def cases_of(slugs: Iterable[str]) -> list[Case]:
    """The cases of some controls."""
    wanted = set(slugs)
    return [case for case in all_cases() if case.slug in wanted]
