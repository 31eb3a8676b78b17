"""Generate Azure Lighthouse delegations of a subscription to the directory of a service provider.

Format: Microsoft.ManagedServices/registrationAssignments 2022-10-01, with the expanded definition. Each delegation has
expected verdicts of the controls identity-mfa-azure-writers and identity-guests-azure-permissions.
"""

from __future__ import annotations

from sandbox.generate.access.roles import CONTRIBUTOR, OWNER, READER
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource

_PROVIDER = "Microsoft.ManagedServices"
# (offer, role, roles that the holder of the role may assign, expected verdict of identity-mfa-azure-writers, expected
# verdict of identity-guests-azure-permissions)
_OFFERS: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    ("Monitoring", READER, (), "not_applicable", "pass"),
    ("Operations", CONTRIBUTOR, (), "unknown", "pass"),
    ("Onboarding", OWNER, (CONTRIBUTOR,), "unknown", "pass"),
    ("Full management", OWNER, (), "unknown", "fail"),
)
# Rare offers with two roles. The provider's staff always have the first role, and must activate the second role.
# (offer, role, role to activate, expected verdict of identity-mfa-azure-writers, expected verdict of
# identity-guests-azure-permissions)
_ELIGIBLE_OFFERS: tuple[tuple[str, str, str, str, str], ...] = (
    ("On-call duty", READER, CONTRIBUTOR, "unknown", "pass"),
    ("Audit", READER, READER, "not_applicable", "pass"),
)


def write_delegations(out: Output, rng: RandomSource, scope: str) -> None:
    """Write a delegation of the subscription `scope` for each offer."""
    provider = rng.guid()
    rare = rng.branch("eligible")
    has_eligible = rare.rare()
    offers = [(rng, *offer, "") for offer in _OFFERS]
    if has_eligible:
        offers += [
            (rare, offer, role, (), mfa, guests, more) for offer, role, more, mfa, guests in _ELIGIBLE_OFFERS
        ]
    for source, offer, role, assignable, mfa, guests, eligible in offers:
        assignment, definition = source.guid(), source.guid()
        right: Json = {
            "principalId": source.guid(),
            "principalIdDisplayName": f"{offer} team",
            "roleDefinitionId": role,
        }
        if assignable:
            right["delegatedRoleDefinitionIds"] = list(assignable)
        to_activate: list[Json] = [_eligible(right, eligible)] if eligible else []
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
                            "eligibleAuthorizations": to_activate,
                            "provisioningState": "Succeeded",
                        },
                    },
                },
            }
        )
        out.verdict("identity-mfa-azure-writers", identifier, mfa)
        out.verdict("identity-guests-azure-permissions", identifier, guests)


def _eligible(right: Json, role: str) -> Json:
    """Return an eligible authorization: the right to activate a role, with MFA, for up to eight hours.

    https://learn.microsoft.com/azure/lighthouse/how-to/create-eligible-authorizations
    """
    return {
        "principalId": right["principalId"],
        "principalIdDisplayName": right["principalIdDisplayName"],
        "roleDefinitionId": role,
        "justInTimeAccessPolicy": {
            "multiFactorAuthProvider": "Azure",
            "maximumActivationDuration": "PT8H",
            "managedByTenantApprovers": [],
        },
    }
