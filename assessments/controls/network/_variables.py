"""The values that fixes of networks need."""

from __future__ import annotations

from typing import Final

from assessments.fixes.variables import Variable, segment

NETWORK: Final = Variable(
    "network", "Name of the virtual network", "vnet-hub", "the virtual network", segment("virtualNetworks")
)
INTERFACE: Final = Variable(
    "interface",
    "Name of the network interface",
    "nic-web-1",
    "the network interface",
    segment("networkInterfaces"),
)
NEW_GROUP: Final = Variable("new_nsg", "Network security group to attach, or its full id", "nsg-web")
