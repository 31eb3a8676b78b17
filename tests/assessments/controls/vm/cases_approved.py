"""Approved images, sizes and extensions of virtual machines."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.vm.documents import VM, machine, of_cluster

EXTENSION = f"{VM}/extensions/script"
GALLERY = f"{RG}/providers/Microsoft.Compute/galleries/main/images/linux"
UBUNTU = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"}
NONE: tuple[Any, ...] = ("no machine", {}, {SUB: "not_applicable"})
FORBIDDEN: tuple[Any, ...] = ("machines forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("virtual_machines")]})


def of_image(reference: Any) -> dict[str, Any]:
    return {"virtual_machines": [machine(storageProfile={"imageReference": reference})]}


def of_size(size: Any) -> dict[str, Any]:
    return {"virtual_machines": [machine(hardwareProfile={"vmSize": size})]}


def extended(publisher: Any = "Microsoft.Azure.Extensions", kind: Any = "CustomScript") -> dict[str, Any]:
    body = doc(EXTENSION, {"publisher": publisher, "type": kind})
    return {"virtual_machines": [machine()], "virtual_machine_extensions": {VM: [body]}}


def images(*entries: str) -> dict[str, Any]:
    return {"params": {"images": ";".join(entries)}}


# A machine that is a node of Azure Kubernetes Service, and a machine in another resource group.
BESIDE_NODE = of_cluster(
    {"virtual_machines": [machine(), {**machine(), "id": VM.replace(RG, f"{SUB}/resourceGroups/other")}]}
)
SIZES = {"params": {"sizes": "standard_d*s_v5; Standard_B2s"}}
EXTENSIONS = {"params": {"extensions": "Microsoft.Azure.Extensions.CustomScript;Microsoft.Azure.Monitor.*"}}

CASES = [
    *rows(
        "vm-approved-images",
        ("approved", of_image(UBUNTU), {VM: "pass"}, images("canonical:ubuntu-24_04-lts:server")),
        ("all of a publisher", of_image(UBUNTU), {VM: "pass"}, images("Canonical:*")),
        ("another", of_image(UBUNTU), {VM: "fail"}, images("Canonical:ubuntu:server", GALLERY)),
        ("gallery", of_image({"id": GALLERY.upper()}), {VM: "pass"}, images(f"{GALLERY}/")),
        (
            "version of a gallery",
            of_image({"id": f"{GALLERY}/versions/1.0.0"}),
            {VM: "pass"},
            images(GALLERY),
        ),
        ("another gallery", of_image({"id": f"{GALLERY}2"}), {VM: "fail"}, images(GALLERY)),
        (
            "community gallery",
            of_image({"communityGalleryImageId": "/CommunityGalleries/x/Images/y"}),
            {VM: "pass"},
            images("/communityGalleries/x/*"),
        ),
        (
            "shared gallery",
            of_image({"sharedGalleryImageId": "/SharedGalleries/x/Images/y"}),
            {VM: "fail"},
            images("/communityGalleries/x/*"),
        ),
        ("made from a disk", of_image(None), {VM: "unknown"}, images("Canonical:*")),
        (
            "no SKU",
            of_image({"publisher": "Canonical", "offer": "x"}),
            {VM: "unknown"},
            images("Canonical:*"),
        ),
        (
            "list with machines forbidden",
            {},
            {SUB: "unknown"},
            {**images("x"), "gaps": [gap("virtual_machines")]},
        ),
        ("no list", of_image(UBUNTU), {SUB: "manual"}, {"no_remark": "state"}),
        *(
            (f"node of a cluster, {name}", of_cluster(of_image(UBUNTU)), expect, more)
            for name, expect, more in (
                ("approved", {VM: "pass"}, images("Canonical:*")),
                (
                    "another",
                    {VM: "not_applicable"},
                    {**images(GALLERY), "reason": "see the control aks-upgrade"},
                ),
                ("no list", {SUB: "not_applicable"}, {"reason": "see the control aks-upgrade"}),
            )
        ),
        ("no list, node beside a machine", BESIDE_NODE, {SUB: "manual"}),
        (
            "no list, managed groups forbidden",
            of_image(UBUNTU),
            {SUB: "unknown"},
            {"gaps": [gap("managed_resource_groups")]},
        ),
        ("no list, image not stated", of_image(None), {SUB: "manual"}, {"remark": "does not state"}),
        FORBIDDEN,
        NONE,
    ),
    *rows(
        "vm-sku",
        ("approved", of_size("Standard_D2s_v5"), {VM: "pass"}, SIZES),
        ("another", of_size("Standard_M128s"), {VM: "fail"}, SIZES),
        ("not stated", of_size(None), {VM: "unknown"}, SIZES),
        ("list with machines forbidden", {}, {SUB: "unknown"}, {**SIZES, "gaps": [gap("virtual_machines")]}),
        ("no list", of_size("Standard_D2s_v5"), {SUB: "not_applicable"}),
        FORBIDDEN,
        NONE,
    ),
    *rows(
        "vm-approved-extensions",
        ("approved", extended(), {EXTENSION: "pass"}, EXTENSIONS),
        (
            "by pattern",
            extended("Microsoft.Azure.Monitor", "AzureMonitorLinuxAgent"),
            {EXTENSION: "pass"},
            EXTENSIONS,
        ),
        ("another", extended("Contoso", "Backdoor"), {EXTENSION: "fail"}, EXTENSIONS),
        ("no type", extended(kind=None), {EXTENSION: "unknown"}, EXTENSIONS),
        ("no list", extended(), {SUB: "manual"}),
        *(
            (f"node of a cluster, {name}", of_cluster(extended(*kind)), expect, more)
            for name, kind, expect, more in (
                ("approved", (), {EXTENSION: "pass"}, EXTENSIONS),
                ("another", ("Contoso", "Backdoor"), {EXTENSION: "not_applicable"}, EXTENSIONS),
                ("no list", (), {SUB: "not_applicable"}, {"reason": "installs the extensions"}),
            )
        ),
        (
            "no list, managed groups forbidden",
            extended(),
            {SUB: "unknown"},
            {"gaps": [gap("managed_resource_groups")]},
        ),
        (
            "no extensions",
            {"virtual_machines": [machine()], "virtual_machine_extensions": {VM: []}},
            {SUB: "not_applicable"},
        ),
        (
            "extensions forbidden",
            {"virtual_machines": [machine()]},
            {SUB: "unknown"},
            {"gaps": [gap("virtual_machine_extensions", VM)]},
        ),
        (
            "extensions forbidden, with a list",
            {"virtual_machines": [machine()]},
            {SUB: "unknown"},
            {**EXTENSIONS, "gaps": [gap("virtual_machine_extensions", VM)]},
        ),
        NONE,
    ),
]
OFFICIAL_VERDICTS = """
vm-approved-extensions manual: unit
vm-approved-images manual: unit
vm-sku not_applicable: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Settings › Extensions + Applications",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/extensions/overview.md",
            "b39bae45ff83124c12a58679dc368872d5f59fee",
            "Under Settings, select Extensions + Applications",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual machines › Create › Image",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/windows/quick-create-portal.md",
            "029b94ccfee058ffcf44bc983cf5b1d2d1a649d6",
            "In the Virtual machines page, select Create and then Virtual machine",
            "choose Windows Server 2022 Datacenter: Azure Edition - x64 Gen 2 for the Image",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Size › Resize",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/sizes/resize-vm.md",
            "1ac46f5fa0dffd86cd8cdfd3f484566053b7c1b7",
            "In the left menu, select size",
            "After picking a size, select Resize",
        ),
    ),
]
