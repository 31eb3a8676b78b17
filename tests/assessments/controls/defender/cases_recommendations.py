"""Assignments of the Microsoft cloud security benchmark, Defender's recommendations, and security contacts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.defender.documents import POLICY, SECURITY, VM
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

OPEN, REVIEW = "defender-no-open-recommendations", "defender-recommendations-review"

EMAIL, PHONE = "defender-contact-email", "defender-contact-phone"

BENCHMARK = "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8"

PREVIEW = "/providers/microsoft.authorization/policysetdefinitions/E3EC7E09-768c-4b64-882c-fcada3772047"

BENCHMARK_NAME, PREVIEW_NAME = BENCHMARK.rsplit("/", 1)[-1], PREVIEW.rsplit("/", 1)[-1].lower()

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
    known = {name: [initiative(name)] for name in (BENCHMARK_NAME, PREVIEW_NAME)}
    return {"policy_assignments": list(assignments), "policy_set_definitions": known, **more}


def initiative(name: str, **more: Any) -> dict[str, Any]:
    """The benchmark's definition with parameters for two effects, for a deprecated effect, and for a number of days."""
    effect = {"type": "String", "allowedValues": ["AuditIfNotExists", "Disabled"]}
    parameters = {
        "diskEncryptionMonitoringEffect": {**effect, "defaultValue": "AuditIfNotExists"},
        "diskEncryptionMonitoringEffectV2": {**effect, "allowedValues": ["audit", "disabled"]},
        "retiredAgentMonitoringEffect": {
            **effect,
            "defaultValue": "Disabled",
            "metadata": {"deprecated": True},
        },
        "days": {"type": "String", "allowedValues": ["30", "90"]},
        **more,
    }
    identifier = f"/providers/Microsoft.Authorization/policySetDefinitions/{name}"
    return doc(identifier, {"policyType": "BuiltIn", "parameters": parameters})


def with_default(*assignments: dict[str, Any], default: Any = "disabled", **more: Any) -> dict[str, Any]:
    """Assignments of a benchmark. `default`: the effect that the benchmark itself sets for the expiry of keys."""
    expiry = {"type": "String", "allowedValues": ["Audit", "Deny", "Disabled"], "defaultValue": default}
    known = {BENCHMARK_NAME: [initiative(BENCHMARK_NAME, keysExpirationSetEffect=expiry)]}
    return policies(*assignments, policy_set_definitions=known, **more)


def sets(**values: Any) -> dict[str, Any]:
    """An assignment of the benchmark with these parameters."""
    return assigned(parameters={name: {"value": value} for name, value in values.items()})


def exemption(**more: Any) -> dict[str, Any]:
    identifier = f"{SUB}/providers/Microsoft.Authorization/policyExemptions/e1"
    return doc(identifier, {"policyAssignmentId": ASSIGNED.upper(), **more})


GROUPS = "/providers/Microsoft.Management/managementGroups"

MG, CHILD = f"{GROUPS}/root", f"{GROUPS}/child"

ABOVE = [doc(f"{SUB}{group}") for group in (CHILD, MG)]

OFF = {"diskEncryptionMonitoringEffect": {"value": "disabled"}}

_POLICY = [
    Case(POLICY, "assigned", policies(assigned()), {SUB: "pass"}),
    Case(
        POLICY,
        "preview initiative at a management group",
        policies(assigned(policyDefinitionId=PREVIEW, scope=MG)),
        {SUB: "pass"},
    ),
    Case(POLICY, "not assigned", policies(), {SUB: "fail"}),
    Case(POLICY, "another initiative", policies(assigned(policyDefinitionId="/x/other")), {SUB: "fail"}),
    Case(POLICY, "assigned to a resource group only", policies(assigned(scope=RG)), {SUB: "fail"}),
    Case(POLICY, "not enforced", policies(assigned(enforcementMode="DoNotEnforce")), {SUB: "fail"}),
    Case(
        POLICY,
        "enforced for enrolled resources",
        policies(assigned(enforcementMode="Enroll")),
        {SUB: "fail"},
        reason="enrolled resources only",
    ),
    Case(POLICY, "subscription excluded", policies(assigned(notScopes=[SUB.upper() + "/"])), {SUB: "fail"}),
    Case(
        POLICY,
        "resource groups excluded",
        policies(
            assigned(notScopes=[RG, f"{SUB}/resourceGroups/legacy", "/subscriptions/other/resourceGroups/x"])
        ),
        {SUB: "pass"},
        remark=f"Excluded from the assignment: legacy, {RG.rpartition('/')[2]}",
    ),
    Case(
        POLICY,
        "many resource groups excluded",
        policies(assigned(notScopes=[f"{SUB}/resourceGroups/g{n}" for n in range(5)])),
        {SUB: "pass"},
        remark="g0, g1, g2 and 2 more",
    ),
    Case(
        POLICY,
        "management group above the subscription excluded",
        policies(assigned(scope=MG, notScopes=[CHILD]), policy_management_groups=ABOVE),
        {SUB: "fail"},
        reason="the subscription is excluded",
    ),
    Case(
        POLICY,
        "excluded management group has an assignment for the subscription",
        policies(
            assigned(scope=MG, notScopes=[CHILD.upper()]),
            assigned("other", policyDefinitionId="/x", scope=CHILD),
        ),
        {SUB: "fail"},
        reason="the subscription is excluded",
    ),
    Case(
        POLICY,
        "another management group excluded",
        policies(assigned(scope=MG, notScopes=[f"{GROUPS}/other"]), policy_management_groups=ABOVE),
        {SUB: "pass"},
    ),
    Case(
        POLICY,
        "management group excluded, the groups above the subscription not read",
        policies(assigned(scope=MG, notScopes=[CHILD])),
        {SUB: "unknown"},
        reason="not known",
    ),
    Case(
        POLICY,
        "management group excluded, the query for the groups above refused",
        policies(assigned(scope=MG, notScopes=[CHILD])),
        {SUB: "unknown"},
        [gap("policy_management_groups")],
        reason="Missing permission Microsoft.Resources/subscriptions/read",
    ),
    Case(
        POLICY,
        "management group excluded, the group of the assignment not listed",
        policies(assigned(scope=MG, notScopes=[f"{GROUPS}/other"]), policy_management_groups=ABOVE[:1]),
        {SUB: "unknown"},
        reason="not known",
    ),
    Case(
        POLICY,
        "management group excluded by an assignment of the subscription",
        policies(assigned(notScopes=[CHILD])),
        {SUB: "pass"},
    ),
    Case(
        POLICY,
        "effect disabled",
        policies(assigned(parameters=OFF)),
        {SUB: "fail"},
        reason="diskEncryption",
    ),
    Case(
        POLICY,
        "other effect value",
        policies(sets(diskEncryptionMonitoringEffect="AuditIfNotExists", days="30")),
        {SUB: "pass"},
    ),
    Case(
        POLICY,
        "effect whose name does not end in Effect",
        policies(sets(diskEncryptionMonitoringEffectV2="Disabled")),
        {SUB: "fail"},
        reason="diskEncryptionMonitoringEffectV2",
    ),
    Case(POLICY, "deprecated effect", policies(sets(retiredAgentMonitoringEffect="Disabled")), {SUB: "pass"}),
    Case(POLICY, "unknown parameter", policies(sets(newEffect="Disabled")), {SUB: "unknown"}),
    Case(
        POLICY,
        "definition forbidden, nothing disabled",
        policies(assigned(), policy_set_definitions={}),
        {SUB: "unknown"},
        [gap("policy_set_definitions", BENCHMARK_NAME)],
    ),
    Case(
        POLICY,
        "definition forbidden, not enforced",
        policies(assigned(enforcementMode="DoNotEnforce"), policy_set_definitions={}),
        {SUB: "fail"},
        [gap("policy_set_definitions", BENCHMARK_NAME)],
    ),
    Case(
        POLICY,
        "disabled by default",
        with_default(assigned()),
        {SUB: "fail"},
        reason="keysExpirationSetEffect is Disabled by default",
    ),
    Case(
        POLICY, "parameters null, disabled by default", with_default(assigned(parameters=None)), {SUB: "fail"}
    ),
    Case(
        POLICY,
        "disabled by default, and disabled by the assignment",
        with_default(assigned(parameters=OFF)),
        {SUB: "fail"},
        reason="diskEncryptionMonitoringEffect is Disabled and 1 more",
    ),
    Case(
        POLICY,
        "disabled by default, set by the assignment",
        with_default(sets(KeysExpirationSetEffect="Audit")),
        {SUB: "pass"},
    ),
    Case(
        POLICY,
        "disabled by default, set without a value",
        with_default(assigned(parameters={"keysExpirationSetEffect": {"value": None}})),
        {SUB: "fail"},
    ),
    Case(POLICY, "default is no allowed value", with_default(assigned(), default="New"), {SUB: "unknown"}),
    Case(POLICY, "default is no text", with_default(assigned(), default=7), {SUB: "unknown"}),
    Case(POLICY, "no default", with_default(assigned(), default=None), {SUB: "pass"}),
    Case(POLICY, "enabled by default", with_default(assigned(), default="Audit"), {SUB: "pass"}),
    Case(
        POLICY,
        "disabled by default, and an override enables something",
        with_default(assigned(overrides=[{"kind": "policyEffect", "value": "Audit"}])),
        {SUB: "unknown"},
        reason="An override may enable recommendations",
    ),
    Case(
        POLICY,
        "one assignment leaves the default, another sets the effect",
        with_default(
            assigned("a"), {**sets(keysExpirationSetEffect="Deny"), "name": "b", "id": f"{ASSIGNED}b"}
        ),
        {SUB: "pass"},
    ),
    Case(
        POLICY,
        "definition forbidden, something disabled",
        policies(assigned(parameters=OFF), policy_set_definitions={}),
        {SUB: "unknown"},
        [gap("policy_set_definitions", BENCHMARK_NAME)],
    ),
    Case(
        POLICY,
        "an override disables",
        policies(assigned(overrides=[{"kind": "policyEffect", "value": "Disabled"}])),
        {SUB: "fail"},
    ),
    Case(
        POLICY,
        "one assignment disables, another does not",
        policies(assigned("a", parameters=OFF), assigned("b")),
        {SUB: "pass"},
    ),
    Case(
        POLICY,
        "exempted",
        policies(assigned(), policy_exemptions=[exemption()]),
        {SUB: "pass"},
        remark="Exemptions",
    ),
    Case(
        POLICY,
        "expired exemption",
        policies(assigned(), policy_exemptions=[exemption(expiresOn="2025-01-01T00:00:00Z")]),
        {SUB: "pass"},
    ),
    Case(POLICY, "mode absent", policies(assigned(enforcementMode=None)), {SUB: "pass"}),
    Case(POLICY, "forbidden", policies(), {SUB: "unknown"}, [gap("policy_assignments")]),
]

EDR = "06e3a6db-0000-0000-0000-000000000001"


def finding(
    name: str = EDR, code: str = "Unhealthy", since: str = "2026-09-01T00:00:00Z", **more: Any
) -> dict[str, Any]:
    status = {"code": code, "statusChangeDate": since, "firstEvaluationDate": "2025-01-01T00:00:00Z"}
    identifier = f"{VM['id']}/providers/Microsoft.Security/assessments/{name}"
    return doc(identifier, {"displayName": f"Fix {name[:4]}", "status": status, **more})


def first_evaluated(since: str) -> dict[str, Any]:
    """An unhealthy recommendation that was first evaluated at this time, and has no statusChangeDate."""
    status = {"code": "Unhealthy", "firstEvaluationDate": since}
    return finding(status=status)


def metadata(name: str = EDR, severity: str = "High") -> dict[str, Any]:
    return doc(f"/providers/Microsoft.Security/assessmentMetadata/{name}", {"severity": severity})


def findings(*listed: dict[str, Any], about: Any = None) -> dict[str, Any]:
    known = {SUB: [metadata()] if about is None else list(about)}
    return {"security_assessments": {SUB: list(listed)}, "security_assessments_metadata": known}


def on(machine: str, **more: Any) -> dict[str, Any]:
    """The recommendation that `finding` returns, but for the machine with this name."""
    body = finding(**more)
    return body | {"id": body["id"].replace(VM["id"], f"{VM['id'].rpartition('/')[0]}/{machine}")}


HIGH_ON_2 = on("vm2", metadata={"severity": "High"})
KIND = f"{SECURITY}/assessments/{EDR}"

_OPEN = [
    Case(OPEN, "healthy", findings(finding(code="Healthy")), {SUB: "pass"}),
    Case(
        OPEN,
        "unhealthy without dates",
        findings(
            doc(
                f"{VM['id']}/providers/Microsoft.Security/assessments/{EDR}",
                {"displayName": "Fix", "status": {"code": "Unhealthy"}},
            )
        ),
        {KIND: "fail"},
        remark="since when",
    ),
    # Without statusChangeDate, the recommendation is open since firstEvaluationDate.
    *(
        Case(OPEN, f"unhealthy without statusChangeDate, {name}", findings(first_evaluated(since)), outcomes)
        for name, since, outcomes in (
            ("open too long", "2025-01-01T00:00:00Z", {KIND: "fail"}),
            ("new", "2026-11-20T00:00:00Z", {SUB: "pass"}),
        )
    ),
    Case(OPEN, "exempted", findings(finding(code="NotApplicable")), {SUB: "pass"}),
    Case(OPEN, "open too long", findings(finding()), {KIND: "fail"}),
    Case(OPEN, "within grace", findings(finding(since="2026-11-01T00:00:00Z")), {SUB: "pass"}),
    Case(OPEN, "exactly 30 days old", findings(finding(since="2026-10-26T12:00:00Z")), {SUB: "pass"}),
    Case(OPEN, "medium", findings(finding(), about=[metadata(severity="Medium")]), {SUB: "pass"}),
    Case(
        OPEN,
        "medium with min_severity Medium",
        findings(finding(), about=[metadata(severity="Medium")]),
        {KIND: "fail"},
        params={"min_severity": "Medium"},
    ),
    Case(
        OPEN,
        "severity in the assessment",
        findings(finding(metadata={"severity": "High"}), about=[]),
        {KIND: "fail"},
    ),
    Case(OPEN, "severity unknown", findings(finding(), about=[]), {KIND: "unknown"}),
    Case(
        OPEN,
        "a software update, whose severity only Resource Graph states",
        {
            **findings(finding(), about=[]),
            "software_updates": {SUB: [finding(metadata={"severity": "Critical"})]},
        },
        {KIND: "fail"},
    ),
    *(
        Case(
            OPEN,
            f"a software update of low and critical severity, {order} first",
            {
                **findings(*listed, about=[]),
                "software_updates": {
                    SUB: [
                        on("vm1", metadata={"severity": "Low"}),
                        on("vm2", metadata={"severity": "Critical"}),
                    ]
                },
            },
            {KIND: "fail"},
            reason="affected resources: 1",
        )
        for order, listed in (("low", [on("vm1"), on("vm2")]), ("critical", [on("vm2"), on("vm1")]))
    ),
    Case(
        OPEN,
        "one resource without a severity, one of high severity",
        {**findings(on("vm1"), on("vm2"), about=[]), "software_updates": {SUB: [HIGH_ON_2]}},
        {KIND: "fail"},
    ),
    Case(
        OPEN,
        "one resource without a severity, one of low severity",
        {
            **findings(on("vm1"), on("vm2"), about=[]),
            "software_updates": {SUB: [on("vm2", metadata={"severity": "Low"})]},
        },
        {KIND: "unknown"},
    ),
    Case(
        OPEN,
        "a minor software update",
        {**findings(finding(), about=[]), "software_updates": {SUB: [finding(metadata={"severity": "Low"})]}},
        {SUB: "pass"},
    ),
    Case(
        OPEN,
        "a minor software update with min_severity Low",
        {**findings(finding(), about=[]), "software_updates": {SUB: [finding(metadata={"severity": "Low"})]}},
        {KIND: "fail"},
        params={"min_severity": "Low"},
    ),
    Case(
        OPEN,
        "a software update without a severity",
        {**findings(finding(), about=[]), "software_updates": {SUB: [finding(metadata={})]}},
        {KIND: "unknown"},
    ),
    Case(
        OPEN,
        "metadata forbidden",
        {"security_assessments": {SUB: [finding()]}},
        {KIND: "unknown"},
        [gap("security_assessments_metadata")],
    ),
    Case(
        OPEN, "no recommendation returned", findings(), {SUB: "unknown"}, reason="returned no recommendation"
    ),
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
    Case(REVIEW, "open recommendations are counted", findings(finding()), {SUB: "manual"}, reason="1 open"),
    Case(
        REVIEW,
        "forbidden",
        {},
        {SUB: "manual"},
        [gap("security_assessments")],
        remark="Missing permission Microsoft.Security/assessments/read",
    ),
]


def contact(**properties: Any) -> dict[str, Any]:
    return {"security_contacts": [doc(f"{SECURITY}/securityContacts/default", properties)]}


MISSING = [gap("security_contacts", reason=Reason.NOT_FOUND, status=404)]
NOT_SEEN = [replace(MISSING[0], code="SubscriptionNotFound")]

_CONTACT = [
    Case(EMAIL, "one address", contact(emails="sec@example.com", isEnabled=True), {SUB: "pass"}),
    Case(EMAIL, "enabled by default", contact(emails="x; sec@example.com"), {SUB: "pass"}),
    Case(EMAIL, "contact disabled", contact(emails="sec@example.com", isEnabled=False), {SUB: "fail"}),
    Case(EMAIL, "no address", contact(emails="nobody"), {SUB: "fail"}),
    Case(
        EMAIL,
        "roles only",
        contact(emails="", notificationsByRole={"state": "On", "roles": ["Owner"]}),
        {SUB: "fail"},
        reason="Only roles",
    ),
    Case(
        EMAIL, "malformed roles", contact(emails="sec@example.com", notificationsByRole="On"), {SUB: "pass"}
    ),
    Case(EMAIL, "no contact", {}, {SUB: "fail"}),
    Case(EMAIL, "not found", {}, {SUB: "fail"}, MISSING),
    Case(EMAIL, "subscription not seen any more", {}, {SUB: "unknown"}, NOT_SEEN),
    Case(EMAIL, "several addresses", contact(emails=["sec@example.com"]), {SUB: "unknown"}),
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
    Case(PHONE, "valid number", contact(phone="+49 (30) 123-456"), {SUB: "pass"}),
    Case(
        PHONE,
        "notifications off",
        contact(phone="+49 (30) 123-456", isEnabled=False),
        {SUB: "pass"},
        remark="disabled",
    ),
    Case(PHONE, "too short", contact(phone="12345"), {SUB: "fail"}),
    Case(PHONE, "text instead of a number", contact(phone="call us"), {SUB: "fail"}),
    Case(PHONE, "no number", contact(emails="sec@example.com"), {SUB: "fail"}),
    Case(PHONE, "no contact", {}, {SUB: "fail"}),
    Case(PHONE, "number is not a string", contact(phone=123456), {SUB: "unknown"}),
    Case(PHONE, "forbidden", {}, {SUB: "unknown"}, [gap("security_contacts")]),
]

CASES = [*_POLICY, *_OPEN, *_REVIEW, *_CONTACT]
IMPOSSIBLE = {
    OPEN: {"not_applicable": "Defender has recommendations for every subscription that it monitors"},
    REVIEW: {"unknown": "an attestation is always needed, whatever could be read"},
    EMAIL: {"not_applicable": "every subscription can have a contact"},
    PHONE: {"not_applicable": "every subscription can have a contact"},
}
ABSENCE_PASSES = [
    (EMAIL, r"properties\.isEnabled", "a contact is enabled by default"),
    (
        POLICY,
        r"properties\.(parameters(\..*)?|overrides(\[\].*)?|notScopes(\[\])?)",
        "an assignment without values has the defaults of the initiative",
    ),
]
OFFICIAL_VERDICTS = """
defender-contact-email pass: unit
defender-contact-phone pass: unit
defender-no-open-recommendations pass: unit
defender-policy-all-recommendations pass: unit
defender-recommendations-review manual: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription}"
        " › Security policies › Microsoft cloud security benchmark › … › Manage recommendations"
        " › the recommendation › … › Manage effect and parameters",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/manage-mcsb.md",
            "03318bff4cec8257c3367ecfce6048910a360173",
            "Microsoft Defender for Cloud",
            "open the Environment settings page",
            "Open the Security policies page",
            "select Microsoft cloud security benchmark",
            "Select the ellipses > Manage recommendations",
            "Next to the relevant recommendation, select the ellipses menu, select Manage effect and parameters",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Recommendations",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/review-security-recommendations.md",
            "005d120789c99c9824c62c3c0bf0f5ce29aa5c18",
            "Microsoft Defender for Cloud",
            "Defender for Cloud > Recommendations",
        ),
    ),
]
