"""Public addresses that nothing uses, and the review of all public addresses."""

from __future__ import annotations

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

REVIEW = "network-public-ip-review"
_NETWORK = f"{RG}/providers/Microsoft.Network"
_ADDRESS = f"{_NETWORK}/publicIPAddresses/pip1"
_UNUSED = doc(_ADDRESS, {})
_USED = doc(_ADDRESS, {"ipConfiguration": {"id": f"{_NETWORK}/networkInterfaces/nic1/ipConfigurations/a"}})
_USED_BY_GATEWAY = doc(_ADDRESS, {"natGateway": {"id": f"{_NETWORK}/natGateways/nat1"}})

CASES = [
    Case(REVIEW, "used", {"public_addresses": [_USED]}, {SUB: "manual"}),
    Case(REVIEW, "used by a NAT gateway", {"public_addresses": [_USED_BY_GATEWAY]}, {SUB: "manual"}),
    Case(REVIEW, "unused", {"public_addresses": [_UNUSED]}, {_ADDRESS: "fail", SUB: "manual"}),
    Case(
        REVIEW,
        "not readable",
        {"public_addresses": [doc(_ADDRESS, {"ipConfiguration": "x"})]},
        {_ADDRESS: "unknown", SUB: "unknown"},
    ),
    Case(REVIEW, "none", {}, {SUB: "not_applicable"}),
    Case(REVIEW, "forbidden", {}, {SUB: "unknown"}, [gap("public_addresses")]),
]  # fmt: skip

IMPOSSIBLE = {REVIEW: {"pass": "a person attests that the addresses are needed"}}
OFFICIAL_VERDICTS = """
network-public-ip-review manual: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Public IP addresses",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/virtual-network/ip-services/virtual-network-public-ip-address.md",
            "0a3f68ed53a65b71b342d174b5489bca535cadc6",
            "Under the Public IP addresses category",
        ),
    ),
]
