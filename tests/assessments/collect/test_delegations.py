"""Azure Lighthouse delegations and their definitions are collected and judged in the unit of the directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.management.sandboxed import Served, serve
from tests.assessments.collect import azure
from tests.assessments.controls.identity.cases_delegations import (
    DELEGATION,
    GUESTS,
    delegation,
    right,
)
from tests.assessments.controls.identity.cases_mfa import WRITERS
from tests.assessments.controls.identity.directory_documents import built_in

LISTED = "/providers/Microsoft.ManagedServices/registrationAssignments"
REFUSED, UNREGISTERED = azure.guid(2), azure.guid(3)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("delegations")
    denied = {"error": {"code": "AuthorizationFailed", "message": "No."}}
    missing = {"error": {"code": "MissingSubscriptionRegistration", "message": "Not registered."}}
    lines = [
        azure.directory(),
        *(line for number in (1, 2, 3) for line in azure.subscription(azure.guid(number))),
        *({**role, "type": "Microsoft.Authorization/roleDefinitions"} for role in built_in()),
        delegation(right()),
        azure.answer(f"/subscriptions/{REFUSED}{LISTED}", 403, denied),
        azure.answer(f"/subscriptions/{UNREGISTERED}{LISTED}", 409, missing),
    ]
    with serve(azure.write(folder / "estate.jsonl", lines)) as served:
        yield served


def judged(served: Served, *subscriptions: str) -> azure.Judged:
    return azure.judge(
        azure.session(served),
        azure.DIRECTORY,
        kind=UnitKind.DIRECTORY,
        subscriptions=subscriptions,
        sections=("identity",),
    )


def test_a_delegation_is_read_with_its_rights(served: Served) -> None:
    found = judged(served, azure.guid(1))
    (document,) = found.estate.documents("registration_assignments")
    assert document.id == DELEGATION
    assert found.verdict(WRITERS, DELEGATION.casefold()) == "unknown"
    assert found.verdict(GUESTS, DELEGATION.casefold()) == "pass"
    asked = azure.control_plane(served, "GET", "requests")
    assert [row for row in asked if row["path"].endswith(LISTED) and row["status"] == 200]


def test_refused_delegations_are_a_gap_and_an_unregistered_provider_has_none(served: Served) -> None:
    found = judged(served, REFUSED, UNREGISTERED)
    gaps = {
        gap.scope: gap.reason for gap in found.estate.gaps() if gap.collection == "registration_assignments"
    }
    assert gaps == {f"/subscriptions/{REFUSED}": Reason.FORBIDDEN}
    assert found.estate.documents("registration_assignments") == []
