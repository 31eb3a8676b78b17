"""Every control is declared completely and has cases of every possible outcome."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from assessments.controls.declare import Control, Parameter
from assessments.controls.docstrings import parse_doc
from assessments.controls.references import NUMBER_FIELDS, split_numbers
from assessments.controls.registry import SECTIONS, UnknownControl, catalogue, catalogue_hash, control
from assessments.estate.collections import ALL
from portal.settings.env import BASE_DIR
from tests.assessments.controls.cases import all_cases, cases_of, impossible
from tests.for_each import for_each

CONTROLS = list(catalogue().values())
IDS = {
    "CIS Azure": re.compile(r"\d{1,2}(\.\d{1,2}){1,5}\*?"),
    "MCSB": re.compile(r"[A-Z]{2}-\d{1,2}\*?"),
    "NIST": re.compile(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?\*?"),
}
REQUIRED = {
    "network": {
        "network-rdp-from-internet",
        "network-ssh-from-internet",
    },
    "monitoring": {
        "monitoring-alert-nsg-delete",
        "monitoring-alert-nsg-rule-delete",
        "monitoring-alert-nsg-rule-write",
        "monitoring-alert-nsg-write",
        "monitoring-alert-policy-assignment-write",
        "monitoring-alert-recipients",
        "monitoring-alert-security-policy-write",
        "monitoring-alert-security-solution-delete",
        "monitoring-alert-security-solution-write",
        "monitoring-alert-sql-firewall-delete",
        "monitoring-alert-sql-firewall-write",
    },
    "storage": {
        "storage-anonymous-access-disallowed",
        "storage-blob-encryption",
        "storage-file-encryption",
        "storage-key-rotation",
        "storage-public-blob",
        "storage-public-file",
        "storage-sas-expiry",
        "storage-sas-https-only",
        "storage-secure-transfer",
    },
    "sql": {
        "sql-firewall-azure-services",
        "sql-firewall-internet",
        "sql-firewall-wide",
        "sql-public-network-access",
        "sql-server-auditing",
        "sql-threat-alerts-contact",
        "sql-threat-alerts-owners",
        "sql-threat-detection",
        "sql-threat-detection-types",
    },
}


@for_each("section", REQUIRED)
def test_the_section_contains_the_required_controls(section: str) -> None:
    assert REQUIRED[section] <= {rule.slug for rule in CONTROLS if rule.section == section}


@for_each("rule", CONTROLS, ids=lambda rule: rule.slug)
def test_slug_follows_section_and_module(rule: Control) -> None:
    assert rule.section in SECTIONS
    assert rule.slug.startswith(f"{rule.section}-")
    family = Counter(other.module for other in CONTROLS)[rule.module] > 1
    module = rule.module.rsplit(".", 1)[-1].replace("_", "-")
    assert family or rule.slug == f"{rule.section}-{module}"


@for_each("rule", CONTROLS, ids=lambda rule: rule.slug)
def test_texts_are_complete(rule: Control) -> None:
    for text in (rule.title, rule.judged, rule.why, rule.expected, rule.subject_type):
        assert text.strip()
        assert "{" not in rule.title + rule.judged + rule.why + rule.expected
    assert not rule.title.endswith(".")
    titles = Counter(other.title for other in CONTROLS)
    assert titles[rule.title] == 1, "two controls have this title"


@for_each("rule", CONTROLS, ids=lambda rule: rule.slug)
def test_problem_names_a_failure(rule: Control) -> None:
    assert 0 < len(rule.problem) <= 70
    assert rule.problem == rule.problem.strip()
    assert rule.problem[0] == rule.problem[0].upper()
    assert not rule.problem.endswith(".")
    assert not set("{`\n") & set(rule.problem)
    assert rule.problem != rule.title
    problems = Counter(other.problem for other in CONTROLS)
    assert problems[rule.problem] == 1, "two controls have this problem"


@for_each("rule", CONTROLS, ids=lambda rule: rule.slug)
def test_needs_and_permissions_are_declared(rule: Control) -> None:
    assert rule.needs or rule.is_manual
    assert all(ALL[collection.name] is collection for collection in (*rule.needs, *rule.optional))
    assert not set(rule.needs) & set(rule.optional)
    assert all(rule.permissions)


@for_each("rule", CONTROLS, ids=lambda rule: rule.slug)
def test_references_are_ids(rule: Control) -> None:
    for framework, ids in rule.references.by_framework().items():
        pattern = next(pattern for prefix, pattern in IDS.items() if framework.startswith(prefix))
        assert ids
        assert [identifier for identifier in ids if not pattern.fullmatch(identifier)] == []
    # The declared texts of the references contain only ids and spaces.
    fields = [getattr(rule.references, name) for name in NUMBER_FIELDS]
    assert all(" ".join(split_numbers(text)) == " ".join(text.split()) for text in fields)


@for_each("rule", CONTROLS, ids=lambda rule: rule.slug)
def test_defaults_are_acceptable(rule: Control) -> None:
    assert [parameter.problem(parameter.default) for parameter in rule.parameters] == [""] * len(
        rule.parameters
    )
    assert rule.values({}) == {parameter.name: parameter.default for parameter in rule.parameters}
    with pytest.raises(ValueError, match="has no parameter no_such_thing"):
        rule.values({"no_such_thing": 1})


# Abbreviations and other words that the names of parameters contain, but their titles must not.
ABBREVIATED = re.compile(r"\b([Mm]in|[Mm]ax|sms|udp|http|ipv6|ade|aes|cmk|[Ss]trict|[Ee]xtra)\b")


@for_each("rule", CONTROLS, ids=lambda rule: rule.slug)
def test_parameters_have_titles_that_people_read(rule: Control) -> None:
    titles = [parameter.title for parameter in rule.parameters]
    assert len(set(titles)) == len(titles)
    assert [one for one in titles if ABBREVIATED.search(one) or len(one) > 45 or one[0].islower()] == []


def test_the_expectation_shows_the_values_of_parameters() -> None:
    rule = control("storage-key-rotation")
    assert rule.expected == "Both access keys were regenerated within the last 90 days"
    values = rule.values({"max_age": 30})
    assert rule.expected_with(values) == "Both access keys were regenerated within the last 30 days"


@for_each("rule", CONTROLS, ids=lambda rule: rule.slug)
def test_every_possible_outcome_has_a_case(rule: Control) -> None:
    wanted = {"manual", "unknown"} if rule.is_manual else {"pass", "fail", "unknown"}
    if rule.subject_type != rule.unit.value:
        wanted |= {"not_applicable"}
    said = {outcome for case in cases_of(rule.slug) for outcome in case.outcomes()}
    missing = wanted - impossible(rule.slug) - said
    assert missing == set(), "add a case for each to CASES, or enter it in IMPOSSIBLE with the reason"
    assert said & impossible(rule.slug) == set(), "declared impossible, but a case expects it"


def test_cases_are_of_known_controls_and_named_once() -> None:
    counted = Counter(str(case) for case in all_cases())
    assert [name for name, count in counted.items() if count > 1] == []
    assert {case.slug for case in all_cases()} <= set(catalogue())


def test_an_unknown_slug_suggests_similar_ones() -> None:
    with pytest.raises(UnknownControl, match=r"did you mean .*storage-sas-https-only"):
        control("storage-sas-https")


@pytest.mark.slow(seconds=2)
def test_the_catalogue_hash_is_the_same_in_each_process() -> None:
    assert re.fullmatch("[0-9a-f]{64}", catalogue_hash())
    code = "from assessments.controls.registry import catalogue_hash; print(catalogue_hash())"
    environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "1"}
    other = subprocess.check_output([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, text=True)
    assert other.strip() == catalogue_hash()


@pytest.mark.slow(seconds=2)
def test_the_catalogue_hash_covers_the_code_that_judges() -> None:
    """All code that controls use is in `JUDGING_CODE`, except `fixes` and `frameworks`, which change no verdict. If a
    control uses a further package, add this package to `JUDGING_CODE`.
    """
    code = (
        "import sys, assessments.evaluate, assessments.own.control; "
        "from assessments.controls.registry import catalogue, judging_modules; catalogue(); "
        "print(*sorted({name for name in sys.modules if name.startswith('assessments.')} - {*judging_modules()}))"
    )
    environment = {"PATH": os.environ["PATH"]}
    others = subprocess.check_output([sys.executable, "-c", code], cwd=BASE_DIR, env=environment, text=True)
    assert {name.split(".")[1] for name in others.split()} <= {"fixes", "frameworks"}


@for_each("missing", ["Problem", "Expected", "Judged", "Why"])
def test_an_incomplete_docstring_is_rejected(missing: str) -> None:
    doc = "Title.\n\nProblem: a\nExpected: b\nJudged: c\nWhy: d\n"
    assert parse_doc(doc) == ("Title", "a", "b", "c", "d")
    with pytest.raises(ValueError, match=missing):
        parse_doc(re.sub(rf"{missing}: \w\n", "", doc))


@for_each(
    ("parameter", "value", "problem"),
    [
        (Parameter("days", 90, "", minimum=1), 0, "at least 1"),
        (Parameter("days", 90, "", maximum=100), 101, "at most 100"),
        (Parameter("days", 90, ""), "90", "number"),
        (Parameter("days", 90, ""), True, "int"),
        (Parameter("on", True, ""), 1, "bool"),
        (Parameter("mode", "a", "", choices=("a", "b")), "c", "one of a, b"),
        (Parameter("names", ["a"], ""), "a", "list"),
    ],
)
def test_an_invalid_parameter_is_rejected(parameter: Parameter, value: object, problem: str) -> None:
    assert problem in parameter.problem(value)
