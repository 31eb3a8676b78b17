"""Microsoft's example bodies are judged as a person would judge them, and no broken body causes a pass.

A person checked each row of `OFFICIAL_VERDICTS` in the cases modules. A verdict is unknown there if the person could
not decide it from the same bodies; the row then ends with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest

from assessments.controls.registry import control
from assessments.display.collected_names import directory_object
from assessments.estate.collection import Source
from assessments.estate.collections import ALL
from assessments.estate.collections.resources import FOR_ALL_RESOURCES
from assessments.estate.estate import UnitKind
from assessments.estate.ids import fold
from tests.assessments.controls.bad_input import NAMES, renamed
from tests.assessments.controls.cases import absence_passes
from tests.assessments.controls.judging import estate_of
from tests.assessments.controls.mutations import ABSENT, places, replacements
from tests.assessments.controls.recorded import recorded
from tests.assessments.official.estates import (
    Docs,
    controls_of,
    official,
    official_estate,
    stated,
    verdicts,
)
from tests.assessments.official.expected_verdicts import as_lines, expected, rows

UNKNOWN = "SomethingNew"
KINDS = (UnitKind.SUBSCRIPTION, UnitKind.DIRECTORY)


def judged(kind: UnitKind, docs: Docs, only: frozenset[str] | None = None) -> dict[tuple[str, str], str]:
    controls = [rule for rule in controls_of(kind) if only is None or rule.slug in only]
    return {(slug, subject): outcome for slug, subject, outcome in verdicts(kind, docs, controls)}


def test_official_bodies_are_judged_as_a_person_would() -> None:
    found = {key: outcome for kind in KINDS for key, outcome in judged(kind, official(kind)).items()}
    new, old = found.items() - expected().items(), expected().items() - found.items()
    assert found == expected(), (
        "judge the bodies yourself; if these verdicts are right, enter them in OFFICIAL_VERDICTS of these modules:\n"
        f"{as_lines(new)}\nand remove these:\n{as_lines(old)}"
    )
    without_reason = [row for row in rows() if row[2] == "unknown" and not row[3]]
    assert without_reason == [], "say why even a person cannot decide the verdict from this body"


def test_every_collection_has_an_official_body() -> None:
    with_body = {name for kind in KINDS for name, scopes in official(kind).items() if any(scopes.values())}
    requested = {name for name, collection in ALL.items() if collection.source is not Source.IMPORTED}
    assert with_body == requested, "each collection has an example in tests/assessments/official/bodies*.py"


def test_official_bodies_are_where_they_would_be_requested() -> None:
    elsewhere = set()
    for kind in KINDS:
        docs = official(kind)
        estate = official_estate(kind, docs, controls_of(kind))
        for name, scopes in docs.items():
            if (targets := ALL[name].targets) is not None:
                requested = {fold(target) for target in targets(estate)}
                elsewhere |= {name for scope in scopes if fold(scope) not in requested}
    assert elsewhere == set(stated("NOT_REQUESTED")), (
        "state in NOT_REQUESTED, beside the example, why no other example leads to a request of the collection"
    )


def test_a_management_group_exports_part_of_the_activity_log() -> None:
    docs = {**official(UnitKind.SUBSCRIPTION), "activity_log_settings": {}}
    only = frozenset({"logging-activity-export", "logging-retention-activity"})
    found = judged(UnitKind.SUBSCRIPTION, docs, only)
    assert found == {
        ("logging-activity-export", "unit"): "fail",
        ("logging-retention-activity", "unit"): "manual",
    }


def test_official_bodies_name_people_applications_and_roles() -> None:
    docs = official(UnitKind.DIRECTORY)
    names = {
        collection: [directory_object(body).display_name for body in docs[collection][""]]
        for collection in ("directory_objects", "directory_role_definitions", "service_principals")
    }
    assert names == {
        "directory_objects": ["Trevor Jones", "Billy Smith"],
        "directory_role_definitions": [
            "Helpdesk Administrator",
            "Service Support Administrator",
            "Billing Administrator",
        ],
        "service_principals": ["foo"],
    }


# Collections that only provide names of objects that findings mention.
NAMES_ONLY = {"directory_objects", "directory_role_definitions", "service_principals"}
OF_ANY_RESOURCE = "storage-secure-transfer"
"""The control with which the tests judge the collections in FOR_ALL_RESOURCES. All controls of resources read these
collections and add the same remark.
"""


def users_of() -> Mapping[str, frozenset[str]]:
    """Return {name of a collection: the controls that read the collection}."""
    found: dict[str, set[str]] = defaultdict(set)
    for kind in KINDS:
        for rule in controls_of(kind):
            for collection in (*rule.needs, *rule.optional):
                found[collection.name].add(rule.slug)
    for collection in FOR_ALL_RESOURCES:
        found[collection.name].add(OF_ANY_RESOURCE)
    return {name: frozenset(slugs) for name, slugs in found.items()}


def declared_by(slugs: frozenset[str], docs: Docs) -> Docs:
    """Return only the documents of the collections that these controls declare, of FOR_ALL_RESOURCES, and of the
    parents of these collections.
    """
    wanted = {collection.name for collection in FOR_ALL_RESOURCES}
    for slug in slugs:
        rule = control(slug)
        wanted |= {collection.name for collection in (*rule.needs, *rule.optional)}
    while parents := {parent for name in wanted for parent in ALL[name].after} - wanted:
        wanted |= parents
    return {name: scopes for name, scopes in docs.items() if name in wanted}


def test_every_official_body_is_read_by_a_control_or_for_names() -> None:
    assert {name for _, name in bodies_of()} - users_of().keys() == NAMES_ONLY


def bodies_of() -> list[tuple[UnitKind, str]]:
    return [(kind, name) for kind in KINDS for name in official(kind)]


def mutated_bodies() -> list[tuple[UnitKind, str]]:
    return [(kind, name) for kind, name in bodies_of() if name not in NAMES_ONLY]


@pytest.mark.slow(seconds=20)
@pytest.mark.parametrize(("kind", "name"), mutated_bodies(), ids=str)
def test_no_mutation_of_an_official_body_adds_a_pass(kind: UnitKind, name: str) -> None:
    """For each control, mutate only the properties that it has read. Other properties cannot change its verdict."""
    only = users_of()[name]
    docs = declared_by(only, official(kind))
    whole = judged(kind, official(kind), only)
    wrong = []
    for rule in sorted(only):
        own, one = declared_by(frozenset({rule}), docs), frozenset({rule})
        mutated = {name: own[name]}
        others = estate_of(kind, {other: held for other, held in own.items() if other != name})
        read = {scope: recorded(held) for scope, held in own[name].items()}
        before = judged(kind, own | {name: read}, one)
        assert before == {key: outcome for key, outcome in whole.items() if key[0] == rule}
        shared = verdicts(kind, mutated, [control(rule)], others)
        assert before == {(slug, subject): outcome for slug, subject, outcome in shared}
        for body, of_body in zip(all_of(own[name]), all_of(read), strict=True):
            for container, key, path in list(places(body, of_body)):
                original = container[key]
                for value in (*replacements(container, original), *unknown_values(key, original)):
                    as_absent = value is ABSENT or value is None
                    with_mutation(container, key, value)
                    results = verdicts(kind, mutated, [control(rule)], others)
                    for slug, subject, outcome in results:
                        if outcome != "pass" or before.get((slug, subject)) == "pass":
                            continue
                        if not (as_absent and absence_passes(slug, path)):
                            mutation = "absent" if value is ABSENT else value
                            wrong.append((path, mutation, slug, subject, before.get((slug, subject))))
                    container[key] = original
    assert wrong == []


def all_of(scopes: Mapping[str, list[Any]]) -> list[Any]:
    return [body for held in scopes.values() for body in held]


def unknown_values(key: Any, value: Any) -> list[str]:
    """Return [UNKNOWN] if the original value could be from an enumeration, otherwise an empty list."""
    return [UNKNOWN] if key not in NAMES and renamed(value) == UNKNOWN else []


def with_mutation(container: Any, key: Any, value: Any) -> None:
    if value is ABSENT:
        del container[key]
    else:
        container[key] = value
