"""Whatever Azure leaves out or sends in another type: no exception, and no pass that was none before.

Every property of every document of every case is removed, set to null, and given two other types; a
property that nobody knows is added to every object. Where a case fails or cannot be judged, no
mutation may add a pass, but for the absences that a control's rule lets pass (ABSENCE_PASSES).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.assessments.controls.cases import Case, absence_passes, all_cases
from tests.assessments.controls.judging import outcomes, scoped

ABSENT = object()
EXTRA = "somethingNew"


def places(node: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    """(container, key or index, path) of everything inside; lists are `[]` in the path."""
    if isinstance(node, dict):
        keys: list[Any] = list(node)
    elif isinstance(node, list):
        keys = list(range(len(node)))
    else:
        return
    for key in keys:
        where = f"{path}[]" if isinstance(node, list) else f"{path}.{key}".lstrip(".")
        yield node, key, where
        yield from places(node[key], where)


def replacements(container: Any, value: Any) -> Iterator[Any]:
    """What to put in the place of a value."""
    if isinstance(container, dict):
        yield ABSENT
    yield None
    yield "seven" if isinstance(value, int | float) and not isinstance(value, bool) else 7
    yield {"unexpected": True} if not isinstance(value, dict) else ["unexpected"]


def passes(case: Case, docs: Any) -> int:
    return list(outcomes(case.judge(docs)).values()).count("pass")


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_no_mutation_makes_a_pass(case: Case) -> None:
    docs = copy.deepcopy(scoped(case.docs))
    may_pass = not (case.outcomes() & {"fail", "unknown"})
    before = passes(case, docs)
    bodies = [body for scopes in docs.values() for held in scopes.values() for body in held]
    for body in bodies:
        for container, key, path in list(places(body)):
            original = container[key]
            for value in replacements(container, original):
                if value is ABSENT:
                    # At its place again afterwards: the order of keys must not matter, but it is kept.
                    order = list(container.items())
                    del container[key]
                else:
                    container[key] = value
                after = passes(case, docs)
                if value is ABSENT:
                    container.clear()
                    container.update(order)
                else:
                    container[key] = original
                allowed = may_pass or after <= before
                # An object with nothing in it that is known is the absence of what it should hold.
                if not allowed and (value is ABSENT or value is None or isinstance(value, dict)):
                    allowed = absence_passes(case.slug, path)
                assert allowed, f"{path} = {'(absent)' if value is ABSENT else value!r} makes a pass"


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_what_nobody_knows_changes_nothing(case: Case) -> None:
    docs = copy.deepcopy(scoped(case.docs))
    before = outcomes(case.judge(docs))
    for scopes in docs.values():
        for held in scopes.values():
            for body in held:
                for container in [body, *(c[k] for c, k, _ in places(body) if isinstance(c[k], dict))]:
                    container[EXTRA] = {"value": True}
    assert outcomes(case.judge(docs)) == before
