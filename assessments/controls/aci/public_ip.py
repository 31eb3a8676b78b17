"""The control of the addresses of container groups.

Properties: containerinstance/resource-manager/Microsoft.ContainerInstance/stable/2023-05-01/containerInstance.json
(ContainerGroupProperties, IpAddress).
"""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.containers import CONTAINER_GROUPS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice


def _address(group: View, ctx: Context) -> Verdict:
    properties = group.object("properties")
    if not properties.has("ipAddress"):
        return passed("The container group has no address", addressType=None)
    address = properties.object("ipAddress")
    kind = address.raw("type")
    # Judge by the property `type`, because the address itself can mislead: in Microsoft's example, the type is Public,
    # but the address is in a private range.
    if address.choice("type", {"public", "private"}) == "private":
        return passed("The container group has only a private address", addressType=kind)
    return failed("The container group has a public address", addressType=kind)


CONTROLS = declare_settings(
    __name__,
    CONTAINER_GROUPS,
    SettingControl(
        "aci-public-ip",
        title="Container groups have no public address",
        problem="Container group with a public address",
        expected="The container group has no address, or only a private one",
        judged="`ipAddress.type` of each container group of Azure Container Instances. A group without address passes.",
        why="With a public address, anyone on the Internet can attack the containers.",
        severity=Severity.MEDIUM,
        labels={"addressType": "Type of the address"},
        judge=_address,
        references=References(mcsb="NS-2*", nist="SC-7*"),
        fix=Fix(
            advice(
                "Create the container group again in a subnet of a virtual network, and delete the old group. The type"
                " of the address cannot be changed."
            ),
            portal="Azure portal › Create a resource › Containers › Container Instances › Networking",
            portal_source="https://learn.microsoft.com/azure/container-instances/container-instances-quickstart-portal",
            effects="The group gets another address. Clients outside of the virtual network can no longer connect.",
        ),
    ),
)
