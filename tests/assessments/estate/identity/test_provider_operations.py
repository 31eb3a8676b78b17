"""Roles are compared by pattern or, if the operations are known, by the operations that their wildcards match."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.estate.identity.provider_operations import (
    Operations,
    Role,
    allows_every_provider,
    is_within,
    namespace_of,
    namespaces,
    operations_of,
    trimmed,
)
from assessments.estate.identity.roles import covered, permissions_of
from assessments.estate.view import Unreadable, View
from tests.assessments.controls.identity.directory_documents import role
from tests.for_each import for_each

UNIVERSE = tuple(
    f"{provider}/{kind}/{verb}"
    for provider in ("a.a", "b.b", "c.c")
    for kind in ("x", "x/y", "z")
    for verb in ("read", "write", "go/action")
)
PATTERNS = st.lists(
    st.sampled_from(
        ["*", "*/read", "*/write", "*/x/*", "a.a/*", "a.a/x/*", "b.b/*/read", "b.b/*", "c.c/z/*", *UNIVERSE]
    ),
    max_size=4,
)
PERMISSION = st.tuples(PATTERNS, PATTERNS, PATTERNS, PATTERNS).map(
    lambda parts: tuple(frozenset(part) for part in parts)
)
ROLES = st.frozensets(PERMISSION, min_size=1, max_size=2)
KNOWN = st.sets(st.sampled_from(["a.a", "b.b", "c.c"]))


def named(actions: list[str], excluded: list[str] | None = None) -> Role:
    return permissions_of(View(role("r", actions, excluded)))


def listed(names: set[str]) -> dict[str, Operations]:
    """Return the operations as Azure lists them, each as a control-plane and as a data operation."""
    found = {}
    for name in names:
        own = frozenset(operation for operation in UNIVERSE if operation.startswith(f"{name}/"))
        found[name] = Operations(own, own)
    return found


def allowed(one: Role, part: int) -> set[str]:
    return {
        operation
        for operation in UNIVERSE
        for permission in one
        if covered(operation, permission[part]) and not covered(operation, permission[part + 1])
    }


@pytest.mark.slow(seconds=1)
@given(ROLES, ROLES, KNOWN)
def test_is_within_has_no_false_positives(inner: Role, outer: Role, known: set[str]) -> None:
    if is_within(inner, outer, listed(known)):
        assert allowed(inner, 0) <= allowed(outer, 0)
        assert allowed(inner, 2) <= allowed(outer, 2)


@pytest.mark.slow(seconds=1)
@given(ROLES, ROLES)
def test_is_within_has_no_false_negatives_when_all_operations_are_known(inner: Role, outer: Role) -> None:
    bounded = all(namespace_of(p) for permission in inner for part in permission for p in part)
    something = any(permission[0] or permission[2] for permission in inner)
    if bounded and something:
        included = allowed(inner, 0) <= allowed(outer, 0) and allowed(inner, 2) <= allowed(outer, 2)
        assert is_within(inner, outer, listed({"a.a", "b.b", "c.c"})) is included


@for_each(
    ("inner", "outer", "expected"),
    [
        (["a/b/read"], ["*/read"], True),
        (["a/b/write"], ["*/read"], False),
        (["*/read"], ["a/*"], False),
        ([], ["*"], False),
    ],
)
def test_is_within_by_pattern_only(inner: list[str], outer: list[str], expected: bool) -> None:
    assert is_within(named(inner), named(outer), {}) is expected


def test_not_actions_of_the_wider_role_must_be_missing_in_the_narrower() -> None:
    outer = named(["*"], ["a/b/write"])
    assert not is_within(named(["a/*"]), outer, {})
    assert is_within(named(["a/*"], ["a/b/*"]), outer, {})


@for_each(
    ("pattern", "expected"),
    [
        ("Microsoft.Sql/servers/read", "microsoft.sql"),
        (" Microsoft.Sql/* ", "microsoft.sql"),
        ("*/read", ""),
        ("*", ""),
        ("Microsoft.*/read", ""),
        ("read", ""),
        ("", ""),
    ],
)
def test_the_namespace_is_read_from_a_pattern(pattern: str, expected: str) -> None:
    assert namespace_of(pattern) == expected


def test_unbounded_roles_name_no_namespaces() -> None:
    assert namespaces(named(["Microsoft.Sql/*", "*/read"], ["Microsoft.Web/x/read"])) == [
        "microsoft.sql",
        "microsoft.web",
    ]
    assert allows_every_provider(named(["*/read"]))
    assert not allows_every_provider(named(["Microsoft.Sql/*"], ["*/read"]))


DOCUMENT: dict[str, Any] = {
    "id": "/providers/Microsoft.Authorization/providerOperations/A.A",
    "name": "A.A",
    "type": "Microsoft.Authorization/providerOperations",
    "displayName": "A",
    "operations": [{"name": "A.A/register/action", "displayName": "Register", "isDataAction": False}],
    "resourceTypes": [
        {
            "name": "x",
            "displayName": "X",
            "operations": [
                {"name": "A.A/x/read", "description": "long", "properties": None, "isDataAction": False},
                {"name": "A.A/x/look/action", "isDataAction": True},
            ],
        }
    ],
}


def test_trimmed_and_whole_documents_give_the_same_operations() -> None:
    whole = operations_of(View(DOCUMENT))
    assert whole == Operations(
        frozenset({"a.a/register/action", "a.a/x/read"}), frozenset({"a.a/x/look/action"})
    )
    slim = trimmed(DOCUMENT)
    assert operations_of(View(slim)) == whole
    assert "isplayName" not in str(slim)
    assert "long" not in str(slim)


@for_each(
    "bad",
    [
        {"operations": {}},
        {"operations": ["x"]},
        {"operations": [{"isDataAction": False}]},
        {"operations": [{"name": "a", "isDataAction": "false"}]},
        {"resourceTypes": "x"},
        {"resourceTypes": ["x"]},
        {"resourceTypes": [{"operations": 7}]},
    ],
    ids=str,
)
def test_a_malformed_document_is_unreadable_trimmed_or_not(bad: dict[str, Any]) -> None:
    for body in (bad, trimmed(bad)):
        with pytest.raises(Unreadable):
            operations_of(View(body))
