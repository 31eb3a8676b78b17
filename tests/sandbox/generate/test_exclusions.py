"""The generator expects the right verdict for MFA policies that exclude a small, large, nested or empty group."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from typing import Any

import pytest

from sandbox.generate import policies
from sandbox.generate.directory.people import Directory, generate_directory
from sandbox.generate.families import identity_policies
from sandbox.generate.output import Output
from sandbox.generate.random_source import NOW, RandomSource
from tests.assessments.controls.judging import TENANT, judge

CONTROL = "identity-mfa-enforced"
OF_ONE_APPLICATION = {
    "identity-ca-mfa-arm": identity_policies._NOT_FOR_AZURE,
    "identity-ca-mfa-portals": identity_policies._NOT_FOR_PORTALS,
}


def generated(form: str, *, wrong: bool, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, list[Any]], str]:
    """Generate a directory. Return its Graph objects by path, and the verdict that the generator expects."""
    monkeypatch.setattr(policies, "_INSUFFICIENT" if wrong else "_SUFFICIENT", (form,))
    rng = RandomSource(1, "directory", 1.0 if wrong else 0.0, NOW)
    directory: Directory = generate_directory(rng, TENANT, "birch", 1)
    lines, expected = io.StringIO(), io.StringIO()
    policies.write_policies(Output(lines, expected), rng, directory)
    objects: dict[str, list[Any]] = defaultdict(list)
    for line in map(json.loads, lines.getvalue().splitlines()):
        value = line["value"]
        objects[line["graph"]] += value if isinstance(value, list) else [value]
    (verdict,) = [
        row["verdict"]
        for row in map(json.loads, expected.getvalue().splitlines())
        if row["control"] == CONTROL
    ]
    return objects, verdict


@pytest.mark.parametrize("form", sorted(policies._EXCLUDED_MEMBERS))
def test_the_expected_verdict_on_an_excluded_group_is_reached(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = form in policies._INSUFFICIENT
    objects, expected = generated(form, wrong=wrong, monkeypatch=monkeypatch)
    (group,) = objects["identity/conditionalAccess/policies"][0]["conditions"]["users"]["excludeGroups"]
    docs = {
        "security_defaults": objects["policies/identitySecurityDefaultsEnforcementPolicy"],
        "conditional_access_policies": objects["identity/conditionalAccess/policies"],
        "excluded_group_members": {group: objects[f"groups/{group}/transitiveMembers"]},
        "excluded_group_visibility": {group: [one for one in objects["groups"] if one["id"] == group]},
    }
    (result,) = judge(CONTROL, docs).values()
    assert str(result.verdict.outcome) == expected == ("fail" if wrong else "pass")


@pytest.mark.parametrize("form", sorted({*policies._EXCLUDED_NETWORKS, "country excluded"}))
def test_the_expected_verdict_on_excluded_locations_is_reached(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = form in policies._INSUFFICIENT
    objects, expected = generated(form, wrong=wrong, monkeypatch=monkeypatch)
    docs = {
        "security_defaults": objects["policies/identitySecurityDefaultsEnforcementPolicy"],
        "conditional_access_policies": objects["identity/conditionalAccess/policies"],
        "named_locations": objects["identity/conditionalAccess/namedLocations"],
    }
    (result,) = judge(CONTROL, docs).values()
    assert str(result.verdict.outcome) == expected == ("fail" if wrong else "pass")
    for control, forms in OF_ONE_APPLICATION.items():
        (result,) = judge(control, docs).values()
        assert str(result.verdict.outcome) == ("fail" if form in forms else "pass") == expected


@pytest.mark.parametrize("form", ["modern clients", "modern clients, others blocked", "platforms excluded"])
def test_the_expected_verdict_on_clients_and_platforms_is_reached(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = form in policies._INSUFFICIENT
    objects, expected = generated(form, wrong=wrong, monkeypatch=monkeypatch)
    docs = {
        "security_defaults": objects["policies/identitySecurityDefaultsEnforcementPolicy"],
        "conditional_access_policies": objects["identity/conditionalAccess/policies"],
    }
    (result,) = judge(CONTROL, docs).values()
    assert str(result.verdict.outcome) == expected == ("fail" if wrong else "pass")
