"""Endpoints of Microsoft's clouds, and validation of custom clouds."""

from pathlib import Path
from typing import Any

import pytest

from tenants.clouds import CLOUDS, cloud_from, settings_of
from tenants.errors import InvalidInput
from tests.factories import certificate_pem

LOCAL = {
    "authority": "https://localhost:8443",
    "arm": "https://localhost:8443",
    "arm_scope": "https://localhost:8443/.default",
    "graph": "https://localhost:8443",
}


def test_microsoft_clouds_match_the_sdks() -> None:
    """Compare the endpoints in `CLOUDS` with those in azure-identity and azure-mgmt-core."""
    from azure.core import AzureClouds
    from azure.identity import AzureAuthorityHosts
    from azure.mgmt.core.tools import get_arm_endpoints

    known = {
        "AzureCloud": (AzureClouds.AZURE_PUBLIC_CLOUD, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD),
        "AzureUSGovernment": (AzureClouds.AZURE_US_GOVERNMENT, AzureAuthorityHosts.AZURE_GOVERNMENT),
        "AzureUSGovernmentDoD": (AzureClouds.AZURE_US_GOVERNMENT, AzureAuthorityHosts.AZURE_GOVERNMENT),
        "AzureChinaCloud": (AzureClouds.AZURE_CHINA_CLOUD, AzureAuthorityHosts.AZURE_CHINA),
    }
    assert set(CLOUDS) == set(known)
    for name, (sdk, host) in known.items():
        endpoints = get_arm_endpoints(sdk)
        cloud = cloud_from(name)
        assert cloud.arm == endpoints["resource_manager"].rstrip("/")
        assert cloud.arm_scope == endpoints["credential_scopes"][0]
        assert cloud.authority == f"https://{host}"
        assert cloud.instance_discovery
        assert settings_of(cloud) == {}


@pytest.mark.parametrize(
    ("name", "graph", "portal", "cli", "environment"),
    [
        ("AzureCloud", "graph.microsoft.com", "portal.azure.com", "AzureCloud", "Global"),
        ("AzureUSGovernment", "graph.microsoft.us", "portal.azure.us", "AzureUSGovernment", "USGov"),
        (
            "AzureUSGovernmentDoD",
            "dod-graph.microsoft.us",
            "portal.azure.us",
            "AzureUSGovernment",
            "USGovDoD",
        ),
        ("AzureChinaCloud", "microsoftgraph.chinacloudapi.cn", "portal.azure.cn", "AzureChinaCloud", "China"),
    ],
)
def test_each_cloud_has_its_own_graph_portal_and_names(
    name: str, graph: str, portal: str, cli: str, environment: str
) -> None:
    cloud = cloud_from(name)
    assert (cloud.graph, cloud.graph_scope) == (f"https://{graph}", f"https://{graph}/.default")
    assert (cloud.portal, cloud.cli, cloud.environment) == (f"https://{portal}", cli, environment)
    assert cloud.is_default is (name == "AzureCloud")


def test_clouds_have_distinct_labels_and_names_that_the_column_holds() -> None:
    assert len({cloud.label for cloud in CLOUDS.values()}) == len(CLOUDS)
    assert all(len(name) <= 40 for name in CLOUDS)


def test_a_custom_cloud_has_its_own_endpoints() -> None:
    cloud = cloud_from("custom", LOCAL)
    assert (cloud.arm, cloud.graph_scope) == ("https://localhost:8443", "https://localhost:8443/.default")
    assert not cloud.instance_discovery
    assert cloud_from("custom", settings_of(cloud)) == cloud
    assert cloud_from("custom", {**LOCAL, "arm_scope": ""}).arm_scope == "https://localhost:8443/.default"
    assert cloud_from("custom", {**LOCAL, "arm": "https://localhost:8443/"}).arm == "https://localhost:8443"


def test_certificate_authority_as_text_and_as_file(tmp_path: Path) -> None:
    pem = certificate_pem()
    pem = pem[pem.index("-----BEGIN CERT") :]
    file = tmp_path / "ca.pem"
    file.write_text(pem)
    assert cloud_from("custom", {**LOCAL, "ca": pem}).ca == pem.strip()
    assert cloud_from("custom", {**LOCAL, "ca": str(file)}).ca == str(file)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("authority", ""),
        ("authority", None),
        ("arm", "http://localhost:8443"),
        ("arm", "localhost:8443"),
        ("arm", "https://"),
        ("arm", "https://host:notaport"),
        ("arm", "https://host:99999"),
        ("arm", "https://user:password@host"),
        ("arm", "https://host/path"),
        ("arm", "https://host?x=1"),
        ("arm", "https://host#x"),
        ("arm", "https://ho st"),
        ("arm", "https://[::1"),
        ("graph", "ftp://host"),
        ("graph", "file:///etc/passwd"),
        ("arm_scope", "https://host/user_impersonation"),
        ("arm_scope", "http://host/.default"),
        ("arm_scope", "/.default"),
        ("ca", "/nowhere/ca.pem"),
        ("ca", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"),
        ("ca", "nul\x00byte"),
        ("proxy", "https://host"),
    ],
)
def test_invalid_setting_is_named(setting: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        cloud_from("custom", {**LOCAL, setting: value})
    assert setting in caught.value.fields
    assert caught.value.code == "cloud_invalid"
    assert "password" not in caught.value.message.replace("user and password", "")


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        cloud_from("custom", {})
    assert set(caught.value.fields) == {"authority", "arm", "graph"}


@pytest.mark.parametrize(
    ("name", "settings", "code"),
    [
        ("AzureGermanCloud", {}, "cloud_unknown"),
        ("", {}, "cloud_unknown"),
        ("AzureCloud", LOCAL, "cloud_settings_not_allowed"),
    ],
)
def test_unknown_cloud_and_settings_for_a_fixed_cloud_are_refused(
    name: str, settings: dict[str, str], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        cloud_from(name, settings)
    assert caught.value.code == code
