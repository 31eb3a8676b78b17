"""Passwords and federation."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.directory_documents import (
    user,
)
from tests.assessments.controls.judging import DIRECTORY, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

PASSWORDS, ADFS = "identity-password-policy", "identity-adfs-onprem-audit"


def rules(**values: str) -> dict[str, Any]:
    listed = [{"name": name, "value": value} for name, value in values.items()]
    return {"id": "s", "templateId": "5cf42378-d67d-4f36-ba46-e8b86229381d", "values": listed}


MANAGED = {"id": "example.com", "authenticationType": "Managed", "isVerified": True}

FEDERATED = {"id": "corp.example.com", "authenticationType": "Federated", "isVerified": True}

OWN_LIST = {"EnableBannedPasswordCheck": "True", "BannedPasswordList": "example"}


def passwords(*settings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"domains": [MANAGED], "users": [user()], "group_settings": list(settings), **more}


_PASSWORDS = [
    Case(PASSWORDS, "default settings", passwords(), {DIRECTORY: "pass"}, remark="banned passwords"),
    Case(
        PASSWORDS,
        "limits reached, custom banned list",
        passwords(rules(LockoutThreshold="10", LockoutDurationInSeconds="60", **OWN_LIST)),
        {DIRECTORY: "pass"},
    ),
    Case(PASSWORDS, "lockout threshold 11", passwords(rules(LockoutThreshold="11")), {DIRECTORY: "fail"}),
    Case(
        PASSWORDS,
        "lockout of 59 seconds",
        passwords(rules(LockoutDurationInSeconds="59")),
        {DIRECTORY: "fail"},
    ),
    Case(
        PASSWORDS,
        "threshold is not a number",
        passwords(rules(LockoutThreshold="ten")),
        {DIRECTORY: "unknown"},
    ),
    Case(
        PASSWORDS,
        "user exempted from strong passwords",
        passwords(users=[user(passwordPolicies="DisablePasswordExpiration, DisableStrongPassword")]),
        {DIRECTORY: "fail"},
    ),
    Case(
        PASSWORDS,
        "passwords that never expire",
        passwords(users=[user(passwordPolicies="DisablePasswordExpiration")]),
        {DIRECTORY: "pass"},
    ),
    Case(PASSWORDS, "federated domain", passwords(domains=[MANAGED, FEDERATED]), {DIRECTORY: "manual"}),
    Case(
        PASSWORDS,
        "synchronized accounts",
        passwords(users=[user(onPremisesSyncEnabled=True)]),
        {DIRECTORY: "manual"},
    ),
    Case(
        PASSWORDS,
        "settings forbidden",
        passwords(),
        {DIRECTORY: "manual"},
        [gap("group_settings")],
        reason="Attest",
    ),
    Case(PASSWORDS, "users forbidden", passwords(users=[]), {DIRECTORY: "unknown"}, [gap("users")]),
    Case(
        PASSWORDS,
        "users forbidden, threshold 20",
        passwords(rules(LockoutThreshold="20"), users=[]),
        {DIRECTORY: "fail"},
        [gap("users")],
    ),
    Case(
        PASSWORDS,
        "domain of an unknown type",
        passwords(domains=[MANAGED, {**FEDERATED, "authenticationType": "Delegated"}]),
        {DIRECTORY: "unknown"},
        reason="authenticationType",
    ),
    Case(PASSWORDS, "no domain", passwords(domains=[]), {DIRECTORY: "unknown"}, reason="returned no domain"),
    Case(PASSWORDS, "no user", passwords(users=[]), {DIRECTORY: "unknown"}, reason="returned no user"),
    Case(PASSWORDS, "domains forbidden", passwords(domains=[]), {DIRECTORY: "unknown"}, [gap("domains")]),
]

_ADFS = [
    Case(ADFS, "managed domain", {"domains": [MANAGED]}, {DIRECTORY: "not_applicable"}),
    Case(
        ADFS,
        "federated domain not verified",
        {"domains": [{**FEDERATED, "isVerified": False}]},
        {DIRECTORY: "not_applicable"},
    ),
    Case(ADFS, "federated domain", {"domains": [MANAGED, FEDERATED]}, {DIRECTORY: "manual"}),
    *(
        Case(
            ADFS,
            f"federation MFA: {behavior}",
            {
                "domains": [FEDERATED],
                "domain_federation": {"corp.example.com": [{"id": "f", "federatedIdpMfaBehavior": behavior}]},
            },
            {DIRECTORY: "manual"},
            remark=remark,
        )
        for behavior, remark in (
            ("acceptIfMfaDoneByFederatedIdp", "Entra ID accepts MFA that the federation server reports"),
            ("enforceMfaByFederatedIdp", "Entra ID accepts MFA that the federation server reports"),
            (None, "federatedIdpMfaBehavior is not set"),
        )
    ),
    Case(
        ADFS,
        "no federation settings",
        {"domains": [FEDERATED], "domain_federation": {"corp.example.com": []}},
        {DIRECTORY: "manual"},
        remark="has no federation settings",
    ),
    Case(
        ADFS,
        "federation forbidden",
        {"domains": [FEDERATED]},
        {DIRECTORY: "manual"},
        [gap("domain_federation", "corp.example.com")],
        remark="Missing permission Domain-InternalFederation.Read.All or Domain.Read.All",
    ),
    Case(
        ADFS,
        "domain of an unknown type",
        {"domains": [{**FEDERATED, "authenticationType": "Delegated"}]},
        {DIRECTORY: "unknown"},
        reason="authenticationType",
    ),
    Case(ADFS, "no domain", {"domains": []}, {DIRECTORY: "unknown"}, reason="returned no domain"),
    Case(ADFS, "forbidden", {}, {DIRECTORY: "unknown"}, [gap("domains")]),
    Case(
        ADFS,
        "authentication type absent",
        {"domains": [{"id": "x", "isVerified": True}]},
        {DIRECTORY: "unknown"},
    ),
]

CASES = [*_PASSWORDS, *_ADFS]
ABSENCE_PASSES = [
    (PASSWORDS, r"passwordPolicies", "Graph returns null for an account without its own policy"),
]
OFFICIAL_VERDICTS = """
identity-adfs-onprem-audit manual: unit
identity-password-policy manual: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Entra admin center › Entra ID › Entra Connect › Connect Sync",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/hybrid/connect/migrate-from-federation-to-cloud-authentication.md",
            "03376f160621e486a19e06ac25bec682ced4fd61",
            "In the Microsoft Entra admin center, select Microsoft Entra ID, and then select Microsoft Entra Connect",
        ),
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/enterprise-apps/migrate-okta-sync-provisioning.md",
            "",
            "Browse to Entra ID > Entra Connect > Connect Sync",
        ),
    ),
    ComparedPath(
        "Entra admin center › Entra ID › Authentication methods › Password protection",
        DocsFile(
            "MicrosoftDocs/entra-docs/docs/identity/authentication/howto-password-smart-lockout.md",
            "045eaeb4189d7f70fb046f2e877920cc87a91199",
            "Browse to Entra ID > Authentication methods > Password protection",
        ),
    ),
]
