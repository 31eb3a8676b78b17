"""Which collections are needed, and their order."""

from __future__ import annotations

import pytest

from assessments.collect.plan import needed, waves
from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.estate import UnitKind
from assessments.permissions.grants import closure

MARKS = {"managed_resource_groups", "deny_assignments"}


def names(step: list[Collection]) -> list[str]:
    return [collection.name for collection in step]


def made(name: str, *after: str) -> Collection:
    return Collection(name=name, path="{scope}/x", permission="A.B/x/read", title=name, after=after)


@pytest.mark.parametrize("kind", list(UnitKind))
def test_collections_follow_their_parents(kind: UnitKind) -> None:
    steps = waves(needed(catalogue().values(), kind).values())
    done: set[str] = set()
    wanted = {name for step in steps for name in names(step)}
    for step in steps:
        for collection in step:
            assert {parent for parent in collection.after if parent in wanted} <= done
        done |= set(names(step))
    assert len(done) == sum(map(len, steps)) > 5


def test_only_needed_collections_are_planned() -> None:
    one = [catalogue()["storage-blob-encryption"]]
    assert set(needed(one, UnitKind.SUBSCRIPTION)) == {"storage_accounts", *MARKS}
    assert needed(one, UnitKind.DIRECTORY) == {}


def test_sources_of_targets_are_needed() -> None:
    one = [catalogue()["storage-public-blob"]]
    assert set(needed(one, UnitKind.SUBSCRIPTION)) >= {"blob_containers", "storage_accounts"}
    assert all(name in ALL for collection in ALL.values() for name in collection.after)


def test_waves_are_stable_and_minimal() -> None:
    steps = waves([made("c", "b", "a"), made("b", "a"), made("d", "elsewhere"), made("a")])
    assert [names(step) for step in steps] == [["a", "d"], ["b"], ["c"]]
    assert waves([]) == []


def test_a_cycle_is_an_error() -> None:
    with pytest.raises(ValueError, match="a, b"):
        waves([made("a", "b"), made("b", "a"), made("c")])


def test_optional_collections_are_collected_but_not_required() -> None:
    rule = catalogue()["storage-public-blob"]
    planned = needed([rule], UnitKind.SUBSCRIPTION)
    assert {"storage_accounts", "blob_containers", "blob_services", *MARKS} == set(planned)
    assert {"storage_accounts", "blob_containers"} == set(closure(rule))
