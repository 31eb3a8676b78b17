"""Controls that judge whether the images, sizes and extensions of virtual machines are approved.

Properties: azure-mgmt-compute 39.0.0 (ImageReference, HardwareProfile, VirtualMachineExtension)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, Parameter, each_subject, judge, judgements, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.shared.aks_nodes import belongs_to_aks, unless_node
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, manual, not_applicable, passed
from assessments.estate.collection import Collection
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import VIRTUAL_MACHINES, VM_EXTENSIONS
from assessments.estate.view import Unreadable, View
from assessments.estate.wildcards import fits, pieces_of
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable, segment

IMAGES: Final = Parameter(
    "images",
    "",
    "Approved images, separated by `;`: ids of images, or publisher:offer:sku. `*` stands for any text",
    label="Approved images",
)
SIZES: Final = Parameter(
    "sizes",
    "",
    "Approved sizes, such as Standard_D*s_v5, separated by `;`. `*` stands for any text",
    label="Approved sizes",
)
EXTENSIONS: Final = Parameter(
    "extensions",
    "",
    "Approved extensions, separated by `;`, each as publisher.type. `*` stands for any text",
    label="Approved extensions",
)
_LEARN: Final = "https://learn.microsoft.com/azure/virtual-machines"
_PORTAL: Final = "Azure portal › Virtual machines › {machine} ›"
_OF_MACHINE: Final = "--resource-group {group} --name {machine} --subscription {subscription}"
_GALLERY_IDS: Final = ("id", "sharedGalleryImageId", "communityGalleryImageId")
# An approved image of a gallery is approved in all its versions. Appended to the id of the image, this pattern matches
# the ids of the versions.
_VERSIONS: Final = "/versions/*"


def _entries(ctx: Context, parameter: Parameter) -> list[str]:
    texts = str(ctx.params[parameter.name]).split(";")
    return [entry for text in texts if (entry := text.strip().rstrip("/").casefold())]


def _matches(value: str, entries: Iterable[str]) -> bool:
    """Return whether a text matches one of the entries. In an entry, `*` stands for any text. Case does not matter."""
    folded = value.strip().rstrip("/").casefold()
    return any(
        fits(pieces_of(pattern), folded) for entry in entries for pattern in (entry, entry + _VERSIONS)
    )


def _image(machine: View) -> str:
    """Return the id of a machine's image, or `publisher:offer:sku`. Raise Unreadable if Azure states no image."""
    reference = machine.object("properties").object("storageProfile").object("imageReference")
    for name in _GALLERY_IDS:
        if identifier := reference.text(name, default=""):
            return identifier
    return ":".join(reference.text(name) for name in ("publisher", "offer", "sku"))


def _size(machine: View) -> str:
    return machine.text("properties.hardwareProfile.vmSize")


def _extension(extension: View) -> str:
    return ".".join(extension.text(f"properties.{name}") for name in ("publisher", "type"))


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of value, such as images of machines. A customer can list the approved values of each kind.

    `key` is the key of the observed value. If the customer has no list, the subscription gets a manual verdict with the
    reason `attest` or, if `attest` is empty, a not-applicable verdict.

    `of_node` is the verdict on nodes of Azure Kubernetes Service whose value is not approved. If it is set, nobody has
    to attest the values of nodes, and the control needs MANAGED_RESOURCE_GROUPS to recognize nodes.
    """

    collection: Collection
    value_of: Callable[[View], str]
    parameter: Parameter
    key: str
    approved: str
    refused: str
    attest: str = ""
    of_node: Verdict | None = None

    def judge(self, ctx: Context) -> Iterator[Judgement]:
        """Judge each document by the customer's list. If the customer has no list, judge the subscription as a
        whole.
        """
        documents, gaps = ctx.partial(self.collection)
        if _entries(ctx, self.parameter):
            yield from each_subject(self._by_list, self.collection, ctx)
        elif gaps:
            yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
        elif documents:
            yield judge(ctx, ctx.scope_id, partial(self._without_list, ctx))

    def _by_list(self, document: View, ctx: Context) -> Verdict:
        value = self.value_of(document)
        observed: dict[str, Any] = {self.key: value}
        if _matches(value, _entries(ctx, self.parameter)):
            return passed(self.approved, **observed)
        verdict = failed(self.refused, **observed)
        return verdict if self.of_node is None else unless_node(verdict, document, ctx, self.of_node)

    def _without_list(self, ctx: Context) -> Verdict:
        documents = ctx.documents(self.collection)
        if not self.attest:
            return not_applicable("No approved sizes are set")
        if self.of_node is not None:
            documents = [document for document in documents if not belongs_to_aks(document, ctx)]
            if not documents:
                return self.of_node
        values: set[str] = set()
        unstated = False
        for document in documents:
            try:
                values.add(self.value_of(document))
            except Unreadable:
                unstated = True
        remarks = (
            ["The list in this finding may be incomplete, because Azure does not state every value"]
            if unstated
            else []
        )
        return manual(self.attest, remarks=remarks, **{f"{self.key}s": sorted(values, key=str.casefold)})


_IMAGES: Final = _Kind(
    VIRTUAL_MACHINES,
    _image,
    IMAGES,
    "image",
    approved="The image is approved",
    refused="The image is not approved",
    attest="Attest that the images in use are approved, or enter the approved images in the settings of the control",
    of_node=not_applicable(
        "Azure Kubernetes Service chooses the images of its nodes: see the control aks-upgrade"
    ),
)
_SIZES: Final = _Kind(
    VIRTUAL_MACHINES,
    _size,
    SIZES,
    "vmSize",
    approved="The size is approved",
    refused="The size is not approved",
)
_EXTENSIONS: Final = _Kind(
    VM_EXTENSIONS,
    _extension,
    EXTENSIONS,
    "installedExtension",
    approved="The extension is approved",
    refused="The extension is not approved",
    attest="Attest that the extensions in use are approved, or enter the approved extensions in the settings of the"
    " control",
    of_node=not_applicable("Azure Kubernetes Service installs the extensions of its nodes"),
)


@judgements(
    slug="vm-approved-images",
    doc=Doc(
        title="Virtual machines are created from approved images",
        problem="Virtual machine created from an image that is not approved",
        expected="The image is in the list of approved images, or somebody attests the images in use",
        judged="`imageReference` of each virtual machine: the id of the image, or publisher, offer and SKU. `images`"
        " is the list of approved images; an image of a gallery covers its versions. Without a list, somebody has to"
        " attest the images in use. A machine for which Azure states no image, such as one created from a disk, is"
        " unknown. Nodes of Azure Kubernetes Service whose image is not in the list are not applicable, and their"
        " images are not attested, because the service chooses them: see the control aks-upgrade. The models of uniform"
        " scale sets are not judged.",
        why="An image that nobody has checked may lack patches or contain malicious software.",
    ),
    needs=(VIRTUAL_MACHINES, MANAGED_RESOURCE_GROUPS),
    subject_type="Microsoft.Compute/virtualMachines",
    empty_reason="No virtual machines",
    severity=Severity.LOW,
    labels={"images": "Images in use"},
    parameters=(IMAGES,),
    is_manual=True,
    answer=Answer(days=365, bound=True),
    references=References(mcsb="AM-2*", nist="CM-7*"),
    fix=Fix(
        advice("Create the machine again from an approved image. The image of a machine cannot be changed."),
        portal="Azure portal › Virtual machines › Create › Image",
        portal_source=f"{_LEARN}/windows/quick-create-portal",
        cost="Both machines are billed until the old one is deleted.",
    ),
)
def approved_images(ctx: Context) -> Iterator[Judgement]:
    yield from _IMAGES.judge(ctx)


@judgements(
    slug="vm-sku",
    doc=Doc(
        title="Virtual machines have approved sizes",
        problem="Virtual machine with a size that is not approved",
        expected="The size is in the list of approved sizes",
        judged="`hardwareProfile.vmSize` of each virtual machine. `sizes` is the list of approved sizes. Without a"
        " list, the control does not apply. The sizes of uniform scale sets are not judged.",
        why="Large machines are expensive, and attackers create them with stolen accounts, for example to"
        " mine cryptocurrency.",
    ),
    needs=(VIRTUAL_MACHINES,),
    subject_type="Microsoft.Compute/virtualMachines",
    empty_reason="No virtual machines",
    severity=Severity.LOW,
    labels={"vmSize": "Size"},
    parameters=(SIZES,),
    references=References(mcsb="AM-2*", nist="CM-7*"),
    fix=Fix(
        command(
            f"az vm deallocate {_OF_MACHINE}\naz vm resize --size {{size}} {_OF_MACHINE}\naz vm start {_OF_MACHINE}"
        ),
        portal=f"{_PORTAL} Size › Resize",
        portal_source=f"{_LEARN}/sizes/resize-vm",
        cost="Each size has its own price.",
        effects="The machine stops and starts. Data on its temporary disk is lost. Dynamic addresses change.",
        variables=[Variable("size", "Approved size", "Standard_D2s_v5")],
    ),
)
def sku(ctx: Context) -> Iterator[Judgement]:
    yield from _SIZES.judge(ctx)


@judgements(
    slug="vm-approved-extensions",
    doc=Doc(
        title="Virtual machines have approved extensions only",
        problem="Virtual machine extension that is not approved",
        expected="The extension is in the list of approved extensions, or somebody attests the extensions in use",
        judged="Publisher and type of each extension of a virtual machine. `extensions` is the list of approved"
        " extensions. Without a list, somebody has to attest the extensions in use. On nodes of Azure"
        " Kubernetes Service, an extension that is not in the list is not applicable, and nobody has to attest it,"
        " because the service installs the extensions of its nodes. The extensions of uniform scale sets are not"
        " judged.",
        why="Extensions run with all rights in the machine. Attackers install extensions to run commands.",
    ),
    needs=(VIRTUAL_MACHINES, VM_EXTENSIONS, MANAGED_RESOURCE_GROUPS),
    subject_type="Microsoft.Compute/virtualMachines/extensions",
    empty_reason="No extensions of virtual machines",
    severity=Severity.MEDIUM,
    labels={"installedExtension": "Extension", "installedExtensions": "Extensions in use"},
    parameters=(EXTENSIONS,),
    is_manual=True,
    answer=Answer(days=365, bound=True),
    references=References(
        c2="7.5",
        c3="8.7",
        mcsb="AM-2*",
        nist="CM-7*",
        partly=(
            Partly(
                "c2 c3",
                "If the control’s parameters name no extensions, a person attests those in use",
            ),
        ),
    ),
    fix=Fix(
        command(
            "az vm extension delete --resource-group {group} --vm-name {machine} --name {extension}"
            " --subscription {subscription}",
            when=lambda facts: bool(facts.segment("extensions")),
        ),
        advice(
            "Remove the extensions that nobody needs. Then attest in Surety that the others are approved.",
            when=lambda facts: not facts.segment("extensions"),
        ),
        portal=f"{_PORTAL} Settings › Extensions + Applications",
        portal_source=f"{_LEARN}/extensions/overview",
        effects="The work of the extension stops, for example monitoring, protection or backup.",
        variables=[
            Variable(
                "extension", "Name of the extension", "CustomScript", "the extension", segment("extensions")
            )
        ],
    ),
)
def approved_extensions(ctx: Context) -> Iterator[Judgement]:
    yield from _EXTENSIONS.judge(ctx)
