"""Entries of mute lists mute what Prowler mutes."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import pytest

from assessments.own.patterns import MAX_TEXT
from portal.configuration.yaml_text import write
from portal.mute_lists import compare as compare_module
from portal.mute_lists.compare import Judged, Result, Subject, TooMuchWork, checks_of, compare
from portal.mute_lists.file import read_mute_list
from tests.for_each import for_each
from tests.portal.mute_lists.lists import entry, mute_list
from tests.processor_time import at_most

CHECK = "storage_secure_transfer_required_is_enabled"
GUID = "11111111-1111-4111-8111-111111111111"


def subject(**given: Any) -> Subject:
    values = {"region": "westeurope", "resource": "ci-logs-replica", "tags": "env=dev | team=data", **given}
    return Subject((GUID, "Production"), **values)


def judged(number: int = 1, *checks: str, **given: Any) -> Judged:
    return Judged(UUID(int=number), checks or (CHECK,), subject(**given))


def result_of(content: bytes, **given: Any) -> list[Result]:
    """Return the result of each entry for one finding."""
    found = compare(read_mute_list(content), [judged(**given)])
    return [Result.MUTED if one.muted else next(iter(one.others), None) for one in found.values()]  # type: ignore[misc]


@for_each(
    ("given", "expected"),
    [
        ({}, Result.MUTED),
        ({"Resources": ["logs"]}, Result.MUTED),  # A part of the name is enough.
        ({"Resources": [".+-logs"]}, Result.MUTED),
        ({"Resources": ["*replica"]}, Result.MUTED),
        # A star stands for any characters.
        ({"Resources": ["ci-*"]}, Result.MUTED),
        ({"Resources": ["ci*replica"]}, Result.MUTED),
        ({"Resources": ["logo*"]}, Result.RESOURCE),  # As a regular expression, `logo*` would match “logs”.
        ({"Exceptions": {"Resources": ["logo*"]}}, Result.MUTED),
        ({"Resources": ["CI-LOGS"]}, Result.MUTED),
        ({"Resources": ["^logs"]}, Result.RESOURCE),
        ({"Resources": ["other", "ci-logs$"]}, Result.RESOURCE),
        ({"Resources": []}, Result.RESOURCE),
        ({"Regions": ["northeurope", "west"]}, Result.MUTED),
        ({"Regions": ["northeurope"]}, Result.REGION),
        ({"Tags": ["env=dev"]}, Result.MUTED),
        ({"Tags": ["env=dev", "team=data"]}, Result.MUTED),  # The resource has all tags.
        ({"Tags": ["env=dev", "team=web"]}, Result.TAGS),
        ({"Tags": ["env=prod|env=dev"]}, Result.MUTED),
        ({"Tags": []}, Result.MUTED),
        ({"Exceptions": {"Resources": ["replica"]}}, Result.EXCEPTED),
        ({"Exceptions": {"Resources": ["other"]}}, Result.MUTED),
        ({"Exceptions": {"Accounts": ["Prod"]}}, Result.EXCEPTED),
        ({"Exceptions": {"Accounts": [GUID]}}, Result.EXCEPTED),
        # An exception applies only if all of its lists match.
        ({"Exceptions": {"Accounts": ["Prod"], "Regions": ["eastus"]}}, Result.MUTED),
        ({"Exceptions": {"Accounts": ["Prod"], "Regions": ["eastus", "westeurope"]}}, Result.EXCEPTED),
        ({"Exceptions": {"Tags": ["env=dev"]}}, Result.EXCEPTED),
        ({"Exceptions": {"Tags": ["env=prod"], "Resources": ["replica"]}}, Result.MUTED),
        ({"Exceptions": {"Accounts": [], "Tags": []}}, Result.MUTED),
    ],
)
def test_an_entry_means_what_prowler_mutes(given: dict[str, Any], expected: Result) -> None:
    assert result_of(mute_list({CHECK: entry(**given)})) == [expected]


@for_each(
    ("account", "expected"),
    [("*", [Result.MUTED]), (GUID, [Result.MUTED]), ("production", [Result.MUTED]), ("Prod", [None])],
)
def test_accounts_are_compared_as_a_whole(account: str, expected: list[Any]) -> None:
    assert result_of(mute_list({CHECK: entry()}, account)) == expected


def test_exceptions_also_stop_later_entries_of_the_account_but_not_earlier_ones() -> None:
    kept = entry(Exceptions={"Resources": ["replica"]})
    assert result_of(mute_list({CHECK: kept, "storage_*": entry()})) == [Result.EXCEPTED, Result.EXCEPTED]
    assert result_of(mute_list({"storage_*": entry(), CHECK: kept})) == [Result.MUTED, Result.EXCEPTED]
    others = {"a": {"Checks": {CHECK: kept}}, "*": {"Checks": {CHECK: entry()}}}
    content = write({"Mutelist": {"Accounts": {**others, "Production": {"Checks": {CHECK: kept}}}}}).encode()
    assert result_of(content) == [None, Result.MUTED, Result.EXCEPTED]


def test_a_finding_belongs_to_the_first_entry() -> None:
    found = compare(
        read_mute_list(mute_list({"*": entry(Resources=["replica"]), CHECK: entry()})),
        [judged(1), judged(2, resource="other")],
    )
    assert [one.muted for one in found.values()] == [[UUID(int=1)], [UUID(int=2)]]
    assert found[2].others == {Result.EARLIER: 1}
    assert found[1].others == {Result.RESOURCE: 1}


def test_a_finding_of_two_checks_counts_once() -> None:
    content = mute_list({"storage_*": entry(Resources=["other"]), "storage_b": entry()})
    found = compare(read_mute_list(content), [judged(1, "storage_a", "storage_b")])
    assert (found[1].muted, found[1].others) == ([], {Result.RESOURCE: 1})
    assert found[2].muted == [UUID(int=1)]


def test_an_entry_mutes_no_finding_that_its_check_does_not_judge() -> None:
    content = mute_list({"plans_a": entry(), "plans_*": entry(Resources=["replica"])})
    found = compare(
        read_mute_list(content),
        [Judged(UUID(int=1), ("plans_b",), subject(), ("plans_a",)), judged(2, "plans_a")],
    )
    assert (found[1].muted, found[1].others) == ([UUID(int=2)], {Result.SUBJECT: 1})
    assert (found[2].muted, found[2].others) == ([UUID(int=1)], {Result.EARLIER: 1})


@for_each(
    ("given", "values", "expected"),
    [
        ({"Regions": ["westeurope"]}, {"region": None}, Result.NOT_KNOWN),
        ({}, {"region": None, "tags": None}, Result.MUTED),
        ({"Tags": ["a=b"]}, {"tags": None}, Result.NOT_KNOWN),
        ({"Tags": ["a=b"]}, {"tags": "a=b" * MAX_TEXT}, Result.NOT_KNOWN),
        ({"Tags": ["a=b"]}, {"tags": ""}, Result.TAGS),
        ({"Exceptions": {"Tags": ["a=b"]}}, {"tags": None}, Result.NOT_KNOWN),
        ({"Exceptions": {"Regions": ["eastus"]}}, {"region": None}, Result.NOT_KNOWN),
    ],
)
def test_what_is_not_known_is_not_muted(
    given: dict[str, Any], values: dict[str, Any], expected: Result
) -> None:
    assert result_of(mute_list({CHECK: entry(**given)}), **values) == [expected]


def test_entries_with_unreadable_exceptions_mute_nothing_and_stop_later_ones() -> None:
    broken = entry(Exceptions={"Resources": ["(a"]})
    entries = read_mute_list(mute_list({"vm_x": broken, CHECK: entry()}))
    found = compare(entries, [judged()])
    assert list(found) == [2]
    assert (found[2].muted, found[2].others) == ([], {Result.EXCEPTED: 1})
    assert checks_of(entries[:1], ["vm_x"]) == {1: []}


def test_names_of_checks_are_expressions() -> None:
    known = ["defender_a", "my_defender_b", "vm_a", "agent_vms_on", "my_defender", CHECK]
    for name, expected in (
        ("defender_*", ["defender_a", "my_defender_b"]),
        ("vm_*", ["vm_a"]),
        ("*", known),
        ("vm_a", ["vm_a"]),
        ("ec2_*", []),
    ):
        found = read_mute_list(mute_list({name: entry()}))
        assert checks_of(found, known) == {1: expected}


def test_hostile_expressions_take_linear_time_and_bounded_work(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    entries = read_mute_list(mute_list({CHECK: entry(Resources=["(a*)*(a*)*b"])}))
    found = compare(entries, [judged(resource="a" * 1500)])
    assert found[1].others == {Result.RESOURCE: 1}
    assert time.monotonic() - begun < 5
    monkeypatch.setattr(compare_module, "MAX_WORK", 10_000)
    with pytest.raises(TooMuchWork, match="takes too long"):
        compare(entries, [judged(number, resource=f"a{number}" * 100) for number in range(50)])


@pytest.mark.parametrize("judges", [True, False])
def test_entries_that_are_skipped_count_as_work(monkeypatch: pytest.MonkeyPatch, judges: bool) -> None:
    """With `judges`, the exceptions of the first entry apply to all findings, so no later entry can mute them. Without
    `judges`, no entry can mute them, because the check does not judge their subjects.
    """
    names = {"*": entry(Exceptions={"Regions": ["*"]})} | {f".*|{number}": entry() for number in range(30)}
    entries = read_mute_list(mute_list(names))
    findings = [
        Judged(UUID(int=number), (CHECK,) if judges else (), subject(), () if judges else (CHECK,))
        for number in range(100)
    ]
    monkeypatch.setattr(compare_module, "MAX_WORK", 50_000)
    with pytest.raises(TooMuchWork):
        compare(entries, findings)


@pytest.mark.slow(seconds=2)
def test_many_hostile_names_of_checks_take_bounded_work() -> None:
    """Each name alone takes less work than the maximum. All names together take more."""
    hostile = {f"(.{{100}}){{4}}{number}": entry() for number in range(500)}
    known = [f"storage_{'check' * 12}_{number}" for number in range(200)]
    entries = read_mute_list(mute_list(hostile))
    with at_most(20), pytest.raises(TooMuchWork):
        checks_of(entries, known)


def test_building_many_large_expressions_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    resources = [f"(a{{100}}){{4}}{number}" for number in range(30)]
    entries = read_mute_list(mute_list({CHECK: entry(Resources=resources)}))
    assert compare(entries, [judged(resource="x")])[1].others == {Result.RESOURCE: 1}
    monkeypatch.setattr(compare_module, "MAX_WORK", 1_000_000)
    with pytest.raises(TooMuchWork):
        compare(entries, [judged(resource="x")])


def test_long_lists_of_plain_names_are_compared_with_many_findings() -> None:
    names = {f"storage_check_{number}": entry() for number in range(498)}
    accounts = {
        "Testing": {"Checks": {CHECK: entry()}},
        "production": {"Checks": {CHECK: entry()}},
        "*": {"Checks": names},
    }
    entries = read_mute_list(write({"Mutelist": {"Accounts": accounts}}).encode())
    with at_most(10):
        found = compare(entries, [judged(number, CHECK, "storage_check_7") for number in range(5_000)])
        assert len(found[2].muted) == 5_000
        assert found[10].others == {Result.EARLIER: 5_000}
