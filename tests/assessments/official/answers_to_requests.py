"""Facts that show whether requests, commands of fixes and references to frameworks are right: the topics of
`azure_answers` that begin with R, C or F.
"""

from __future__ import annotations

from tests.assessments.official.azure_answers import LEARN, Row

_DOUBT = "assessments/collect/test_requests_in_doubt.py"
_RENDER = "assessments/fixes/test_render.py"
_COMMANDS = "assessments/fixes/test_commands.py"
_REFERENCES = "assessments/controls/test_references.py"
_FRAMEWORK = "assessments/frameworks/test_framework.py"

REQUESTS: tuple[Row, ...] = (
    Row(
        "R1",
        "Group settings need GroupSettings.Read.All; Directory.Read.All also reads them",
        f"{LEARN}/graph/api/group-list-settings",
        tests=((_DOUBT, "test_group_settings_need_their_own_permission_at_least"),),
    ),
    Row(
        "R2",
        "The report of registered methods may refuse $top, and is then asked without it",
        f"{LEARN}/graph/api/authenticationmethodsroot-list-userregistrationdetails",
        tests=(
            (_DOUBT, "test_registrations_are_asked_without_top_after_a_400"),
            (_DOUBT, "test_another_400_of_registrations_stays_a_gap"),
        ),
    ),
    Row(
        "R3",
        "Sign-in activity needs two permissions and a premium licence",
        f"{LEARN}/graph/api/resources/signinactivity",
        cases=(("identity-guests-needed", "no licence", "unknown"),),
        tests=(
            (_DOUBT, "test_sign_in_activity_needs_both_permissions"),
            (_DOUBT, "test_sign_in_activity_without_a_premium_licence"),
        ),
    ),
    Row(
        "R4",
        "Eligible assignments are none where privileged identity management is not used, and unknown after a 500",
        "https://github.com/kayasax/EasyPIM/issues/37",
        tests=((_DOUBT, "test_eligible_assignments_where_pim_is_not_used"),),
    ),
    Row(
        "R5",
        "A 400 of the security contacts is unknown, never a failure",
        f"{LEARN}/rest/api/defenderforcloud/security-contacts/list",
        tests=((_DOUBT, "test_a_400_of_security_contacts_is_unknown_never_a_failure"),),
    ),
    Row(
        "R6",
        "Vulnerabilities are asked through Azure Resource Graph, with the severe ones and what is needed",
        f"{LEARN}/azure/governance/resource-graph/samples/samples-by-category",
        tests=(
            (
                "assessments/collect/test_resource_graph.py",
                "test_only_severe_findings_of_the_subscription_are_read_with_what_controls_need",
            ),
            ("assessments/collect/test_resource_graph.py", "test_pages_follow_the_skip_token"),
        ),
    ),
    Row(
        "R7",
        "Who may activate the membership of a group with a role holds the role",
        f"{LEARN}/graph/api/privilegedaccessgroup-list-eligibilityscheduleinstances",
        cases=(
            ("identity-mfa-privileged", "eligible member of a group", "fail"),
            ("identity-mfa-privileged", "eligible members forbidden", "unknown"),
            ("identity-mfa-azure-writers", "eligible member of a group", "fail"),
            ("identity-mfa-azure-writers", "eligible members forbidden", "unknown"),
        ),
        tests=((_DOUBT, "test_eligible_members_of_groups_with_roles_are_read"),),
    ),
    Row(
        "R8",
        "Diagnostic settings of management groups count",
        f"{LEARN}/rest/api/monitor/management-group-diagnostic-settings/list",
        cases=(
            ("logging-activity-export", "a management group exports", "pass"),
            ("logging-activity-export", "a management group forbidden", "unknown"),
        ),
        tests=(
            (
                "assessments/collect/test_management_groups.py",
                "test_the_setting_of_a_management_group_counts",
            ),
        ),
    ),
    Row(
        "R9",
        "A finding that a deny assignment of a managed resource group protects is marked",
        f"{LEARN}/azure/role-based-access-control/deny-assignments",
        tests=(
            (
                "assessments/collect/test_managed_groups.py",
                "test_a_failure_that_a_deny_assignment_protects_is_marked",
            ),
            ("assessments/collect/test_managed_groups.py", "test_other_failures_are_not_marked"),
        ),
    ),
    Row(
        "R10",
        "The ledger says that scale sets and Arc machines are not covered",
        f"{LEARN}/rest/api/resources/resources/list",
        tests=(("assessments/test_ledger.py", "test_machines_that_a_control_does_not_judge_are_named"),),
    ),
)
_OPTIONS = (_RENDER, "test_options_that_have_another_effect_by_default_are_given")
FIXES: tuple[Row, ...] = (
    Row(
        "C1",
        "The WDATP setting is turned on with --data-export-settings, and a plan is named with its cost",
        f"{LEARN}/cli/azure/security/setting",
        tests=(
            _OPTIONS,
            (_RENDER, "test_plan_1_is_offered_only_where_there_is_no_plan"),
            (_COMMANDS, "test_prices_are_named_and_not_quoted"),
        ),
    ),
    Row(
        "C2",
        "A retention of 0 days changes nothing, so flow logs get a number of days",
        f"{LEARN}/cli/azure/network/watcher/flow-log",
        tests=(_OPTIONS,),
    ),
    Row(
        "C3",
        "The CLI's application lacks scopes for policies: directory settings are changed with Connect-MgGraph",
        f"{LEARN}/graph/permissions-reference",
        tests=(
            (_COMMANDS, "test_powershell_parses_and_prints_its_body"),
            (_COMMANDS, "test_requests_to_graph_ask_for_the_documented_scopes"),
            (_COMMANDS, "test_azure_cli_never_asks_graph"),
            (_COMMANDS, "test_commands_read_no_file_that_an_earlier_command_did_not_write"),
        ),
    ),
    Row(
        "C4",
        "Security defaults and Conditional Access exclude each other",
        f"{LEARN}/entra/fundamentals/security-defaults",
        tests=((_COMMANDS, "test_conditional_access_says_that_security_defaults_exclude_it"),),
    ),
    Row(
        "C5",
        "A partial request to the threat detection policy of SQL replaces the rest",
        f"{LEARN}/rest/api/sql/server-security-alert-policies/create-or-update",
        tests=((_RENDER, "test_one_request_sets_everything_that_three_controls_ask_of_the_alert_policy"),),
    ),
    Row(
        "C6",
        "A request that sets the security contact drops what it does not repeat",
        f"{LEARN}/rest/api/defenderforcloud/security-contacts/create",
        tests=((_RENDER, "test_the_security_contact_is_replaced_with_everything_repeated"),),
    ),
    Row(
        "C7",
        "The public access of a container is removed through Resource Manager, without a key",
        f"{LEARN}/cli/azure/storage/container-rm",
        tests=(_OPTIONS,),
    ),
    Row(
        "C8",
        "The default action of a policy on shared access signatures is Log",
        f"{LEARN}/cli/azure/storage/account",
        tests=(_OPTIONS,),
    ),
    Row(
        "C9",
        "Each key of a storage account is regenerated in a step of its own",
        f"{LEARN}/cli/azure/storage/account/keys",
        tests=(
            (_RENDER, "test_each_old_key_of_an_account_is_regenerated_in_its_own_step"),
            (
                "assessments/fixes/test_combine.py",
                "test_keys_of_several_accounts_are_never_regenerated_together",
            ),
        ),
    ),
    Row(
        "C10",
        "Flow logs are created for resource ids, because names need a group",
        f"{LEARN}/cli/azure/network/watcher/flow-log",
        tests=((_RENDER, "test_a_flow_log_is_made_for_each_network_of_the_subnets"),),
    ),
    Row(
        "C11",
        "Encryption at host must be registered as a feature first",
        f"{LEARN}/azure/virtual-machines/linux/disks-enable-host-based-encryption-cli",
        tests=(_OPTIONS, (_RENDER, "test_encryption_at_host_is_registered_before_a_machine_uses_it")),
    ),
    Row(
        "C12",
        "Databases have four plans of Defender",
        f"{LEARN}/azure/defender-for-cloud/tutorial-enable-databases-plan",
        tests=((_RENDER, "test_every_plan_for_databases_has_its_own_command"),),
    ),
    Row(
        "C13",
        "Patches are installed by classification",
        f"{LEARN}/cli/azure/vm",
        tests=(_OPTIONS, (_RENDER, "test_patches_are_looked_for_or_installed_on_the_system_of_the_machine")),
    ),
    Row(
        "C14",
        "Roles are assigned by object id, on all subscriptions, in the right cloud, and consents are included",
        f"{LEARN}/azure/role-based-access-control/role-assignments-cli",
        tests=(
            (
                "assessments/permissions/test_registration.py",
                "test_roles_are_assigned_by_object_id_on_the_root_or_each_subscription",
            ),
            (
                "assessments/permissions/test_registration.py",
                "test_all_permissions_of_the_collections_are_added_at_once",
            ),
            ("assessments/permissions/test_registration.py", "test_every_command_runs_and_exists"),
            (_RENDER, "test_a_sovereign_cloud_is_signed_in_to_first"),
        ),
    ),
    Row(
        "C15",
        "Every command is shell without errors, fills in what the finding knows and has no other placeholder",
        "the options of azure-cli in tests/assessments/fixes/az_commands",
        tests=(
            (_COMMANDS, "test_bash_runs_every_command_and_azure_cli_knows_it"),
            (_COMMANDS, "test_a_finding_fills_in_every_variable_that_people_need_not_enter"),
            (_COMMANDS, "test_commands_have_no_placeholder_besides_explained_variables"),
        ),
    ),
)
NUMBERS: tuple[Row, ...] = (
    Row(
        "F1",
        "A reference says whether the whole requirement is judged, or what is missing",
        "the benchmarks named in assessments/frameworks/data",
        tests=(
            (_REFERENCES, "test_degrees_follow_from_what_the_number_demands"),
            (_REFERENCES, "test_degrees_follow_the_parameters_of_the_tenant"),
            (_REFERENCES, "test_a_control_does_not_refer_to_a_number_of_which_it_judges_nothing"),
        ),
    ),
    Row(
        "F2",
        "Each framework lists every number of its version",
        "the benchmarks named in assessments/frameworks/data",
        tests=(
            (_FRAMEWORK, "test_a_cis_version_has_every_published_number"),
            (_FRAMEWORK, "test_the_microsoft_benchmark_has_every_number_of_each_domain"),
            (_FRAMEWORK, "test_the_moderate_baseline_has_every_number_of_each_family"),
        ),
    ),
)
