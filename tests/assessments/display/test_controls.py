"""Every case of every control is rendered for people: no raw value, id, identifier or unfilled parameter is left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from assessments.controls.registry import catalogue, declared_labels
from assessments.display.names import GUID, Kind, Name, Names
from assessments.display.observed import describe, label
from assessments.display.observed_labels import LABELS
from assessments.display.references import referenced
from assessments.display.sentences import sentence
from assessments.evaluate import Result
from tests.assessments.controls.cases import Case, all_cases, cases_of, check_cases, slugs
from tests.for_each import for_each

RAW = {
    "a dictionary": re.compile(r"\{['\"]|\[\{|\}\]"),
    "None": re.compile(r"\bNone\b|\bnull\b"),
    "a truth value": re.compile(r"\b(True|False|true|false)\b"),
    "an unfilled parameter": re.compile(r"\{\w*\}"),
    "a number without separators": re.compile(r"(?<![\w./:,-])\d{5,}(?![\w./:-])"),
    "an exponent": re.compile(r"\de\+\d"),
    "an identifier": re.compile(r"(?<![\w./-])[a-z]+_[a-z_]+\b"),
}
# A verdict about a property that Azure did not return, or returned with a wrong value. It names the property as Azure
# does.
PROPERTY = re.compile(r"^Property \S+ of .* is .*$")
# Raw words that a verdict may contain. If a value has a wrong type, the verdict names the values that Azure should have
# sent. If the value of a database server's parameter is unknown, or Azure does not list the parameter, the verdict
# contains the name of the parameter.
ALLOWED = re.compile(
    r"not true or false|(?:(?<= of properties\.value of )|(?<= not list the parameter ))[a-z_.]+$"
)

# Many names of Azure's properties begin with one of these verbs. A label does not: it states a fact, such as “Access
# keys refused”.
VERBS = ("allow", "default", "disable", "enable", "is", "require", "supports", "use")


def rendered(result: Result) -> Iterator[str]:
    mentioned = referenced(result.subject, result.observed, (result.verdict.reason, *result.verdict.remarks))
    names = Names(Name(guid, Kind.OTHER, display_name=f"Known {n}") for n, guid in enumerate(mentioned))
    for line in describe(result.observed, names):
        yield f"{line.label}: {line.text}"
    yield sentence(result.expected, names)
    for text in (result.verdict.reason, *result.verdict.remarks):
        yield sentence(text, names)


def check(case: Case) -> None:
    for result in case.judge().values():
        known = referenced(result.subject, result.observed, (result.verdict.reason,))
        for text in rendered(result):
            plain = "" if text.startswith("Phone number: ") else ALLOWED.sub("", text)
            problems = [what for what, pattern in RAW.items() if pattern.search(plain)]
            if PROPERTY.match(plain):
                problems = [what for what in problems if what in ("a dictionary", "an unfilled parameter")]
            assert not problems, f"{problems}: {text}"
            bare = {guid.lower() for guid in GUID.findall(text)} & known.keys()
            assert not bare, f"a bare id with a known name: {text}"


@pytest.mark.slow(seconds=1)
@for_each("slug", slugs())
def test_verdicts_are_rendered_for_people(slug: str) -> None:
    check_cases(slug, check)


@pytest.mark.slow(seconds=1)
def test_every_observed_key_has_a_clear_label() -> None:
    """If neither LABELS nor a control declares the label of a key, the label consists of the words of the key. The
    first of these words must not be a verb, and each of them must occur in texts of controls.
    """
    seen = {key for case in all_cases() for result in case.judge().values() for key in result.observed}
    # Only findings of controls to which the customer is not held have these keys, and no case has such a finding.
    seen |= {"profile", "switched_off_because"}
    texts = [
        text
        for one in catalogue().values()
        for text in (one.title, one.problem, one.expected, one.judged, one.why)
    ]
    known = set(re.findall("[a-z0-9]+", " ".join(texts).lower()))
    unclear = {}
    for key in sorted(seen - LABELS.keys() - declared_labels().keys()):
        words = label(key).lower().split()
        if words[0] in VERBS or not known.issuperset(words):
            unclear[key] = label(key)
    where = "of assessments/display/observed_labels.py"
    assert unclear == {}, (
        "these keys, read as words, are not clear: declare their labels as `labels` of the control, or add labels of"
        f" several controls to LABELS {where}"
    )
    assert sorted(LABELS.keys() - seen) == [], (
        f"no case shows these values: remove their labels from LABELS {where}"
    )


@pytest.mark.slow(seconds=1)
def test_a_declared_label_is_of_a_value_of_the_control_and_declared_once() -> None:
    declared = Counter(key for control in catalogue().values() for key in control.labels)
    several = {key for key, count in declared.items() if count > 1} | declared.keys() & LABELS.keys()
    assert sorted(several) == [], "several controls share these labels: enter them only in LABELS"
    seen = {
        slug: {key for case in cases_of(slug) for result in case.judge().values() for key in result.observed}
        for slug in catalogue()
    }
    for control in catalogue().values():
        assert sorted(control.labels.keys() - seen[control.slug]) == [], (
            f"no case of {control.slug} shows these values: remove their labels"
        )
        for other in seen.keys() - {control.slug}:
            assert sorted(control.labels.keys() & seen[other]) == [], (
                f"{other} shows these values too: enter the labels that {control.slug} declares in LABELS"
            )


def test_every_expectation_is_a_sentence_with_its_parameters() -> None:
    for control in catalogue().values():
        text = control.expected
        assert text[:1].isupper(), control.slug
        assert not text.endswith("."), control.slug
        # Alert rules name operations of Azure, so these names are allowed. Names of properties are not.
        words = re.sub(r"Microsoft\.\S+|(tcp|udp)/\d+", "", text)
        assert not re.search(r"\b[a-z]+[A-Z]\w*|[{}]", words), f"{control.slug}: {text}"


def test_large_parameters_have_separators() -> None:
    wide = catalogue()["sql-firewall-wide"]
    text = wide.expected_with({"max_range": 70_000, "max_range_ipv6": 2**64})
    assert text == "No rule allows more than 70,000 IPv4 addresses or an IPv6 network of size /64"
    assert catalogue()["identity-mfa-all-users"].expected_with({"min_ratio": 0.995, "excluded": ""}) == (
        "At least 99.5 % of the enabled members can use MFA"
    )
