"""The result of a requirement follows from the states of findings and from how fully controls cover it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assessments.controls.declare import Control
from assessments.controls.references import Reference
from assessments.controls.registry import catalogue, control
from assessments.frameworks.framework import NAMES, framework
from portal.queries.frameworks.coverage import Answer, Coverage, NumberCoverage, framework_coverage
from portal.queries.frameworks.filters import FACETS, NumberFilter
from portal.queries.frameworks.results import (
    STATES,
    Result,
    count_by_result,
    number_result,
    number_results,
)
from portal.treatment.states import ShownState

CIS = framework("cis-6.0.0")
AUTOMATIC = control("storage-secure-transfer")
OTHER = control("network-ssh-from-internet")
MANUAL = control("vm-os-firewall")
HALF = "Only half is judged"


def covered(*answers: tuple[Control, str]) -> NumberCoverage:
    """Return the coverage of a requirement by controls.

    Each of `answers` is (control, what the control does not check, or "" for a full degree).
    """
    number = CIS.numbers["9.3.4"]
    return NumberCoverage(
        number,
        tuple(
            Answer(
                rule, Reference(CIS.key, number.number, is_own_mapping=False, missing=(text,) if text else ())
            )
            for rule, text in answers
        ),
    )


@pytest.mark.parametrize(
    ("answers", "coverage", "missing"),
    [
        ([], Coverage.NOT_COVERED, 1),
        ([(AUTOMATIC, "")], Coverage.JUDGED, 0),
        ([(AUTOMATIC, HALF)], Coverage.PARTLY, 1),
        ([(AUTOMATIC, HALF), (OTHER, "")], Coverage.JUDGED, 0),
        ([(AUTOMATIC, HALF), (OTHER, HALF)], Coverage.PARTLY, 1),
        ([(AUTOMATIC, HALF), (OTHER, "Something else is missing")], Coverage.PARTLY, 2),
        ([(MANUAL, "")], Coverage.ATTESTED, 0),
        ([(MANUAL, HALF)], Coverage.ATTESTED, 1),
        ([(MANUAL, ""), (AUTOMATIC, HALF)], Coverage.ATTESTED, 0),
        ([(MANUAL, HALF), (AUTOMATIC, HALF)], Coverage.PARTLY, 1),
        ([(MANUAL, HALF), (AUTOMATIC, "")], Coverage.JUDGED, 0),
    ],
)
def test_coverage_follows_from_degrees_and_kinds_of_control(
    answers: list[tuple[Control, str]], coverage: Coverage, missing: int
) -> None:
    found = covered(*answers)
    assert found.coverage is coverage
    assert len(found.missing) == missing


FULL = covered((AUTOMATIC, ""))
PARTLY = covered((AUTOMATIC, HALF))
ATTESTED = covered((MANUAL, ""))
ATTESTED_PARTLY = covered((MANUAL, HALF))
TWO = covered((AUTOMATIC, ""), (OTHER, HALF))
TWO_PARTLY = covered((AUTOMATIC, HALF), (OTHER, HALF))


@pytest.mark.parametrize(
    ("found", "states", "result"),
    [
        (covered(), {}, Result.NOT_COVERED),
        (FULL, {}, Result.NOT_ASSESSED),
        (PARTLY, {}, Result.NOT_ASSESSED),
        # The control checks the whole requirement.
        (FULL, {"passing": 3}, Result.MET),
        (FULL, {"passing": 1, "resolved": 2}, Result.MET),
        (FULL, {"passing": 3, "not_applicable": 1}, Result.MET),
        (FULL, {"not_applicable": 1}, Result.NOT_APPLICABLE),
        (FULL, {"passing": 3, "open": 1}, Result.FAILED),
        (FULL, {"passing": 3, "acknowledged": 1}, Result.FAILED),
        (FULL, {"passing": 3, "unknown": 1}, Result.UNKNOWN),
        (FULL, {"open": 1, "unknown": 1}, Result.FAILED),
        (FULL, {"passing": 3, "excepted": 1}, Result.EXCEPTED),
        (FULL, {"excepted": 1, "unknown": 1}, Result.UNKNOWN),
        (FULL, {"excepted": 1, "open": 1}, Result.FAILED),
        # The control checks only a part of the requirement, so “met” or “not applicable” would claim too much.
        (PARTLY, {"passing": 3}, Result.PARTLY),
        (PARTLY, {"not_applicable": 1}, Result.PARTLY),
        (PARTLY, {"passing": 3, "open": 1}, Result.FAILED),
        (PARTLY, {"passing": 3, "unknown": 1}, Result.UNKNOWN),
        (PARTLY, {"passing": 3, "excepted": 1}, Result.EXCEPTED),
        # The control is manual, so people answer it.
        (ATTESTED, {"attested": 1}, Result.ATTESTED),
        (ATTESTED, {"attested": 1, "passing": 2}, Result.ATTESTED),
        (ATTESTED, {"manual": 1, "attested": 2}, Result.UNANSWERED),
        (ATTESTED, {"lapsed": 1}, Result.UNANSWERED),
        (ATTESTED, {"not_met": 1, "attested": 1}, Result.FAILED),
        (ATTESTED, {"not_applicable": 1}, Result.NOT_APPLICABLE),
        (ATTESTED_PARTLY, {"attested": 1}, Result.PARTLY),
        (ATTESTED_PARTLY, {"manual": 1}, Result.UNANSWERED),
        # Gone findings are not counted.
        (FULL, {"gone": 2}, Result.NOT_ASSESSED),
        (FULL, {"gone": 2, "passing": 1}, Result.MET),
    ],
)
def test_the_result_of_a_number_with_one_control(
    found: NumberCoverage, states: Mapping[str, int], result: Result
) -> None:
    slug = found.answers[0].control.slug if found.answers else "none"
    assert number_result(found, {slug: states}).result is result


@pytest.mark.parametrize(
    ("found", "first", "second", "result"),
    [
        (TWO, {"passing": 1}, {"passing": 1}, Result.MET),
        (TWO, {"passing": 1}, {"not_applicable": 1}, Result.MET),
        (TWO, {"passing": 1}, {"open": 1}, Result.FAILED),
        (TWO, {"passing": 1}, {"unknown": 1}, Result.UNKNOWN),
        (TWO, {"passing": 1}, {}, Result.UNKNOWN),
        (TWO, {}, {"passing": 1}, Result.UNKNOWN),
        (TWO, {}, {"open": 1}, Result.FAILED),
        (TWO_PARTLY, {"passing": 1}, {"passing": 1}, Result.PARTLY),
        (TWO_PARTLY, {"not_applicable": 1}, {"not_applicable": 1}, Result.PARTLY),
    ],
)
def test_the_result_of_a_number_with_two_controls(
    found: NumberCoverage, first: Mapping[str, int], second: Mapping[str, int], result: Result
) -> None:
    assert number_result(found, {AUTOMATIC.slug: first, OTHER.slug: second}).result is result


def test_counts_add_up_over_the_controls() -> None:
    states = {
        AUTOMATIC.slug: {"passing": 1, "open": 2},
        OTHER.slug: {"open": 1, "acknowledged": 4, "unknown": 5},
    }
    assert number_result(TWO, states).counts == {"failing": 7, "unknown": 5, "passing": 1}


def test_every_state_but_gone_is_counted_once() -> None:
    counted = [state for names in STATES.values() for state in names]
    assert sorted(counted) == sorted(set(ShownState) - {ShownState.GONE})


@pytest.mark.parametrize("key", NAMES)
def test_every_number_has_a_result_and_every_uncovered_one_a_reason(key: str) -> None:
    found = framework(key)
    everything_passes = {slug: {"passing": 1} for slug in catalogue()}
    results = number_results(found, everything_passes, {})
    assert [row.covered.number.number for row in results] == list(found.numbers)
    assert sum(count_by_result(results).values()) == len(found.numbers)
    for row in results:
        if row.result in (Result.NOT_COVERED, Result.PARTLY):
            assert row.covered.missing
            assert all(row.covered.missing)
        else:
            assert row.result in (Result.MET, Result.ATTESTED)
            assert row.covered.is_full


def test_parameters_of_the_tenant_decide_the_degree() -> None:
    def rotation(overrides: Mapping[str, Mapping[str, object]]) -> Result:
        results = number_results(CIS, {"storage-key-rotation": {"passing": 1}}, overrides)
        return next(row.result for row in results if row.covered.number.number == "9.3.1.2")

    assert rotation({}) is Result.MET
    assert rotation({"storage-key-rotation": {"max_age": 365}}) is Result.PARTLY
    assert rotation({"storage-key-rotation": {"removed_parameter": 1}}) is Result.MET


def test_the_filter_narrows_by_facets_and_words() -> None:
    results = number_results(CIS, {"storage-secure-transfer": {"open": 1}}, {})

    def numbers(**parameters: str) -> list[str]:
        chosen = NumberFilter.parse({name: [value] for name, value in parameters.items()})
        return [row.covered.number.number for row in chosen.apply(results)]

    assert numbers(result="failed") == ["9.3.4"]
    assert numbers(result="failed", level="Level 2") == []
    assert numbers(q="secure TRANSFER 9.3.4") == ["9.3.4"]
    assert numbers(q="storage-secure-transfer") == ["9.3.4"]
    assert numbers(q="no such words") == []
    assert set(numbers(section="2.1")) == {f"2.1.{n}" for n in range(1, 13)}
    assert len(numbers(section="2.1", assessment="Manual")) == 6
    assert len(numbers()) == 127
    assert numbers(unknown_facet="x") == numbers()


def test_the_counts_of_a_facet_ignore_its_own_filter() -> None:
    results = number_results(CIS, {}, {})
    chosen = NumberFilter.parse({"level": ["Level 1"], "section": ["2.1"]})
    assert chosen.count(results, "level") == {"Level 1": 9, "Level 2": 3}
    assert sum(chosen.count(results, "section").values()) == 74
    assert chosen.active_count == 2
    assert {facet for facet in FACETS if NumberFilter.parse({}).count(results, facet)} == set(FACETS)


def test_the_moderate_baseline_has_a_level_and_the_microsoft_benchmark_none() -> None:
    none = NumberFilter.parse({})
    assert none.count(number_results(framework("mcsb-1"), {}, {}), "level") == {}
    counted = none.count(number_results(framework("nist-800-53-r5"), {}, {}), "level")
    assert counted == {"Moderate": 287, "Beyond moderate": 10}


def test_coverage_needs_no_findings() -> None:
    rows = framework_coverage(CIS, {})
    by_number = {row.number.number: row for row in rows}
    assert by_number["9.3.4"].coverage is Coverage.JUDGED
    assert by_number["9.3.8"].coverage is Coverage.JUDGED
    assert by_number["5.3.2"].coverage is Coverage.ATTESTED
    assert by_number["6.1.1.3"].coverage is Coverage.JUDGED
    assert by_number["3.1.1"].coverage is Coverage.PARTLY
    assert by_number["2.1.3"].coverage is Coverage.ATTESTED
    nist = framework("nist-800-53-r5")
    uncovered = next(row for row in framework_coverage(nist, {}) if row.number.number == "AC-1")
    assert uncovered.coverage is Coverage.NOT_COVERED
    assert uncovered.missing == (nist.numbers["AC-1"].reason,)
