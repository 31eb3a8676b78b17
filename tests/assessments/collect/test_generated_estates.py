"""Estates made up by the sandbox, whose own rules say what each fault must come to: two minds, one verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.assessments.collect.test_assess_estate import NOW, ROOT, rows, run


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 20])
def test_every_expected_verdict(seed: int, tmp_path: Path) -> None:
    estate, expected = tmp_path / "estate.jsonl", tmp_path / "expected.jsonl"
    command = [sys.executable, "-m", "sandbox", "generate", "--subscriptions", "3", "--seed", str(seed)]
    with estate.open("wb") as file:
        subprocess.run([*command, "--now", NOW, "--expect", expected], stdout=file, check=True, cwd=ROOT)
    given = {
        (row["control"], row["subject"].casefold()): row["verdict"] for row in rows(run(estate, "--now", NOW))
    }
    wrong = []
    lines = expected.read_text(encoding="utf-8").splitlines()
    for wanted in map(json.loads, lines):
        verdict = given.get((wanted["control"], wanted["subject"].casefold()))
        if verdict != wanted["verdict"]:
            wrong.append((wanted, verdict))
    assert not wrong
    assert len(lines) > 300
    assert {"pass", "fail", "not_applicable"} <= set(given.values())
