"""Missing or malformed properties raise no exception and never turn a verdict into a pass.

In every case each property of each document is removed, set to null, and set to values of two other types,
and an unknown property is added to each object. When a case expects a failure or an unknown verdict, no
mutation may add a pass, except for the absences that a control allows (ABSENCE_PASSES).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.assessments.controls.cases import Case, absence_passes, check_cases, slugs
from tests.assessments.controls.judging import outcomes, scoped

pytestmark = pytest.mark.slow

ABSENT = object()
EXTRA = "somethingNew"


def places(node: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Yield (container, key or index, path) of every value inside; lists appear as `[]` in the path."""
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
    """Yield the values that replace a value."""
    if isinstance(container, dict):
        yield ABSENT
    yield None
    yield "seven" if isinstance(value, int | float) and not isinstance(value, bool) else 7
    yield {"unexpected": True} if not isinstance(value, dict) else ["unexpected"]


def count_passes(case: Case, docs: Any) -> int:
    return list(outcomes(case.judge(docs)).values()).count("pass")


@pytest.mark.parametrize("slug", slugs())
def test_no_mutation_adds_a_pass(slug: str) -> None:
    check_cases(slug, check_mutations)


@pytest.mark.parametrize("slug", slugs())
def test_unknown_properties_change_nothing(slug: str) -> None:
    check_cases(slug, check_unknown_properties)


def check_mutations(case: Case) -> None:
    docs = copy.deepcopy(scoped(case.docs))
    may_pass = not (case.outcomes() & {"fail", "unknown"})
    before = count_passes(case, docs)
    bodies = [body for scopes in docs.values() for held in scopes.values() for body in held]
    for body in bodies:
        for container, key, path in list(places(body)):
            original = container[key]
            for value in replacements(container, original):
                if value is ABSENT:
                    # Restore the order of keys afterwards, so that the next mutation starts from the same document.
                    order = list(container.items())
                    del container[key]
                else:
                    container[key] = value
                after = count_passes(case, docs)
                if value is ABSENT:
                    container.clear()
                    container.update(order)
                else:
                    container[key] = original
                allowed = may_pass or after <= before
                # An object without known properties counts as absent.
                if not allowed and (value is ABSENT or value is None or isinstance(value, dict)):
                    allowed = absence_passes(case.slug, path)
                assert allowed, f"{path} = {'(absent)' if value is ABSENT else value!r} makes a pass"


def check_unknown_properties(case: Case) -> None:
    docs = copy.deepcopy(scoped(case.docs))
    before = outcomes(case.judge(docs))
    for scopes in docs.values():
        for held in scopes.values():
            for body in held:
                for container in [body, *(c[k] for c, k, _ in places(body) if isinstance(c[k], dict))]:
                    container[EXTRA] = {"value": True}
    assert outcomes(case.judge(docs)) == before
