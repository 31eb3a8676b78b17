"""Compilation of OData filters that clients send."""

import pytest

from sandbox.odata import FilterError, compile_filter
from tests.for_each import for_each

ITEM = {
    "userType": "Guest",
    "accountEnabled": True,
    "displayName": "Ann O'Neil",
    "createdDateTime": "2024-05-06T00:00:00Z",
    "count": 3,
    "signInActivity": {"lastSignInDateTime": "2025-01-01T00:00:00Z"},
    "manager": None,
}


@for_each(
    ("text", "wanted"),
    [
        ("userType eq 'Guest'", True),
        ("usertype EQ 'guest'", True),
        ("userType ne 'Guest'", False),
        ("userType eq 'Member' or accountEnabled eq true", True),
        ("userType eq 'Guest' and accountEnabled eq false", False),
        ("userType eq 'x' and accountEnabled eq true or count eq 3", True),
        ("userType eq 'x' and (accountEnabled eq true or count eq 3)", False),
        ("not (userType eq 'Guest')", False),
        ("displayName eq 'Ann O''Neil'", True),
        ("startswith(displayName,'ann')", True),
        ("endsWith(displayName, 'x')", False),
        ("contains(displayName,'neil')", True),
        ("userType in ('Member', 'Guest')", True),
        ("createdDateTime lt 2024-06-01T00:00:00Z", True),
        ("createdDateTime ge 2024-06-01T00:00:00Z", False),
        ("signInActivity/lastSignInDateTime le 2025-01-01T00:00:00Z", True),
        ("count gt 2", True),
        ("count le 2", False),
        ("manager eq null", True),
        ("missing eq null", True),
        ("missing lt 5", False),
    ],
)
def test_filters_match_the_expected_objects(text: str, wanted: bool) -> None:
    assert compile_filter(text)(ITEM) is wanted


@for_each(
    "text",
    [
        "userType",
        "userType eq",
        "userType like 'x'",
        "eq 'x'",
        "a eq 'x' b",
        "(a eq 1",
        "f(a)",
        "a eq 'x",
        "a eq )",
        "a ~ 1",
    ],
)
def test_an_invalid_filter_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        compile_filter(text)
