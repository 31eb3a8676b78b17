"""Which collections are needed and in which order."""

from __future__ import annotations

import pytest

from assessments.collect.plan import needed, waves
from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.estate import UnitKind
from assessments.grants import closure


def names(step: list[Collection]) -> list[str]:
    return [collection.name for collection in step]


def made(name: str, *after: str) -> Collection:
    return Collection(name=name, path="{scope}/x", permission="A.B/x/read", title=name, after=after)


@pytest.mark.parametrize("kind", list(UnitKind))
def test_each_after_its_parents(kind: UnitKind) -> None:
    steps = waves(needed(catalogue().values(), kind).values())
    done: set[str] = set()
    wanted = {name for step in steps for name in names(step)}
    for step in steps:
        for collection in step:
            assert {parent for parent in collection.after if parent in wanted} <= done
        done |= set(names(step))
    assert len(done) == sum(map(len, steps)) > 5


def test_only_what_a_control_needs() -> None:
    one = [catalogue()["storage-blob-encryption"]]
    assert list(needed(one, UnitKind.SUBSCRIPTION)) == ["storage_accounts"]
    assert needed(one, UnitKind.DIRECTORY) == {}


def test_what_targets_are_read_from_is_needed() -> None:
    one = [catalogue()["storage-public-blob"]]
    assert set(needed(one, UnitKind.SUBSCRIPTION)) >= {"blob_containers", "storage_accounts"}
    assert all(name in ALL for collection in ALL.values() for name in collection.after)


def test_waves_are_stable_and_as_few_as_can_be() -> None:
    steps = waves([made("c", "b", "a"), made("b", "a"), made("d", "elsewhere"), made("a")])
    assert [names(step) for step in steps] == [["a", "d"], ["b"], ["c"]]
    assert waves([]) == []


def test_a_circle_is_an_error() -> None:
    with pytest.raises(ValueError, match="a, b"):
        waves([made("a", "b"), made("b", "a"), made("c")])


def test_what_is_read_for_remarks_is_collected_but_no_control_waits_for_its_right() -> None:
    rule = catalogue()["storage-public-blob"]
    planned = needed([rule], UnitKind.SUBSCRIPTION)
    assert {"storage_accounts", "blob_containers", "blob_services"} == set(planned)
    assert {"storage_accounts", "blob_containers"} == set(closure(rule))
