"""Remaining classic administrators."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_mfa import ADA_IS, CAPABLE, WRITERS, writer
from tests.assessments.controls.judging import DIRECTORY, SUB, doc, gap


def classic(role: object, name: str = "1") -> dict[str, Any]:
    path = "providers/Microsoft.Authorization/classicAdministrators"
    return doc(f"{SUB}/{path}/{name}", {"emailAddress": "old@example.com", "role": role})


def classic_id(name: str = "1") -> str:
    return str(classic("", name)["id"])


_CLASSIC = [
    Case(
        WRITERS,
        "service administrator is accepted",
        writer(CAPABLE, classic_administrators=[classic("ServiceAdministrator;AccountAdministrator")]),
        {ADA_IS: "pass"},
    ),
    Case(
        WRITERS,
        "co-administrator remains",
        writer(
            CAPABLE, classic_administrators=[classic("CoAdministrator"), classic("AccountAdministrator", "2")]
        ),
        {ADA_IS: "pass", classic_id(): "fail"},
        reason="retired in August 2024",
    ),
    Case(
        WRITERS,
        "co-administrator among the roles, another case",
        writer(CAPABLE, classic_administrators=[classic("serviceadministrator; COADMINISTRATOR")]),
        {ADA_IS: "pass", classic_id(): "fail"},
    ),
    Case(
        WRITERS,
        "co-administrator only",
        {"classic_administrators": [classic("CoAdministrator")]},
        {classic_id(): "fail"},
    ),
    Case(
        WRITERS,
        "a classic administrator without a role",
        {"classic_administrators": [classic(None), classic("", "2")]},
        {classic_id(): "unknown", classic_id("2"): "unknown"},
    ),
    Case(
        WRITERS,
        "classic administrators forbidden",
        writer(CAPABLE),
        {ADA_IS: "pass", DIRECTORY: "unknown"},
        [gap("classic_administrators")],
    ),
]

CASES = _CLASSIC
