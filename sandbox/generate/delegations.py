"""Azure Lighthouse delegations of a subscription to the directory of a service provider.

Format: Microsoft.ManagedServices/registrationAssignments 2022-10-01, with the expanded definition. Expected verdicts:
identity-mfa-azure-writers and identity-guests-azure-permissions on each delegation.
"""

from __future__ import annotations

from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource
from sandbox.generate.roles import CONTRIBUTOR, OWNER, READER

_PROVIDER = "Microsoft.ManagedServices"
# (offer, role, roles that it may assign, expected verdict on MFA, expected verdict on the right to assign roles)
_OFFERS: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    ("Monitoring", READER, (), "not_applicable", "pass"),
    ("Operations", CONTRIBUTOR, (), "unknown", "pass"),
    ("Onboarding", OWNER, (CONTRIBUTOR,), "unknown", "pass"),
    ("Full management", OWNER, (), "unknown", "fail"),
)


def write_delegations(out: Output, rng: RandomSource, scope: str) -> None:
    """Write a delegation of the subscription for each offer."""
    provider = rng.guid()
    for offer, role, assignable, mfa, guests in _OFFERS:
        assignment, definition = rng.guid(), rng.guid()
        right: Json = {
            "principalId": rng.guid(),
            "principalIdDisplayName": f"{offer} team",
            "roleDefinitionId": role,
        }
        if assignable:
            right["delegatedRoleDefinitionIds"] = list(assignable)
        identifier = f"{scope}/providers/{_PROVIDER}/registrationAssignments/{assignment}"
        definition_id = f"{scope}/providers/{_PROVIDER}/registrationDefinitions/{definition}"
        out.document(
            {
                "id": identifier,
                "name": assignment,
                "type": f"{_PROVIDER}/registrationAssignments",
                "properties": {
                    "registrationDefinitionId": definition_id,
                    "provisioningState": "Succeeded",
                    "registrationDefinition": {
                        "id": definition_id,
                        "name": definition,
                        "type": f"{_PROVIDER}/registrationDefinitions",
                        "properties": {
                            "registrationDefinitionName": offer,
                            "managedByTenantId": provider,
                            "managedByTenantName": "Fabrikam Services",
                            "authorizations": [right],
                            "eligibleAuthorizations": [],
                            "provisioningState": "Succeeded",
                        },
                    },
                },
            }
        )
        out.verdict("identity-mfa-azure-writers", identifier, mfa)
        out.verdict("identity-guests-azure-permissions", identifier, guests)
