"""Defender for Cloud: plans, settings, contacts, recommendations."""

from __future__ import annotations

from assessments.estate.collections.declare import IN_SCOPE, arm
from assessments.estate.sdk_operation import Library, of_scope, of_subscription

PRICINGS = arm(
    "defender_pricings",
    IN_SCOPE + "Microsoft.Security/pricings",
    "Microsoft.Security/pricings/read",
    "2024-01-01",
    "Defender plans",
    operation=of_scope(Library.SECURITY, "pricings"),
)
SECURITY_CONTACTS = arm(
    "security_contacts",
    IN_SCOPE + "Microsoft.Security/securityContacts",
    "Microsoft.Security/securityContacts/read",
    "2023-12-01-preview",
    "Security contacts",
)
SECURITY_SETTINGS = arm(
    "security_settings",
    IN_SCOPE + "Microsoft.Security/settings",
    "Microsoft.Security/settings/read",
    "2022-05-01",
    "Defender settings",
    operation=of_subscription(Library.SECURITY, "settings"),
)
VA_SETTINGS = arm(
    "vulnerability_settings",
    IN_SCOPE + "Microsoft.Security/serverVulnerabilityAssessmentsSettings",
    "Microsoft.Security/serverVulnerabilityAssessmentsSettings/read",
    "2023-05-01",
    "Vulnerability assessment settings",
    operation=of_subscription(
        Library.SECURITY, "server_vulnerability_assessments_settings", "list_by_subscription"
    ),
)
AUTO_PROVISIONING = arm(
    "auto_provisioning",
    IN_SCOPE + "Microsoft.Security/autoProvisioningSettings",
    "Microsoft.Security/autoProvisioningSettings/read",
    "2017-08-01-preview",
    "Agent provisioning (retired)",
    operation=of_subscription(Library.SECURITY, "auto_provisioning_settings"),
)
SECURITY_ASSESSMENTS = arm(
    "security_assessments",
    IN_SCOPE + "Microsoft.Security/assessments",
    "Microsoft.Security/assessments/read",
    "2021-06-01",
    "Defender recommendations",
    operation=of_scope(Library.SECURITY, "assessments"),
    spans_scopes=True,
)
SECURITY_SUBASSESSMENTS = arm(
    "security_subassessments",
    IN_SCOPE + "Microsoft.Security/subAssessments",
    "Microsoft.Security/assessments/subAssessments/read",
    "2019-01-01-preview",
    "Vulnerability findings of Defender",
    operation=of_scope(Library.SECURITY, "sub_assessments", "list_all"),
    spans_scopes=True,
)
ASSESSMENTS_METADATA = arm(
    "security_assessments_metadata",
    IN_SCOPE + "Microsoft.Security/assessmentMetadata",
    "Microsoft.Security/assessmentMetadata/read",
    "2021-06-01",
    "Metadata of Defender recommendations",
    operation=of_subscription(Library.SECURITY, "assessments_metadata", "list_by_subscription"),
    spans_scopes=True,
)
SECURE_SCORES = arm(
    "secure_scores",
    IN_SCOPE + "Microsoft.Security/secureScores",
    "Microsoft.Security/secureScores/read",
    "2020-01-01",
    "Secure scores",
    operation=of_subscription(Library.SECURITY, "secure_scores"),
)
