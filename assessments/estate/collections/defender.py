"""Plans, settings, contacts and recommendations of Defender for Cloud."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition
from assessments.estate.collections.declare import IN_SCOPE, arm, listed, since
from assessments.estate.documented_codes import DEFENDER, GENERAL
from assessments.estate.governance.just_in_time import without_requests
from assessments.estate.sdk_operation import Library, of_scope, of_subscription

PRICINGS = arm(
    "defender_pricings",
    "Microsoft.Security/pricings@2024-01-01",
    "Defender plans",
    operation=of_scope(Library.SECURITY, "pricings"),
    error_codes=DEFENDER,
    **since(
        "2023-01-01",
        "security/resource-manager/Microsoft.Security/stable/2023-01-01/pricings.json",
        {"properties.inherited": "2024-01-01", "properties.resourcesCoverageStatus": "2024-01-01"},
    ),
    definition=Definition("azure.mgmt.security.v2024_01_01.models:Pricing"),
)
SECURITY_CONTACTS = arm(
    "security_contacts",
    "Microsoft.Security/securityContacts@2023-12-01-preview",
    "Security contacts",
    error_codes=DEFENDER,
    **since(
        "2020-01-01-preview",
        "security/resource-manager/Microsoft.Security/preview/2020-01-01-preview/securityContacts.json",
        {
            "properties.isEnabled": "2023-12-01-preview",
            "properties.notificationsSources": "2023-12-01-preview",
        },
    ),
    definition=Definition(
        "SecurityContact",
        commit="0690c9a1725f6af7c9b60dcae8cabbcf00805589",
        file="security/resource-manager/Microsoft.Security/preview/2023-12-01-preview/securityContacts.json",
    ),
)
SECURITY_SETTINGS = arm(
    "security_settings",
    "Microsoft.Security/settings@2022-05-01",
    "Defender settings",
    operation=of_subscription(Library.SECURITY, "settings"),
    error_codes=DEFENDER,
    **since("2019-01-01", "security/resource-manager/Microsoft.Security/stable/2019-01-01/settings.json"),
)
VA_SETTINGS = arm(
    "vulnerability_settings",
    "Microsoft.Security/serverVulnerabilityAssessmentsSettings@2023-05-01",
    "Vulnerability assessment settings",
    operation=of_subscription(
        Library.SECURITY, "server_vulnerability_assessments_settings", "list_by_subscription"
    ),
    error_codes=DEFENDER,
    **since("2023-05-01", "azure-mgmt-security 7.0.0, v2023_05_01"),
)
IOT_HUBS = "Microsoft.Devices/IotHubs"
# The list is read only if the inventory has an IoT hub.
IOT_SOLUTIONS = arm(
    "iot_solutions",
    "Microsoft.Security/iotSecuritySolutions@2019-08-01",
    "IoT security solutions",
    after=("resources",),
    targets=t.subscriptions_with(IOT_HUBS),
    only_if_listed=True,
    operation=of_subscription(Library.SECURITY, "iot_security_solution", "list_by_subscription"),
    error_codes=DEFENDER,
    **since(
        "2019-08-01",
        "security/resource-manager/Microsoft.Security/stable/2019-08-01/iotSecuritySolutions.json",
    ),
)
AUTOMATIONS = arm(
    "security_automations",
    "Microsoft.Security/automations@2023-12-01-preview",
    "Exports and automations of Defender",
    error_codes=DEFENDER,
    **since(
        "2023-12-01-preview",
        "security/resource-manager/Microsoft.Security/preview/2023-12-01-preview/automations.json",
    ),
    definition=Definition("Automation", commit="25668ceab28f9e6d7b35ca22c88684dad1cc1349"),
)
EASM_WORKSPACES = arm(
    "easm_workspaces",
    "Microsoft.Easm/workspaces@2023-04-01-preview",
    "Workspaces of Defender External Attack Surface Management",
    # Some clouds do not have this resource type, so the collection is marked as retired.
    retired=True,
    error_codes=GENERAL,
    **since(
        "2023-04-01-preview",
        "riskiq/resource-manager/Microsoft.Easm/preview/2023-04-01-preview/easm.json",
    ),
    definition=Definition("WorkspaceResource", commit="9afc2eb383c0c385285d52a4c91a88174f2fbfba"),
)
AUTO_PROVISIONING = arm(
    "auto_provisioning",
    "Microsoft.Security/autoProvisioningSettings@2017-08-01-preview",
    "Agent provisioning (retired)",
    operation=of_subscription(Library.SECURITY, "auto_provisioning_settings"),
    error_codes=DEFENDER,
    **since(
        "2017-08-01-preview",
        "security/resource-manager/Microsoft.Security/preview/2017-08-01-preview/autoProvisioningSettings.json",
    ),
)
SECURITY_ASSESSMENTS = arm(
    "security_assessments",
    "Microsoft.Security/assessments@2021-06-01",
    "Defender recommendations",
    operation=of_scope(Library.SECURITY, "assessments"),
    spans_scopes=True,
    error_codes=DEFENDER,
    **since(
        "2020-01-01",
        "security/resource-manager/Microsoft.Security/stable/2020-01-01/assessments.json",
        {
            "properties.status.firstEvaluationDate": "2021-06-01",
            "properties.status.statusChangeDate": "2021-06-01",
        },
    ),
)
# A subscription can have hundreds of thousands of vulnerabilities, mostly resolved or minor. The query selects the
# vulnerabilities that controls judge, with few properties, and Resource Graph returns them in pages of 1,000.
# https://learn.microsoft.com/azure/governance/resource-graph/samples/samples-by-category
_SEVERE_VULNERABILITIES = """\
securityresources
| where type =~ 'microsoft.security/assessments/subassessments'
| where properties.status.code =~ 'Unhealthy'
| where properties.status.severity in~ ('High', 'Critical')
| project id, name, type, properties = bag_pack('id', properties.id, 'status', properties.status, \
'timeGenerated', properties.timeGenerated, 'additionalData', bag_pack('publishedTime', \
properties.additionalData.publishedTime))
| order by id asc"""
SECURITY_SUBASSESSMENTS = arm(
    "security_subassessments",
    "Microsoft.Security/assessments/subAssessments@2019-01-01-preview",
    "High and critical vulnerability findings of Defender",
    path=IN_SCOPE + "Microsoft.Security/subAssessments",
    # Resource Graph silently omits rows that the service principal may not read. Reading Defender's findings
    # (subAssessments) needs the permission to read Defender's assessments. So a gap of `security_assessments` is also a
    # gap of this collection.
    after=("security_assessments",),
    targets=t.assessed_subscriptions,
    resource_graph=_SEVERE_VULNERABILITIES,
    # An exported document has only the properties that controls have read. The query selects documents by the
    # properties below. So the export adds these properties to a document if no control has read them.
    query_properties={"properties": {"status": {"code": "Unhealthy", "severity": "High"}}},
    spans_scopes=True,
    error_codes=("RateLimiting",),
    **since(
        "2019-01-01-preview",
        "security/resource-manager/Microsoft.Security/preview/2019-01-01-preview/subAssessments.json",
    ),
    definition=Definition("azure.mgmt.security.v2019_01_01_preview.models:SecuritySubAssessment"),
)
# Since 2026-07-31, Defender no longer groups vulnerabilities below one recommendation. Each piece of software that
# needs an update has its own recommendation, of the category SoftwareUpdate. Each container image, running container,
# exposed secret and rule for SQL has one too. Clouds that still group vulnerabilities return `security_subassessments`.
# https://learn.microsoft.com/azure/defender-for-cloud/transition-grouped-individual-recommendations
#
# The query also selects all other open recommendations, because controls need their severity, and only Resource Graph
# returns the severity (in `metadata`).
_OPEN_RECOMMENDATIONS = """\
securityresources
| where type =~ 'microsoft.security/assessments'
| where properties.status.code =~ 'Unhealthy'
| project id, name, type, properties = bag_pack('displayName', properties.displayName, 'status', properties.status, \
'metadata', bag_pack('severity', properties.metadata.severity, 'recommendationCategory', \
properties.metadata.recommendationCategory), 'resourceDetails', bag_pack('Source', properties.resourceDetails.Source, \
'ResourceType', properties.resourceDetails.ResourceType))
| order by id asc"""
SOFTWARE_UPDATES = arm(
    "software_updates",
    "Microsoft.Security/assessments@2021-06-01",
    "Open recommendations of Defender with their severity",
    after=("security_assessments",),
    targets=t.assessed_subscriptions,
    resource_graph=_OPEN_RECOMMENDATIONS,
    query_properties={"properties": {"status": {"code": "Unhealthy"}}},
    spans_scopes=True,
    error_codes=("RateLimiting",),
    **since(
        "2020-01-01",
        "security/resource-manager/Microsoft.Security/stable/2020-01-01/assessments.json",
        {"properties.status.firstEvaluationDate": "2021-06-01"},
    ),
    definition=Definition("azure.mgmt.security.v2021_06_01.models:SecurityAssessmentResponse"),
)
ASSESSMENTS_METADATA = arm(
    "security_assessments_metadata",
    "Microsoft.Security/assessmentMetadata@2021-06-01",
    "Metadata of Defender recommendations",
    operation=of_subscription(Library.SECURITY, "assessments_metadata", "list_by_subscription"),
    spans_scopes=True,
    error_codes=DEFENDER,
    **since(
        "2020-01-01", "security/resource-manager/Microsoft.Security/stable/2020-01-01/assessmentMetadata.json"
    ),
)
SECURE_SCORES = arm(
    "secure_scores",
    "Microsoft.Security/secureScores@2020-01-01",
    "Secure scores",
    operation=of_subscription(Library.SECURITY, "secure_scores"),
    error_codes=DEFENDER,
    **since("2020-01-01", "security/resource-manager/Microsoft.Security/stable/2020-01-01/secureScore.json"),
)
# Policies of just-in-time access concern virtual machines, so the list is read only if the inventory has a virtual
# machine. Access requests in a policy identify people. No control reads these requests, so they are not stored.
JIT_POLICIES = listed(
    "jit_policies",
    "Microsoft.Security/locations/jitNetworkAccessPolicies@2020-01-01",
    "Policies of just-in-time access",
    path=IN_SCOPE + "Microsoft.Security/jitNetworkAccessPolicies",
    targets=t.subscriptions_with("Microsoft.Compute/virtualMachines"),
    operation=of_subscription(Library.SECURITY, "jit_network_access_policies"),
    prepare=without_requests,
    error_codes=DEFENDER,
    **since(
        "2020-01-01",
        "security/resource-manager/Microsoft.Security/stable/2020-01-01/jitNetworkAccessPolicies.json",
    ),
)
