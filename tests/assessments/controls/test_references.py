"""Degrees of references: a control checks a requirement fully or partly. The degree depends on the control's
parameters, and a partial reference says what is missing.
"""

from __future__ import annotations

from typing import Any

import pytest

from assessments.controls.references import Degree, Partly, References, Setting
from assessments.controls.registry import catalogue, control
from assessments.controls.shared.rules import ACCEPT_PERIMETER
from assessments.frameworks.framework import NOT_AS_A_WHOLE
from tests.for_each import for_each


def degrees(slug: str, key: str, **values: Any) -> dict[str, str]:
    """Return {number: degree} of the control's references to a framework version."""
    return {r.number: str(r.degree) for r in control(slug).framework_references(values) if r.framework == key}


@for_each(
    ("slug", "key", "number", "degree"),
    [
        ("storage-secure-transfer", "cis-6.0.0", "9.3.4", "full"),
        ("logging-storage-secure-transfer", "cis-6.0.0", "9.3.4", "partly"),
        ("logging-storage-encryption", "cis-6.0.0", "6.1.1.3", "partly"),
        ("vm-disk-encryption", "cis-3.0.0", "8.2", "full"),
        ("vm-disk-encryption", "cis-3.0.0", "8.3", "partly"),
        ("defender-vm-data-collection", "cis-6.0.0", "8.1.3.2", "partly"),
        ("storage-public-file", "cis-6.0.0", "9.3.2.2", "partly"),
        ("storage-key-rotation", "cis-6.0.0", "9.3.1.1", "partly"),
        ("storage-key-rotation", "cis-6.0.0", "9.3.1.2", "full"),
        ("storage-key-rotation", "mcsb-2-preview", "DP-6", "partly"),
        ("identity-password-policy", "cis-5.0.0", "5.8", "partly"),
        ("identity-mfa-enforced", "cis-6.0.0", "5.1.1", "partly"),
        ("identity-mfa-all-users", "cis-6.0.0", "5.1.3", "partly"),
        ("identity-custom-roles-admin", "cis-6.0.0", "5.4", "full"),
        ("sql-firewall-internet", "cis-3.0.0", "5.1.2", "partly"),
        ("logging-nsg-flow", "cis-6.0.0", "6.1.1.5", "partly"),
        ("logging-nsg-flow", "mcsb-2-preview", "LT-4", "partly"),
        ("logging-retention-flow", "cis-6.0.0", "7.5", "full"),
        ("logging-retention-flow", "cis-6.0.0", "7.8", "full"),
        ("defender-plan-databases", "cis-6.0.0", "8.1.7.1", "full"),
        ("defender-plan-databases", "cis-6.0.0", "8.1.7.3", "full"),
        ("sql-threat-detection", "cis-6.0.0", "8.1.7.3", "partly"),
        ("sql-threat-alerts-owners", "cis-6.0.0", "8.1.12", "partly"),
        ("sql-threat-alerts-contact", "cis-6.0.0", "8.1.14", "partly"),
        ("operations-vulnerability-scans", "cis-6.0.0", "8.1.3.2", "partly"),
        ("keyvault-hsm-required", "cis-6.0.0", "8.3.10", "partly"),
        ("storage-readonly-lock", "cis-6.0.0", "9.3.10", "partly"),
        ("vm-approved-extensions", "cis-3.0.0", "8.7", "partly"),
        ("webapp-keyvault-references", "cis-3.0.0", "9.11", "partly"),
        ("logging-platform", "cis-6.0.0", "6.1.4", "partly"),
    ],
)  # fmt: skip
def test_degrees_follow_from_what_the_number_demands(slug: str, key: str, number: str, degree: str) -> None:
    assert degrees(slug, key)[number] == degree


@for_each(
    ("slug", "key", "number"),
    [
        # 4.2.4 is about reports of the vulnerability assessment, which the control does not check.
        ("sql-threat-alerts-contact", "cis-2.0.0", "4.2.4"),
        ("sql-threat-alerts-owners", "cis-2.0.0", "4.2.5"),
        # 8.1.3.5 is about file integrity monitoring, which the control does not check.
        ("defender-vm-data-collection", "cis-6.0.0", "8.1.3.5"),
        # The control refers to LT-4 of MCSB v2 (preview), but not to LT-4 of MCSB v1.
        ("logging-nsg-flow", "mcsb-1", "LT-4"),
        ("storage-key-rotation", "mcsb-1", "DP-6"),
    ],
)
def test_a_control_does_not_refer_to_a_number_of_which_it_judges_nothing(
    slug: str, key: str, number: str
) -> None:
    assert number not in degrees(slug, key)


@for_each(
    ("slug", "number", "values", "degree"),
    [
        ("identity-guests-cannot-invite", "5.16", {}, "partly"),
        ("identity-guests-cannot-invite", "5.16", {"strict": True}, "full"),
        ("storage-key-rotation", "9.3.1.2", {"max_age": 90}, "full"),
        ("storage-key-rotation", "9.3.1.2", {"max_age": 91}, "partly"),
        ("logging-retention-flow", "7.5", {"min_days": 90}, "full"),
        ("logging-retention-flow", "7.5", {"min_days": 89}, "partly"),
    ],
)
def test_degrees_follow_the_parameters_of_the_tenant(
    slug: str, number: str, values: dict[str, Any], degree: str
) -> None:
    assert degrees(slug, "cis-5.0.0", **values)[number] == degree


@for_each(
    ("values", "degree"),
    [
        ({}, "partly"),
        ({"max_hours": 1}, "full"),
        ({"max_hours": 1, "accept_log": True}, "partly"),
        ({"max_hours": 2}, "partly"),
    ],
)
def test_all_settings_must_hold(values: dict[str, Any], degree: str) -> None:
    assert degrees("storage-sas-expiry", "cis-3.0.0", **values) == {"4.5": degree}


def test_broad_frameworks_are_never_answered_in_full() -> None:
    for rule in catalogue().values():
        for reference in rule.framework_references():
            if not reference.framework.startswith("cis"):
                assert reference.degree is Degree.PARTLY, (rule.slug, reference.number)


def test_a_reference_carries_the_sentences_of_control_and_number() -> None:
    references = References(c6="9.3.4", nist="SC-8*", partly=(Partly("c6 nist:SC-8", "Only half is judged"),))
    found = {r.number: r for r in references.resolved({})}
    assert found["9.3.4"].missing == ("Only half is judged",)
    assert found["SC-8"].missing == (
        "Only half is judged",
        NOT_AS_A_WHOLE,
    )
    assert (found["SC-8"].label, found["SC-8"].is_own_mapping) == ("SC-8*", True)


@for_each("numbers", ["c5", "c6:9.3.5", "c7", "9.3.4"])
def test_a_sentence_on_a_number_without_reference_is_refused(numbers: str) -> None:
    with pytest.raises(ValueError, match=f"`partly` names {numbers}"):
        References(c6="9.3.4", partly=(Partly(numbers, "Something"),))


@for_each("slug", list(catalogue()))
def test_sentences_and_settings_fit_the_control(slug: str) -> None:
    rule = catalogue()[slug]
    for entry in rule.references.partly:
        assert entry.missing[:1].isupper()
        assert not entry.missing.endswith(".")
        assert "`" not in entry.missing, "names of parameters are only for configuration files"
        for setting in entry.unless:
            assert setting.parameter in rule.values({})
            assert isinstance(setting, Setting)


@for_each("slug", [rule.slug for rule in catalogue().values() if ACCEPT_PERIMETER in rule.parameters])
def test_documentation_says_when_a_perimeter_is_accepted(slug: str) -> None:
    assert "`accept_perimeter`" in catalogue()[slug].judged


@for_each(
    ("slug", "first", "second"),
    [
        # Azure Policy maps minimum versions of TLS to DP-3 only in the initiative of MCSB v2. The reference to DP-3 of
        # v1 is Surety's own mapping, which the asterisk shows.
        ("storage-min-tls", ["DP-3*"], ["DP-3"]),
        ("vm-disk-network", ["NS-2*"], ["NS-2"]),
        ("storage-key-reminder", [], ["DP-6"]),
        ("vm-backup-retention", ["BR-1*", "BR-2*"], ["BR-1*", "BR-2*"]),
    ],
)
def test_a_number_can_be_an_own_mapping_in_one_version_of_the_benchmark(
    slug: str, first: list[str], second: list[str]
) -> None:
    found = control(slug).framework_references()
    labels = {key: [r.label for r in found if r.framework == key] for key in ("mcsb-1", "mcsb-2-preview")}
    assert labels == {"mcsb-1": first, "mcsb-2-preview": second}
