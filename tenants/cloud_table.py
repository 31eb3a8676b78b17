"""Define Microsoft's clouds as data: endpoints, portals, and the clouds' names in the command-line tools.

Sources (read November 2026): `azure.mgmt.core.tools.get_arm_endpoints` and `azure.identity.AzureAuthorityHosts`;
https://learn.microsoft.com/graph/deployments for Microsoft Graph and the portals;
https://learn.microsoft.com/cli/azure/manage-clouds-azure-cli for `az cloud`;
https://learn.microsoft.com/powershell/microsoftgraph/authentication-commands for `Connect-MgGraph -Environment`.

In Azure Government, the token scope has another host than the ARM endpoint. Two levels of Azure Government share Azure
Resource Manager and sign-in: GCC High (impact level 4) and Department of Defense (impact level 5). Department of
Defense has a separate Microsoft Graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Cloud:
    """The endpoints of a cloud: https URLs without a trailing slash. `arm_scope` ends in `/.default`.

    - `ca`: PEM text or the path of a PEM file, or empty for the system's authorities
    - `label`: the name on pages; `portal`: the Azure portal
    - `cli`: the name for `az cloud set`; `environment`: the name for `Connect-MgGraph`

    For a custom cloud, `label`, `portal`, `cli` and `environment` are empty.
    """

    name: str
    authority: str
    arm: str
    arm_scope: str
    graph: str
    ca: str = ""
    label: str = ""
    portal: str = ""
    cli: str = ""
    environment: str = ""

    @property
    def instance_discovery(self) -> bool:
        """Return whether MSAL may verify the sign-in address (`authority`) at login.microsoftonline.com. That service
        knows only Microsoft's own clouds.
        """
        return self.name != CUSTOM

    @property
    def graph_scope(self) -> str:
        """The scope of a token for Microsoft Graph."""
        return f"{self.graph}/.default"

    @property
    def is_default(self) -> bool:
        """Return whether the command-line tools use this cloud by default."""
        return self.cli == "AzureCloud"


CLOUDS: Mapping[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            name="AzureCloud",
            label="Azure (public)",
            authority="https://login.microsoftonline.com",
            arm="https://management.azure.com",
            arm_scope="https://management.azure.com/.default",
            graph="https://graph.microsoft.com",
            portal="https://portal.azure.com",
            cli="AzureCloud",
            environment="Global",
        ),
        Cloud(
            name="AzureUSGovernment",
            label="Azure US Government (GCC High)",
            authority="https://login.microsoftonline.us",
            arm="https://management.usgovcloudapi.net",
            arm_scope="https://management.core.usgovcloudapi.net/.default",
            graph="https://graph.microsoft.us",
            portal="https://portal.azure.us",
            cli="AzureUSGovernment",
            environment="USGov",
        ),
        Cloud(
            name="AzureUSGovernmentDoD",
            label="Azure US Government (DoD)",
            authority="https://login.microsoftonline.us",
            arm="https://management.usgovcloudapi.net",
            arm_scope="https://management.core.usgovcloudapi.net/.default",
            graph="https://dod-graph.microsoft.us",
            portal="https://portal.azure.us",
            cli="AzureUSGovernment",
            environment="USGovDoD",
        ),
        Cloud(
            name="AzureChinaCloud",
            label="Azure China (21Vianet)",
            authority="https://login.chinacloudapi.cn",
            arm="https://management.chinacloudapi.cn",
            arm_scope="https://management.chinacloudapi.cn/.default",
            graph="https://microsoftgraph.chinacloudapi.cn",
            portal="https://portal.azure.cn",
            cli="AzureChinaCloud",
            environment="China",
        ),
    )
}
