"""Controls of networks. Their resources are written by `sandbox.generate.network` and `sandbox.generate.interfaces`."""

from __future__ import annotations

CONTROLS = (
    "network-udp-from-internet",
    "network-http-from-internet",
    "network-subnet-nsg",
    "network-nic-nsg",
    "network-ip-forwarding",
)
