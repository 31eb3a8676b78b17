"""Find Defender's assessments and vulnerability findings of a virtual machine."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.estate.collection import Collection
from assessments.estate.ids import fold
from assessments.estate.view import View

STATUS_CODES = frozenset({"healthy", "unhealthy", "notapplicable"})
"""Every `properties.status.code` of an assessment, in lower case.

Source: https://learn.microsoft.com/rest/api/defenderforcloud/assessments/list
"""

SOFTWARE_UPDATE = "softwareupdate"
"""The `properties.metadata.recommendationCategory` of recommendations to update software, in lower case."""
_MARK = "/providers/microsoft.security/"


def is_software_update(recommendation: View) -> bool:
    """Return whether a document of SOFTWARE_UPDATES recommends a software update. The collection contains all open
    recommendations, not only software updates.

    https://learn.microsoft.com/azure/defender-for-cloud/transition-grouped-individual-recommendations
    """
    stated = recommendation.text("properties.metadata.recommendationCategory", default="")
    return stated.casefold() == SOFTWARE_UPDATE


def machine_findings(ctx: Context, collection: Collection, machine: str) -> list[View]:
    """Return the documents of a Defender collection that lie under the machine's id.

    The documents become evidence only if the caller binds them to a trace (`Context.bind`). Raise Unreadable for a
    document without an id, which may belong to this machine.
    """
    index = ctx.memo(("machine findings", collection.name), lambda: _by_machine(ctx, collection))
    return index.get(fold(machine), [])


def _by_machine(ctx: Context, collection: Collection) -> dict[str, list[View]]:
    index: dict[str, list[View]] = {}
    for document in ctx.estate.documents(collection.name):
        if not document.id:
            raise document.unreadable("id", "absent")
        machine, is_finding, _ = fold(document.id).partition(_MARK)
        if is_finding:
            index.setdefault(machine, []).append(document)
    return index
