"""Missing or malformed properties raise no exception and never turn a verdict into a pass.

In every case each property that the control reads is removed, set to null, and set to values of two other
types. A property that the control does not read cannot change the verdict. An unknown property is also added
to each object.

When a case expects a failure or an unknown verdict, no mutation may add a pass. ABSENCE_PASSES lists the
properties for which a control passes if they are absent or null; even there, a value of a wrong type makes no
pass.

A case that expects only passes shows that no mutation raises an exception. Objects that such a case shares
with an earlier case are mutated once.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.assessments.controls.cases import Case, absence_passes, check_cases, slugs
from tests.assessments.controls.judging import outcomes, scoped
from tests.assessments.controls.mutations import ABSENT, places, replacements
from tests.assessments.controls.recorded import recorded
from tests.for_each import for_each

pytestmark = pytest.mark.slow(seconds=50)

EXTRA = "somethingNew"
# Pairs (control, path). Azure has an object at the path, but some cases have a text or a list there. If a mutation
# replaces this text or list with an object, this object lacks the properties that the control reads, so it counts as
# absent: the verdict may become a pass if ABSENCE_PASSES lists the path.
WRONG_IN_CASES = {
    ("storage-blob-encryption", "properties.encryption.services"),
    ("storage-file-encryption", "properties.encryption.services"),
    ("vm-endpoint-protection", "properties.settings"),
}


def bodies_of(docs: Any) -> list[Any]:
    return [body for scopes in docs.values() for held in scopes.values() for body in held]


def count_passes(case: Case, docs: Any) -> int:
    return list(outcomes(case.judge(docs)).values()).count("pass")


@pytest.mark.parametrize("slug", slugs())
def test_no_mutation_adds_a_pass(slug: str) -> None:
    mutated: set[str] = set()
    check_cases(slug, lambda case: check_mutations(case, mutated))


@for_each("slug", slugs())
def test_unknown_properties_change_nothing(slug: str) -> None:
    check_cases(slug, check_unknown_properties)


def check_mutations(case: Case, mutated: set[str]) -> None:
    """Mutate all objects of a case. `mutated` contains, as JSON, the objects of earlier cases of the control."""
    docs = copy.deepcopy(scoped(case.docs))
    may_pass = not (case.outcomes() & {"fail", "unknown"})
    read = {
        name: {scope: recorded(bodies) for scope, bodies in scopes.items()} for name, scopes in docs.items()
    }
    before = count_passes(case, read)
    for body, of_body in zip(bodies_of(docs), bodies_of(read), strict=True):
        text = json.dumps(body)
        if may_pass and text in mutated:
            continue
        mutated.add(text)
        for container, key, path in list(places(body, of_body)):
            original = container[key]
            for value in replacements(container, original):
                if value is ABSENT:
                    # Save the order of keys. It is restored below, so the next mutation starts from the same document.
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
                repaired = isinstance(value, dict) and (case.slug, path) in WRONG_IN_CASES
                if not allowed and (value is ABSENT or value is None or repaired):
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
