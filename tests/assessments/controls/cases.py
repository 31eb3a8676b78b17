"""Cases of controls as plain data. Tests of cases, mutations, redaction and the registry use them.

Each `tests/assessments/controls/<section>/cases_*.py` has a list `CASES`. A case's `expect` is the outcome
of its only subject, or {subject: outcome} of all subjects.

`OFFICIAL_VERDICTS` is a text with the verdicts on Microsoft's example bodies, as a person would judge them. Each line
is `slug outcome: names of subjects`. If even a person cannot decide the verdict, it is unknown, and its line ends with
`  # ` and the reason.

Optional tables:

- `PORTAL_PATHS`: the paths in the portal that are named in fixes. `portal_paths.py` beside this module describes the
  paths.
- `IMPOSSIBLE`, {slug: {outcome: reason}}: outcomes that the control never has.
- `NOT_IN_SANDBOX`, {slug: reason}: controls whose resources and expected verdicts the sandbox does not generate yet, so
  that the demonstration need not show them.
- `DEFINED` and `UNDEFINED`: properties that a person looked up in Microsoft's definition of a document, as
  `tests/assessments/official/bodies.py` describes them.
- `ABSENCE_PASSES`, [(slug pattern, property path pattern, reason)]: properties that may be absent
  although the control passes.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import tests.assessments.controls as package
from assessments.controls.verdict import Outcome
from assessments.estate.gaps import Gap
from assessments.evaluate import Result
from tests.assessments.controls.judging import judge, outcomes


@dataclass(frozen=True)
class Case:
    """A few documents, and the outcome that a control must reach on them."""

    slug: str
    name: str
    docs: Mapping[str, Any]
    expect: str | Mapping[str, str]
    gaps: Sequence[Gap] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""  # a text that at least one remark must contain
    no_remark: str = ""  # a text that no remark may contain
    reason: str = ""  # a text that the reason must contain
    cloud: str = ""  # the name of a cloud in `tenants.cloud_table.CLOUDS`

    def __str__(self) -> str:
        return f"{self.slug}: {self.name}"

    def judge(self, docs: Mapping[str, Any] | None = None) -> dict[str, Result]:
        """Judge the case's documents, or `docs` in their place."""
        return judge(self.slug, self.docs if docs is None else docs, self.gaps, self.params, cloud=self.cloud)

    def outcomes(self) -> set[str]:
        """The expected outcomes."""
        return {self.expect} if isinstance(self.expect, str) else set(self.expect.values())

    def check(self) -> None:
        """Assert the expected outcomes, reason and remark, and that decided verdicts have evidence."""
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
        if self.no_remark:
            assert not any(self.no_remark in remark for remark in remarks), remarks
        without = [s for s, r in results.items() if r.verdict.outcome in DECIDED and not r.evidence]
        assert not without, f"no evidence for {without}"

    def _why(self, results: Mapping[str, Result]) -> str:
        expected = self.expect if isinstance(self.expect, str) else ", ".join(self.expect.values())
        found = "; ".join(f"{s}: {r.verdict.outcome}, {r.verdict.reason}" for s, r in results.items())
        return f"expected {expected}, found {found}"


# Outcomes that must cite evidence, because they follow from documents or from the absence of documents.
DECIDED = (Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE)


def rows(slug: str, *table: tuple[Any, ...]) -> list[Case]:
    """Return a case for each row (name, docs, expect, {further fields of Case})."""
    return [
        Case(slug, name, docs, expect, **(more[0] if more else {})) for name, docs, expect, *more in table
    ]


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every `cases_*` module."""
    found = [info.name for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    names = [name for name in found if name.rsplit(".", 1)[-1].startswith("cases_")]
    return tuple(importlib.import_module(name) for name in names)


def path_of(module: ModuleType) -> str:
    """Return the path of a module, from the root of the repository."""
    return module.__name__.replace(".", "/") + ".py"


@cache
def all_cases() -> tuple[Case, ...]:
    return tuple(case for module in modules() for case in module.CASES)


@cache
def slugs() -> tuple[str, ...]:
    """Slugs of the controls that have cases, for tests that go through all cases of one control."""
    return tuple(_cases_by_slug())


def check_cases(slug: str, check: Callable[[Case], None]) -> None:
    """Run `check` on every case of a control; the assertion message names each case that fails."""
    failures = []
    for case in cases_of(slug):
        try:
            check(case)
        except AssertionError as error:
            failures.append(f"{case}: {error}")
        except Exception as error:
            error.add_note(f"in the case {case}")
            raise
    assert not failures, "\n\n".join(failures)


def impossible(slug: str) -> set[str]:
    """Return the outcomes that a control cannot have, as declared in `IMPOSSIBLE` beside the cases."""
    return {outcome for module in modules() for outcome in getattr(module, "IMPOSSIBLE", {}).get(slug, {})}


def not_in_sandbox() -> dict[str, str]:
    """Return `NOT_IN_SANDBOX` of all modules. Raise ValueError if a module lists a control, but has no cases of it."""
    found: dict[str, str] = {}
    for module in modules():
        entries: Mapping[str, str] = getattr(module, "NOT_IN_SANDBOX", {})
        if unknown := entries.keys() - {case.slug for case in module.CASES}:
            raise ValueError(f"NOT_IN_SANDBOX of {path_of(module)}: no cases of {', '.join(sorted(unknown))}")
        found |= entries
    return found


@cache
def absence_passes(slug: str, path: str) -> bool:
    """Whether a control may pass although a property (`a.b[].c`) is absent."""
    listed = [entry for module in modules() for entry in getattr(module, "ABSENCE_PASSES", [])]
    return any(re.fullmatch(slugs, slug) and re.fullmatch(paths, path) for slugs, paths, _ in listed)


@cache
def with_most_cases(slug: str) -> ModuleType:
    """Return the module with the most cases of a control. Raise ValueError if no module has one."""
    counted = Counter(module for module in modules() for case in module.CASES if case.slug == slug)
    if not counted:
        raise ValueError(f"write cases of {slug} in a module cases_*.py of tests/assessments/controls/")
    return counted.most_common(1)[0][0]


def cases_of(slug: str) -> tuple[Case, ...]:
    return _cases_by_slug().get(slug, ())


@cache
def _cases_by_slug() -> Mapping[str, tuple[Case, ...]]:
    found: dict[str, list[Case]] = {}
    for case in all_cases():
        found.setdefault(case.slug, []).append(case)
    return {slug: tuple(cases) for slug, cases in found.items()}
