"""Change Microsoft's example bodies, one collection at a time: no bodies, many bodies, nulls, wrong types, unknown
values.

No change turns a verdict into a pass, except for the pairs in EMPTY_PASSES. No null and no wrong type turns a verdict
into a failure. The verdicts of controls that do not read the collection stay the same, and each unknown verdict has a
sentence that says why.
tests/assessments/collect/test_documented_errors.py does the same with each documented error of each collection,
tests/assessments/controls/test_bad_input.py with the cases of each control.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from assessments.controls.registry import catalogue
from assessments.estate.collection import Shape
from assessments.estate.collections import ALL
from assessments.estate.collections.resources import FOR_ALL_RESOURCES
from assessments.estate.estate import UnitKind
from assessments.evaluate import Result
from tests.assessments.controls.bad_input import (
    MANY,
    MAX_SECONDS,
    check_sentences,
    copies_of,
    renamed,
    spoiled,
)
from tests.assessments.official.estates import Docs, controls_of, official, official_estate, variant
from tests.assessments.rejudging import Judged
from tests.for_each import for_each
from tests.processor_time import at_most

pytestmark = pytest.mark.slow(seconds=20)

Results = dict[tuple[str, str], Result]
KINDS = (UnitKind.SUBSCRIPTION, UnitKind.DIRECTORY)
BODIES = [(kind, name) for kind in KINDS for name in official(kind)]

# (collection, control): why the control may pass if Azure lists nothing.
EMPTY_PASSES = {
    ("blob_containers", "storage-public-blob"): "an account without containers publishes nothing",
    ("container_routes", "containerapp-env-pna"): "no route leads to an internal app",
    ("mysql_firewall_rules", "mysql-no-azure-services"): "a server without rules lets nobody in",
    ("postgres_firewall_rules", "postgresql-no-azure-services"): "a server without rules lets nobody in",
    ("sql_firewall_rules", "sql-firewall-azure-services"): "a server without rules lets nobody in",
    ("sql_perimeters", "sql-firewall-internet"): "a server without rules lets nobody in",
    ("sql_perimeters", "sql-firewall-wide"): "a server without rules lets nobody in",
    (
        "directory_role_assignments",
        "identity-guests-azure-permissions",
    ): "where every role is only eligible, nobody holds one permanently",
}


@cache
def judged_bodies(kind: UnitKind) -> Judged:
    controls = controls_of(kind)
    return Judged(official_estate(kind, official(kind), controls), controls)


def by_subject(results: Iterable[Result]) -> Results:
    return {(result.control.slug, result.subject.casefold()): result for result in results}


def judged(kind: UnitKind, changed: Docs) -> Results:
    """Return the verdicts on the example bodies. The documents in `changed` replace the example bodies of the same
    collections.
    """
    return by_subject(judged_bodies(kind).rejudge(variant(kind, changed)))


@cache
def unchanged(kind: UnitKind) -> Results:
    return by_subject(judged_bodies(kind).results())


def readers(kind: UnitKind, name: str) -> set[str]:
    """Return the controls whose verdict may depend on a collection. They read the collection, or they read other
    collections that are requested for each of its documents.
    """
    needed = {name}
    while more := {one.name for one in ALL.values() if needed & {*one.after}} - needed:
        needed |= more
    found = {
        control.slug
        for control in controls_of(kind)
        if needed & {one.name for one in (*control.needs, *control.optional)}
    }
    if needed & {one.name for one in FOR_ALL_RESOURCES}:
        return {control.slug for control in controls_of(kind)}
    return found


def check(kind: UnitKind, name: str, after: Results) -> set[str]:
    """Check the verdicts on changed documents, and return the controls that pass only because of the change."""
    before = unchanged(kind)
    check_sentences({subject: result for (_, subject), result in after.items()})
    changed = {
        key
        for key in before.keys() | after.keys()
        if key not in before or key not in after or before[key].verdict.outcome != after[key].verdict.outcome
    }
    assert {slug for slug, _ in changed} <= readers(kind, name)
    return {key[0] for key in changed if key in after and after[key].verdict.outcome == "pass"}


def failures(kind: UnitKind, after: Results) -> set[tuple[str, str]]:
    """Return (control, subject) of the verdicts that are failures only because of the change."""
    before = unchanged(kind)
    failed = {key for key, result in after.items() if result.verdict.outcome == "fail"}
    return {key for key in failed if key not in before or before[key].verdict.outcome != "fail"}


def emptied(docs: Docs, name: str) -> Docs:
    return {name: {scope: [] for scope in docs[name]}}


def unknown_values(docs: Docs, name: str) -> Docs:
    return {name: {scope: renamed(bodies) for scope, bodies in docs[name].items()}}


def in_place(docs: Docs, name: str, bodies: list[Any]) -> Docs:
    """Return the collection with `bodies` in place of its bodies, in the same order and scopes."""
    left = iter(bodies)
    return {name: {scope: [next(left) for _ in held] for scope, held in docs[name].items()}}


@for_each(("kind", "name"), BODIES, ids=str)
def test_an_empty_collection_passes_nothing(kind: UnitKind, name: str) -> None:
    found = check(kind, name, judged(kind, emptied(official(kind), name)))
    assert found == {slug for collection, slug in EMPTY_PASSES if collection == name}


@pytest.mark.parametrize(("kind", "name"), BODIES, ids=str)
def test_values_of_wrong_types_pass_and_fail_nothing(kind: UnitKind, name: str) -> None:
    docs = official(kind)
    flat = [body for bodies in docs[name].values() for body in bodies]
    null = [{key: body[key] if key in ("id", "name") else None for key in body} for body in flat]
    for label, bodies in (*spoiled(flat), ("null", null)):
        after = judged(kind, in_place(docs, name, bodies))
        assert not check(kind, name, after), label
        # Exception: the control `network-watcher` takes any text for the name of a region, and fails because this
        # region has no watcher.
        failed = {key for key in failures(kind, after) if label != "text" or key[0] != "network-watcher"}
        assert not failed, label


@for_each(("kind", "name"), BODIES, ids=str)
def test_unknown_values_pass_nothing(kind: UnitKind, name: str) -> None:
    assert not check(kind, name, judged(kind, unknown_values(official(kind), name)))


LISTS = [(kind, name) for kind, name in BODIES if ALL[name].shape is Shape.LIST]
FEW = 100


def enlarged(name: str, docs: Docs, number: int) -> Docs:
    """Return the collection with this number of further documents. The further documents have only an id."""
    first = next(iter(docs[name]))
    return {name: docs[name] | {first: [*docs[name][first], *copies_of(name)[:number]]}}


@for_each(("kind", "name"), LISTS, ids=str)
def test_further_documents_pass_nothing(kind: UnitKind, name: str) -> None:
    before = {key for key, result in unchanged(kind).items() if result.verdict.outcome == "pass"}
    results = judged(kind, enlarged(name, official(kind), FEW))
    after = {key for key, result in results.items() if result.verdict.outcome == "pass"}
    assert sorted(after - before)[:3] == []


def test_thousands_of_documents_that_no_control_declares_are_read_in_time() -> None:
    """tests/assessments/controls/test_bad_input.py measures each control with each collection that it declares.

    This test measures the collections that no control declares, and those in FOR_ALL_RESOURCES, which all controls of
    resources read. All controls are judged together, so the limit is twice that of a single control.
    """
    declared = {collection.name for control in catalogue().values() for collection in control.needs}
    declared |= {collection.name for control in catalogue().values() for collection in control.optional}
    of_all = {one.name for one in FOR_ALL_RESOURCES}
    assert of_all <= {name for _, name in LISTS}
    for kind, name in LISTS:
        if name in of_all or name not in declared:
            with at_most(2 * MAX_SECONDS, name):
                judged(kind, enlarged(name, official(kind), MANY))
