"""If a text of a resource is deeply nested JSON, verdicts become unknown, and the assessment does not stop."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assessments.controls.cases import Case, all_cases

DEEP = "[" * 200_000
# {property whose text is read as JSON: a control that reads it}
READ_AS_JSON = {"value": "vm-os-firewall", "policyAssignmentParameters": "keyvault-certificate-validity"}


def deepened(value: Any, name: str, key: str = "") -> Any:
    """Return the documents with `DEEP` instead of each text and each object that is a value of the property `name`."""
    if key == name and isinstance(value, str | dict):
        return DEEP
    if isinstance(value, dict):
        return {inner: deepened(one, name, inner) for inner, one in value.items()}
    if isinstance(value, list | tuple):
        return [deepened(one, name, key) for one in value]
    return value


def cases_with(name: str) -> list[Case]:
    slug = READ_AS_JSON[name]
    return [case for case in all_cases() if case.slug == slug and deepened(case.docs, name) != case.docs]


@pytest.mark.parametrize("name", READ_AS_JSON)
def test_deep_json_stops_no_assessment(name: str) -> None:
    outcomes: set[str] = set()
    assert cases_with(name)
    for case in cases_with(name):
        found = case.judge(deepened(case.docs, name))
        outcomes |= {str(result.verdict.outcome) for result in found.values()}
    assert outcomes & {"unknown", "manual"}
