"""Judging only the controls that a change can affect gives the same results as judging all controls."""

from __future__ import annotations

import pytest

from assessments.estate.estate import UnitKind
from assessments.evaluate import evaluate
from tests.assessments.controls.judging import gap
from tests.assessments.official.estates import Docs, controls_of, official, official_estate, variant
from tests.assessments.rejudging import Judged

CHANGED = {
    UnitKind.SUBSCRIPTION: ("storage_accounts", "network_security_groups", "security_contacts"),
    UnitKind.DIRECTORY: ("users", "directory_role_assignments", "conditional_access_policies"),
}


def without(docs: Docs, name: str) -> Docs:
    return {other: held for other, held in docs.items() if other != name}


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("kind", list(UnitKind))
def test_results_are_those_of_judging_everything(kind: UnitKind) -> None:
    controls, docs = controls_of(kind), official(kind)
    judged = Judged(official_estate(kind, docs, controls), controls)
    plain = list(evaluate(official_estate(kind, docs, controls), controls))
    assert list(judged.results()) == plain
    changed = 0
    for name in CHANGED[kind]:
        emptied = docs | {name: {scope: [] for scope in docs[name]}}
        refused = official_estate(kind, without(docs, name), controls)
        refused.add_gap(gap(name))
        for estate in (official_estate(kind, emptied, controls), refused):
            full = list(evaluate(estate, controls))
            changed += full != plain
            assert list(judged.rejudge(estate)) == full, name
        # `variant` shares the unchanged answers with other estates. This does not change the results.
        shared = [variant(kind, {name: emptied[name]}) for _ in range(2)]
        alone = list(evaluate(official_estate(kind, emptied, controls), controls))
        assert [list(evaluate(estate, controls)) for estate in shared] == [alone, alone], name
    assert changed > len(CHANGED[kind])


def test_only_controls_that_read_the_collection_are_judged_again() -> None:
    kind = UnitKind.SUBSCRIPTION
    controls, docs = controls_of(kind), official(kind)
    judged = Judged(official_estate(kind, docs, controls), controls)
    before = {id(result) for result in judged.results()}
    docs["security_contacts"] = {}
    results = judged.rejudge(official_estate(kind, docs, controls))
    again = {result.control.slug for result in results if id(result) not in before}
    assert {"defender-contact-email", "defender-contact-phone"} <= again
    assert "storage-secure-transfer" not in again
