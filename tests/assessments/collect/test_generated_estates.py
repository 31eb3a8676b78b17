"""For each generated estate, the verdicts equal those that the sandbox predicts by its own rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.assessments.assessed_customer import generate
from tests.assessments.collect.assess_estate import NOW, assessed_rows


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "options"),
    [
        (5, ["--unusual", "--rare-rate", "0.5"]),
        (20, ["--cloud", "AzureUSGovernment"]),
        (3, ["--cloud", "AzureChinaCloud", "--unusual"]),
        (13, ["--fail-rate", "0.4"]),
        (14, ["--fail-rate", "0.3", "--rare-rate", "0.5"]),
    ],
    ids=[
        "with unusual subscriptions and rare forms",
        "in Azure Government",
        "in China",
        "with many faults",
        "with rare forms",
    ],
)
def test_every_expected_verdict_is_reached(seed: int, options: list[str], tmp_path: Path) -> None:
    estate, expected = tmp_path / "estate.jsonl", tmp_path / "expected.jsonl"
    count = "1" if "AzureChinaCloud" in options else "3"
    which = ("--subscriptions", count, "--seed", str(seed))
    generate(estate, *which, *options, "--now", NOW, "--expect", str(expected))
    cloud = options[options.index("--cloud") + 1] if "--cloud" in options else "AzureCloud"
    found = assessed_rows(estate, "--now", NOW, "--cloud", cloud)
    given = {(row["control"], row["subject"].casefold()): row["verdict"] for row in found}
    wrong = []
    lines = expected.read_text(encoding="utf-8").splitlines()
    for wanted in map(json.loads, lines):
        verdict = given.get((wanted["control"], wanted["subject"].casefold()))
        if verdict != wanted["verdict"]:
            wrong.append((wanted, verdict))
    assert not wrong
    assert len(lines) > 180
    unknown = {row["control"] for row in map(json.loads, lines) if row["verdict"] == "unknown"}
    newest = {"storage-secure-transfer", "logging-retention-activity", "vm-disk-encryption"}
    newest |= {"monitoring-alert-nsg-write", "monitoring-alert-nsg-delete", "network-ssh-from-internet"}
    assert ("--unusual" in options) is (newest <= unknown)
    delegations = {verdict for (_, subject), verdict in given.items() if "registrationassignments" in subject}
    assert delegations == ({"pass", "fail", "unknown", "not_applicable"} if "--unusual" in options else set())
    assert {"pass", "fail", "not_applicable"} <= set(given.values())
    subscriptions = [
        document
        for document in map(json.loads, estate.read_text(encoding="utf-8").splitlines())
        if "subscriptionId" in document
    ]
    foreign = (
        [one["id"] for one in subscriptions if one.get("managedByTenants")] if "--unusual" in options else []
    )
    assert len(foreign) == ("--unusual" in options)
    assert not [subject for _, subject in given if subject.startswith(tuple(foreign))]
