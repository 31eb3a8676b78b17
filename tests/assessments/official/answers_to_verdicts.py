"""Answers of Azure that decide verdicts: the topics 1 to 16 of `azure_answers`."""

from __future__ import annotations

from tests.assessments.official.azure_answers import LEARN, SPECS, Row

_SUBSCRIPTIONS = "tenants/actions/test_subscriptions.py"
_FOREIGN = "tenants/actions/test_foreign_subscriptions.py"
_LIGHTHOUSE = "isolation/test_lighthouse.py"
_REFUSALS = "sandbox/arm/test_refusals.py"
_FAILURES = "assessments/collect/test_failures.py"
_VERSIONS = "assessments/collect/http/test_api_versions.py"
_UNASSESSED = "assessments/lifecycle/test_shared_and_unassessed_subjects.py"

VERDICTS: tuple[Row, ...] = (
    Row(
        "1",
        "A subscription can belong to another directory than the one that lists it: it becomes no unit by itself",
        f"{LEARN}/rest/api/resources/subscriptions/list (tenantId, managedByTenants)",
        tests=(
            (
                "assessments/lifecycle/test_first_assessment.py",
                "test_a_subscription_of_another_directory_gets_no_unit",
            ),
            (_SUBSCRIPTIONS, "test_subscriptions_of_another_directory_are_listed_and_never_assessed"),
            (_SUBSCRIPTIONS, "test_a_subscription_that_moves_to_another_directory_is_assessed_no_longer"),
            (_REFUSALS, "test_a_delegated_subscription_names_its_home_directory"),
            ("assessments/collect/test_generated_estates.py", "test_every_expected_verdict_is_reached"),
        ),
    ),
    Row(
        "1",
        "An administrator assigns a foreign subscription to the customer with its home directory, or excludes it",
        f"{LEARN}/azure/lighthouse/concepts/tenants-users-roles",
        tests=(
            (_FOREIGN, "test_only_the_customer_with_the_home_directory_can_receive"),
            (_FOREIGN, "test_exclusion_needs_a_reason_and_can_be_undone"),
            (
                "portal/web/organization/test_foreign_subscriptions.py",
                "test_the_page_names_home_and_the_customer_who_sees_it",
            ),
            (
                _LIGHTHOUSE,
                "test_each_customer_is_assessed_with_the_principal_and_sees_only_its_own_subscription",
            ),
        ),
    ),
    Row(
        "1",
        "A principal that its own directory does not list is unknown, never gone",
        f"{LEARN}/graph/api/user-list",
        cases=(
            ("identity-mfa-azure-writers", "user of no directory", "unknown"),
            ("identity-mfa-azure-writers", "group of another directory", "unknown"),
            ("identity-mfa-privileged", "deleted user", "unknown"),
            ("identity-mfa-privileged", "deleted group", "unknown"),
        ),
    ),
    Row(
        "1",
        "Who holds rights through a delegation out of the customer is a subject of the identity controls",
        f"{LEARN}/rest/api/managedservices/registration-assignments/list",
        cases=(
            ("identity-mfa-azure-writers", "delegated to another directory", "unknown"),
            ("identity-guests-azure-permissions", "delegated, may assign roles", "fail"),
        ),
        tests=(("assessments/collect/test_delegations.py", "test_a_delegation_is_read_with_its_rights"),),
    ),
    Row(
        "2",
        "The list of machines with statusOnly=true contains power states alone",
        f"{LEARN}/rest/api/compute/virtual-machines/list-all (statusOnly)",
        cases=(
            ("vm-os-patches", "no patches in the list, instance view not read", "unknown"),
            ("vm-os-patches", "no patches in the list, instance view forbidden", "unknown"),
            ("vm-os-patches", "patches missing", "fail"),
            ("vm-agent-running", "instance view forbidden", "unknown"),
            ("vm-agent-running", "off, by the list alone", "not_applicable"),
        ),
        tests=(("sandbox/test_sdk.py", "test_machines_are_read_with_and_without_status"),),
    ),
    Row(
        "3",
        "Classic administrators are retired: 404 InvalidResourceType means that there are none",
        f"{LEARN}/azure/role-based-access-control/classic-administrators",
        cases=(("identity-mfa-azure-writers", "classic administrators forbidden", "unknown"),),
        tests=(
            (_REFUSALS, "test_retired_types_do_not_exist"),
            (_FAILURES, "test_answers_that_mean_absent"),
            ("assessments/permissions/test_preflight.py", "test_a_tidy_directory_has_nothing_to_grant"),
        ),
    ),
    Row(
        "4",
        "Defender is off where Microsoft.Security answers 404 with the code Subscription Not Registered",
        "https://github.com/Azure/azure-sdk-for-go/issues/19900",
        cases=(
            ("defender-plan-servers", "Microsoft.Security not registered", "fail"),
            ("defender-plan-databases", "Microsoft.Security not registered", "fail"),
            ("defender-vm-data-collection", "Microsoft.Security not registered", "fail"),
            ("defender-contact-email", "no contact", "fail"),
        ),
        tests=(
            (_REFUSALS, "test_providers_that_are_not_registered_answer_with_their_own_codes"),
            (_FAILURES, "test_answers_that_mean_absent"),
        ),
    ),
    Row(
        "5",
        "A cloud that lags answers 400 NoRegisteredProviderFound with its api-versions, one of which is chosen",
        f"{LEARN}/azure/azure-resource-manager/troubleshooting/error-register-resource-provider",
        tests=(
            (_REFUSALS, "test_a_provider_without_the_requested_version_lists_its_versions"),
            (_VERSIONS, "test_a_lagging_cloud_is_judged_as_a_current_one"),
            (_VERSIONS, "test_the_newest_acceptable_version_is_chosen"),
            (_VERSIONS, "test_a_version_without_what_controls_read_is_not_accepted"),
            (_VERSIONS, "test_a_version_is_negotiated_once_for_all_sessions_that_share_it"),
            (_VERSIONS, "test_a_gap_names_asked_offered_and_needed_versions"),
        ),
    ),
    Row(
        "5",
        "Each cloud has its own Microsoft Graph; the one of the Department of Defense is dod-graph.microsoft.us",
        f"{LEARN}/graph/deployments",
        tests=(("tenants/test_clouds.py", "test_each_cloud_has_its_own_graph_portal_and_names"),),
    ),
    Row(
        "6",
        "The account that synchronises the directory cannot use MFA",
        f"{LEARN}/entra/identity/role-based-access-control/permissions-reference",
        cases=(
            ("identity-mfa-privileged", "account that synchronises the directory", "not_applicable"),
            ("identity-mfa-privileged", "synchronising account with another role", "fail"),
            (
                "identity-mfa-all-users",
                "account that synchronises the directory, by role d29b2b05-8046-44ba-8758-1e26182fcf32",
                "pass",
            ),
        ),
    ),
    Row(
        "6",
        "Rooms, shared mailboxes and service accounts are left out by parameters: a ratio and a list of ids",
        f"{LEARN}/graph/api/resources/userregistrationdetails",
        cases=(
            ("identity-mfa-all-users", "excluded by id", "pass"),
            ("identity-mfa-all-users", "half capable with min_ratio 0.5", "pass"),
            ("identity-mfa-privileged", "excluded by id", "not_applicable"),
        ),
    ),
    Row(
        "6",
        "A user whose userType is null is a member unless the user principal name holds #EXT#",
        f"{LEARN}/graph/api/resources/user (userType)",
        cases=(
            ("identity-mfa-all-users", "user type null", "pass"),
            ("identity-mfa-all-users", "user type null, invited", "not_applicable"),
            ("identity-guests-needed", "invited user without a type", "fail"),
        ),
    ),
    Row(
        "7",
        "A policy for administrators or for the management of Azure does not require MFA from everybody",
        f"{LEARN}/graph/api/resources/conditionalaccesspolicy",
        cases=(
            ("identity-mfa-enforced", "administrators only", "fail"),
            ("identity-mfa-enforced", "Azure management only", "fail"),
            ("identity-mfa-enforced", "one application", "fail"),
            ("identity-mfa-enforced", "one group only", "fail"),
            ("identity-mfa-enforced", "per-user MFA is named", "fail"),
        ),
    ),
    Row(
        "7",
        "Policies that together cover everybody are added up",
        f"{LEARN}/entra/identity/conditional-access/concept-conditional-access-policies",
        cases=(
            ("identity-mfa-enforced", "excluded role covered", "pass"),
            ("identity-mfa-enforced", "administrators excluded", "fail"),
            ("identity-mfa-enforced", "management of Azure covered", "pass"),
            ("identity-mfa-enforced", "the management of Azure excluded", "fail"),
        ),
    ),
    Row(
        "8",
        "A flow log with enabledFilteringCriteria records part of the traffic",
        f"{SPECS} (Microsoft.Network, flow logs: enabledFilteringCriteria)",
        cases=(
            ("logging-nsg-flow", "flow log with a filter", "fail"),
            ("logging-nsg-flow", "flow log of the group with a filter", "fail"),
            ("logging-nsg-flow", "empty filter", "pass"),
            ("logging-nsg-flow", "one flow log with a filter, one without", "pass"),
        ),
    ),
    Row(
        "9",
        "Azure writes scopes of alert rules without a leading slash",
        f"{LEARN}/rest/api/monitor/activity-log-alerts/get",
        cases=(
            ("monitoring-alert-nsg-write", "scope without a leading slash", "pass"),
            ("monitoring-alert-nsg-write", "another subscription", "fail"),
        ),
    ),
    Row(
        "9",
        "A condition that holds every level narrows nothing",
        f"{LEARN}/azure/azure-monitor/platform/activity-log-schema",
        cases=(
            ("monitoring-alert-nsg-write", "every level", "pass"),
            ("monitoring-alert-nsg-write", "any of every level", "pass"),
            ("monitoring-alert-nsg-write", "errors only", "fail"),
        ),
    ),
    Row(
        "10",
        "An effect is a parameter whose allowed values hold Disabled, whatever its name and spelling",
        "https://github.com/Azure/azure-policy (policySetDefinitions/Security Center/AzureSecurityCenter.json)",
        cases=(
            ("defender-policy-all-recommendations", "effect disabled", "fail"),
            ("defender-policy-all-recommendations", "effect whose name does not end in Effect", "fail"),
        ),
    ),
    Row(
        "10",
        "Deprecated parameters of the initiative do not count",
        "https://github.com/Azure/azure-policy (metadata.deprecated)",
        cases=(("defender-policy-all-recommendations", "deprecated effect", "pass"),),
    ),
    Row(
        "11",
        "MdeDesignatedSubscription concerns machines outside Azure and replaces no WDATP setting",
        f"{LEARN}/azure/defender-for-cloud/enable-defender-for-endpoint",
        cases=(
            ("defender-vm-data-collection", "P1 with only the extension for machines outside Azure", "fail"),
            ("defender-vm-data-collection", "P1 with the WDATP setting", "pass"),
        ),
    ),
    Row(
        "11",
        "The retired agent is named as a child of its machine",
        f"{LEARN}/rest/api/resources/resources/list",
        cases=(("defender-vm-data-collection", "retired agent installed", "pass"),),
    ),
    Row(
        "12",
        "Kind and SKU of an account decide which services it has: Premium_LRS for page blobs has no file shares",
        "https://github.com/turbot/steampipe-plugin-azure/issues/474",
        cases=(
            ("storage-public-file", "premium account for page blobs", "not_applicable"),
            ("storage-public-file", "premium account for files", "fail"),
            ("storage-file-encryption", "premium account for page blobs", "not_applicable"),
        ),
        tests=(
            (_REFUSALS, "test_accounts_refuse_services_that_they_do_not_have"),
            (_FAILURES, "test_answers_that_mean_absent"),
        ),
    ),
    Row(
        "13",
        "An assignment of a policy without enforcementMode is enforced",
        f"{LEARN}/rest/api/policyauthorization/policy-assignments/list",
        cases=(
            ("defender-policy-all-recommendations", "mode absent", "pass"),
            ("defender-policy-all-recommendations", "not enforced", "fail"),
        ),
    ),
    Row(
        "13",
        "A recommendation without dates is judged, and the verdict says that its age is not known",
        f"{LEARN}/rest/api/defenderforcloud/assessments/list",
        cases=(
            ("defender-no-open-recommendations", "unhealthy without dates", "fail"),
            ("defender-no-open-recommendations", "unhealthy without statusChangeDate, open too long", "fail"),
            ("defender-no-open-recommendations", "unhealthy without statusChangeDate, new", "pass"),
        ),
    ),
    Row(
        "14",
        "A subscription with the offer AAD_2015-09-01 holds nothing and is left out with that reason",
        "https://github.com/lacework-dev/scripts/pull/64",
        tests=(
            (_SUBSCRIPTIONS, "test_a_subscription_whose_offer_holds_no_resources_is_not_assessed"),
            (_UNASSESSED, "test_findings_of_a_subscription_that_cannot_be_assessed_are_gone"),
            ("portal/queries/test_subscriptions.py", "test_each_state_is_explained_where_people_look"),
            (_REFUSALS, "test_offers_exclude_providers"),
            (_FAILURES, "test_answers_that_mean_absent"),
        ),
    ),
    Row(
        "14",
        "Disabled, Warned, PastDue and Deleted have their own handling",
        f"{LEARN}/azure/cost-management-billing/manage/subscription-states",
        tests=(
            (_UNASSESSED, "test_a_subscription_that_can_be_read_is_assessed_in_any_state"),
            (_UNASSESSED, "test_findings_of_a_subscription_that_cannot_be_assessed_are_gone"),
            ("portal/queries/test_subscriptions.py", "test_each_state_is_explained_where_people_look"),
        ),
    ),
    Row(
        "15",
        "A policy on the expiry of shared access signatures with the action Log blocks nothing",
        f"{LEARN}/azure/storage/common/sas-expiration-policy",
        cases=(
            ("storage-sas-expiry", "policy blocks", "pass"),
            ("storage-sas-expiry", "policy logs only", "fail"),
            ("storage-sas-expiry", "policy logs only, which the parameter accepts", "pass"),
        ),
    ),
    Row(
        "16",
        "An assessment about resolved findings does not say that databases are assessed",
        f"{LEARN}/azure/defender-for-cloud/recommendations-reference-data",
        cases=(
            ("operations-vulnerability-scans", "unresolved findings of databases", "manual"),
            ("operations-vulnerability-scans", "SQL servers not configured", "manual"),
        ),
    ),
    Row(
        "16",
        "Recommendations are found by their id, never by their display name",
        f"{LEARN}/azure/defender-for-cloud/recommendations-reference-compute",
        cases=(
            ("vm-endpoint-protection", "another display name", "fail"),
            ("vm-endpoint-protection", "another recommendation with the display name", "manual"),
        ),
    ),
)
