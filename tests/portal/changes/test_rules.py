"""Watch rules and planned changes match exactly the changes that they describe, even with hostile patterns."""

from __future__ import annotations

import fnmatch
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.changes.facts import MAX_CANDIDATES, MAX_PATH, MAX_PROPERTIES
from portal.changes.globs import Budget, OutOfTime, any_matches, matches
from portal.changes.hours import is_within, parse_hours
from portal.changes.models import PlannedChange, ResourceChange, WatchRule
from portal.changes.rules import are_only, catches, caught_by, planned_by
from portal.changes.shipped import SHIPPED
from tenants.models import Tenant
from tests.processor_time import at_most

AT = datetime(2026, 11, 27, 21, 30, tzinfo=UTC)  # a Friday


def change(**given: Any) -> ResourceChange:
    values: dict[str, Any] = {
        "kind": "changed",
        "at": AT,
        "since": AT - timedelta(hours=1),
        "azure_id": "/subscriptions/s/resourceGroups/rg-web/providers/Microsoft.Network/networkSecurityGroups/n",
        "type": "microsoft.network/networksecuritygroups",
        "unit": "/subscriptions/s",
        "resource_group": "rg-web",
        "tags": {"Env": "prod"},
        "properties": ["properties.securityRules.ssh.properties.access"],
        "operations": ["microsoft.network/networksecuritygroups/securityrules/write"],
        "actors": ["anna@contoso.com"],
        "candidates": [{"at": AT.isoformat(), "actor": "anna@contoso.com"}],
    }
    return ResourceChange(**{**values, **given})


@pytest.mark.parametrize(
    ("glob", "text", "found"),
    [
        ("", "", True),
        ("*", "", True),
        ("a*c", "abbbC", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*.access", "properties.access.x", False),
        ("properties.*.access", "properties.a.b.access", True),
        ("a*b*c", "a-b-b-d", False),
        ("[a-z]+", "abc", False),
        ("***x", "aax", True),
    ],
)
def test_globs(glob: str, text: str, found: bool) -> None:
    assert matches(glob, text) is found


@pytest.mark.slow(seconds=1)
def test_globs_match_as_fnmatch_does() -> None:
    def words(alphabet: str, longest: int) -> Iterator[str]:
        for length in range(longest + 1):
            yield from map("".join, itertools.product(alphabet, repeat=length))

    cases = [(glob, text) for glob in words("ab*?", 4) for text in words("ab", 5)]
    chance = random.Random(7)
    for _ in range(5000):
        glob = "".join(chance.choices("ab*?", (3, 1, 1, 2), k=chance.randrange(20)))
        cases.append((glob, "".join(chance.choices("ab", (3, 1), k=chance.randrange(40)))))
    for glob, text in cases:
        assert matches(glob, text) is fnmatch.fnmatchcase(text, glob), (glob, text)


def test_hostile_globs_are_fast() -> None:
    """Match each glob as a rule would: 20 patterns of one condition against 200 properties of one change.
    If `matches` backtracked, two of the globs would take more than 15 seconds.
    """
    texts = [f"{'a' * 395}{number:04}" for number in range(200)]
    for glob in ("*aaa" * 10 + "b", f"*{'?' * 150}!*", "*?a?a?a!" * 10, f"*{'a' * 90}b{'a' * 90}*"):
        with at_most(2, glob):
            assert not any_matches([f"{glob}{number}" for number in range(20)], texts)


@pytest.mark.parametrize(
    "operation",
    [
        "microsoft.authorization/roleassignments/write",
        "microsoft.managedservices/registrationassignments/write",
        "user has elevated their access to user access administrator for their azure resources",
        "the role assignment of user access administrator has been removed from the user",
        "add eligible member to role in pim completed (permanent)",
    ],
)
def test_new_rights_are_caught(operation: str) -> None:
    rule = SHIPPED["roles"].rule_for(Tenant())
    assert catches(rule, change(kind="operation", operations=[operation]), "UTC")
    assert not catches(rule, change(kind="operation", operations=["update user"]), "UTC")


def test_without_time_a_rule_matches_and_a_plan_does_not() -> None:
    none, all_day = Budget(0), PlannedChange(name="x", created_at=AT - timedelta(days=1), groups=["rg-*"])
    all_day.starts_at, all_day.ends_at = AT - timedelta(days=1), AT + timedelta(days=1)
    assert planned_by([all_day], change()) is all_day
    assert planned_by([all_day], change(), none) is None
    rule = WatchRule(name="x", severity="high", types=["microsoft.sql/*"])
    assert caught_by([rule], change(), "UTC") == []
    assert caught_by([rule], change(), "UTC", none) == [rule]
    for given in ({"kinds": ["deleted"]}, {"worsened": True}, {"hours": "08:00-18:00"}):
        other = WatchRule(name="x", severity="high", types=["microsoft.sql/*"], **given)
        assert caught_by([other], change(), "UTC", none) == [], "conditions without globs are always compared"
    with pytest.raises(OutOfTime):
        catches(rule, change(), "UTC", none)
    one = Budget(60)
    assert any_matches(["b*", "a*"], ["A"], one)
    assert 0 < one.spent < 1


def test_a_property_that_is_not_stored_may_be_the_one_that_a_rule_names() -> None:
    rule = WatchRule(name="x", severity="high", properties=["*publicNetworkAccess"])

    def caught(**given: Any) -> bool:
        return catches(rule, change(**given), "UTC")

    paths = [f"tags.t{number}" for number in range(MAX_PROPERTIES)]
    assert caught(properties=paths, difference_count=MAX_PROPERTIES + 1)
    assert not caught(properties=paths[1:], difference_count=MAX_PROPERTIES - 1)
    assert caught(properties=["x" * MAX_PATH]), "the path may be longer"
    assert caught(kind="operation", properties=["AccountEnabled"], difference_count=2)
    assert not caught(kind="operation", properties=["AccountEnabled"], difference_count=1)
    assert not caught(kind="created", properties=[])


def test_the_only_actors_are_recognised_as_guests() -> None:
    def is_own(*actors: str) -> bool:
        return are_only(actors, ["Ada_B@partner.example", "bo@contoso.com"])

    guest = "ada_b_partner.example#ext#@contoso.onmicrosoft.com"
    assert is_own(guest)
    assert is_own(guest, "ada_b@partner.example")
    assert is_own(guest, "bo@contoso.com")
    assert not is_own(guest, "anna@contoso.com")
    assert not is_own()
    assert not is_own("b_partner.example#ext#@contoso.onmicrosoft.com")
    assert not is_own("ada_b#ext#@contoso.onmicrosoft.com")


def test_hours_pass_midnight_and_belong_to_the_day_on_which_they_begin() -> None:
    berlin = "Europe/Berlin"  # In Berlin, `AT` is 22:30 on a Friday.
    assert is_within(AT, "22:00-06:00", [5], berlin)
    assert not is_within(AT, "22:00-06:00", [6], berlin)
    assert is_within(AT + timedelta(hours=5), "22:00-06:00", [5], berlin), "03:30 on Saturday"
    assert not is_within(AT + timedelta(hours=8), "22:00-06:00", [], berlin)
    assert not is_within(AT, "22:31-23:00", [], berlin)
    assert is_within(AT, "", [5], berlin)
    for text in ("", "25:00-26:00", "8:00-9:00", "08:00-08:00", "\u0660\u0668:00-09:00", "08:00-09:00\n"):
        assert parse_hours(text) is None


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({}, True),
        ({"kinds": ["deleted"]}, False),
        ({"types": ["Microsoft.Network/*"], "properties": ["properties.securityRules*"]}, True),
        ({"types": ["microsoft.sql/*", "*/networksecuritygroups"]}, True),
        ({"units": ["/subscriptions/t"]}, False),
        ({"groups": ["RG-*"]}, True),
        ({"tag_name": "env"}, True),
        ({"tag_name": "env", "tag_value": "PROD"}, False),
        ({"operations": ["*/securityRules/write"]}, True),
        ({"actors": ["*@contoso.com"]}, True),
        ({"actors": ["*@partner.com"]}, False),
        ({"except_actors": ["anna@*"]}, False),
        ({"except_actors": ["deploy@*"]}, True),
        ({"hours": "22:00-23:00", "days": [5]}, True),
        ({"hours": "08:00-18:00"}, False),
        ({"worsened": True}, False),
    ],
)
def test_conditions(conditions: dict[str, Any], found: bool) -> None:
    rule = WatchRule(name="x", severity="high", **conditions)
    assert catches(rule, change(), "Europe/Berlin") is found


def test_an_exemption_needs_every_possible_actor() -> None:
    rule = WatchRule(name="x", severity="high", except_actors=["deploy@*"])
    both = change(actors=["anna@contoso.com", "deploy@contoso.com"])
    assert catches(rule, both, "UTC"), "anna may have made it"
    assert catches(rule, change(actors=[], candidates=[]), "UTC"), "nobody is known to have made it"


def test_an_operation_without_an_actor_is_not_exempt() -> None:
    rule = WatchRule(name="x", severity="high", except_actors=["deploy@*"])
    deployed = {"at": AT.isoformat(), "actor": "deploy@contoso.com"}
    assert not catches(rule, change(actors=["deploy@contoso.com"], candidates=[deployed]), "UTC")
    unknown = {"at": AT.isoformat(), "actor": ""}
    assert catches(rule, change(actors=["deploy@contoso.com"], candidates=[unknown, deployed]), "UTC")


def test_one_possible_operation_in_the_hours_of_a_rule_is_enough() -> None:
    nights = WatchRule(name="x", severity="high", hours="18:00-07:00")
    fridays = WatchRule(name="x", severity="high", days=[5])
    night, morning = (
        {"at": at.isoformat(), "actor": "anna@contoso.com"} for at in (AT, AT + timedelta(hours=12))
    )
    read_at = AT + timedelta(hours=13)
    for rule in (nights, fridays):
        assert catches(rule, change(at=read_at, candidates=[night, morning]), "UTC")
        assert not catches(rule, change(at=read_at, candidates=[morning]), "UTC")
        assert catches(rule, change(at=read_at, candidates=[morning] * MAX_CANDIDATES), "UTC"), (
            "earlier operations may not be stored"
        )
        assert not catches(rule, change(at=read_at, candidates=[]), "UTC"), "the time of the reading counts"


def test_shipped_rules_are_quiet() -> None:
    def names(row: ResourceChange) -> list[str]:
        rules = [rule.rule_for(Tenant()) for rule in SHIPPED.values()]
        return [rule.name for rule in caught_by(rules, row, "UTC")]

    assert names(change()) == ["Network exposure"]
    assert names(change(properties=["tags.owner", "properties.subnets.web.id"])) == []
    assert names(change(worsened="critical", properties=[])) == ["Worsened verdicts"]
    assert names(change(kind="created", properties=[])) == []
    kinds = {
        "microsoft.authorization/roleassignments/write": ["Role assignments"],
        "microsoft.authorization/locks/delete": ["Locks removed"],
        "microsoft.authorization/locks/write": [],
        "microsoft.insights/diagnosticsettings/delete": ["Diagnostic settings deleted or changed"],
        "microsoft.compute/virtualmachines/start/action": [],
        "microsoft.sql/servers/firewallrules/write": ["Firewall rules"],
    }
    for operation, expected in kinds.items():
        assert names(change(kind="operation", properties=[], operations=[operation])) == expected


def test_a_plan_expects_only_what_it_names_and_what_is_known() -> None:
    hour = timedelta(hours=1)

    def planned(row: ResourceChange, **given: Any) -> bool:
        values: dict[str, Any] = {
            "starts_at": AT - 2 * hour,
            "ends_at": AT + hour,
            "created_at": AT - 3 * hour,
        }
        return planned_by([PlannedChange(name="x", **{**values, **given})], row) is not None

    assert planned(change())
    assert planned(change(), groups=["rg-*"], types=["microsoft.network/*"], actors=["anna@*"])
    assert not planned(change(), groups=["rg-db"])
    assert not planned(change(), created_at=AT + hour / 2), "entered after the change"
    assert not planned(change(), cancelled_at=AT - hour / 2)
    assert not planned(change(), ends_at=AT - hour / 2)
    early = {"at": (AT - 3 * hour).isoformat(), "actor": "anna@contoso.com"}
    row = change()
    row.candidates = [early, *row.candidates]
    assert not planned(row), "the change may have happened before"
    nobody = change(actors=[], candidates=[])
    assert planned(nobody), "the whole time is planned"
    assert not planned(nobody, starts_at=AT - hour / 2)
    assert not planned(nobody, actors=["anna@*"]), "somebody else may have made it"
    unknown = change(candidates=[{"at": AT.isoformat(), "actor": ""}], actors=[])
    assert not planned(unknown, actors=["*"])
    known = {"at": AT.isoformat(), "actor": "anna@contoso.com"}
    assert planned(change(candidates=[known] * (MAX_CANDIDATES - 1)))
    assert not planned(change(candidates=[known] * MAX_CANDIDATES)), "earlier operations may not be stored"
