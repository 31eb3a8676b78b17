"""Every command of every control exists, and runs in Bash or parses as PowerShell, with and without a finding."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from assessments.controls.registry import catalogue
from assessments.fixes.conditional_access import SYNCHRONISATION_ROLE
from assessments.fixes.declare import GraphRequest
from assessments.fixes.facts import Facts
from assessments.fixes.render import BASH, POWERSHELL, RenderedFix, render
from assessments.fixes.variables import EXAMPLE_GUID
from tests.assessments.controls.cases import all_cases
from tests.assessments.fixes.shell import (
    assigned,
    nodes,
    parse_powershell,
    problems_of,
    run_all,
    with_examples,
)
from tests.for_each import for_each

ROOT = Path(__file__).resolve().parents[3]
# Variables of a control's fix whose values are missing in some findings of the control.
UNKNOWN_IN_SOME = {
    # Results do not store which accounts have a weak password.
    "identity-password-policy": {"$UserId"},
}
DIRECTORY = "90000000-0000-0000-0000-000000000009"


@cache
def rendered() -> list[tuple[str, RenderedFix]]:
    """The fix of each control: once without a finding, and once for each finding of its cases that needs a fix."""
    found = [(slug, render(control.fix)) for slug, control in catalogue().items()]
    for case in all_cases():
        for subject, result in case.judge().items():
            if result.verdict.outcome.value in {"fail", "manual"}:
                facts = Facts(subject, dict(result.observed), DIRECTORY, "AzureCloud")
                found.append((f"{case.slug} {subject}", render(catalogue()[case.slug].fix, facts)))
    # Many cases have the same fix. Return each fix once.
    return list({fix: (name, fix) for name, fix in reversed(found)}.values())


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, list[list[str]]]]:
    """The arguments of each call of `az` in each fix, as Bash passes them on."""
    scripts = [
        (name, with_examples("\n".join(step.text for step in fix.steps if step.language == BASH)))
        for name, fix in rendered()
    ]
    names = [name for name, _ in scripts]
    folder = tmp_path_factory.mktemp("bash")
    return list(zip(names, run_all([script for _, script in scripts], folder), strict=True))


def test_every_control_has_a_way_to_fix_it_and_says_where_in_the_portal() -> None:
    for slug, control in catalogue().items():
        fix = render(control.fix)
        assert fix.steps, slug
        assert re.match(r"(Azure portal|(Entra|Microsoft Intune) admin center) › ", fix.portal), slug
        assert "  " not in fix.portal, slug


def test_every_path_in_the_portal_names_the_page_of_microsoft_that_documents_it() -> None:
    for slug, control in catalogue().items():
        assert control.fix.portal_source.startswith("https://learn.microsoft.com/"), slug
        assert "/en-us/" not in control.fix.portal_source, (
            f"{slug}: a reader's language is chosen by the site"
        )


@pytest.mark.slow(seconds=1)
def test_bash_runs_every_command_and_azure_cli_knows_it(calls: list[tuple[str, list[list[str]]]]) -> None:
    problems = {
        f"{name}: {problem}" for name, made in calls for call in made for problem in problems_of(call)
    }
    assert problems == set()
    assert sum(len(made) for _, made in calls) > 150


@pytest.mark.slow(seconds=1)
def test_make_check_parses_the_commands_of_every_control() -> None:
    recipe = subprocess.run(["make", "-n", "check"], cwd=ROOT, capture_output=True, text=True, check=True)
    (tested,) = [line for line in recipe.stdout.splitlines() if " pytest " in line]
    folder = Path(__file__).parent.relative_to(ROOT)
    assert tested.split()[-2:] == [str(folder), "tests/assessments/permissions/test_registration.py"]
    parsed = {fix for _, fix in rendered()}
    left_out = {slug for slug, control in catalogue().items() if render(control.fix) not in parsed}
    assert left_out == set()


def test_commands_read_no_file_that_an_earlier_command_did_not_write(
    calls: list[tuple[str, list[list[str]]]],
) -> None:
    written = {name: set(re.findall(r"> ([\w.]+)", fix.plain)) for name, fix in rendered()}
    for name, made in calls:
        words = {word for call in made for word in call}
        assert {word for word in words if word.startswith("@")} == set(), name
        assert {word for word in words if word.endswith(".json")} <= written[name], name


def test_commands_have_no_placeholder_besides_explained_variables() -> None:
    for name, fix in rendered():
        for step in fix.steps:
            assert not re.search(r"<[a-zA-Z]|\{[a-z_][a-z0-9_]*\}", step.text), name
            if step.language == BASH:
                used = set(re.findall(r'"\$\{([A-Z][A-Z0-9_]*):\?\}"', step.text))
                earlier = "\n".join(other.text for other in fix.steps)
                computed = re.findall(r'^([A-Z][A-Z0-9_]*)="\$\(', step.text, re.MULTILINE)
                assert used <= {*assigned(earlier), *computed}, name


def entered_by_people(slug: str) -> set[str]:
    """The variables of a fix that no finding fills in. A person decides their values or chooses a resource."""
    entered = [one for one in catalogue()[slug].fix.variables.values() if not one.is_of_finding]
    return {one.shell_name for one in entered} | {f"${one.powershell_name}" for one in entered}


def test_a_finding_fills_in_every_variable_that_people_need_not_enter() -> None:
    for name, fix in rendered():
        slug, _, subject = name.partition(" ")
        if subject:
            left = {variable for step in fix.steps for variable in step.open}
            assert left <= entered_by_people(slug) | UNKNOWN_IN_SOME.get(slug, set()), name


def test_no_fix_contains_a_redacted_or_masked_value() -> None:
    for name, fix in rendered():
        assert "redacted" not in fix.plain, name
        assert "masked-" not in fix.plain, name


def test_a_command_does_not_run_while_a_variable_is_empty(tmp_path: Path) -> None:
    script = "\n".join(render(catalogue()["network-ssh-from-internet"].fix).commands[0].text.splitlines())
    made = run_all([f"( {script}\n) 2>/dev/null || true"], tmp_path)
    assert made == [[]]


def test_powershell_parses_and_prints_its_body() -> None:
    steps = [(name, step) for name, fix in rendered() for step in fix.steps if step.language == POWERSHELL]
    assert len(steps) > 20
    for name, step in steps:
        tree = parse_powershell(step.text)
        commands = nodes(tree, "command_name")
        assert commands.count("Connect-MgGraph") == commands.count("Invoke-MgGraphRequest") == 1, name
        assert "-Scopes '" in step.text, name
        if " -Body " in step.text:
            assert "$Body = @" in step.text, name
        if " " in name:
            assert f"-TenantId '{DIRECTORY}'" in step.text, name


# The least privileged delegated permissions for each request, from the reference page of the request and
# https://learn.microsoft.com/graph/permissions-reference.
SCOPES = {
    "PATCH /v1.0/policies/authorizationPolicy": {"Policy.ReadWrite.Authorization"},
    "PATCH /v1.0/policies/identitySecurityDefaultsEnforcementPolicy": {
        "Policy.Read.All",
        "Policy.ReadWrite.SecurityDefaults",
    },
    "POST /v1.0/identity/conditionalAccess/namedLocations": {
        "Policy.Read.All",
        "Policy.ReadWrite.ConditionalAccess",
    },
    "POST /v1.0/identity/conditionalAccess/policies": {
        "Policy.Read.All",
        "Policy.ReadWrite.ConditionalAccess",
        "Application.Read.All",
    },
    "PATCH /v1.0/identity/conditionalAccess/policies/{policy_id}": {
        "Policy.Read.All",
        "Policy.ReadWrite.ConditionalAccess",
        "Application.Read.All",
    },
    "PATCH /v1.0/users/{user_id}": {"User.ReadWrite.All"},
    "PATCH /v1.0/domains/{domain}": {"Domain.ReadWrite.All", "Directory.AccessAsUser.All"},
}


def test_requests_to_graph_ask_for_the_documented_scopes() -> None:
    found = {
        f"{step.method} {step.path}": set(step.scopes)
        for control in catalogue().values()
        for step in control.fix.steps
        if isinstance(step, GraphRequest)
    }
    assert found == SCOPES


def test_azure_cli_never_asks_graph(calls: list[tuple[str, list[list[str]]]]) -> None:
    asked = {
        name
        for name, made in calls
        for call in made
        if call[0] == "rest" and any("graph.microsoft" in word or "/v1.0/" in word for word in call)
    }
    assert asked == set()


@for_each("slug", [slug for slug in catalogue() if slug.startswith("identity-mfa-")])
def test_conditional_access_says_that_security_defaults_exclude_it(slug: str) -> None:
    fix = render(catalogue()[slug].fix)
    if any("conditionalAccess" in step.text for step in fix.steps):
        assert "exclude each other" in fix.effects
        assert "Entra ID P1" in fix.cost


def test_every_fix_says_its_side_effects_or_its_cost() -> None:
    assert [
        slug for slug, control in catalogue().items() if not (control.fix.effects or control.fix.cost)
    ] == []


@for_each(
    ("slug", "outage"),
    [
        ("aks-local-accounts", "up to 30 minutes of downtime"),
        ("aks-private", "Nodes whose outgoing addresses are not in the list lose access as well"),
        ("containerapp-env-pna", "cannot reach the apps"),
        ("keyvault-key-expiry", "virtual machines shut down if the key encrypts their managed disks"),
        (
            "keyvault-key-expiry-rbac",
            "virtual machines shut down if the key encrypts their managed disks",
        ),
        ("keyvault-rotation", "must name the newest version before the named version expires"),
        ("cosmos-pe", "Azure refuses all clients that do not use the private endpoint"),
        ("appconfig-pe", "clients that do not use the endpoint can no longer read the settings"),
        ("eventhub-local-auth", "Diagnostic settings can send logs only with a key"),
        ("eventhub-pna", "only if the firewall of the namespace lets trusted Microsoft services in"),
        ("identity-mfa-all-users", "or the synchronization stops"),
        ("identity-mfa-enforced", "or the synchronization stops"),
        ("aks-version", "cannot be downgraded"),
        ("identity-ca-geo", "whose country Microsoft does not know"),
        ("lock-mission-critical", "fixes that delete one of these fail"),
        ("registry-pna", "az acr build no longer works"),
        ("cosmos-backup-continuous", "unique indexes of existing collections can no longer be added"),
        ("cosmos-backup-continuous", "without the copy in a paired region"),
        ("defender-plan-containers", "installs its components in all clusters"),
        ("defender-plan-servers", "installs Defender for Endpoint on these machines"),
        ("defender-plan-dns", "installs Defender for Endpoint on these machines"),
        ("defender-agentless-machines", "installs Defender for Endpoint on these machines"),
        ("mysql-ha", "cannot be switched off again"),
        ("automation-pna", "does not support without public network access"),
        ("aks-netpol", "Network policies that already exist"),
        ("aks-entra", "can lose its API server for a time"),
        ("aks-entra", "Pipelines then need kubelogin"),
        ("eventhub-local-auth", "unless they export as a trusted service"),
        ("eventhub-pna", "must also export as a trusted service"),
        ("appconfig-pna", "only through a private link for Azure Resource Manager"),
        ("ai-services-cmk", "needs soft delete and purge protection"),
        ("cosmos-rbac", "create databases and containers only through Azure Resource Manager"),
        ("defender-plan-apis", "protects only APIs that are onboarded"),
        ("defender-plan-databases", "installs an extension on these machines"),
        ("defender-plan-storage", "an identity with the role Storage Blob Data Owner"),
        ("storage-key-rotation", "SQL auditing that uses the key stops without notice"),
        ("storage-key-rotation", "until they are disabled and enabled again"),
        ("storage-no-shared-key", "SQL auditing and flow logs that use a key stop without notice"),
        ("storage-default-deny", "SQL auditing that writes to the account stops without notice"),
        ("storage-public-file", "SQL auditing that writes to the account stops without notice"),
        ("storage-pna-disabled", "SQL auditing that writes to the account stops without notice"),
        ("webapp-vnet", "All connections that it opens then go through the network"),
        ("sql-entra-only", "SQL Data Sync and transactional replication need SQL logins"),
        ("sql-tde-cmk", "Older backups need the former keys"),
        ("servicebus-pna", "only if the firewall of the namespace lets trusted Microsoft services in"),
        ("network-waf-body", "larger than the limit of the policy"),
        ("storage-delete-lock", "fixes that delete one of these fail"),
        ("vm-disk-cmk", "Data on its temporary disk is lost"),
        ("vm-disk-encryption", "Data on its temporary disk is lost"),
        ("vm-managed-disks", "Data on its temporary disk is lost"),
        ("vm-sku", "Data on its temporary disk is lost"),
        ("vm-trusted-launch", "Data on its temporary disk is lost"),
        ("aks-policy-addon", "refuses new and restarted pods"),
        ("aks-upgrade", "the control plane can no longer be upgraded alone"),
        ("aks-monitor", "the command creates one"),
        ("apim-pna", "the developer portal stays public"),
        ("containerapp-https", "the certificate does not contain this name"),
        ("keyvault-pe", "can then no longer resolve the names of other resources"),
        ("cosmos-pe", "can then no longer resolve the names of other resources"),
        ("appconfig-pe", "can then no longer resolve the names of other resources"),
        ("defender-fim", "installs Defender for Endpoint on these machines"),
        ("defender-plan-apis", "onboard its APIs one after the other"),
        ("identity-ca-risky-signin", "or the synchronization stops"),
    ],
)
def test_a_fix_says_which_outage_it_can_cause(slug: str, outage: str) -> None:
    assert outage in render(catalogue()[slug].fix).effects


@for_each(
    ("slug", "cost"),
    [
        ("keyvault-purge-protection", "Azure bills a deleted managed HSM until it is purged"),
        ("registry-pe", "Premium costs more than Basic and Standard"),
        ("defender-plan-storage", "Azure also bills the read operations, index tags and events"),
        ("defender-agentless-machines", "Defender CSPM is billed for each server"),
        ("defender-agentless-machines", "web app, function app and serverless container"),
        ("defender-agentless-k8s", "web app, function app and serverless container"),
        ("defender-acr-scan", "web app, function app and serverless container"),
        ("defender-plan-cspm", "web app, function app and serverless container"),
        ("sql-tde-cmk", "The key vault and its operations are billed"),
    ],
)
def test_a_fix_says_what_its_steps_cost(slug: str, cost: str) -> None:
    assert cost in render(catalogue()[slug].fix).cost


@for_each(
    ("slug", "step"),
    [
        ("ai-services-pe", "needs a custom subdomain"),
        ("ai-services-pna", "needs a custom subdomain"),
        ("databricks-pe", "service browser_authentication"),
        ("databricks-pna", "service browser_authentication"),
        ("redis-pna", "unlink the caches first"),
    ],
)
def test_a_fix_says_what_a_private_endpoint_needs(slug: str, step: str) -> None:
    assert any(step in one.intro for one in render(catalogue()[slug].fix).steps)


@for_each(
    ("slug", "condition"),
    [
        ("aks-monitor", "first replace that with a managed identity"),
        ("cosmos-backup-continuous", "if Azure Synapse Link was ever switched off"),
        ("defender-fim", "first switch Plan 2 on"),
        ("identity-stale-users", "If the account is for emergencies, do not block it"),
    ],
)
def test_a_fix_says_first_when_its_next_step_is_refused_or_does_harm(slug: str, condition: str) -> None:
    assert condition in render(catalogue()[slug].fix).steps[0].intro


def test_the_account_that_synchronises_the_directory_needs_no_mfa_at_risky_sign_ins() -> None:
    """The account cannot use MFA."""
    create = render(catalogue()["identity-ca-risky-signin"].fix).steps[0].text
    assert f'"excludeRoles": ["{SYNCHRONISATION_ROLE}"]' in create


@for_each("slug", ["logging-databricks", "logging-platform", "storage-service-logging"])
def test_logs_are_added_to_a_diagnostic_setting_that_sends_some_of_them(slug: str) -> None:
    """Azure refuses a second setting that sends the same log to the same destination."""
    first = render(catalogue()[slug].fix).steps[0]
    assert "add the other logs to that setting" in first.intro


def test_agentless_scanning_of_machines_needs_no_plan_for_servers() -> None:
    """The plan for servers costs more, and installs an agent."""
    posture, servers = (step.text for step in render(catalogue()["defender-agentless-machines"].fix).steps)
    assert "--name CloudPosture" in posture
    assert "--name VirtualMachines" in servers


def test_people_and_pipelines_keep_access_to_a_cluster_that_gets_microsoft_entra_id() -> None:
    """After the change, everybody except the administrators has only the rights of their roles in Kubernetes."""
    prepare, enable = render(catalogue()["aks-entra"].fix).steps
    assert "First give roles in Kubernetes" in prepare.intro
    assert "--enable-aad" in enable.text


def test_apis_are_onboarded_after_the_plan_for_apis_is_on() -> None:
    """The plan protects only APIs that were onboarded."""
    plan, onboard = render(catalogue()["defender-plan-apis"].fix).steps
    assert "az security pricing create" in plan.text
    assert "onboard the APIs" in onboard.intro


@for_each(
    ("kind", "other"),
    [("secret", "certificate"), ("certificate", "secret")],
)
def test_credentials_of_applications_are_replaced_only_by_credentials_of_their_kind(
    kind: str, other: str
) -> None:
    """An application with a certificate needs no secret, and an application with a secret needs no certificate.

    The finding contains the id of the credential, so the commands do not ask a person for it.
    """
    credentials = [{"id": EXAMPLE_GUID, "kind": kind, "problem": "ended"}]
    subject = f"/tenants/{DIRECTORY}/applications/{DIRECTORY}"
    facts = Facts(subject, {"credentials": credentials}, DIRECTORY, "AzureCloud")
    steps = render(catalogue()["identity-app-cred-expiry"].fix, facts).steps
    assert [step.intro for step in steps if other in step.intro] == []
    assert [step.intro for step in steps if kind in step.intro] == [step.intro for step in steps]
    assert any("credential reset" in step.text for step in steps) is (kind == "secret")
    assert "KEY_ID=" not in "".join(step.text for step in steps)


def test_a_standby_server_for_mysql_gets_gtid_mode_first() -> None:
    """Azure adds a standby server to an existing server only in GTID mode, which can be changed only step by step."""
    [gtid, standby] = [step.text for step in render(catalogue()["mysql-ha"].fix).steps if step.text]
    assert re.findall(r"--name (\w+)[\s\\]+--value (\w+)", gtid) == [
        ("enforce_gtid_consistency", "ON"),
        ("gtid_mode", "OFF_PERMISSIVE"),
        ("gtid_mode", "ON_PERMISSIVE"),
        ("gtid_mode", "ON"),
    ]
    assert "--high-availability SameZone" in standby


@for_each(
    ("slug", "setting"),
    [("aisearch-local-auth", "disableLocalAuth"), ("aisearch-pna", "publicNetworkAccess")],
)
def test_a_change_of_a_search_service_sends_only_the_setting(slug: str, setting: str) -> None:
    """`az search service update` also sends `authOptions`, which Azure refuses together with `disableLocalAuth`."""
    [text] = [step.text for step in render(catalogue()[slug].fix).steps if step.text]
    assert "az search service update" not in text
    assert "--method patch" in text
    assert f'{{"properties": {{"{setting}": ' in text


def test_a_change_of_an_api_sends_only_its_protocols() -> None:
    """`az apim api update` also sends both forms of the authentication settings, which Azure refuses together."""
    [text] = [step.text for step in render(catalogue()["apim-https-apis"].fix).steps if step.text]
    assert "az apim api update" not in text
    assert "--method patch" in text
    assert "'If-Match=*'" in text
    assert '{"properties": {"protocols": ["https"]}}' in text


@for_each(
    ("slug", "properties"),
    [
        ("webapp-cors", '{"cors": {"allowedOrigins": ["'),
        ("webapp-ftps", '{"ftpsState": "Disabled"}'),
        ("webapp-http2", '{"http20Enabled": true}'),
        ("webapp-remote-debug", '{"remoteDebuggingEnabled": false}'),
        ("webapp-tls", '{"minTlsVersion": "1.2"}'),
    ],
)
def test_a_change_of_the_configuration_of_an_app_sends_only_the_setting(slug: str, properties: str) -> None:
    """Apps in a Flex Consumption plan refuse a configuration that is sent back completely."""
    texts = [step.text for step in render(catalogue()[slug].fix).steps if step.text]
    assert all("/config/web" in text and "--method patch" in text for text in texts)
    assert f'{{"properties": {properties}' in texts[0]


def test_private_endpoints_of_container_apps_come_after_public_access_is_off() -> None:
    """Azure accepts private endpoints for an environment only if its public network access is off."""
    texts = [step.text for step in render(catalogue()["containerapp-env-pna"].fix).steps]
    closing = next(number for number, text in enumerate(texts) if "publicNetworkAccess" in text)
    creating = next(number for number, text in enumerate(texts) if "private-endpoint create" in text)
    assert closing < creating


def test_clients_of_cosmos_db_keep_access_until_the_private_endpoint_is_used() -> None:
    """Without rules for IP addresses and virtual networks, an account with a private endpoint refuses all clients that
    do not use the endpoint.
    """
    texts = [step.intro + step.text for step in render(catalogue()["cosmos-pe"].fix).steps]
    allowing = next(number for number, text in enumerate(texts) if "first add rules" in text)
    creating = next(number for number, text in enumerate(texts) if "private-endpoint create" in text)
    assert allowing < creating


@for_each("slug", ["identity-mfa-all-users", "identity-mfa-enforced"])
def test_mfa_for_all_users_leaves_out_the_account_that_synchronises_the_directory(slug: str) -> None:
    policies = [
        step.text
        for step in render(catalogue()[slug].fix).steps
        if "conditionalAccess/policies'" in step.text
    ]
    assert policies
    assert all('"excludeRoles": ["d29b2b05-8046-44ba-8758-1e26182fcf32"]' in text for text in policies)


SERVER = f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg/providers/Microsoft.Sql/servers/sql-shop"


@for_each("subject", [SERVER, f"{SERVER}/databases/orders"])
def test_a_longer_retention_of_sql_audit_records_names_their_storage_account(subject: str) -> None:
    """If the command does not name the account, the Azure CLI reports success, but does not change the retention."""
    fix = catalogue()["logging-retention-sql"].fix
    own = {"kind": "storage", "id": "https://stlogs.blob.core.windows.net/", "days": 30}
    [text] = [step.text for step in render(fix, Facts(subject, {"sinks": [own]})).steps if step.text]
    assert "--bsts Enabled" in text
    assert "--storage-endpoint https://stlogs.blob.core.windows.net/ " in text
    assert '--retention-days "${LOG_DAYS:?}"' in text
    other = {**own, "id": f"{EXAMPLE_GUID}/stlogs"}
    assert [step.text for step in render(fix, Facts(subject, {"sinks": [other]})).steps if step.text] == []


@for_each("slug", ["sql-server-auditing", "logging-sql-db-auditing"])
def test_auditing_to_an_account_without_keys_or_public_access_is_set_up_in_the_portal(slug: str) -> None:
    """The command always uses an access key of the storage account, which the account may refuse."""
    [step] = [step for step in render(catalogue()[slug].fix).steps if "audit-policy" in step.text]
    assert "If the account refuses keys or public networks, use the Azure portal" in step.intro


@for_each("slug", ["storage-default-deny", "storage-public-file"])
def test_clients_in_the_region_of_a_storage_account_keep_access(slug: str) -> None:
    """IP rules of a storage account do not apply to requests from its region. Such requests need rules for subnets."""
    texts = [step.text for step in render(catalogue()[slug].fix).steps]
    allowing = next(
        number for number, text in enumerate(texts) if "network-rule add" in text and "--subnet" in text
    )
    denying = next(number for number, text in enumerate(texts) if "--default-action Deny" in text)
    assert allowing < denying


def test_a_synapse_workspace_without_a_managed_network_gets_another_fix() -> None:
    """Such a workspace cannot switch public network access off."""
    remark = "Only a workspace with a managed virtual network can switch public network access off"
    subject = f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg/providers/Microsoft.Synapse/workspaces/syn"
    fix = catalogue()["synapse-pna"].fix
    [step] = render(fix, Facts(subject, remarks=(remark,))).steps
    assert step.text == ""
    assert "delete the firewall rules" in step.intro
    [step] = render(fix, Facts(subject)).steps
    assert "publicNetworkAccess" in step.text


def test_security_groups_of_subnets_admit_what_azure_needs() -> None:
    [step] = render(catalogue()["network-subnet-nsg"].fix).steps
    assert "GatewayManager on ports 65200 to 65535" in step.intro
    assert "ApiManagement on port 3443" in step.intro


def test_prices_are_named_and_not_quoted() -> None:
    for slug, control in catalogue().items():
        text = render(control.fix).plain
        assert not re.search(r"[$€£] ?\d|\d ?(USD|EUR|€)", text), slug
        if re.search(r"--tier standard|threat-protection|flow-log create|audit-policy", text):
            assert control.fix.cost, slug
