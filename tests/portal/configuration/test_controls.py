"""The profile of controls, switched-off controls and severities by context in configuration files."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.actions.profiles import profile_part, set_profile, severity_part, switch_off
from assessments.models import ControlProfile, SwitchedOffControl
from portal.configuration.yaml_text import read
from portal.notify.models import Notice
from tenants.roles import Role
from tests import factories
from tests.for_each import for_each
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = pytest.mark.django_db

CONTROL = "storage-secure-transfer"
RULES = [
    {"when": "internet", "step": 1},
    {"when": "tag", "step": -1, "tag": "environment", "values": ["dev", "test"]},
]


def stored(configured: ConfiguredCustomer) -> dict[str, str]:
    with factories.in_tenant(configured.tenant):
        return dict(SwitchedOffControl.objects.values_list("control", "reason"))


def exported(configured: ConfiguredCustomer) -> dict[str, Any]:
    return read(configured.export().encode()).data["customers"][0]


@pytest.mark.slow(seconds=1)
def test_controls_are_set_exported_and_repeatable(configured: ConfiguredCustomer) -> None:
    other = factories.member(Role.TENANT_ADMINISTRATOR, configured.tenant)
    file = {
        "profile": "own",
        "profile_controls": ["storage-min-tls", CONTROL],
        "switched_off": [{"control": CONTROL, "reason": "Replaced: see \"T-1\"\nand 'T-2'"}],
        "severity_rules": [RULES[0], {**RULES[1], "values": ["test", "dev"]}],
    }
    assert configured.apply(configured.file(file)) == [
        "Profile of controls: All controls → Own choice",
        "Control storage-secure-transfer: switches the control off (Replaced: see \"T-1\"\nand 'T-2')",
        "Severities by context: none → internet +1, tag environment=dev|test -1",
    ]
    assert configured.apply(configured.file(file)) == []
    with factories.in_tenant(configured.tenant):
        assert profile_part(configured.tenant)["controls"] == ["storage-min-tls", CONTROL]
        assert severity_part(configured.tenant)["rules"] == RULES
        assert SwitchedOffControl.objects.get().by == configured.admin
        assert Notice.objects.filter(person=other, kind="control_switched_off").count() == 1
    data = exported(configured)
    assert data["profile"] == "own"
    assert data["profile_controls"] == ["storage-min-tls", CONTROL]
    assert data["switched_off"] == file["switched_off"]
    assert data["severity_rules"] == RULES
    assert configured.apply(configured.export().encode()) == []
    assert configured.apply(configured.file({})) == []
    changed = {"profile": "own", "profile_controls": [CONTROL], "switched_off": [], "severity_rules": []}
    assert configured.apply(configured.file(changed)) == [
        "Profile of controls: remove storage-min-tls",
        "Control storage-secure-transfer: switches the control on",
        "Severities by context: internet +1, tag environment=dev|test -1 → none",
    ]
    assert stored(configured) == {}


def test_another_reason_names_the_person_who_applies_it(configured: ConfiguredCustomer) -> None:
    with factories.in_tenant(configured.tenant):
        switch_off(tenant=configured.tenant, by=configured.owner, slug=CONTROL, reason="Before")
    (step,) = configured.apply(configured.file({"switched_off": [{"control": CONTROL, "reason": "After"}]}))
    assert step == "Control storage-secure-transfer, reason for being off: Before → After"
    with factories.in_tenant(configured.tenant):
        row = SwitchedOffControl.objects.get()
        assert (row.reason, row.by) == ("After", configured.admin)


@pytest.mark.slow(seconds=1)
def test_an_export_keeps_what_this_version_does_not_know(configured: ConfiguredCustomer) -> None:
    with factories.in_tenant(configured.tenant):
        set_profile(tenant=configured.tenant, by=configured.admin, profile="own", controls=[CONTROL])
        ControlProfile.objects.update(controls=[CONTROL, "removed-control"])
        SwitchedOffControl.objects.create(tenant=configured.tenant, control="removed-control", reason="Old")
    assert exported(configured)["profile_controls"] == [CONTROL]
    assert configured.apply(configured.export().encode()) == []
    assert stored(configured) == {"removed-control": "Old"}
    with factories.in_tenant(configured.tenant):
        ControlProfile.objects.update(profile="a-profile-of-later")
    assert "profile" not in exported(configured)
    assert configured.apply(configured.export().encode()) == []


TAG = {"when": "tag", "step": 1}


@pytest.mark.slow(seconds=1)
@for_each(
    ("file", "text"),
    [
        ({"profile": "cis-6.0.0-level-3"}, "Did you mean “cis-6.0.0-level-"),
        ({"profile": "own"}, "Choose at least one control."),
        (
            {"profile": "mcsb-1", "profile_controls": [CONTROL]},
            "A list of controls works only with the profile",
        ),
        ({"profile_controls": [CONTROL]}, "This key works only with the profile “own”. Add “profile: own”."),
        ({"profile": "own", "profile_controls": ["storage-secure-transfe"]}, f"Did you mean “{CONTROL}”?"),
        ({"switched_off": [{"control": CONTROL, "reason": "x"}] * 2}, "already listed above"),
        ({"switched_off": [{"control": "nothing", "reason": "x"}]}, "nothing"),
        ({"switched_off": [{"control": CONTROL}]}, "The key “reason” is missing"),
        ({"severity_rules": [{**TAG, "tag": " "}]}, "Enter the name of the tag"),
        ({"severity_rules": [{"when": "internet", "step": 2}]}, "“step” cannot be “2”"),
        ({"severity_rules": [{"when": "internet", "step": 1}] * 2}, "Give each condition once"),
    ],
)
def test_unusable_entries_are_named(configured: ConfiguredCustomer, file: dict[str, Any], text: str) -> None:
    (problem,) = configured.problems(configured.file(file))
    assert text in problem
    assert stored(configured) == {}
