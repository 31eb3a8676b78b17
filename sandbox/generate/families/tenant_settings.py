"""Generate app registrations with credentials, and those settings of a directory that Azure Resource Manager returns.

Expected verdicts: identity-app-cred-expiry, identity-stale-users, identity-subscription-transfer,
logging-entra-diagnostics, logging-graph-activity, logging-intune and defender-easm. Format: application of Microsoft
Graph v1.0, Microsoft.Subscription/policies 2021-10-01, Microsoft.aadiam/diagnosticSettings 2017-04-01,
Microsoft.Intune/diagnosticSettings 2017-04-01-preview.
"""

from __future__ import annotations

from datetime import timedelta

from sandbox.generate.directory.people import Directory
from sandbox.generate.output import Json, Output
from sandbox.generate.random_source import RandomSource

CONTROLS = ()
DIRECTORY_CONTROLS = ("identity-app-cred-expiry", "identity-stale-users", "defender-easm")
_SIGN_INS = (
    "AuditLogs",
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
)
_INTUNE = ("AuditLogs", "OperationalLogs", "DeviceComplianceOrg", "Devices", "Windows365AuditLogs")
_WORKSPACE = (
    "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-logs/providers"
    "/Microsoft.OperationalInsights/workspaces/log-directory"
)


def write_directory(out: Output, rng: RandomSource, directory: Directory) -> None:
    """Write app registrations. Also write the expected verdicts on app registrations and on unused accounts."""
    names = ("Billing", "Warehouse", "Shop", "Reports", "Mobile app")
    for name in names[: rng.randrange(1, 6)]:
        bad, empty = rng.often_faulty(), rng.chance(0.15)
        application = rng.guid()
        verdict = "not_applicable" if empty else "fail" if bad else "pass"
        out.verdict("identity-app-cred-expiry", f"{directory.subject()}/applications/{application}", verdict)
        secrets: list[dict[str, object]] = []
        certificates: list[dict[str, object]] = []
        if not empty:
            (secrets if rng.chance(0.7) else certificates).append(_credential(rng, bad))
        if not empty and rng.chance(0.3):
            certificates.append(_credential(rng, bad=False))
        out.graph(
            "applications",
            {
                "id": application,
                "appId": rng.guid(),
                "displayName": name,
                "createdDateTime": rng.graph_timestamp(200, 900),
                "passwordCredentials": [{**one, "hint": "abc", "secretText": None} for one in secrets],
                "keyCredentials": [
                    {**one, "type": "AsymmetricX509Cert", "usage": "Verify", "key": None}
                    for one in certificates
                ],
            },
        )
    unused = [person for person in directory.active_members if person.unused]
    for person in unused:
        out.verdict("identity-stale-users", directory.subject(person), "fail")
    if not unused:
        out.verdict("identity-stale-users", directory.subject(), "pass")
    out.verdict("defender-easm", directory.subject(), "manual")


def _credential(rng: RandomSource, bad: bool) -> Json:
    form = rng.pick(("ended", "ends soon", "too long")) if bad else "good"
    start, end = {
        "ended": (-400, -10),
        "ends soon": (-300, 10),
        "too long": (-30, 3000),
        "good": (-60, 300),
    }[form]
    now = rng.time_ago(0, 1)
    return {
        "keyId": rng.guid(),
        "displayName": "deployment",
        "customKeyIdentifier": None,
        "startDateTime": (now + timedelta(days=start)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endDateTime": (now + timedelta(days=end)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def write_tenant(out: Output, rng: RandomSource, directory: Directory) -> None:
    """Write the policy on moving subscriptions, and the diagnostic settings of the directory."""
    bad = rng.often_faulty()
    if not bad or rng.chance(0.5):
        properties: Json = {
            "policyId": rng.guid(),
            "blockSubscriptionsLeavingTenant": not bad,
            "blockSubscriptionsIntoTenant": True,
            "exemptedPrincipals": [],
        }
        out.document(
            {
                "id": "/providers/Microsoft.Subscription/policies/default",
                "name": "default",
                "type": "providers/Microsoft.Subscription/policies",
                "properties": properties,
            }
        )
    _expect(out, directory, "identity-subscription-transfer", bad)
    no_sign_ins, no_graph, no_intune = rng.often_faulty(), rng.often_faulty(), rng.often_faulty()
    categories = _SIGN_INS[1:] if no_sign_ins else (*_SIGN_INS, "RiskyUsers")
    _setting(out, "Microsoft.aadiam", (*categories, *(() if no_graph else ("MicrosoftGraphActivityLogs",))))
    _expect(out, directory, "logging-entra-diagnostics", no_sign_ins)
    _expect(out, directory, "logging-graph-activity", no_graph)
    _setting(out, "Microsoft.Intune", _INTUNE[1:] if no_intune else _INTUNE)
    _expect(out, directory, "logging-intune", no_intune)


def _expect(out: Output, directory: Directory, control: str, fails: bool) -> None:
    out.verdict(control, directory.subject(), "fail" if fails else "pass")


def _setting(out: Output, provider: str, categories: tuple[str, ...]) -> None:
    out.document(
        {
            "id": f"/providers/{provider}/diagnosticSettings/to-workspace",
            "name": "to-workspace",
            "type": "Microsoft.Insights/diagnosticSettings",
            "properties": {
                "storageAccountId": "",
                "workspaceId": _WORKSPACE,
                "eventHubAuthorizationRuleId": "",
                "logs": [{"category": category, "enabled": True} for category in categories],
            },
        }
    )
