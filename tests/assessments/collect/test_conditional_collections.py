"""Collections that are requested only if they can change a verdict: home directories of guests, operations of
providers, named locations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assessments.estate.estate import UnitKind
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure
from tests.assessments.controls.identity.cases_enforced import policy
from tests.assessments.controls.identity.cases_locations import countries, location
from tests.assessments.controls.identity.mfa_documents import DEFAULTS_OFF

GUEST, HOME = azure.guid(70), azure.guid(71)
ROLE = "62e90394-69f5-4237-9190-012177145e10"
DOMAIN = "partner.example"
LOOKED_UP = f"tenantRelationships/findTenantInformationByDomainName(domainName='{DOMAIN}')"


def graph(path: str, *value: Any, single: bool = False) -> azure.Line:
    return {"graph": path, "value": value[0] if single else list(value)}


def estate(*more: azure.Line) -> list[azure.Line]:
    """A directory with one administrator, who is a guest without registered MFA."""
    return [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        graph(
            "users",
            {
                "id": GUEST,
                "userType": "Guest",
                "accountEnabled": True,
                "userPrincipalName": f"ada_{DOMAIN}#EXT#@contoso.onmicrosoft.com",
            },
        ),
        graph("reports/authenticationMethods/userRegistrationDetails", {"id": GUEST, "isMfaCapable": False}),
        graph(
            "roleManagement/directory/roleAssignments",
            {"id": "a", "principalId": GUEST, "roleDefinitionId": ROLE, "directoryScopeId": "/"},
        ),
        graph("roleManagement/directory/roleEligibilityScheduleInstances"),
        graph("policies/crossTenantAccessPolicy/default", {"inboundTrust": None}, single=True),
        graph(
            "domains", {"id": "contoso.onmicrosoft.com", "authenticationType": "Managed", "isVerified": True}
        ),
        *more,
    ]


def judged(folder: Path, *more: azure.Line) -> azure.Judged:
    with serve(azure.write(folder / "estate.jsonl", estate(*more))) as served:
        return azure.judge(
            azure.session(served),
            azure.DIRECTORY,
            kind=UnitKind.DIRECTORY,
            subscriptions=(azure.guid(1),),
            sections=("identity",),
        )


def partner(accepted: bool | None) -> azure.Line:
    trust = None if accepted is None else {"isMfaAccepted": accepted}
    return graph("policies/crossTenantAccessPolicy/partners", {"tenantId": HOME, "inboundTrust": trust})


def test_home_directories_are_requested_if_a_partner_is_trusted(tmp_path: Path) -> None:
    home = graph(LOOKED_UP, {"tenantId": HOME, "displayName": "Partner"}, single=True)
    found = judged(tmp_path, partner(True), home)
    assert found.verdict("identity-mfa-privileged", GUEST) == "pass"
    assert [a.scope for a in found.estate.answers("home_tenants")] == [DOMAIN]


def test_an_unknown_home_directory_has_the_default_trust(tmp_path: Path) -> None:
    found = judged(tmp_path, partner(True))
    assert found.verdict("identity-mfa-privileged", GUEST) == "fail"


def test_home_directories_are_not_requested_if_partners_inherit(tmp_path: Path) -> None:
    found = judged(tmp_path, partner(None))
    assert found.verdict("identity-mfa-privileged", GUEST) == "fail"
    assert [a.scope for a in found.estate.answers("home_tenants") if a.documents] == []


def role(name: str, kind: str, actions: list[str]) -> azure.Line:
    scope = f"/subscriptions/{azure.guid(1)}"
    permission = {"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}
    properties = {"roleName": name, "type": kind, "permissions": [permission], "assignableScopes": [scope]}
    identifier = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}"
    return {
        "id": identifier,
        "name": name,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": properties,
    }


def test_operations_are_requested_for_providers_that_custom_roles_name(tmp_path: Path) -> None:
    operations = {
        "id": "/providers/Microsoft.Authorization/providerOperations/Microsoft.Sql",
        "name": "Microsoft.Sql",
        "type": "Microsoft.Authorization/providerOperations",
        "displayName": "SQL",
        "operations": [{"name": "Microsoft.Sql/servers/read", "displayName": "Read", "isDataAction": False}],
        "resourceTypes": [],
    }
    lines = estate(
        role("builtin", "BuiltInRole", ["Microsoft.Sql/*"]),
        role("own", "CustomRole", ["Microsoft.Sql/servers/read"]),
        operations,
    )
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("identity",))
    assert found.verdict("identity-custom-roles-review", "own") == "fail"
    (answer,) = found.estate.answers("provider_operations")
    assert answer.scope == "microsoft.sql"
    assert "displayName" not in str(answer.documents[0].body)


def excluding(*locations: str) -> azure.Line:
    """A policy that requires MFA for all users except at some locations."""
    body = policy(conditions__locations={"includeLocations": ["All"], "excludeLocations": list(locations)})
    return graph("identity/conditionalAccess/policies", body)


def enforced(folder: Path, *lines: azure.Line) -> azure.Judged:
    defaults = graph("policies/identitySecurityDefaultsEnforcementPolicy", DEFAULTS_OFF[""][0], single=True)
    return judged(folder, defaults, *lines)


def test_named_locations_of_the_whole_directory_are_requested(tmp_path: Path) -> None:
    half = graph("identity/conditionalAccess/namedLocations", location("0.0.0.0/1"), countries("DE"))
    found = enforced(tmp_path, excluding("AllTrusted"), half)
    assert found.verdict("identity-mfa-enforced", azure.DIRECTORY) == "fail"
    (answer,) = found.estate.answers("named_locations")
    assert (answer.scope, len(answer.documents)) == ("", 2)


def test_named_locations_that_cannot_be_read_leave_the_verdict_unknown(tmp_path: Path) -> None:
    found = enforced(tmp_path, excluding("AllTrusted"))
    assert found.verdict("identity-mfa-enforced", azure.DIRECTORY) == "unknown"
