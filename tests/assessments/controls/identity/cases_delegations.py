"""Azure Lighthouse delegations: rights of another directory's principals on a subscription.

The documents are registration assignments of Microsoft.ManagedServices 2022-10-01 with their expanded definitions
(https://learn.microsoft.com/rest/api/managedservices/registration-assignments/list).
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_mfa import ADA_IS, CAPABLE, WRITERS, writer
from tests.assessments.controls.identity.directory_documents import (
    CONTRIBUTOR,
    OWNER,
    READER,
    built_in,
)
from tests.assessments.controls.judging import DIRECTORY, SUB, doc, gap

GUESTS = "identity-guests-azure-permissions"
MANAGER = "83abe5cd-bcc3-441a-bd86-e6a75360cecc"
SUPPORT = "f98d86a2-4cc4-4e9d-ad47-b3e80a1bcdfc"
DELEGATION = (
    f"{SUB}/providers/Microsoft.ManagedServices/registrationAssignments/484a7d5f-9729-4b87-bc9b-26610985a013"
)
DELETED = {"registrationDefinition": None}


def right(role: object = CONTRIBUTOR, **more: Any) -> dict[str, Any]:
    return {"principalId": SUPPORT, "principalIdDisplayName": "Support", "roleDefinitionId": role, **more}


def delegation(*rights: dict[str, Any], eligible: Any = (), **properties: Any) -> dict[str, Any]:
    definition = {
        "registrationDefinitionName": "Support by a partner",
        "authorizations": list(rights),
        "eligibleAuthorizations": list(eligible) if isinstance(eligible, tuple) else eligible,
        "provisioningState": "Succeeded",
        "managedByTenantId": MANAGER,
        "managedByTenantName": "Contoso Corp.",
    }
    values = {
        "registrationDefinitionId": DELEGATION.replace("Assignments", "Definitions"),
        "provisioningState": "Succeeded",
        "registrationDefinition": {"properties": definition},
        **properties,
    }
    return doc(DELEGATION, values, type="Microsoft.ManagedServices/registrationAssignments")


def writers(*rights: dict[str, Any], **more: Any) -> dict[str, Any]:
    return writer(CAPABLE, registration_assignments=[delegation(*rights, **more)])


def guests(*rights: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"registration_assignments": [delegation(*rights, **more)], "role_definitions": built_in()}


_WRITERS = [
    Case(
        WRITERS,
        "delegated to another directory",
        writers(right()),
        {ADA_IS: "pass", DELEGATION: "unknown"},
        reason=MANAGER,
    ),
    Case(
        WRITERS,
        "delegated, to read only",
        writers(right(READER)),
        {ADA_IS: "pass", DELEGATION: "not_applicable"},
    ),
    Case(
        WRITERS,
        "delegated, eligible to write",
        writers(right(READER), eligible=(right(),)),
        {ADA_IS: "pass", DELEGATION: "unknown"},
    ),
    Case(
        WRITERS,
        "delegated, a role without definition",
        writers(right("11111111-2222-3333-4444-555555555555")),
        {ADA_IS: "pass", DELEGATION: "unknown"},
        reason="The role 11111111-2222-3333-4444-555555555555 is not in the list",
    ),
    Case(
        WRITERS,
        "delegated, definition not expanded",
        writers(**DELETED),
        {ADA_IS: "pass", DELEGATION: "unknown"},
        reason="registrationDefinition",
    ),
    Case(
        WRITERS,
        "delegated, eligible rights null",
        writers(right(READER), eligible=None),
        {ADA_IS: "pass", DELEGATION: "not_applicable"},
    ),
    Case(
        WRITERS,
        "delegations forbidden",
        writer(CAPABLE),
        {ADA_IS: "pass", DIRECTORY: "unknown"},
        [gap("registration_assignments")],
    ),
]
_GUESTS = [
    Case(GUESTS, "delegated, to read only", guests(right(READER)), {DELEGATION: "pass"}),
    Case(
        GUESTS, "delegated, may change resources", guests(right()), {DELEGATION: "pass"}, remark="can change"
    ),
    Case(
        GUESTS, "delegated, may assign roles", guests(right(OWNER)), {DELEGATION: "fail"}, reason="Lighthouse"
    ),
    Case(
        GUESTS,
        "delegated, may assign listed roles",
        guests(right(OWNER, delegatedRoleDefinitionIds=[CONTRIBUTOR])),
        {DELEGATION: "pass"},
        remark="managed identities",
    ),
    *(
        Case(
            GUESTS,
            f"delegated, {name} and a role without definition",
            guests(known, right("11111111-2222-3333-4444-555555555555")),
            {DELEGATION: "unknown"},
            reason="is not in the list that Azure returned",
        )
        for name, known in (
            ("may change resources", right()),
            ("may assign listed roles", right(OWNER, delegatedRoleDefinitionIds=[CONTRIBUTOR])),
        )
    ),
    Case(
        GUESTS,
        "delegated, rights of the wrong type",
        guests(right(7)),
        {DELEGATION: "unknown"},
    ),
    Case(GUESTS, "delegations forbidden", {}, {DIRECTORY: "unknown"}, [gap("registration_assignments")]),
]

CASES = [*_WRITERS, *_GUESTS]
ABSENCE_PASSES = [
    (
        GUESTS,
        r"properties\.registrationDefinition\.properties\.eligibleAuthorizations",
        "a delegation without eligible rights has no list of them",
    ),
]
