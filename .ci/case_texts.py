"""Find the reasons and remarks of controls, by judging the cases of tests/assessments/controls. Reports translate them.

The code of a control contains a reason or remark either as a whole text, or as a template with values. `sentences`
finds the whole texts, so nobody has to list them. `portal.reports.wording.reason_templates` lists the templates.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

CODE = Path(__file__).resolve().parent.parent / "assessments"


class _Shown(NamedTuple):
    sentences: frozenset[str]
    keys: frozenset[str]


@cache
def _shown() -> _Shown:
    """Return the reasons and remarks of all cases, and the keys of their observed values."""
    from tests.assessments.controls.cases import all_cases

    results = [result for case in all_cases() for result in case.judge().values()]
    return _Shown(
        frozenset(text for one in results for text in (one.verdict.reason, *one.verdict.remarks)),
        frozenset(key for one in results for key in one.observed),
    )


@cache
def sentences() -> list[str]:
    """Return those reasons and remarks of all cases that are whole texts in the code, without values."""
    from assessments.controls.declare import reason_for_none
    from assessments.estate.collections import ALL

    whole = {reason_for_none(collection) for collection in ALL.values()}
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
    return sorted(_shown().sentences & whole)


def keys() -> list[str]:
    """Return the keys of the values that controls observe in cases."""
    # Findings also have one of these two keys if the control is outside of the customer's profile or switched off
    # (`assessments.controls.profiles.off_verdict`). No case has these keys.
    return sorted(_shown().keys | {"profile", "switched_off_because"})
