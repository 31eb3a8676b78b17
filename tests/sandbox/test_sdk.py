"""Azure's SDK clients with the sandbox: sign-in, lists, single objects and models."""

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.monitor import MonitorManagementClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient
from azure.mgmt.security import SecurityCenter
from azure.mgmt.sql import SqlManagementClient
from azure.mgmt.storage import StorageManagementClient

from sandbox.arm.default_values import DEFAULTS
from tests.sandbox import estates as e
from tests.sandbox.running import Running

RG = "rg-data"


@pytest.fixture(scope="module")
def credential(served: Running):
    return served.credential(e.TENANT)


@pytest.fixture(scope="module")
def sql(served: Running, credential):
    return SqlManagementClient(credential, e.PROD, **served.sdk())


def test_subscriptions_have_their_states(served: Running, credential) -> None:
    found = {
        s.subscription_id: s.state
        for s in SubscriptionClient(credential, **served.sdk()).subscriptions.list()
    }
    assert found == {e.PROD: "Enabled", e.CLOSED: "Disabled", e.TEST: "Enabled"}


def test_certificate_signs_in(served: Running) -> None:
    credential = served.certificate_credential(e.TENANT, e.CERTIFIED, e.certificate()[1])
    found = [s.subscription_id for s in SubscriptionClient(credential, **served.sdk()).subscriptions.list()]
    assert found == [e.PROD]


@pytest.mark.parametrize(("client", "code"), [(e.EXPIRED, "AADSTS700027"), (e.ALL, "AADSTS700027")])
def test_an_unregistered_certificate_is_refused(served: Running, client: str, code: str) -> None:
    pem = e.certificate(expired=client == e.EXPIRED)[1]
    with pytest.raises(ClientAuthenticationError, match=code):
        served.certificate_credential(e.TENANT, client, pem).get_token(f"{served.url}/.default")


def test_clients_follow_pages_of_lists(served: Running, credential) -> None:
    served.reset_counts()
    accounts = list(StorageManagementClient(credential, e.PROD, **served.sdk()).storage_accounts.list())
    assert [a.name for a in accounts] == [f"account{n}" for n in range(e.ACCOUNTS)]
    assert [a.enable_https_traffic_only for a in accounts] == [False] + [True] * (e.ACCOUNTS - 1)
    assert accounts[0].creation_time.year == 2024
    path = f"{e.S}/providers/Microsoft.Storage/storageAccounts"
    assert served.request_counts()["GET", path, 200] == 3


def test_storage_children_and_defaults_are_read(served: Running, credential) -> None:
    client = StorageManagementClient(credential, e.PROD, **served.sdk())
    assert [c.name for c in client.blob_containers.list(RG, "account0")] == ["c0", "c1", "c2"]
    assert list(client.blob_containers.list(RG, "account1")) == []
    assert (
        client.blob_services.get_service_properties(RG, "account1").delete_retention_policy.enabled is False
    )
    assert client.file_services.get_service_properties(RG, "account1").share_delete_retention_policy.days == 7
    with pytest.raises(ResourceNotFoundError):
        client.management_policies.get(RG, "account0", "default")


def test_sql_children_and_defaults_are_read(sql) -> None:
    assert [r.name for r in sql.firewall_rules.list_by_server(RG, "sql1")] == [f"rule{n}" for n in range(4)]
    assert [d.name for d in sql.databases.list_by_server(RG, "sql1")] == ["db1"]
    assert list(sql.ipv6_firewall_rules.list_by_server(RG, "sql1")) == []
    auditing = sql.server_blob_auditing_policies.get(RG, "sql1")
    assert (auditing.state, auditing.retention_days, auditing.is_azure_monitor_target_enabled) == (
        "Disabled",
        0,
        False,
    )
    assert sql.extended_server_blob_auditing_policies.get(RG, "sql1").predicate_expression == ""
    assert sql.database_blob_auditing_policies.get(RG, "sql1", "db1").state == "Disabled"
    assert sql.transparent_data_encryptions.get(RG, "sql1", "db1", "current").state == "Enabled"
    assert sql.encryption_protectors.get(RG, "sql1", "current").server_key_type == "ServiceManaged"


def test_sql_threat_settings_follow_the_plan(served: Running, credential, sql) -> None:
    alerts = sql.server_security_alert_policies.get(RG, "sql1", "Default")
    assert (alerts.state, alerts.email_account_admins, alerts.disabled_alerts) == ("Enabled", False, [""])
    assert sql.server_advanced_threat_protection_settings.get(RG, "sql1", "Default").state == "Enabled"


def test_a_default_exists_only_under_an_existing_parent(sql) -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        sql.server_blob_auditing_policies.get(RG, "nowhere")
    assert caught.value.error.code == "ResourceNotFound"
    with pytest.raises(ResourceNotFoundError):
        sql.database_blob_auditing_policies.get(RG, "sql1", "nowhere")


def test_network_resources_are_read(served: Running, credential) -> None:
    client = NetworkManagementClient(credential, e.PROD, **served.sdk())
    assert [n.name for n in client.network_security_groups.list_all()] == ["nsg1"]
    assert [n.name for n in client.network_watchers.list_all()] == ["w1"]
    assert [f.enabled for f in client.flow_logs.list("rg-net", "w1")] == [True]
    assert list(client.public_ip_addresses.list_all()) == []


def test_machines_are_read_with_and_without_status(served: Running, credential) -> None:
    machines = ComputeManagementClient(credential, e.PROD, **served.sdk()).virtual_machines
    model = next(iter(machines.list_all()))
    status = next(iter(machines.list_all(status_only="true")))
    assert (model.hardware_profile.vm_size, model.instance_view) == ("B1", None)
    assert (status.hardware_profile, status.instance_view.vm_agent) == (None, None)
    own = machines.get("rg-net", "vm1", expand="instanceView").instance_view
    assert own.vm_agent.vm_agent_version == "2.7"
    assert machines.get("rg-net", "vm1").instance_view is None
    assert machines.instance_view("rg-net", "vm1").vm_agent.vm_agent_version == "2.7"


def test_defender_documents_are_read(served: Running, credential) -> None:
    client = SecurityCenter(credential, e.PROD, **served.sdk())
    plans = client.pricings.list(f"subscriptions/{e.PROD}").value
    assert {p.name: p.pricing_tier for p in plans} == {
        "VirtualMachines": "Free",
        "SqlServers": "Standard",
        "Dns": "Free",
    }
    assert [a.name for a in client.assessments.list(f"subscriptions/{e.PROD}")] == ["a1"]
    assert client.auto_provisioning_settings.get("default").auto_provision == "Off"
    with pytest.raises(ResourceNotFoundError):
        client.pricings.get(f"subscriptions/{e.PROD}", "KeyVaults")


def test_authorization_lists_follow_scopes(served: Running, credential) -> None:
    client = AuthorizationManagementClient(credential, e.PROD, **served.sdk())
    number = {a.name[-1] for a in client.role_assignments.list_for_subscription()}
    assert number == set("1234")
    assert {a.name[-1] for a in client.role_assignments.list_for_subscription(filter="atScope()")} == set(
        "12"
    )
    assert {a.name[-1] for a in client.role_assignments.list_for_resource_group(RG)} == set("1234")
    assert {a.name[-1] for a in client.role_assignments.list_for_resource_group("Rg-Net")} == set("12")
    custom = list(client.role_definitions.list(e.S, filter="type eq 'CustomRole'"))
    assert [(r.name[-1], r.role_type) for r in custom] == [("1", "CustomRole")]
    assert len(list(client.role_definitions.list(e.S))) == 2
    assert client.role_definitions.get(e.S, e.OWNER_ROLE).role_type == "BuiltInRole"


def test_resources_are_listed_in_short_form(served: Running, credential) -> None:
    client = ResourceManagementClient(credential, e.PROD, **served.sdk())
    listed = list(client.resources.list())
    kinds = {r.type for r in listed}
    assert len(listed) == e.ACCOUNTS + 5
    assert [r.name for r in listed if r.type == "Microsoft.Compute/virtualMachines/extensions"] == [
        "vm1/agent"
    ]
    assert "Microsoft.Sql/servers/databases" not in kinds
    assert "Microsoft.Authorization/roleAssignments" not in kinds
    assert {r.location for r in listed} == {"westeurope"}
    machines = list(client.resources.list(filter="resourceType eq 'microsoft.compute/virtualMachines'"))
    assert [m.name for m in machines] == ["vm1"]
    assert {g.name for g in client.resource_groups.list()} == {"rg-data", "Rg-Net"}
    assert client.providers.get("Microsoft.Sql").registration_state == "Registered"


def test_diagnostic_settings_and_monitor_lists_are_read(served: Running, credential) -> None:
    client = MonitorManagementClient(credential, e.PROD, **served.sdk())
    assert list(client.activity_log_alerts.list_by_subscription_id()) == []
    assert list(client.action_groups.list_by_subscription_id()) == []
    for scope, names in ((e.S, ["audit"]), (f"{e.SERVER}/databases/master", ["sql"]), (e.SERVER, [])):
        request = HttpRequest(
            "GET",
            f"{scope}/providers/Microsoft.Insights/diagnosticSettings",
            params={"api-version": "2021-05-01-preview"},
        )
        answer = client._send_request(request)
        answer.raise_for_status()
        assert [item["name"] for item in answer.json()["value"]] == names


def test_every_default_is_served_with_its_type(served: Running) -> None:
    parents = {
        "microsoft.sql/servers": e.SERVER,
        "microsoft.sql/servers/databases": f"{e.SERVER}/databases/db1",
        "microsoft.storage/storageaccounts": f"{e.DATA}/providers/Microsoft.Storage/storageAccounts/account0",
        "": e.S,
    }
    asked = [row for row in DEFAULTS if row.parent in parents]
    assert len(asked) > 20
    for row in asked:
        answer = served.get(f"{parents[row.parent]}/{row.path}", e.TENANT)
        assert answer.status_code == 200, (row, answer.text)
        body = answer.json()
        assert (body["type"], body["name"]) == (row.type, row.name)
        assert body["properties"].keys() == row.properties.keys()
        assert "<" not in answer.text


def test_a_client_without_the_role_is_refused(served: Running) -> None:
    client = StorageManagementClient(served.credential(e.TENANT, 1), e.PROD, **served.sdk())
    with pytest.raises(HttpResponseError) as caught:
        list(client.storage_accounts.list())
    assert (caught.value.status_code, caught.value.error.code) == (403, "AuthorizationFailed")
