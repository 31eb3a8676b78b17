"""Labels of actions, details, actors and targets of the journal."""

from __future__ import annotations

from typing import Any

import pytest

from portal.queries.journal.actions import ACTIONS, KINDS, kind_of, label_of
from portal.queries.journal.actors import key_of, parse_actor
from portal.web.components.icons import ICONS
from portal.web.journal.details import MAX_CHARACTERS, Line, lines
from portal.web.journal.targets import parse
from tests.portal.web.journal.recorded_actions import Source

PERSON = "0198c0de-0000-7000-8000-000000000001"
DIGEST = "c22d81d4642fa1b6" * 4


@pytest.mark.slow(seconds=2)
def test_every_recorded_action_has_a_label_and_every_label_an_action() -> None:
    recorded = Source().recorded()
    assert len(recorded) > 50
    assert {action: sorted(recorded[action]) for action in set(recorded) - set(ACTIONS)} == {}
    assert set(ACTIONS) - set(recorded) == set(), "nothing records these any more"


def test_labels_are_sentences_and_kinds_exist() -> None:
    words = [action.label for action in ACTIONS.values()]
    assert len(set(words)) == len(words)
    assert all(word[0].isupper() and "_" not in word and "." not in word for word in words)
    assert {action.kind for action in ACTIONS.values()} <= set(KINDS)
    assert all(kind.icon in ICONS for kind in KINDS.values())


def test_unknown_action_shows_its_slug() -> None:
    assert (label_of("moon.landed"), kind_of("moon.landed")) == ("moon.landed", "other")


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({}, []),
        ([], []),
        (None, []),
        ({"name": {"from": "Old", "to": "New"}}, [Line("name", "Old", "New")]),
        (
            {"due_days": {"from": {"high": 14, "low": 90}, "to": {"high": 7, "low": 90}}},
            [Line("days until due, high", "14", "7")],
        ),
        ({"labels": {"from": [], "to": ["gold", "eu"]}}, [Line("labels", "none", "gold, eu")]),
        ({"before": 2, "after": 1}, [Line("", "2", "1")]),
        (
            {
                "before": {"name": "A", "host": "x"},
                "after": {"name": "B", "host": "x"},
                "address_replaced": True,
            },
            [Line("name", "A", "B"), Line("address replaced", None, "yes")],
        ),
        ({"before": {}, "after": {"days": "90"}}, [Line("days", "none", "90")]),
        ({"before": "only this"}, [Line("before", None, "only this")]),
        ({"from": "a", "to": "b"}, [Line("from", None, "a"), Line("to", None, "b")]),
        ({"note": "", "again": False, "files": [], "rule": {}, "left": 0, "given_up": 0}, []),
        ({"count": 0, "left": 3}, [Line("findings", None, "0"), Line("skipped", None, "3")]),
        ({"findings": [PERSON, PERSON], "batch": PERSON, "count": 2}, [Line("findings", None, "2")]),
        ({"findings": 12, "finding_ids": [PERSON]}, [Line("findings", None, "12")]),
        ({"count": 300, "changes": [PERSON]}, [Line("changes", None, "300")]),
        ({"count": 1, "resources": [PERSON]}, [Line("resources", None, "1")]),
        ({"count": 12, "everything": False}, [Line("number", None, "12")]),
        (
            {"mentions": [PERSON], "rules": {PERSON: 4}},
            [Line("mentions", None, "1"), Line("rules", None, "1")],
        ),
        ({"sha256": DIGEST}, [Line("SHA-256", None, "c22d81d4642f…")]),
        ({"ends_at": "2026-12-05T19:07:32+01:00"}, [Line("ends", None, "2026-12-05 18:07:32 UTC")]),
        ({"ends_at": "2026-12-05T99:07:32"}, [Line("ends", None, "2026-12-05T99:07:32")]),
        ({"planned_for": "2026-12-09"}, [Line("planned for", None, "2026-12-09")]),
        ({"missing": list("abcde")}, [Line("missing", None, "a, b, c and 2 more")]),
        ({"counts": {"fail": 1, "not_applicable": 2}}, [Line("counts", None, "fail 1, not applicable 2")]),
        ({"new": [PERSON] * 20}, [Line("new", None, "20")]),
    ],
    ids=str,
)
def test_details_are_listed_as_labelled_lines(details: Any, expected: list[Line]) -> None:
    assert lines(details) == expected


def test_long_details_are_truncated_and_keys_can_be_excluded() -> None:
    (line,) = lines({"note": "x" * 1000, "name": "A"}, without=["name"])
    assert len(line.value) == MAX_CHARACTERS
    assert line.value.endswith("…")


@pytest.mark.parametrize(
    ("actor", "key", "name", "note"),
    [
        (f"ada@example.com (person:{PERSON})", PERSON, "Ada", "ada@example.com"),
        (
            "gone@example.com (person:0198c0de-0000-7000-8000-00000000dead)",
            "0198c0de-0000-7000-8000-00000000dead",
            "gone@example.com",
            "",
        ),
        ("system:assessment worker", "system:assessment worker", "Assessment worker", "Surety itself"),
        ("somebody else", "somebody else", "somebody else", ""),
        ("", "", "", ""),
    ],
)
def test_actors_are_named(actor: str, key: str, name: str, note: str) -> None:
    found = parse_actor(actor, {PERSON: "Ada"})
    assert (key_of(actor), found.key, found.name, found.note) == (key, key, name, note)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (f"findingexception:{PERSON} Exception 3", ("findingexception", PERSON, "Exception 3")),
        ("assessment:12", ("assessment", "12", "")),
        ("control:storage-sas-expiry", ("control", "storage-sas-expiry", "")),
        ("12 findings", ("", "", "12 findings")),
        ("nobody", ("", "", "nobody")),
        ("spaceship:1 Enterprise", ("", "", "spaceship:1 Enterprise")),
        (f"ownerrule:{PERSON} two\nlines: and more", ("ownerrule", PERSON, "two\nlines: and more")),
        ("", ("", "", "")),
    ],
)
def test_targets_are_named(target: str, expected: tuple[str, str, str]) -> None:
    assert tuple(parse(target)) == expected
