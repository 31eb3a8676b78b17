"""Rows that show each observed value next to the expected value."""

from __future__ import annotations

import pytest

from assessments.display.compared import compared
from assessments.display.observed import describe
from assessments.display.text import Text

WHOLE = Text("No rule lets the Internet in")


def test_values_with_an_expectation_come_first_and_the_rest_share_the_sentence() -> None:
    observed = {"rules": ["a", "b"], "zone": "west", "openingRules": ["a"], "minTlsVersion": "1.2"}
    expects = {"openingRules": (), "minTlsVersion": ("1.2", "1.3")}
    rows = compared(describe(observed), observed, WHOLE, expects, failed=True)
    assert [(row.label, str(row.expected), row.differs, row.span) for row in rows] == [
        ("Rules that let the Internet in", "None", True, 1),
        ("Minimum version of TLS", "1.2 or 1.3", False, 1),
        ("Rules", "No rule lets the Internet in", False, 2),
        ("Zone", "None", False, 1),
    ]
    assert rows[3].expected is None


def test_the_only_value_of_a_failure_is_marked() -> None:
    observed = {"assigned": 3}
    (row,) = compared(describe(observed), observed, WHOLE, {}, failed=True)
    assert (row.expected, row.differs) == (WHOLE, True)
    (row,) = compared(describe(observed), observed, WHOLE, {}, failed=False)
    assert not row.differs


def test_a_finding_without_values_shows_the_expectation() -> None:
    (row,) = compared([], {}, WHOLE, {}, failed=True)
    assert (row.observed, row.expected, row.differs) == ("No value recorded", WHOLE, False)


def test_case_and_absence_are_compared() -> None:
    expects = {"access": ("Disabled", None)}
    for value, differs in (("disabled", False), (None, False), ("", False), ("Enabled", True)):
        observed: dict[str, object] = {"access": value, "rules": []}
        rows = compared(describe(observed), observed, WHOLE, expects, failed=True)
        assert rows[0].differs is differs, value


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ({"ipVersion": 4, "addresses": "1024"}, "a: 1,024 addresses (/22)"),
        ({"ipVersion": 4, "addresses": str(2**32)}, "a: all of IPv4"),
        ({"ipVersion": 6, "addresses": "1024"}, "a: 1,024 IPv6 addresses (/118)"),
        ({"ipVersion": 6, "addresses": str(2**32)}, "a: 4,294,967,296 IPv6 addresses (/96)"),
        ({"addresses": "1024"}, "a: 1,024 addresses (/22)"),
        ({"addresses": str(2**96)}, "a: an IPv6 network of size /32"),
    ],
)
def test_addresses_of_a_rule_have_its_ip_version(rule: dict[str, object], shown: str) -> None:
    (line,) = describe({"wideRules": [{"rule": "a", **rule}]})
    assert [str(item) for item in line.items] == [shown]
