"""No property that may contain a secret is stored for container apps, their environments and container groups."""

from __future__ import annotations

from pathlib import Path

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

GROUP = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg/providers"


def test_routes_are_requested_of_public_environments(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        {
            "id": f"{GROUP}/Microsoft.App/containerApps/app1",
            "name": "app1",
            "type": "Microsoft.App/containerApps",
            "properties": {
                "environmentId": f"{GROUP}/Microsoft.App/managedEnvironments/public",
                "configuration": {"ingress": {"external": False}},
            },
        },
    ]
    for name, properties in (
        ("public", {}),
        ("off", {"publicNetworkAccess": "Disabled"}),
        ("internal", {"vnetConfiguration": {"internal": True}}),
    ):
        environment = f"{GROUP}/Microsoft.App/managedEnvironments/{name}"
        lines += [
            {
                "id": environment,
                "name": name,
                "type": "Microsoft.App/managedEnvironments",
                "properties": properties,
            },
            {
                "id": f"{environment}/httpRouteConfigs/route1",
                "name": "route1",
                "type": "Microsoft.App/managedEnvironments/httpRouteConfigs",
                "properties": {
                    "customDomains": [{"name": "shop.example.com"}],
                    "rules": [{"targets": [{"containerApp": "app1"}]}],
                },
            },
        ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("containerapp",))
    verdicts = [found.verdict("containerapp-env-pna", name) for name in ("public", "off", "internal")]
    assert verdicts == ["fail", "pass", "pass"]
    (route,) = found.estate.documents("container_routes")
    assert "/public/" in route.id
    assert "customDomains" not in route.body["properties"]


def test_settings_that_may_be_secret_are_dropped(tmp_path: Path) -> None:
    variable = {"name": "PASSWORD", "value": "geheim"}
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        {
            "id": f"{GROUP}/Microsoft.App/containerApps/app1",
            "name": "app1",
            "type": "Microsoft.App/containerApps",
            "properties": {
                "configuration": {
                    "ingress": {"allowInsecure": True},
                    "secrets": [{"name": "one", "value": "geheim"}],
                },
                "template": {"containers": [{"name": "app1", "env": [variable], "command": ["geheim"]}]},
            },
        },
        {
            "id": f"{GROUP}/Microsoft.App/managedEnvironments/env1",
            "name": "env1",
            "type": "Microsoft.App/managedEnvironments",
            "properties": {
                "publicNetworkAccess": "Disabled",
                "daprAIConnectionString": "geheim",
                "appLogsConfiguration": {"logAnalyticsConfiguration": {"sharedKey": "geheim"}},
            },
        },
        {
            "id": f"{GROUP}/Microsoft.ContainerInstance/containerGroups/group1",
            "name": "group1",
            "type": "Microsoft.ContainerInstance/containerGroups",
            "properties": {
                "ipAddress": {"type": "Public"},
                "containers": [{"name": "one", "properties": {"environmentVariables": [variable]}}],
                "imageRegistryCredentials": [{"server": "acr.azurecr.io", "password": "geheim"}],
            },
        },
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("containerapp", "aci"))
    assert found.verdict("containerapp-https", "app1") == found.verdict("aci-public-ip", "group1") == "fail"
    assert found.verdict("containerapp-env-pna", "env1") == "pass"
    for name in ("container_apps", "container_environments", "container_groups"):
        (document,) = found.estate.documents(name)
        assert "geheim" not in str(document.body)
