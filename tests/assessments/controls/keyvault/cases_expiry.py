"""Expiration dates and rotation of keys, secrets and certificates."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case, rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.keyvault.cases_vault_settings import NO_LIST, NONE, VAULT, listed, one, vault
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

# Seconds since 1970: 1 January 2026, 1 January 2027, 1 January 2028.
BEGIN, END, LATE = 1767225600, 1798761600, 1830297600
KEY, SECRET = f"{VAULT}/keys/orders", f"{VAULT}/secrets/orders"
WITH_ROLES = vault(enableRbacAuthorization=True)
ABSENT: Any = object()


def item(identifier: str, **attributes: Any) -> dict[str, Any]:
    given = {"enabled": True, "created": BEGIN, **attributes}
    return doc(
        identifier, {"attributes": {name: value for name, value in given.items() if value is not ABSENT}}
    )


def keys(body: dict[str, Any], *items: Any, **others: Any) -> dict[str, Any]:
    return one(body, key_vault_keys={VAULT: list(items)}, **{"key_vault_secrets": {VAULT: []}, **others})


def secrets(body: dict[str, Any], *items: Any, **others: Any) -> dict[str, Any]:
    return one(body, key_vault_secrets={VAULT: list(items)}, **{"key_vault_keys": {VAULT: []}, **others})


def state(compliance: Any = "Compliant", months: Any = None, name: str = "a", **more: Any) -> dict[str, Any]:
    """The state of the vault that Azure Policy reports for one assignment of the policy on certificate validity."""
    parameters = {} if months is None else {"maximumValidityInMonths": {"value": months}}
    return doc(
        f"{VAULT}/providers/Microsoft.PolicyInsights/policyStates/{name}",
        {
            "complianceState": compliance,
            "resourceId": VAULT.upper(),
            "policyAssignmentName": name,
            "policyAssignmentParameters": parameters,
            **more,
        },
    )


def states(*found: dict[str, Any]) -> dict[str, Any]:
    """A vault with a secret, and the states of the vault that Azure Policy reports."""
    return {**secrets(WITH_ROLES, item(SECRET)), "certificate_policy_states": {SUB: list(found)}}


AS_TEXT = '{"maximumValidityInMonths":{"value":12}}'
BENCHMARK = "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8"


def expiry(
    slug: str, make: Any, of: dict[str, Any], another: dict[str, Any], subject: str, name: str
) -> list[Case]:
    other = SECRET if subject == KEY else KEY
    twins = {f"key_vault_{'secrets' if subject == KEY else 'keys'}": {VAULT: [item(other, exp=END)]}}
    return rows(
        slug,
        ("expires", make(of, item(subject, exp=END)), {subject: "pass"}, {"no_remark": "The"}),
        ("never expires", make(of, item(subject)), {subject: "fail"}),
        ("enabled is absent", make(of, item(subject, enabled=ABSENT)), {subject: "fail"}),
        ("has expired", make(of, item(subject, exp=BEGIN)), {subject: "pass"}, {"remark": "expired"}),
        ("expires soon", make(of, item(subject, exp=END)), {subject: "pass"}, {"params": {"max_days": 365}}),
        (
            "expires late",
            make(of, item(subject, exp=LATE)),
            {subject: "fail"},
            {"params": {"max_days": 365}, "reason": "longer"},
        ),
        (
            "no time of creation",
            make(of, item(subject, exp=END, created=ABSENT)),
            {subject: "unknown"},
            {"params": {"max_days": 365}},
        ),
        (
            "belongs to a certificate",
            make(of, item(subject, exp=END), **twins),
            {subject: "pass"},
            {"remark": "cert"},
        ),
        ("attributes are text", make(of, doc(subject, {"attributes": "none"})), {subject: "unknown"}),
        ("no time", make(of, item(subject, exp=10**30)), {subject: "unknown"}),
        ("no attributes", make(of, doc(subject, {})), {subject: "unknown"}),
        ("disabled", make(of, item(subject, enabled=False)), {VAULT: "not_applicable"}),
        ("none", make(of), {VAULT: "not_applicable"}),
        ("another vault", make(another, item(subject)), {VAULT: "not_applicable"}),
        ("no access to the list", one(of), {VAULT: "unknown"}, {"gaps": [gap(name, VAULT)]}),
        ("unclear vault", make(vault(enableRbacAuthorization="yes"), item(subject)), {VAULT: "unknown"}),
        NO_LIST,
        NONE,
    )


def policy(*actions: Any, **more: Any) -> dict[str, Any]:
    return doc(KEY, {"rotationPolicy": {"lifetimeActions": list(actions), **more}})


def action(kind: Any, **trigger: Any) -> dict[str, Any]:
    return {"action": {"type": kind}, "trigger": trigger}


def rotation(*policies: Any, **attributes: Any) -> dict[str, Any]:
    return keys(WITH_ROLES, item(KEY, **attributes), key_vault_key_policies={KEY: list(policies)})


CASES = [
    *expiry("keyvault-key-expiry-rbac", keys, WITH_ROLES, vault(), KEY, "key_vault_keys"),
    *expiry("keyvault-key-expiry", keys, vault(), WITH_ROLES, KEY, "key_vault_keys"),
    *expiry("keyvault-secret-expiry-rbac", secrets, WITH_ROLES, vault(), SECRET, "key_vault_secrets"),
    *expiry("keyvault-secret-expiry", secrets, vault(), WITH_ROLES, SECRET, "key_vault_secrets"),
    *rows(
        "keyvault-rotation",
        ("rotates", rotation(policy(action("rotate", timeAfterCreate="P18M"))), {KEY: "pass"}),
        (
            "rotates before expiry",
            rotation(policy(action("Rotate", timeBeforeExpiry="P30D")), exp=END),
            {KEY: "pass"},
        ),
        (
            # https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/key_vault_key
            "rotates before expiry, but never expires",
            rotation(
                policy(
                    action("Rotate", timeBeforeExpiry="P30D"),
                    action("Notify", timeBeforeExpiry="P29D"),
                    attributes={"expiryTime": "P90D"},
                )
            ),
            {KEY: "fail"},
        ),
        (
            "rotates after creation and before expiry, but never expires",
            rotation(
                policy(
                    action("Rotate", timeBeforeExpiry="P30D"),
                    action("Rotate", timeAfterCreate="P18M"),
                )
            ),
            {KEY: "pass"},
        ),
        (
            "rotates before an unclear expiry",
            rotation(policy(action("Rotate", timeBeforeExpiry="P30D")), exp=10**30),
            {KEY: "unknown"},
        ),
        ("only notifies", rotation(policy(action("notify", timeBeforeExpiry="P30D"))), {KEY: "fail"}),
        ("no trigger", rotation(policy(action("rotate"))), {KEY: "fail"}),
        ("empty trigger", rotation(policy(action("rotate", timeAfterCreate=""))), {KEY: "fail"}),
        ("no actions", rotation(policy()), {KEY: "fail"}, {"no_remark": "vault"}),
        ("no policy", rotation(doc(KEY, {})), {KEY: "fail"}, {"remark": "vault"}),
        ("a new type", rotation(policy(action("destroy", timeAfterCreate="P1Y"))), {KEY: "unknown"}),
        ("policy is text", rotation(doc(KEY, {"rotationPolicy": "yes"})), {KEY: "unknown"}),
        ("deleted meanwhile", rotation(), {KEY: "not_applicable"}),
        (
            "of a certificate",
            keys(
                WITH_ROLES,
                item(KEY, exp=END),
                key_vault_secrets={VAULT: [item(SECRET, exp=END)]},
                key_vault_key_policies={KEY: [doc(KEY, {})]},
            ),
            {KEY: "not_applicable"},
        ),
        ("disabled", keys(WITH_ROLES, item(KEY, enabled=False)), {SUB: "not_applicable"}),
        (
            "secrets forbidden",
            {key: value for key, value in rotation(policy()).items() if key != "key_vault_secrets"},
            {KEY: "unknown"},
            {"gaps": [gap("key_vault_secrets", VAULT)]},
        ),
        (
            "key forbidden",
            keys(WITH_ROLES, item(KEY)),
            {KEY: "unknown"},
            {"gaps": [gap("key_vault_key_policies", KEY)]},
        ),
        ("keys forbidden", one(WITH_ROLES), {SUB: "unknown"}, {"gaps": [gap("key_vault_keys", VAULT)]}),
        NONE,
    ),
    *rows(
        "keyvault-certificate-validity",
        (
            "twelve months",
            keys(
                WITH_ROLES, item(KEY, nbf=BEGIN, exp=END), key_vault_secrets={VAULT: [item(SECRET, exp=END)]}
            ),
            {VAULT: "manual"},
        ),
        (
            "two years",
            keys(
                WITH_ROLES,
                item(KEY, nbf=BEGIN, exp=LATE),
                key_vault_secrets={VAULT: [item(SECRET, exp=LATE)]},
            ),
            {VAULT: "fail"},
        ),
        (
            "no beginning",
            keys(WITH_ROLES, item(KEY, exp=LATE), key_vault_secrets={VAULT: [item(SECRET, exp=LATE)]}),
            {VAULT: "manual"},
        ),
        (
            "two years, disabled",
            keys(
                WITH_ROLES,
                item(KEY, enabled=False, nbf=BEGIN, exp=LATE),
                key_vault_secrets={VAULT: [item(SECRET, exp=LATE)]},
            ),
            {VAULT: "manual"},
        ),
        ("only a secret", secrets(WITH_ROLES, item(SECRET)), {VAULT: "manual"}),
        ("empty", keys(WITH_ROLES), {VAULT: "not_applicable"}),
        (
            "keys forbidden",
            one(WITH_ROLES, key_vault_secrets={VAULT: []}),
            {VAULT: "unknown"},
            {"gaps": [gap("key_vault_keys", VAULT)]},
        ),
        ("the list is forbidden", {"resources": {SUB: listed(vault())}}, {SUB: "unknown"}, NO_LIST[3]),
        NONE,
    ),
    *rows(
        "keyvault-certificate-validity",
        ("compliant", states(state()), {VAULT: "pass"}),
        ("compliant, 12 months", states(state(months=12)), {VAULT: "pass"}),
        ("compliant, as text", states(state(policyAssignmentParameters=AS_TEXT)), {VAULT: "pass"}),
        ("compliant, 24 months", states(state(months=24)), {VAULT: "manual"}),
        ("not compliant", states(state("NonCompliant")), {VAULT: "fail"}, {"reason": "Azure Policy found"}),
        ("not compliant, 24 months", states(state("NonCompliant", months=24)), {VAULT: "fail"}),
        ("not compliant, 6 months", states(state("NonCompliant", months=6)), {VAULT: "manual"}),
        ("one of two", states(state(), state("NonCompliant", name="b")), {VAULT: "fail"}),
        ("exempt", states(state("Exempt")), {VAULT: "manual"}, {"no_remark": "Could not check"}),
        ("a new compliance", states(state("Moon")), {VAULT: "unknown"}),
        ("a number", states(state(1)), {VAULT: "unknown"}),
        ("months are text", states(state(months="12")), {VAULT: "manual"}),
        ("parameters are broken", states(state(policyAssignmentParameters="{")), {VAULT: "manual"}),
        ("Microsoft's benchmark", states(state(policySetDefinitionId=BENCHMARK)), {VAULT: "pass"}),
        (
            "Microsoft's benchmark with 24 months",
            states(
                state(
                    policySetDefinitionId=BENCHMARK,
                    policyAssignmentParameters={"certificatesValidityPeriodInMonths": {"value": 24}},
                )
            ),
            {VAULT: "manual"},
        ),
        ("another initiative", states(state(policySetDefinitionId="/x/y")), {VAULT: "manual"}),
        ("another vault", states(state(resourceId=f"{VAULT}2")), {VAULT: "manual"}),
        (
            "compliant, but a page of states is not read",
            states(state()),
            {VAULT: "manual"},
            {"gaps": [gap("certificate_policy_states")], "remark": "Could not check what Azure Policy says"},
        ),
        (
            "not compliant, and a page of states is not read",
            states(state("NonCompliant")),
            {VAULT: "fail"},
            {"gaps": [gap("certificate_policy_states")]},
        ),
        (
            "states forbidden",
            secrets(WITH_ROLES, item(SECRET)),
            {VAULT: "manual"},
            {"gaps": [gap("certificate_policy_states")], "remark": "Could not check what Azure Policy says"},
        ),
    ),
]
OFFICIAL_VERDICTS = """
keyvault-certificate-validity manual: sample-vault
keyvault-certificate-validity pass: sample-vault2
keyvault-key-expiry fail: sample-key-name-1 sample-key-name-2
keyvault-key-expiry not_applicable: sample-vault2
keyvault-key-expiry-rbac not_applicable: sample-vault sample-vault2
keyvault-rotation fail: sample-key-name-1 sample-key-name-2
keyvault-secret-expiry fail: secret-name secret-name2
keyvault-secret-expiry not_applicable: sample-vault2
keyvault-secret-expiry-rbac not_applicable: sample-vault sample-vault2
"""
VAULTS_PAGE = DocsFile(
    "MicrosoftDocs/azure-security-docs/articles/key-vault/general/private-link-service.md",
    "6728ed8b29e828e57c6dea65ad93bc3f6d9335d8",
    'In the search bar, type in "key vaults"',
)
OBJECTS_PAGE = DocsFile(
    "MicrosoftDocs/azure-security-docs/articles/key-vault/secrets/quick-create-portal.md",
    "118a99d4cf0ac47389d87661cad78781c2c54456",
    "On the Key Vault left-hand sidebar, select Objects then select Secrets",
)
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Objects › Certificates › the certificate"
        " › Issuance Policy › Validity Period",
        VAULTS_PAGE,
        OBJECTS_PAGE,
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/certificates/tutorial-rotate-certificates.md",
            "161bf2b0538aaa4547ba70307785cf690f8b20f1",
            "On the Key Vault properties pages, select Certificates",
            "Select Issuance Policy from the top menu bar",
            "Validity Period: Update the value (in months)",
        ),
    ),
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Objects › Keys › {key} › the current version › Set expiration date",
        VAULTS_PAGE,
        OBJECTS_PAGE,
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/keys/quick-create-portal.md",
            "0d657c8d73e105dddc909879e0510f3b0fb1afa1",
            "On the Key Vault properties pages, select Keys",
        ),
        not_in_text={
            "Set expiration date": (
                "The box on the page of a version; the documentation shows this page only in a picture."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Objects › Keys › {key} › Rotation policy",
        VAULTS_PAGE,
        OBJECTS_PAGE,
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/keys/quick-create-portal.md",
            "0d657c8d73e105dddc909879e0510f3b0fb1afa1",
            "On the Key Vault properties pages, select Keys",
        ),
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/keys/how-to-configure-key-rotation.md",
            "330f8cfc026202ed0ffe08bee04094a5e733c19a",
            "Configure rotation policy on existing keys",
        ),
    ),
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Objects › Secrets › {secret} › the current version"
        " › Set expiration date",
        VAULTS_PAGE,
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/secrets/quick-create-portal.md",
            "118a99d4cf0ac47389d87661cad78781c2c54456",
            "On the Key Vault left-hand sidebar, select Objects then select Secrets",
            "If you select on the current version",
        ),
        not_in_text={
            "Set expiration date": (
                "The box on the page of a version; the documentation shows this page only in a picture."
            ),
        },
    ),
]
