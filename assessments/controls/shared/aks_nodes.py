"""Determine whether a machine or scale set is a node of Azure Kubernetes Service (AKS).

Nodes are in a resource group whose `managedBy` is the cluster. AKS replaces them, and changes are lost:
https://learn.microsoft.com/azure/aks/faq
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.shared.managed import managed_group
from assessments.estate.ids import fold, type_of
from assessments.estate.view import View

_AKS: Final = "microsoft.containerservice/managedclusters"


def belongs_to_aks(resource: View, ctx: Context) -> bool:
    """Return whether an AKS cluster manages the resource group that contains the resource. Raise CollectionUnavailable
    or Unreadable.
    """
    group = managed_group(resource, ctx)
    if group is None:
        return False
    manager = type_of(group.text("managedBy"))
    if not manager:
        raise group.unreadable("managedBy", "not an id")
    return fold(manager) == _AKS
