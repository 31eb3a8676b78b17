"""Network security perimeters."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.defender.documents import VM, resource
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

PERIMETER = f"{RG}/providers/Microsoft.Network/networkSecurityPerimeters/nsp"
VAULT, ACCOUNT = resource("Microsoft.KeyVault/vaults"), resource("Microsoft.Storage/storageAccounts")


def associated(service: Any, mode: Any = "Enforced", name: str = "a") -> dict[str, Any]:
    return doc(
        f"{PERIMETER}/resourceAssociations/{name}",
        {"privateLinkResource": {"id": service}, "accessMode": mode},
    )


def perimeter(*associations: Any, services: Any = (VAULT, ACCOUNT)) -> dict[str, Any]:
    return {
        "resources": list(services),
        "network_security_perimeters": [doc(PERIMETER, {"provisioningState": "Succeeded"})],
        "perimeter_associations": {PERIMETER: list(associations)},
    }


CASES = rows(
    "network-nsp",
    ("one outside", perimeter(associated(VAULT["id"].upper())), {SUB: "manual"},
     {"remark": "outside the perimeters of this subscription: 1"}),
    ("all inside", perimeter(associated(VAULT["id"]), associated(ACCOUNT["id"], name="b")), {SUB: "manual"},
     {"no_remark": "outside"}),
    ("learning", perimeter(associated(VAULT["id"], "learning")), {SUB: "manual"}, {"remark": "not enforced: 1"}),
    ("no perimeter", {"resources": [VAULT]}, {SUB: "manual"}, {"remark": "outside"}),
    ("a new mode", perimeter(associated(VAULT["id"], "Maybe")), {SUB: "unknown"}),
    ("service absent", perimeter(associated(None)), {SUB: "unknown"}),
    ("a Service Bus namespace alone", {"resources": [resource("Microsoft.ServiceBus/namespaces")]}, {SUB: "manual"},
     {"remark": "outside the perimeters of this subscription: 1"}),
    ("no service", {"resources": [VM]}, {SUB: "not_applicable"}),
    ("perimeters forbidden", {"resources": [VAULT]}, {SUB: "unknown"}, {"gaps": [gap("network_security_perimeters")]}),
    ("inventory forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("resources")]}),
)  # fmt: skip
IMPOSSIBLE = {
    "network-nsp": dict.fromkeys(("pass", "fail"), "a person attests which services need a perimeter")
}
OFFICIAL_VERDICTS = """
network-nsp manual: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Network security perimeters › Create",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/private-link/create-network-security-perimeter-portal.md",
            "03073100b340e46156f4a86f98bd818062b93d4e",
            "enter network security perimeters",
            "select + Create",
        ),
    ),
]
