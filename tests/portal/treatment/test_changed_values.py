"""Which observed properties changed, in words."""

from __future__ import annotations

from portal.treatment.changed_values import changed_properties, in_words


def test_changed_properties_are_named_once_and_in_order() -> None:
    pairs = [
        ({"rules": ["a"], "state": "x"}, {"rules": ["b"], "state": "x"}),
        ({"rules": ["a"]}, {"rules": ["c"], "minTlsVersion": None}),
        (None, {"anything": 1}),
    ]
    assert changed_properties(pairs) == ["Rules", "Minimum version of TLS"]
    assert changed_properties([({"rules": []}, {"rules": []})]) == []


def test_properties_in_words() -> None:
    assert in_words(["Rules"]) == "“Rules”"
    assert in_words(["Rules", "State"]) == "“Rules” and “State”"
    assert in_words(["A", "B", "C", "D"]) == "“A”, “B” and 2 more"
