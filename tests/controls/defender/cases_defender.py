"""Microsoft Defender for Cloud."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.controls.cases import Case
from tests.controls.kit import RG, SUB, doc, gap

SECURITY = f"{SUB}/providers/Microsoft.Security"
SERVERS, DATABASES = "defender-plan-servers", "defender-plan-databases"
COLLECTION, POLICY = "defender-vm-data-collection", "defender-policy-all-recommendations"
OPEN, REVIEW = "defender-no-open-recommendations", "defender-recommendations-review"
EMAIL, PHONE = "defender-contact-email", "defender-contact-phone"


def plan(name: str, tier: Any = "Standard", **more: Any) -> dict[str, Any]:
    return doc(
        f"{SECURITY}/pricings/{name}", {"pricingTier": tier, **more}, type="Microsoft.Security/pricings"
    )


def resource(kind: str, name: str = "one") -> dict[str, Any]:
    provider, _, tail = kind.partition("/")
    path = "/".join(f"{step}/{name}" for step in tail.split("/"))
    return {"id": f"{RG}/providers/{provider}/{path}", "name": name, "type": kind}


VM = resource("Microsoft.Compute/virtualMachines")
SERVER_PLAN = f"{SECURITY}/pricings/VirtualMachines"


def servers(*plans: dict[str, Any], machines: Any = (VM,), **more: Any) -> dict[str, Any]:
    return {"defender_pricings": list(plans), "resources": list(machines), **more}


P1, P2 = plan("VirtualMachines", subPlan="P1"), plan("VirtualMachines", subPlan="P2")
FREE = plan("VirtualMachines", "Free")
_SERVERS = [
    Case(SERVERS, "plan 1", servers(P1), {SERVER_PLAN: "pass"}),
    Case(SERVERS, "tier in other case", servers(plan("virtualmachines", "STANDARD")), {SERVER_PLAN: "pass"}),
    Case(SERVERS, "free", servers(FREE), {SERVER_PLAN: "fail"}),
    Case(SERVERS, "plan 2 wanted", servers(P1), {SERVER_PLAN: "fail"}, params={"min_subplan": "P2"}),
    Case(
        SERVERS, "plan 2 wanted and there", servers(P2), {SERVER_PLAN: "pass"}, params={"min_subplan": "P2"}
    ),
    Case(
        SERVERS,
        "partly covered",
        servers(plan("VirtualMachines", resourcesCoverageStatus="PartiallyCovered")),
        {SERVER_PLAN: "pass"},
        remark="left out",
    ),
    Case(SERVERS, "no machine", servers(FREE, machines=()), {SERVER_PLAN: "not_applicable"}),
    Case(
        SERVERS,
        "an Arc machine",
        servers(FREE, machines=[resource("microsoft.hybridcompute/machines")]),
        {SERVER_PLAN: "fail"},
    ),
    Case(SERVERS, "no such plan", servers(plan("Dns")), {SERVER_PLAN: "unknown"}),
    Case(SERVERS, "tier absent", servers(plan("VirtualMachines", None)), {SERVER_PLAN: "unknown"}),
    Case(SERVERS, "a tier nobody knows", servers(plan("VirtualMachines", "Gold")), {SERVER_PLAN: "unknown"}),
    Case(SERVERS, "plans forbidden", servers(), {SERVER_PLAN: "unknown"}, [gap("defender_pricings")]),
    Case(
        SERVERS, "resources forbidden", servers(P1, machines=()), {SERVER_PLAN: "unknown"}, [gap("resources")]
    ),
]

PLAN_NAMES = ("SqlServers", "SqlServerVirtualMachines", "OpenSourceRelationalDatabases", "CosmosDbs")
NONE = dict.fromkeys((f"{SECURITY}/pricings/{name}" for name in PLAN_NAMES), "not_applicable")
SQL, SQL_VM, OPEN_SOURCE, COSMOS = NONE
SQL_SERVER = resource("Microsoft.Sql/servers")
ALERTS_ON = {
    SQL_SERVER["id"]: [doc(f"{SQL_SERVER['id']}/securityAlertPolicies/Default", {"state": "Enabled"})]
}
ALERTS_OFF = {
    SQL_SERVER["id"]: [doc(f"{SQL_SERVER['id']}/securityAlertPolicies/Default", {"state": "Disabled"})]
}


def databases(tier: str, *kinds: str, **more: Any) -> dict[str, Any]:
    return {
        "defender_pricings": [plan(name, tier) for name in PLAN_NAMES],
        "resources": [resource(kind) for kind in kinds],
        **more,
    }


_DATABASES = [
    Case(DATABASES, "no database", databases("Free"), NONE),
    Case(
        DATABASES,
        "each kind, free",
        databases(
            "Free",
            "Microsoft.Sql/managedInstances",
            "Microsoft.AzureArcData/sqlServerInstances",
            "Microsoft.DBforMySQL/flexibleServers",
            "Microsoft.DocumentDb/databaseAccounts",
        ),
        dict.fromkeys(NONE, "fail"),
    ),
    Case(
        DATABASES,
        "each kind, paid",
        databases(
            "Standard",
            "Microsoft.Sql/servers",
            "Microsoft.SqlVirtualMachine/sqlVirtualMachines",
            "Microsoft.DBforPostgreSQL/servers",
            "Microsoft.DocumentDB/databaseAccounts",
        ),
        dict.fromkeys(NONE, "pass"),
    ),
    Case(
        DATABASES,
        "covered server by server",
        databases("Free", "Microsoft.Sql/servers", sql_alert_policies=ALERTS_ON),
        {**NONE, SQL: "pass"},
        remark="one by one",
    ),
    Case(
        DATABASES,
        "a server not covered",
        databases("Free", "Microsoft.Sql/servers", sql_alert_policies=ALERTS_OFF),
        {**NONE, SQL: "fail"},
    ),
    Case(
        DATABASES,
        "whether servers are covered is forbidden",
        databases("Free", "Microsoft.Sql/servers"),
        {**NONE, SQL: "unknown"},
        [gap("sql_alert_policies", SQL_SERVER["id"])],
    ),
    Case(
        DATABASES,
        "plan not listed",
        {
            "defender_pricings": [plan("Dns")],
            "resources": [resource("Microsoft.DocumentDB/databaseAccounts")],
        },
        {**NONE, COSMOS: "unknown"},
    ),
    Case(
        DATABASES,
        "resources forbidden",
        databases("Free"),
        dict.fromkeys(NONE, "unknown"),
        [gap("resources")],
    ),
]


def extension(name: str, on: Any = "True") -> dict[str, Any]:
    return {"name": name, "isEnabled": on}


MDE, AGENTLESS = extension("MdeDesignatedSubscription"), extension("AgentlessVmScanning")
WDATP = doc(f"{SECURITY}/settings/WDATP", {"enabled": True}, kind="DataExportSettings")
WDATP_OFF = doc(f"{SECURITY}/settings/WDATP", {"enabled": False})


def collecting(
    sub_plan: Any, *extensions: dict[str, Any], tier: str = "Standard", **more: Any
) -> dict[str, Any]:
    return servers(plan("VirtualMachines", tier, subPlan=sub_plan, extensions=list(extensions)), **more)


AGENT = resource("Microsoft.Compute/virtualMachines/extensions", "MicrosoftMonitoringAgent")
_COLLECTION = [
    Case(COLLECTION, "plan 1 and the setting", collecting("P1", security_settings=[WDATP]), {SUB: "pass"}),
    Case(COLLECTION, "plan 1 and the extension", collecting("P1", MDE), {SUB: "pass"}),
    Case(COLLECTION, "plan 1 alone", collecting("P1", security_settings=[WDATP_OFF]), {SUB: "fail"}),
    Case(COLLECTION, "plan 2 without scanning", collecting("P2", MDE), {SUB: "fail"}, reason="agentless"),
    Case(
        COLLECTION,
        "plan 2, scanning off",
        collecting("P2", MDE, extension("AgentlessVmScanning", "False")),
        {SUB: "fail"},
    ),
    Case(COLLECTION, "plan 2 with scanning", collecting("P2", MDE, AGENTLESS), {SUB: "pass"}),
    Case(COLLECTION, "sub-plan absent, all on", collecting(None, MDE, AGENTLESS), {SUB: "pass"}),
    Case(COLLECTION, "sub-plan absent, no scanning", collecting(None, MDE), {SUB: "unknown"}),
    Case(COLLECTION, "free", collecting(None, MDE, tier="Free"), {SUB: "fail"}),
    Case(COLLECTION, "setting forbidden", collecting("P1"), {SUB: "unknown"}, [gap("security_settings")]),
    Case(COLLECTION, "no machine", collecting("P1", machines=()), {SUB: "not_applicable"}),
    Case(COLLECTION, "plans forbidden", servers(), {SUB: "unknown"}, [gap("defender_pricings")]),
    Case(
        COLLECTION,
        "the retired agent",
        collecting("P1", MDE, machines=[VM, AGENT]),
        {SUB: "pass"},
        remark="retired agent",
    ),
    Case(
        COLLECTION,
        "retired provisioning does not decide",
        collecting(
            "P1",
            auto_provisioning=[doc(f"{SECURITY}/autoProvisioningSettings/default", {"autoProvision": "On"})],
        ),
        {SUB: "fail"},
    ),
]

BENCHMARK = "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8"
PREVIEW = "/providers/microsoft.authorization/policysetdefinitions/E3EC7E09-768c-4b64-882c-fcada3772047"
ASSIGNED = f"{SUB}/providers/Microsoft.Authorization/policyAssignments/SecurityCenterBuiltIn"


def assigned(name: str = "SecurityCenterBuiltIn", **changes: Any) -> dict[str, Any]:
    properties = {
        "policyDefinitionId": BENCHMARK,
        "scope": SUB,
        "enforcementMode": "Default",
        "notScopes": [],
        "parameters": {},
        **changes,
    }
    return doc(f"{SUB}/providers/Microsoft.Authorization/policyAssignments/{name}", properties)


def policies(*assignments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"policy_assignments": list(assignments), **more}


def exemption(**more: Any) -> dict[str, Any]:
    identifier = f"{SUB}/providers/Microsoft.Authorization/policyExemptions/e1"
    return doc(identifier, {"policyAssignmentId": ASSIGNED.upper(), **more})


MG = "/providers/Microsoft.Management/managementGroups/root"
OFF = {"diskEncryptionMonitoringEffect": {"value": "disabled"}}
_POLICY = [
    Case(POLICY, "assigned", policies(assigned()), {SUB: "pass"}),
    Case(
        POLICY,
        "assigned above, preview",
        policies(assigned(policyDefinitionId=PREVIEW, scope=MG)),
        {SUB: "pass"},
    ),
    Case(POLICY, "not assigned", policies(), {SUB: "fail"}),
    Case(POLICY, "another initiative", policies(assigned(policyDefinitionId="/x/other")), {SUB: "fail"}),
    Case(POLICY, "a resource group only", policies(assigned(scope=RG)), {SUB: "fail"}),
    Case(POLICY, "not enforced", policies(assigned(enforcementMode="DoNotEnforce")), {SUB: "fail"}),
    Case(POLICY, "left out", policies(assigned(notScopes=[SUB.upper() + "/"])), {SUB: "fail"}),
    Case(
        POLICY,
        "an effect disabled",
        policies(assigned(parameters=OFF)),
        {SUB: "fail"},
        reason="diskEncryption",
    ),
    Case(
        POLICY,
        "another effect",
        policies(
            assigned(parameters={"aEffect": {"value": "AuditIfNotExists"}, "days": {"value": "Disabled"}})
        ),
        {SUB: "pass"},
    ),
    Case(
        POLICY,
        "an override disables",
        policies(assigned(overrides=[{"kind": "policyEffect", "value": "Disabled"}])),
        {SUB: "fail"},
    ),
    Case(POLICY, "one off, one on", policies(assigned("a", parameters=OFF), assigned("b")), {SUB: "pass"}),
    Case(
        POLICY,
        "exempted",
        policies(assigned(), policy_exemptions=[exemption()]),
        {SUB: "pass"},
        remark="exemptions",
    ),
    Case(
        POLICY,
        "an exemption that ran out",
        policies(assigned(), policy_exemptions=[exemption(expiresOn="2025-01-01T00:00:00Z")]),
        {SUB: "pass"},
    ),
    Case(POLICY, "mode absent", policies(assigned(enforcementMode=None)), {SUB: "unknown"}),
    Case(POLICY, "forbidden", policies(), {SUB: "unknown"}, [gap("policy_assignments")]),
]

EDR = "06e3a6db-0000-0000-0000-000000000001"


def finding(
    name: str = EDR, code: str = "Unhealthy", since: str = "2026-09-01T00:00:00Z", **more: Any
) -> dict[str, Any]:
    status = {"code": code, "statusChangeDate": since, "firstEvaluationDate": "2025-01-01T00:00:00Z"}
    identifier = f"{VM['id']}/providers/Microsoft.Security/assessments/{name}"
    return doc(identifier, {"displayName": f"Fix {name[:4]}", "status": status, **more})


def metadata(name: str = EDR, severity: str = "High") -> dict[str, Any]:
    return doc(f"/providers/Microsoft.Security/assessmentMetadata/{name}", {"severity": severity})


def findings(*listed: dict[str, Any], about: Any = None) -> dict[str, Any]:
    known = {SUB: [metadata()] if about is None else list(about)}
    return {"security_assessments": {SUB: list(listed)}, "security_assessments_metadata": known}


KIND = f"{SECURITY}/assessments/{EDR}"
_OPEN = [
    Case(OPEN, "healthy", findings(finding(code="Healthy")), {SUB: "pass"}),
    Case(OPEN, "exempted", findings(finding(code="NotApplicable")), {SUB: "pass"}),
    Case(OPEN, "open for long", findings(finding()), {KIND: "fail"}),
    Case(OPEN, "within grace", findings(finding(since="2026-11-01T00:00:00Z")), {SUB: "pass"}),
    Case(OPEN, "30 days to the second", findings(finding(since="2026-10-26T12:00:00Z")), {SUB: "pass"}),
    Case(OPEN, "medium", findings(finding(), about=[metadata(severity="Medium")]), {SUB: "pass"}),
    Case(
        OPEN,
        "medium counts",
        findings(finding(), about=[metadata(severity="Medium")]),
        {KIND: "fail"},
        params={"min_severity": "Medium"},
    ),
    Case(
        OPEN,
        "severity of its own",
        findings(finding(metadata={"severity": "High"}), about=[]),
        {KIND: "fail"},
    ),
    Case(OPEN, "severity unknown", findings(finding(), about=[]), {KIND: "unknown"}),
    Case(
        OPEN,
        "metadata forbidden",
        {"security_assessments": {SUB: [finding()]}},
        {KIND: "unknown"},
        [gap("security_assessments_metadata")],
    ),
    Case(OPEN, "nothing at all", findings(), {SUB: "unknown"}, reason="no recommendation at all"),
    Case(OPEN, "forbidden", {}, {SUB: "unknown"}, [gap("security_assessments")]),
    Case(
        OPEN,
        "a later page forbidden",
        findings(finding()),
        {KIND: "fail", SUB: "unknown"},
        [gap("security_assessments")],
    ),
    Case(
        OPEN,
        "status absent",
        findings(doc(f"{VM['id']}/providers/Microsoft.Security/assessments/{EDR}")),
        {KIND: "unknown"},
    ),
]

_REVIEW = [
    Case(REVIEW, "open ones are counted", findings(finding()), {SUB: "manual"}, reason="1 open"),
    Case(
        REVIEW, "forbidden", {}, {SUB: "manual"}, [gap("security_assessments")], remark="security_assessments"
    ),
]


def contact(**properties: Any) -> dict[str, Any]:
    return {"security_contacts": [doc(f"{SECURITY}/securityContacts/default", properties)]}


MISSING = [gap("security_contacts", reason=Reason.NOT_FOUND, status=404)]
_CONTACT = [
    Case(EMAIL, "one", contact(emails="sec@example.com", isEnabled=True), {SUB: "pass"}),
    Case(EMAIL, "on by default", contact(emails="x; sec@example.com"), {SUB: "pass"}),
    Case(EMAIL, "switched off", contact(emails="sec@example.com", isEnabled=False), {SUB: "fail"}),
    Case(EMAIL, "no address", contact(emails="nobody"), {SUB: "fail"}),
    Case(
        EMAIL,
        "roles only",
        contact(emails="", notificationsByRole={"state": "On", "roles": ["Owner"]}),
        {SUB: "fail"},
        reason="only roles",
    ),
    Case(EMAIL, "no contact", {}, {SUB: "fail"}),
    Case(EMAIL, "not found", {}, {SUB: "fail"}, MISSING),
    Case(EMAIL, "a list", contact(emails=["sec@example.com"]), {SUB: "unknown"}),
    Case(EMAIL, "forbidden", {}, {SUB: "unknown"}, [gap("security_contacts")]),
    Case(
        EMAIL,
        "expected domain",
        contact(emails="a@EXAMPLE.com"),
        {SUB: "pass"},
        params={"domains": "example.com"},
    ),
    Case(
        EMAIL,
        "another domain",
        contact(emails="a@example.org"),
        {SUB: "fail"},
        params={"domains": "example.com"},
    ),
    Case(PHONE, "a number", contact(phone="+49 (30) 123-456"), {SUB: "pass"}),
    Case(PHONE, "too short", contact(phone="12345"), {SUB: "fail"}),
    Case(PHONE, "words", contact(phone="call us"), {SUB: "fail"}),
    Case(PHONE, "none", contact(emails="sec@example.com"), {SUB: "fail"}),
    Case(PHONE, "no contact", {}, {SUB: "fail"}),
    Case(PHONE, "a number as a number", contact(phone=123456), {SUB: "unknown"}),
    Case(PHONE, "forbidden", {}, {SUB: "unknown"}, [gap("security_contacts")]),
]

CASES = [*_SERVERS, *_DATABASES, *_COLLECTION, *_POLICY, *_OPEN, *_REVIEW, *_CONTACT]
IMPOSSIBLE = {
    OPEN: {"not_applicable": "Defender gives recommendations to every subscription that it watches"},
    REVIEW: {"unknown": "the attestation is asked for whatever can be read"},
    EMAIL: {"not_applicable": "every subscription can have a contact"},
    PHONE: {"not_applicable": "every subscription can have a contact"},
}
ABSENCE_PASSES = [
    (f"{EMAIL}|{PHONE}", r"properties\.isEnabled", "a contact that does not say is on"),
    (
        POLICY,
        r"properties\.(parameters(\..*)?|overrides(\[\].*)?|notScopes(\[\])?)",
        "an assignment that sets nothing has the initiative's defaults",
    ),
]
