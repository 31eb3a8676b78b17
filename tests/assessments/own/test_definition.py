"""A definition with a mistake is refused. The error names the place of the mistake, and says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.own.cases import wrong_cases
from assessments.own.control import own_control
from assessments.own.definition import MAX_CONDITIONS, flaws, stored_form, subjects
from portal.configuration.own_controls import problems_of_cases, read_control
from portal.configuration.problems import UnusableFile
from tenants.models import Organization
from tests.assessments.own.published import CASES, definition, example
from tests.for_each import for_each

LEAF = {"path": "location", "equals": "x"}
NORTHLIGHT = Organization(name="Northlight", slug="northlight")


def test_a_valid_definition_has_no_flaws_and_becomes_a_control() -> None:
    found = definition(references=["https://example.com"], expected="A tag {owner}", applies_when=LEAF)
    assert flaws(found, "northlight") == []
    control = own_control(stored_form(found))
    assert (control.section, control.subject_type) == ("own", "Microsoft.Storage/storageAccounts")
    assert control.expected == "A tag {owner}"
    assert control.why == "Nobody decides about the data.\n\nReferences: https://example.com"
    assert control.judged == "Storage accounts. Passes when tags.owner exists. Applies when location is x."
    assert [need.name for need in control.needs] == ["storage_accounts"]
    assert {"virtual_machines", "key_vaults", "sql_servers"} <= set(subjects())


@for_each(
    "changed, path, word",
    [
        ({"control": "storage-x"}, ("control",), "own-northlight-"),
        ({"control": "own-other-x"}, ("control",), "own-northlight-"),
        ({"control": "own-northlight-A"}, ("control",), "lower-case"),
        ({"control": "own-northlight-" + "a" * 80}, ("control",), "80 characters"),
        ({"title": "x" * 81}, ("title",), "at most 80"),
        ({"title": 5}, ("title",), "Write a text"),
        ({"problem": None}, ("problem",), "Add “problem”"),
        ({"severity": "info"}, ("severity",), "critical, high, medium, low"),
        ({"subjects": "users"}, ("subjects",), "storage_accounts"),
        ({"subjects": "storage_acounts"}, ("subjects",), "Did you mean “storage_accounts”?"),
        ({"subjects": ["storage_accounts"]}, ("subjects",), "cannot be judged"),
        ({"subjects": {"a": 1}}, ("subjects",), "cannot be judged"),
        (
            {"cases": [*CASES, {"document": {}, "verdict": ["fail"]}]},
            ("cases", 2, "verdict"),
            "Choose one of",
        ),
        ({"cases": [*CASES, {"document": {}, "verdict": {"fail": 1}}]}, ("cases", 2, "verdict"), "Choose"),
        ({"python": "import os"}, ("python",), "not a field"),
        ({"fix": "Run {account}"}, ("fix",), "without braces"),
        ({"references": "x"}, ("references",), "list"),
        ({"pass_when": "x"}, ("pass_when",), "Write a condition"),
        ({"pass_when": {"equals": 1}}, ("pass_when",), "Add “path” or “tag”"),
        ({"pass_when": {"path": "a b", "equals": 1}}, ("pass_when", "path"), "dots"),
        ({"pass_when": {"path": "__class__()", "equals": 1}}, ("pass_when", "path"), "dots"),
        ({"pass_when": {"path": "a"}}, ("pass_when",), "exactly one of"),
        ({"pass_when": {"path": "a", "equals": 1, "in": [1]}}, ("pass_when",), "exactly one of"),
        ({"pass_when": {"path": "a", "tag": "b", "equals": 1}}, ("pass_when",), "either"),
        ({"pass_when": {**LEAF, "extra": 1}}, ("pass_when", "extra"), "Remove it"),
        ({"pass_when": {**LEAF, "absent": "no"}}, ("pass_when", "absent"), "true or false"),
        ({"pass_when": {"path": "a", "exists": "yes"}}, ("pass_when", "exists"), "true or false"),
        ({"pass_when": {"path": "a", "at_least": "1"}}, ("pass_when", "at_least"), "number"),
        ({"pass_when": {"path": "a", "in": [1, "a"]}}, ("pass_when", "in"), "only texts"),
        ({"pass_when": {"path": "a", "matches": "(?=a)"}}, ("pass_when", "matches"), "cannot be used"),
        (
            {"pass_when": {"path": "a", "any": {"tag": "x", "equals": 1}}},
            ("pass_when", "any", "tag"),
            "no tags",
        ),
        ({"pass_when": {"all_of": []}}, ("pass_when", "all_of"), "list of conditions"),
        ({"pass_when": {"all_of": [LEAF], "path": "a"}}, ("pass_when",), "other keys"),
        ({"pass_when": {"all_of": [LEAF, {"not": "x"}]}}, ("pass_when", "all_of", 1, "not"), "condition"),
        ({"pass_when": {"all_of": [LEAF] * MAX_CONDITIONS}}, ("pass_when",), "at most 50"),
        ({"cases": CASES[:1]}, ("cases",), "one case that passes and one that fails"),
        ({"cases": [*CASES, {"document": 1, "verdict": "pass"}]}, ("cases", 2), "document"),
        ({"cases": [{**CASES[0], "verdict": "maybe"}, *CASES]}, ("cases", 0, "verdict"), "Choose one"),
    ],
)
def test_mistakes_are_named(changed: dict[str, Any], path: tuple[Any, ...], word: str) -> None:
    found = flaws(definition(**changed), "northlight")
    assert [flaw.path for flaw in found] == [path], found
    assert word in found[0].message


def test_conditions_that_are_nested_too_deeply_are_refused() -> None:
    nested: dict[str, Any] = LEAF
    for _ in range(6):
        nested = {"not": nested}
    (flaw,) = flaws(definition(pass_when=nested), "northlight")
    assert "nested more than 6" in flaw.message


def test_wrong_cases_are_named_with_the_verdict_and_the_line() -> None:
    wrong = [{**CASES[0], "name": "tagged", "verdict": "fail"}, {**CASES[1], "verdict": "pass"}]
    first, second = wrong_cases(definition(cases=wrong))
    assert first.message.startswith("The case “tagged” should be fail, but the control says pass: ")
    assert second.path == ("cases", 1)
    text = example(NORTHLIGHT).replace("verdict: fail", "verdict: unknown")
    lines = text.replace("verdict: pass", "verdict: fail").replace("verdict: unknown", "verdict: pass")
    problems = problems_of_cases(lines, read_control(lines, NORTHLIGHT))
    assert [problem.line for problem in problems] == [13, 18]


@for_each(
    "change, line, word",
    [
        (lambda text: text.replace("severity: low", "severity: grave"), 4, "Choose one of"),
        (lambda text: text.replace("matches:", "match:"), 7, "exactly one of"),
        (lambda text: text + "more: &a 1\n", 22, "Anchors"),
        (lambda text: text + "more: *a\n", 22, "Aliases"),
        (lambda text: text + "more: !!python/object:os.system x\n", 22, "Tags"),
        (lambda text: text.replace("title:", "title"), 3, "YAML"),
        (lambda text: "x" * 32_001, 0, "32,000"),
        (lambda text: " ", 0, "The page “Write control” shows an example"),
        (lambda text: "[" * 40, 1, "nested"),
    ],
)
def test_problems_of_the_yaml_name_the_line(change: Any, line: int, word: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        read_control(change(example(NORTHLIGHT)), NORTHLIGHT)
    assert (refused.value.problems[0].line, word in str(refused.value)) == (line, True), refused.value


def test_the_example_of_the_form_is_valid() -> None:
    text = example(NORTHLIGHT)
    assert problems_of_cases(text, read_control(text, NORTHLIGHT)) == []
