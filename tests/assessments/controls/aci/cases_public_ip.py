"""Settings of container groups."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.ContainerInstance/containerGroups/group1"


def group(**properties: Any) -> dict[str, Any]:
    body = doc(ID, properties, type="Microsoft.ContainerInstance/containerGroups")
    return {
        "resources": {SUB: [{key: body[key] for key in ("id", "name", "type")}]},
        "container_groups": [body],
    }


ABSENCE_PASSES = [("aci-public-ip", r"properties\.ipAddress", "without an address, nobody reaches the group")]
CASES = rows(
    "aci-public-ip",
    ("public", group(ipAddress={"type": "Public", "ip": "10.0.0.1"}), {ID: "fail"}),
    ("private", group(ipAddress={"type": "private"}), {ID: "pass"}),
    ("no address", group(), {ID: "pass"}),
    ("no type", group(ipAddress={"ip": "10.0.0.1"}), {ID: "unknown"}),
    ("a new type", group(ipAddress={"type": "Shared"}), {ID: "unknown"}),
    ("text", group(ipAddress="10.0.0.1"), {ID: "unknown"}),
    (
        "the list is forbidden",
        {"resources": group()["resources"]},
        {SUB: "unknown"},
        {"gaps": [gap("container_groups")]},
    ),
    ("no group", {}, {SUB: "not_applicable"}),
)
OFFICIAL_VERDICTS = """
aci-public-ip fail: demo1
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Create a resource › Containers › Container Instances › Networking",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/container-instances/container-instances-quickstart-portal.md",
            "025127781aa62e061d987a3c66145d476b2c8893",
            "Select the Create a resource > Containers > Container Instances",
            "On the Networking page, specify a DNS name label",
        ),
    ),
]
